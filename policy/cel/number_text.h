// Doubles as text. Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_NUMBER_TEXT_H_
#define GATEHOUSE_POLICY_CEL_NUMBER_TEXT_H_

#include <string>

namespace gatehouse::policy::cel {

// The shortest text that reads back as the same number: "123.456", "-0.0045", "1e+100", "inf".
std::string DoubleText(double number);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_NUMBER_TEXT_H_
