// Limits of fields that more than one request has. Pure, thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_LIMITS_H_
#define GATEHOUSE_SERVER_OPERATIONS_LIMITS_H_

#include <cstdint>

#include "policy/policy.h"
#include "server/secrets/username.h"

namespace gatehouse::server {

// Of the name of a version of the acceptable use policy, in characters.
inline constexpr int64_t kLongestAupVersion = 64;

inline UsernameLimits UsernameLimitsOf(const policy::Policy& policy) {
  using policy::Parameter;
  return {.shortest = static_cast<int>(policy.Int(Parameter::kUsernameMinLength)),
          .longest = static_cast<int>(policy.Int(Parameter::kUsernameMaxLength))};
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_LIMITS_H_
