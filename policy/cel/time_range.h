// The span of time that timestamps may name: the years 1 to 9999, as protobuf has it.
#ifndef GATEHOUSE_POLICY_CEL_TIME_RANGE_H_
#define GATEHOUSE_POLICY_CEL_TIME_RANGE_H_

#include <cstdint>

namespace gatehouse::policy::cel {

inline constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
inline constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
inline constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_TIME_RANGE_H_
