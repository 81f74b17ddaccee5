#include "server/operations/propagation.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/account_state.h"
#include "server/operations/canonical.h"
#include "server/operations/messages.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr char kKind[] = "ACCOUNT_CHANGED";

bool IsOfInterest(const storage::AccountRecord& before, const storage::AccountRecord& after) {
  return before.status != after.status || before.status_changed_at != after.status_changed_at ||
         before.leaver_at != after.leaver_at || before.organisation_id != after.organisation_id ||
         before.username != after.username || before.password.version != after.password.version;
}

void Describe(const storage::AccountRecord& account, const EffectiveStatus& effective,
              outbox::v1::DirectoryAccount& told) {
  told.set_version(account.row_version);
  told.set_organisation_id(account.organisation_id.value());
  told.set_username(account.username);
  told.set_status(
      std::string(absl::StripPrefix(v1::AccountStatus_Name(effective.status), "ACCOUNT_STATUS_")));
  if (effective.until != absl::InfiniteFuture()) {
    *told.mutable_status_until() = ToTimestamp(effective.until);
  }
  told.set_leaver(account.leaver_at.has_value());
  *told.mutable_password_time() = ToTimestamp(account.password.changed_at);
  told.set_has_password(!account.password.phc.empty());
}

}  // namespace

absl::Status Propagate(Scope& scope, const std::string& cause_id,
                       const storage::AccountRecord& before, const storage::AccountRecord& after) {
  if (!IsOfInterest(before, after)) return absl::OkStatus();
  const absl::Time now = scope.call().now;
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                             scope.FindOrganisation(after.organisation_id));
  outbox::v1::Message message;
  message.set_message_id(absl::StrCat(cause_id, "-directory"));
  message.set_account_id(after.id.value());
  message.set_kind(kKind);
  *message.mutable_time() = ToTimestamp(now);
  outbox::v1::DirectoryAccount& account = *message.mutable_account();
  Describe(after, StatusAt(after, scope.policy(), now), account);
  account.set_seamless_password(organisation.password_scope == v1::PASSWORD_SCOPE_SEAMLESS);
  return scope.transaction().AppendOutbox({.id = message.message_id(),
                                           .account_id = after.id,
                                           .channel = storage::OutboxChannel::kDirectories,
                                           .kind = kKind,
                                           .payload = CanonicalBytes(message),
                                           .created_at = now,
                                           .due_at = now});
}

}  // namespace gatehouse::server
