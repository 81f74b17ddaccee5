// TCP ports on loopback that nobody listens on.

#ifndef GATEHOUSE_TESTS_HARNESS_PORTS_H_
#define GATEHOUSE_TESTS_HARNESS_PORTS_H_

namespace gatehouse::harness {

// A port that the kernel gives to nobody else who asks for any while this process lives, however
// often its listener dies in between. Who names it, with SO_REUSEADDR as every server does, has it.
int FreePort();

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_PORTS_H_
