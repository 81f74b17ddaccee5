#include "server/operations/methods/printed_codes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"

#include "server/operations/call/notifications.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/codes.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::AuthenticationMethodRecord;

// Where, among the uses of codes, those of a set are.
std::string PlaceOf(const AuthenticationMethodRecord& set) {
  return absl::StrCat("printed\n", set.account_id.value(), "\n", set.id);
}

}  // namespace

PrintedCodes::PrintedCodes(const Dependencies& dependencies, const policy::Policy& policy,
                           const storage::AccountId& account_id)
    : method_({.account_id = account_id,
               .id = NewId(dependencies.entropy),
               .kind = v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE}) {
  for (int64_t i = 0; i < policy.Int(Parameter::kPrintedCodes); ++i) {
    texts_.push_back(DrawPrintedCode(dependencies.entropy));
    method_.printed_codes.push_back(WriteCodeHash(
        HashCode(dependencies.keys, PlaceOf(method_), NormalizeCode(texts_.back().Reveal()))));
  }
}

absl::StatusOr<AuthenticationMethodRecord> PrintedCodes::Give(MutationScope& scope) const {
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_ASSIGN_OR_RETURN(const auto methods,
                             transaction.ListAuthenticationMethods(method_.account_id));
  for (const AuthenticationMethodRecord& method : methods) {
    if (!IsPrinted(method)) continue;
    GATEHOUSE_RETURN_IF_ERROR(transaction.DeleteAuthenticationMethod(method.account_id, method.id));
  }
  AuthenticationMethodRecord given = method_;
  given.created_at = scope.call().now;
  given.confirmed_at = scope.call().now;
  if (given.printed_codes.empty()) return given;  // a policy that gives none
  GATEHOUSE_RETURN_IF_ERROR(transaction.PutAuthenticationMethod(given));
  return given;
}

bool IsPrinted(const AuthenticationMethodRecord& method) {
  return method.kind == v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE;
}

bool UsePrintedCode(const KeyRing& keys, const SecretString& normalized,
                    AuthenticationMethodRecord& set) {
  const std::string place = PlaceOf(set);
  std::optional<size_t> used;
  for (size_t i = 0; i < set.printed_codes.size(); ++i) {
    if (IsHashOfCode(keys, place, normalized, ReadCodeHash(set.printed_codes[i]))) used = i;
  }
  if (!used.has_value()) return false;
  set.printed_codes.erase(set.printed_codes.begin() + static_cast<ptrdiff_t>(*used));
  return true;
}

absl::Status KeepPrintedCodes(MutationScope& scope, const AuthenticationMethodRecord& set,
                              const storage::AccountRecord& owner, const std::string& message_id) {
  storage::Transaction& transaction = scope.transaction();
  const size_t left = set.printed_codes.size();
  GATEHOUSE_RETURN_IF_ERROR(left > 0
                                ? transaction.PutAuthenticationMethod(set)
                                : transaction.DeleteAuthenticationMethod(set.account_id, set.id));
  if (static_cast<int64_t>(left) > scope.policy().Int(Parameter::kPrintedCodesFew)) {
    return absl::OkStatus();
  }
  return Notify(scope, message_id, owner, NotificationKind::kRecoveryCodesFew,
                {{"codes_left", absl::StrCat(left)}});
}

}  // namespace gatehouse::server
