// TCP ports on loopback that nobody listens on.

#ifndef GATEHOUSE_TESTS_HARNESS_PORTS_H_
#define GATEHOUSE_TESTS_HARNESS_PORTS_H_

namespace gatehouse::harness {

// A port that was free a moment ago. The kernel hands them out in a wide, changing order, so two
// tests side by side practically never meet.
int FreePort();

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_PORTS_H_
