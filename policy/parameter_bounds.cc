#include "policy/parameter_bounds.h"

namespace gatehouse::policy {

int64_t LeastValue(Parameter parameter) {
  switch (parameter) {
    case Parameter::kLockAfterFailures:
    case Parameter::kSourceFailures:
    case Parameter::kPasswordMaxLength:
    case Parameter::kArgon2MemoryKib:
    case Parameter::kArgon2Iterations:
    case Parameter::kArgon2Parallelism:
    case Parameter::kSecretMaxLength:
    case Parameter::kVerificationLetters:
    case Parameter::kVerificationFirstLetters:
    case Parameter::kVerificationFailures:
    case Parameter::kVerificationFailuresInAll:
    case Parameter::kVerificationSuccesses:
    case Parameter::kRecoveryCodeDigits:
    case Parameter::kRecoveryStartsPerSource:
    case Parameter::kMethodsPerAccount:
    case Parameter::kPageSize:
    case Parameter::kPageMaxSize:
      return 1;
    default:
      return 0;
  }
}

}  // namespace gatehouse::policy
