#include "server/operations/call/propagation.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/messages.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr char kKind[] = "ACCOUNT_CHANGED";

bool IsOfInterest(const storage::AccountRecord& before, const storage::AccountRecord& after) {
  return before.status != after.status || before.status_changed_at != after.status_changed_at ||
         before.leaver_at != after.leaver_at || before.organisation_id != after.organisation_id ||
         before.username != after.username || before.password.version != after.password.version;
}

// Grows with every change of the account, and with what time alone makes of it in between: statuses
// follow each other in the order of their numbers, and passwords only die.
int64_t VersionOf(const storage::AccountRecord& account, v1::AccountStatus status,
                  bool password_is_dead) {
  constexpr int64_t kStates = 16;
  return account.row_version * kStates + status * 2 + (password_is_dead ? 1 : 0);
}

void Describe(const storage::AccountRecord& account, const EffectiveStatus& effective,
              absl::Time now, outbox::v1::DirectoryAccount& told) {
  const bool is_dead = IsPasswordDead(account, now);
  told.set_version(VersionOf(account, effective.status, is_dead));
  told.set_organisation_id(account.organisation_id.value());
  told.set_username(account.username);
  told.set_status(
      std::string(absl::StripPrefix(v1::AccountStatus_Name(effective.status), "ACCOUNT_STATUS_")));
  if (effective.until != absl::InfiniteFuture()) {
    *told.mutable_status_until() = ToTimestamp(effective.until);
  }
  told.set_leaver(account.leaver_at.has_value());
  *told.mutable_password_time() = ToTimestamp(account.password.changed_at);
  told.set_has_password(!account.password.phc.empty() && !is_dead);
}

}  // namespace

absl::Status Propagate(Scope& scope, const std::string& cause_id,
                       const storage::AccountRecord& before, const storage::AccountRecord& after) {
  return IsOfInterest(before, after) ? TellDirectories(scope, cause_id, after) : absl::OkStatus();
}

absl::Status TellDirectories(Scope& scope, const std::string& cause_id,
                             const storage::AccountRecord& after) {
  const absl::Time now = scope.call().now;
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                             scope.FindOrganisation(after.organisation_id));
  outbox::v1::Message message;
  message.set_message_id(absl::StrCat(cause_id, "-directory"));
  message.set_account_id(after.id.value());
  message.set_kind(kKind);
  *message.mutable_time() = ToTimestamp(now);
  outbox::v1::DirectoryAccount& account = *message.mutable_account();
  Describe(after, StatusAt(after, scope.policy(), now), now, account);
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
