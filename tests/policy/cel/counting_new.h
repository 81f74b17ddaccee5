// A binary that links counting_new.cc counts what operator new is asked for, on all threads.
#ifndef GATEHOUSE_TESTS_POLICY_CEL_COUNTING_NEW_H_
#define GATEHOUSE_TESTS_POLICY_CEL_COUNTING_NEW_H_

#include <cstdint>

namespace gatehouse::policy::cel {

int64_t CountAllocations();

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_TESTS_POLICY_CEL_COUNTING_NEW_H_
