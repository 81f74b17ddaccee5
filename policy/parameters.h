// Numbers of the domain that operations need and that are no decisions: lifetimes, counts, lengths.
//
// The set is closed (policy/parameter_table.h): a policy that lacks one, or gives it another type,
// is refused when it is compiled, so reading one cannot fail. Plain values; thread-safe to read.

#ifndef GATEHOUSE_POLICY_PARAMETERS_H_
#define GATEHOUSE_POLICY_PARAMETERS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/parameter_table.h"

namespace gatehouse::policy {

enum class Parameter : size_t {
#define GATEHOUSE_PARAMETER_ENUMERATOR(enumerator, ...) enumerator,
  GATEHOUSE_POLICY_PARAMETERS(GATEHOUSE_PARAMETER_ENUMERATOR)
#undef GATEHOUSE_PARAMETER_ENUMERATOR
};

#define GATEHOUSE_COUNT_PARAMETER(...) +1
inline constexpr size_t kParameterCount = 0 GATEHOUSE_POLICY_PARAMETERS(GATEHOUSE_COUNT_PARAMETER);
#undef GATEHOUSE_COUNT_PARAMETER

enum class ParameterType { kInt, kDuration };

// In which sense a change of the number makes a policy stricter.
enum class StricterWhen { kMore, kLess, kNeither };

struct ParameterInfo {
  Parameter parameter;
  absl::string_view name;  // in policy text: "session_full_lifetime"
  ParameterType type;
  StricterWhen stricter;
  absl::string_view remark;
};

// All of them, in the order of the enum.
absl::Span<const ParameterInfo> AllParameters();

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_PARAMETERS_H_
