// A new version of the acceptable use policy. No account is written: whoever has accepted another
// version is asked at the next sign-in.

#include <optional>
#include <utility>

#include "absl/strings/match.h"

#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/limits.h"
#include "server/operations/organisation_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::PublishAcceptableUsePolicyRequest;
using Response = v1::PublishAcceptableUsePolicyResponse;

constexpr int64_t kLongestUri = 2048;
constexpr size_t kDigestSize = 64;

bool IsHexDigest(absl::string_view text) {
  return text.size() == kDigestSize &&
         text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsHttps(absl::string_view uri) {
  constexpr absl::string_view kScheme = "https://";
  return absl::StartsWith(uri, kScheme) && uri.size() > kScheme.size() &&
         !absl::StrContains(uri, ' ');
}

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Text("version", request.version(), kLongestAupVersion, Presence::kRequired);
  check.Text("document_uri", request.document_uri(), kLongestUri, Presence::kRequired);
  if (!request.document_uri().empty() && !IsHttps(request.document_uri())) {
    check.Fault("document_uri", "must be an https:// address");
  }
  if (!IsHexDigest(request.document_sha256())) {
    check.Fault("document_sha256",
                "must be 64 lower-case hexadecimal digits, as sha256sum prints them");
  }
  check.RequestId(request.request_id());
  return check.status();
}

absl::Status Insert(MutationScope& scope, const storage::AcceptableUsePolicyRecord& aup) {
  const absl::Status inserted = scope.transaction().InsertAcceptableUsePolicy(aup);
  if (!absl::IsAlreadyExists(inserted)) return inserted;
  return scope.Refuse(Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_AUP_VERSION_EXISTS,
                            "this version was published before; choose another name for it"));
}

}  // namespace

absl::StatusOr<Response> PublishAcceptableUsePolicy(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::PUBLISH_ACCEPTABLE_USE_POLICY,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::AcceptableUsePolicyRecord aup{.version = request.version(),
                                               .document_uri = request.document_uri(),
                                               .document_sha256 = request.document_sha256(),
                                               .published_at = call.now};
  return mutation.Commit([&](MutationScope& scope, Response& answer) -> absl::Status {
    scope.SetOrganisation(storage::OrganisationId());  // the system's log
    scope.Tell("version", aup.version);
    const auto current = scope.transaction().CurrentAcceptableUsePolicy();
    if (!current.ok() && !absl::IsNotFound(current.status())) return current.status();
    policy::Facts facts = scope.Facts();
    SetAupFacts(facts, current);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));

    GATEHOUSE_RETURN_IF_ERROR(Insert(scope, aup));
    scope.Tell("document_sha256", aup.document_sha256);
    *answer.mutable_acceptable_use_policy() = ToMessage(aup);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
