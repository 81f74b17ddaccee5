#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/request_check.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::UpdateProfileResponse;

absl::Status CheckFields(const v1::UpdateProfileRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  if (request.has_update_mask()) {
    check.Mask(request.update_mask(), *v1::Profile::descriptor());
  }
  check.RequestId(request.request_id());
  return check.status();
}

// The profile with the fields that the mask names; without a mask, the one that was given.
absl::StatusOr<v1::Profile> Merge(const v1::UpdateProfileRequest& request,
                                  const storage::ProfileRecord& profile,
                                  const policy::Policy& policy) {
  v1::Profile merged = request.has_update_mask() ? ToMessage(profile) : request.profile();
  for (const std::string& path : request.update_mask().paths()) {
    const auto* field = v1::Profile::descriptor()->FindFieldByName(path);
    merged.GetReflection()->SetString(
        &merged, field, request.profile().GetReflection()->GetString(request.profile(), field));
  }
  RequestCheck check(policy);
  check.Profile(merged);
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  return merged;
}

}  // namespace

absl::StatusOr<Response> UpdateProfile(const Dependencies& dependencies, const CallContext& call,
                                       const v1::UpdateProfileRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::UPDATE_PROFILE, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const std::string message_id = NewId(dependencies.entropy);
  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               scope.FindTargetOrOwn(request.account_id()));
    GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(target));
    GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(request.etag(), target.row_version));
    GATEHOUSE_ASSIGN_OR_RETURN(const v1::Profile profile,
                               Merge(request, target.profile, scope.policy()));

    const storage::AccountRecord before = target;
    target.profile = FromMessage(profile);
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, before, NotificationKind::kProfileChanged));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
