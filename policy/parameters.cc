#include "policy/parameters.h"

namespace gatehouse::policy {

absl::Span<const ParameterInfo> AllParameters() {
  using enum ParameterType;
  static constexpr ParameterInfo kTable[] = {
#define GATEHOUSE_PARAMETER_INFO(enumerator, name, type, remark) \
  {Parameter::enumerator, name, type, remark},
      GATEHOUSE_POLICY_PARAMETERS(GATEHOUSE_PARAMETER_INFO)
#undef GATEHOUSE_PARAMETER_INFO
  };
  return kTable;
}

}  // namespace gatehouse::policy
