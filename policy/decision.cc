#include "policy/decision.h"

#include "absl/strings/escaping.h"

namespace gatehouse::policy {

std::string Revision::ToString() const {
  return absl::WebSafeBase64Escape(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

Reason::Value Decision::FirstReason() const {
  if (allowed) return Reason::UNSPECIFIED;
  return violations.empty() ? Reason::NOT_PERMITTED : violations.front().reason;
}

}  // namespace gatehouse::policy
