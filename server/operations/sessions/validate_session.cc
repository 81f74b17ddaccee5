// Is this token good, now? The hot path: answered on the session store's thread, without a hop,
// unless the account's roles changed since the session was issued, or the caller wants fresher
// truth than there is; those go to the background lane, which may block.

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "server/operations/call/actor.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/request_check.h"
#include "server/operations/call/session_use.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "server/revocation/session_judge.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Done = std::function<void(absl::StatusOr<v1::ValidateSessionResponse>)>;

// How long a caller's wish for fresher truth may hold a thread.
constexpr absl::Duration kLongestRefresh = absl::Seconds(1);

// One validation, from the question to its answer.
struct Validation {
  const Dependencies& dependencies;
  std::shared_ptr<const policy::Policy> policy;
  storage::SessionKey key{};
  absl::Time now;
  absl::Time deadline;
  absl::Duration max_staleness = absl::InfiniteDuration();
};

v1::ValidateSessionResponse Describe(const Validation& validation,
                                     const storage::FoundSession& found,
                                     const SessionJudgement& judgement) {
  v1::ValidateSessionResponse response;
  *response.mutable_session() = ToMessage(found);
  response.set_organisation_id(found.record.organisation_id.value());
  for (const storage::RoleGrantRecord& grant : found.record.roles) {
    *response.add_roles() = ToMessage(grant);
  }
  response.set_policy_revision(validation.policy->revision().ToString());
  response.set_served_from(v1::SERVED_FROM_STORE);
  response.set_log_position(judgement.log_position);
  *response.mutable_staleness() = ToDuration(judgement.staleness);
  response.set_epoch(found.record.epoch);
  response.set_authorisation_version(found.record.authorisation_version);
  return response;
}

// Whether the caller's own wish for freshness, and not the lease, is all that stands in the way.
bool WantsFresherTruth(const Validation& validation, const storage::FoundSession& found,
                       const SessionJudgement& judgement) {
  return judgement.verdict == SessionVerdict::kUnavailable &&
         validation.max_staleness != absl::InfiniteDuration() &&
         validation.dependencies.session_judge.Judge(found).verdict == SessionVerdict::kValid;
}

// On the background lane: reads what has to be read, and judges as the last thing.
absl::StatusOr<v1::ValidateSessionResponse> AnswerSlowly(const Validation& validation,
                                                         storage::FoundSession found,
                                                         SessionJudgement judgement) {
  const Dependencies& dependencies = validation.dependencies;
  if (WantsFresherTruth(validation, found, judgement)) {
    // A reading that began after the question is as fresh as any answer can be.
    const absl::Time patience = std::min(validation.deadline, validation.now + kLongestRefresh);
    if (!dependencies.revocation_reader.Refresh(patience).ok()) {
      return StoreUnavailable("database");
    }
    judgement = dependencies.session_judge.Judge(found);
  }
  if (judgement.authorisation_is_behind) {
    GATEHOUSE_RETURN_IF_ERROR(RefreshAuthorisation(dependencies, found.record));
    judgement = dependencies.session_judge.Judge(found);
  }
  GATEHOUSE_RETURN_IF_ERROR(ToStatus(judgement));
  NoteUse(dependencies, *validation.policy, found, validation.now);
  return Describe(validation, found, judgement);
}

void Answer(const Validation& validation, absl::StatusOr<storage::FoundSession> found, Done done) {
  if (!found.ok()) return done(FromSessionStore(found.status()));
  const Dependencies& dependencies = validation.dependencies;
  const SessionJudgement judgement =
      dependencies.session_judge.Judge(*found, validation.max_staleness);
  if (WantsFresherTruth(validation, *found, judgement) ||
      (judgement.verdict == SessionVerdict::kValid && judgement.authorisation_is_behind)) {
    const auto shared = std::make_shared<Done>(std::move(done));
    const absl::Status taken = dependencies.background.Submit(
        {.deadline = validation.deadline,
         .run = [validation, found = *std::move(found), judgement,
                 shared] { (*shared)(AnswerSlowly(validation, found, judgement)); },
         .on_dropped = [shared](absl::Status) { (*shared)(DeadlineExceeded()); }});
    if (!taken.ok()) (*shared)(Overloaded());
    return;
  }
  if (const absl::Status status = ToStatus(judgement); !status.ok()) return done(status);
  NoteUse(dependencies, *validation.policy, *found, validation.now);
  done(Describe(validation, *found, judgement));
}

absl::Status CheckFields(const v1::ValidateSessionRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  if (request.session_token().empty()) check.Fault("session_token", "must be given");
  if (request.has_max_staleness() &&
      (request.max_staleness().seconds() < 0 || request.max_staleness().nanos() < 0)) {
    check.Fault("max_staleness", "must not be negative");
  }
  return check.status();
}

}  // namespace

void ValidateSession(const Dependencies& dependencies, const CallContext& call,
                     const v1::ValidateSessionRequest& request, Done done) {
  Validation validation{.dependencies = dependencies,
                        .policy = dependencies.policies.Get(),
                        .now = call.now,
                        .deadline = call.deadline};
  if (const absl::Status faults = CheckFields(request, *validation.policy); !faults.ok()) {
    return done(faults);
  }
  const auto key = KeyOf(SecretString(request.session_token()));
  if (!key.has_value()) return done(SessionInvalid());
  validation.key = *key;
  if (request.has_max_staleness()) {
    validation.max_staleness = absl::Seconds(request.max_staleness().seconds()) +
                               absl::Nanoseconds(request.max_staleness().nanos());
  }
  dependencies.sessions.Find(
      *key, call.deadline,
      [validation, done = std::move(done)](absl::StatusOr<storage::FoundSession> found) mutable {
        Answer(validation, std::move(found), std::move(done));
      });
}

}  // namespace gatehouse::server
