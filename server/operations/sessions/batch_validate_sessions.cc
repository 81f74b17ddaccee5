#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "server/operations/call/actor.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/request_check.h"
#include "server/operations/call/session_use.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"

namespace gatehouse::server {
namespace {

using Done = std::function<void(absl::StatusOr<v1::BatchValidateSessionsResponse>)>;
using Found = std::vector<absl::StatusOr<storage::FoundSession>>;

// A batch from the question to its answer.
struct Batch {
  const Dependencies& dependencies;
  std::shared_ptr<const policy::Policy> policy;
  absl::Time now;
  absl::Time deadline;
  std::vector<std::optional<size_t>> places{};  // of each token among the keys; none for no token
};

void Describe(const absl::Status& refusal, v1::SessionValidation& result) {
  v1::ErrorReason reason = v1::ERROR_REASON_INTERNAL;
  v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", ReasonOf(refusal)), &reason);
  result.set_reason(reason);
}

void JudgeOne(const Batch& batch, absl::StatusOr<storage::FoundSession> found,
              v1::SessionValidation& result) {
  const Dependencies& dependencies = batch.dependencies;
  if (!found.ok()) return Describe(FromSessionStore(found.status()), result);
  SessionJudgement judgement = dependencies.session_judge.Judge(*found);
  if (judgement.authorisation_is_behind) {
    if (const absl::Status read = RefreshAuthorisation(dependencies, found->record); !read.ok()) {
      return Describe(read, result);
    }
    judgement = dependencies.session_judge.Judge(*found);
  }
  if (const absl::Status status = ToStatus(judgement); !status.ok()) {
    return Describe(status, result);
  }
  NoteUse(dependencies, *batch.policy, *found, batch.now);
  *result.mutable_session() = ToMessage(*found);
  result.set_organisation_id(found->record.organisation_id.value());
  for (const storage::RoleGrantRecord& grant : found->record.roles) {
    *result.add_roles() = ToMessage(grant);
  }
}

v1::BatchValidateSessionsResponse JudgeAll(const Batch& batch, Found found) {
  v1::BatchValidateSessionsResponse response;
  const RevocationFacts log = batch.dependencies.revocation_log.Look({});
  for (const std::optional<size_t>& place : batch.places) {
    v1::SessionValidation& result = *response.add_results();
    if (place.has_value()) {
      JudgeOne(batch, std::move(found[*place]), result);
    } else {
      result.set_reason(v1::ERROR_REASON_SESSION_INVALID);
    }
  }
  response.set_policy_revision(batch.policy->revision().ToString());
  response.set_log_position(log.position);
  *response.mutable_staleness() = ToDuration(batch.dependencies.clock.Monotonic() - log.read_began);
  return response;
}

}  // namespace

void BatchValidateSessions(const Dependencies& dependencies, const CallContext& call,
                           const v1::BatchValidateSessionsRequest& request, Done done) {
  const auto batch = std::make_shared<Batch>(Batch{.dependencies = dependencies,
                                                   .policy = dependencies.policies.Get(),
                                                   .now = call.now,
                                                   .deadline = call.deadline});
  RequestCheck check(*batch->policy);
  check.Count("session_tokens", request.session_tokens_size(), 1,
              batch->policy->Int(policy::Parameter::kBatchMaxTokens));
  if (const absl::Status faults = check.status(); !faults.ok()) return done(faults);

  std::vector<storage::SessionKey> keys;
  for (const std::string& token : request.session_tokens()) {
    auto key = KeyOf(SecretString(token));
    batch->places.push_back(key.has_value() ? std::optional(keys.size()) : std::nullopt);
    if (key.has_value()) keys.push_back(*std::move(key));
  }
  // A thousand judgements, some of which read SQL, are not for the session store's thread.
  const auto judge = [batch, done = std::make_shared<Done>(std::move(done))](Found found) {
    const absl::Status taken = batch->dependencies.background.Submit(
        {.deadline = batch->deadline,
         .run = [batch, done,
                 found =
                     std::move(found)]() mutable { (*done)(JudgeAll(*batch, std::move(found))); },
         .on_dropped = [done](absl::Status) { (*done)(DeadlineExceeded()); }});
    if (!taken.ok()) (*done)(Overloaded());
  };
  dependencies.sessions.FindAll(std::move(keys), call.deadline, judge);
}

}  // namespace gatehouse::server
