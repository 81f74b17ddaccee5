#include "server/operations/call/revocations.h"

#include <algorithm>

#include "server/operations/call/messages.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

absl::Status NotProven() {
  return ErrorWithRetry(absl::StatusCode::kUnavailable, v1::ERROR_REASON_REVOCATION_NOT_PROVEN,
                        "it is done and stays done, but it is not yet proven that every server "
                        "knows; repeat the call with the same request_id. What is told only once "
                        "is not told again: CreateSession gives another session, ResetPassword "
                        "another temporary password",
                        absl::Seconds(1));
}

// Removes from the session store what the log ended already. How many that were is nullopt when the
// store cannot be asked.
std::optional<int> Tidy(const Dependencies& dependencies, const CallContext& call,
                        const storage::RevocationRecord& revocation) {
  storage::SessionStore& sessions = dependencies.sessions;
  absl::StatusOr<int> removed = 0;
  switch (revocation.kind) {
    case storage::RevocationKind::kMinimumEpoch:
      removed = sessions.RemoveBelow(revocation.account_id, revocation.min_epoch, revocation.except,
                                     call.deadline);
      break;
    case storage::RevocationKind::kSession:
      removed = sessions.Remove({revocation.account_id, revocation.digest}, call.deadline);
      break;
    case storage::RevocationKind::kAuthorisationVersion:
      break;
    case storage::RevocationKind::kEverythingBefore:  // the records expire by themselves
    case storage::RevocationKind::kNone:
      return std::nullopt;
  }
  if (removed.ok()) return *removed;
  dependencies.log.Warning("revoked_sessions_not_tidied",
                           {{"trace_id", call.trace_id}, {"position", revocation.position}});
  return std::nullopt;
}

}  // namespace

absl::Time LastInstantOfSessions(const policy::Policy& policy, absl::Time now) {
  using policy::Parameter;
  return now + std::max(policy.Duration(Parameter::kSessionFullLifetime),
                        policy.Duration(Parameter::kSessionRestrictedLifetime));
}

absl::StatusOr<v1::Revocation> MakeKnown(const Dependencies& dependencies, const CallContext& call,
                                         const storage::RevocationRecord& revocation) {
  const auto confirmation =
      dependencies.revocation_reader.CatchUp(revocation.position, call.deadline);
  if (!confirmation.ok()) return NotProven();
  v1::Revocation message;
  message.set_position(revocation.position);
  message.set_epoch(revocation.min_epoch);
  if (const auto removed = Tidy(dependencies, call, revocation); removed.has_value()) {
    message.set_sessions_revoked(*removed);
  }
  message.set_confirmed_servers(confirmation->confirmed_servers);
  message.set_silent_servers(confirmation->silent_servers);
  *message.mutable_duration() = ToDuration(confirmation->duration);
  return message;
}

absl::Status MakeAllKnown(const Dependencies& dependencies, const CallContext& call) {
  return dependencies.revocation_reader.Refresh(call.deadline).ok() ? absl::OkStatus()
                                                                    : NotProven();
}

}  // namespace gatehouse::server
