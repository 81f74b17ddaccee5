#include "policy/parameters.h"

namespace gatehouse::policy {

absl::Span<const ParameterInfo> AllParameters() {
  using enum ParameterType;
  using enum StricterWhen;
  static constexpr ParameterInfo kTable[] = {
#define GATEHOUSE_PARAMETER_INFO(enumerator, name, type, stricter, remark) \
  {Parameter::enumerator, name, type, stricter, remark},
      GATEHOUSE_POLICY_PARAMETERS(GATEHOUSE_PARAMETER_INFO)
#undef GATEHOUSE_PARAMETER_INFO
  };
  return kTable;
}

}  // namespace gatehouse::policy
