// DisableAccount, EnableAccount, DeleteAccount, RestoreAccount and MarkLeaver: the same way, and
// effects of their own (product/domain.md, section 2).

#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Action;
using storage::AccountRecord;

enum class Sessions { kStay, kEnd };

struct Change {
  Action::Value action;
  NotificationKind notification;
  Sessions sessions;
  void (*apply)(AccountRecord&, absl::Time now);
};

template <typename Response, typename Request>
absl::StatusOr<Response> ChangeStatus(const Dependencies& dependencies, const CallContext& call,
                                      const Request& request, const Change& change) {
  Mutation<Response> mutation(dependencies, call, change.action, request);
  GATEHOUSE_RETURN_IF_ERROR(AdministrativeAct(request).Check(mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const std::string message_id = NewId(dependencies.entropy);
  const auto body = [&](MutationScope& scope, Response& answer) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(AccountRecord target, JudgeTarget(scope, AdministrativeAct(request),
                                                                 [](policy::Facts&) {}));
    const AccountRecord before = target;
    change.apply(target, call.now);
    if (change.sessions == Sessions::kEnd) {
      GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(target, std::nullopt));
    }
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, before, change.notification));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, target));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  };
  return change.sessions == Sessions::kEnd ? mutation.CommitRevoking(body) : mutation.Commit(body);
}

void SetStatus(AccountRecord& account, v1::AccountStatus status, absl::Time now) {
  account.status = status;
  account.status_changed_at = now;
}

}  // namespace

absl::StatusOr<v1::DisableAccountResponse> DisableAccount(
    const Dependencies& dependencies, const CallContext& call,
    const v1::DisableAccountRequest& request) {
  return ChangeStatus<v1::DisableAccountResponse>(
      dependencies, call, request,
      {.action = Action::DISABLE_ACCOUNT,
       .notification = NotificationKind::kAccountDisabled,
       .sessions = Sessions::kEnd,
       .apply = [](AccountRecord& account, absl::Time now) {
         SetStatus(account, v1::ACCOUNT_STATUS_DISABLED, now);
       }});
}

absl::StatusOr<v1::EnableAccountResponse> EnableAccount(const Dependencies& dependencies,
                                                        const CallContext& call,
                                                        const v1::EnableAccountRequest& request) {
  return ChangeStatus<v1::EnableAccountResponse>(
      dependencies, call, request,
      {.action = Action::ENABLE_ACCOUNT,
       .notification = NotificationKind::kAccountEnabled,
       .sessions = Sessions::kStay,
       .apply = [](AccountRecord& account, absl::Time now) {
         SetStatus(account, v1::ACCOUNT_STATUS_ACTIVE, now);
       }});
}

absl::StatusOr<v1::DeleteAccountResponse> DeleteAccount(const Dependencies& dependencies,
                                                        const CallContext& call,
                                                        const v1::DeleteAccountRequest& request) {
  return ChangeStatus<v1::DeleteAccountResponse>(
      dependencies, call, request,
      {.action = Action::DELETE_ACCOUNT,
       .notification = NotificationKind::kAccountDeleted,
       .sessions = Sessions::kEnd,
       .apply = [](AccountRecord& account, absl::Time now) {
         SetStatus(account, v1::ACCOUNT_STATUS_DELETED, now);
       }});
}

absl::StatusOr<v1::RestoreAccountResponse> RestoreAccount(
    const Dependencies& dependencies, const CallContext& call,
    const v1::RestoreAccountRequest& request) {
  return ChangeStatus<v1::RestoreAccountResponse>(
      dependencies, call, request,
      {.action = Action::RESTORE_ACCOUNT,
       .notification = NotificationKind::kAccountRestored,
       .sessions = Sessions::kStay,
       .apply = [](AccountRecord& account, absl::Time now) {
         SetStatus(account, v1::ACCOUNT_STATUS_ACTIVE, now);
         // The organisation has its person back. A leaver whom nobody joined in time would be
         // deleted again in the same instant.
         account.leaver_at.reset();
       }});
}

absl::StatusOr<v1::MarkLeaverResponse> MarkLeaver(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const v1::MarkLeaverRequest& request) {
  return ChangeStatus<v1::MarkLeaverResponse>(dependencies, call, request,
                                              {.action = Action::MARK_LEAVER,
                                               .notification = NotificationKind::kLeaverMarked,
                                               .sessions = Sessions::kEnd,
                                               .apply = [](AccountRecord& account, absl::Time now) {
                                                 account.leaver_at = now;
                                                 SetRoles(account, {}, now);
                                               }});
}

}  // namespace gatehouse::server
