#include "server/operations/sessions/new_session.h"

#include <algorithm>

#include "server/operations/call/messages.h"
#include "server/operations/call/session_use.h"
#include "server/operations/errors.h"
#include "server/operations/facts/account_state.h"
#include "server/revocation/revocation_log.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;

// Being used makes an account that was new, or had fallen asleep, an active one.
absl::Status CountAsUse(Scope& scope, storage::AccountRecord& account) {
  const absl::Time now = scope.call().now;
  const v1::AccountStatus effective = StatusAt(account, scope.policy(), now).status;
  if (effective == v1::ACCOUNT_STATUS_PENDING || effective == v1::ACCOUNT_STATUS_INACTIVE) {
    account.status = v1::ACCOUNT_STATUS_ACTIVE;
    account.status_changed_at = now;
  }
  if (account.last_used_at.has_value() && !IsUseDue(scope.policy(), *account.last_used_at, now)) {
    return absl::OkStatus();
  }
  account.last_used_at = now;
  return scope.transaction().RecordUse(account.id, now);
}

}  // namespace

NewSession::NewSession(const Dependencies& dependencies, const storage::AccountId& account_id)
    : token_(IssueSessionToken(account_id.value(), dependencies.entropy)) {
  record_.key = {account_id, token_.digest};
}

absl::Status NewSession::Issue(Scope& scope, storage::AccountRecord& account,
                               const policy::Decision& sign_in) {
  const policy::Policy& policy = scope.policy();
  const absl::Time now = scope.call().now;
  const bool full = sign_in.obligations.empty();
  // A password that need not be changed was used in time.
  if (!account.password.must_change) account.password.temporary_until.reset();
  if (full) {
    account.resecured_at.reset();  // whatever it demanded is done, or not demanded any more
    GATEHOUSE_RETURN_IF_ERROR(CountAsUse(scope, account));
  }

  GATEHOUSE_ASSIGN_OR_RETURN(const storage::RevocationHead head,
                             scope.transaction().ReadRevocationHead());
  record_.incarnation = IncarnationPrefix(head.incarnation);
  record_.position = head.position;
  record_.epoch = account.epoch;
  record_.authorisation_version = account.authorisation_version;
  record_.level = full ? v1::SESSION_LEVEL_FULL : v1::SESSION_LEVEL_RESTRICTED;
  record_.required_actions.clear();
  for (const auto action : sign_in.obligations) {
    record_.required_actions.push_back(static_cast<v1::RequiredAction>(action));
  }
  const absl::Duration lifetime = policy.Duration(full ? Parameter::kSessionFullLifetime
                                                       : Parameter::kSessionRestrictedLifetime);
  record_.created_at = now;
  record_.expires_at = std::min(now + lifetime, StatusAt(account, policy, now).until);
  record_.idle_timeout = full ? policy.Duration(Parameter::kSessionIdleTimeout) : lifetime;
  record_.organisation_id = account.organisation_id;
  record_.roles = account.roles;
  return absl::OkStatus();
}

absl::Status NewSession::Continue(Scope& scope, storage::AccountRecord& account,
                                  v1::SessionLevel before) {
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Decision sign_in, scope.DecideSignIn(account));
  if (!sign_in.allowed) return scope.Refuse(sign_in);
  if (before == v1::SESSION_LEVEL_FULL) sign_in.obligations.clear();
  return Issue(scope, account, sign_in);
}

absl::Status NewSession::Store(const Dependencies& dependencies, const CallContext& call,
                               const storage::ClientRecord& client) const {
  if (dependencies.sessions.Put(record_, client, call.deadline).ok()) return absl::OkStatus();
  return ErrorWithRetry(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
                        "the session store cannot be reached, so that no session could be opened; "
                        "whatever else was asked is done: sign in in a moment",
                        absl::Seconds(1));
}

v1::Session NewSession::Describe(const storage::ClientRecord& client) const {
  v1::Session message =
      ToMessage(storage::FoundSession{.record = record_, .last_used_at = record_.created_at});
  *message.mutable_client() = ToMessage(client);
  message.set_current(true);
  return message;
}

storage::ClientRecord ClientOfSession(const Dependencies& dependencies, const CallContext& call,
                                      const storage::SessionKey& key) {
  const auto sessions = dependencies.sessions.List(key.account_id, call.deadline);
  if (!sessions.ok()) return {};
  for (const storage::ListedSession& listed : *sessions) {
    if (listed.session.record.key.digest == key.digest) return listed.client;
  }
  return {};
}

}  // namespace gatehouse::server
