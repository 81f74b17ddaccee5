// What to ask a caller. The same is asked of every agent until a success or a new secret, so that
// nobody gets to choose by asking again.

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/recognition.h"
#include "server/operations/secret/verification.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::VerificationRecord;
using Response = v1::StartIdentityVerificationResponse;

absl::Status CheckFields(const v1::StartIdentityVerificationRequest& request,
                         const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kRequired);
  check.RequestId(request.request_id());
  return check.status();
}

// The numbers from 1 to `count`, in an order of chance.
std::vector<int> RandomOrder(Entropy& entropy, int64_t count) {
  std::vector<int> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 1);
  for (size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[entropy.Below(static_cast<uint32_t>(left))]);
  }
  return order;
}

// One question, or so many letters; those come from the first ones alone, and so tell nothing of
// the secret's length.
std::vector<int> Draw(const std::vector<int>& order, const CallerKnowledge& knowledge,
                      const policy::Policy& policy) {
  const int64_t most = knowledge.by_question() ? 1 : policy.Int(Parameter::kVerificationLetters);
  std::vector<int> drawn;
  for (const int number : order) {
    if (static_cast<int64_t>(drawn.size()) == most) break;
    if (knowledge.CanBeAsked({number})) drawn.push_back(number);
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

// What this agent was told to ask and has not answered, where it is still what is asked.
absl::StatusOr<std::optional<VerificationRecord>> FindUnanswered(
    MutationScope& scope, const storage::AccountRecord& target, const VerificationRecord& begun) {
  absl::StatusOr<VerificationRecord> open =
      scope.transaction().FindOpenVerification(begun.account_id, begun.agent_id, scope.call().now);
  if (absl::IsNotFound(open.status())) return std::nullopt;
  GATEHOUSE_RETURN_IF_ERROR(open.status());
  GATEHOUSE_ASSIGN_OR_RETURN(const bool unchanged, IsUnchanged(scope, target, *open));
  const bool is_the_same =
      unchanged && open->question == begun.question && open->asked == begun.asked;
  return is_the_same ? std::optional(*std::move(open)) : std::nullopt;
}

// One at a time for each agent: whoever begins again goes on with it, until it expires.
absl::StatusOr<VerificationRecord> BeginOrGoOn(MutationScope& scope,
                                               const storage::AccountRecord& target,
                                               VerificationRecord begun) {
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<VerificationRecord> unanswered,
                             FindUnanswered(scope, target, begun));
  if (unanswered.has_value()) return *std::move(unanswered);
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().InsertVerification(begun));
  return begun;
}

void Describe(const VerificationRecord& verification, Response& answer) {
  answer.set_verification_id(verification.id);
  if (verification.question.empty()) {
    answer.mutable_positions()->Add(verification.asked.begin(), verification.asked.end());
  } else {
    answer.set_question(verification.question);
  }
  *answer.mutable_expire_time() = ToTimestamp(verification.expires_at);
}

// Drawn in this `order`, unless something is asked already.
absl::StatusOr<storage::RecognitionRecord> DecideWhatToAsk(MutationScope& scope,
                                                           const storage::AccountRecord& target,
                                                           const CallerKnowledge& knowledge,
                                                           const std::vector<int>& order) {
  const absl::Time now = scope.call().now;
  GATEHOUSE_ASSIGN_OR_RETURN(storage::RecognitionRecord standing,
                             RecognitionAt(scope.transaction(), target, scope.policy(), now));
  if (!knowledge.CanBeAsked(standing.asked))
    standing.asked = Draw(order, knowledge, scope.policy());
  if (!knowledge.CanBeAsked(standing.asked)) {
    return absl::InternalError("an account has nothing that a caller could be asked for");
  }
  GATEHOUSE_RETURN_IF_ERROR(SaveRecognition(scope.transaction(), standing, now));
  return standing;
}

}  // namespace

absl::StatusOr<Response> StartIdentityVerification(
    const Dependencies& dependencies, const CallContext& call,
    const v1::StartIdentityVerificationRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::START_IDENTITY_VERIFICATION,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const policy::Policy& policy = mutation.policy();
  const std::vector<int> order =
      RandomOrder(dependencies.entropy, policy.Int(Parameter::kVerificationFirstLetters));
  const std::string id = NewId(dependencies.entropy);
  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord target,
                               scope.FindTarget(request.account_id()));
    GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(target));
    GATEHOUSE_ASSIGN_OR_RETURN(CallerKnowledge knowledge,
                               CallerKnowledge::Read(dependencies, scope, target));
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::RecognitionRecord standing,
                               DecideWhatToAsk(scope, target, knowledge, order));
    // What could not be compared is not asked.
    GATEHOUSE_RETURN_IF_ERROR(knowledge.Open(scope, standing.asked));
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::RevocationHead head,
                               scope.transaction().ReadRevocationHead());
    GATEHOUSE_ASSIGN_OR_RETURN(
        const VerificationRecord verification,
        BeginOrGoOn(scope, target,
                    {.id = id,
                     .account_id = target.id,
                     .agent_id = scope.actor().id,
                     .organisation_id = target.organisation_id,
                     .secret_version = target.secret.version,
                     .epoch = target.epoch,
                     .position = head.position,
                     .question = knowledge.QuestionOf(standing.asked),
                     .asked = standing.asked,
                     .expires_at = call.now + policy.Duration(Parameter::kVerificationLifetime)}));
    TellVerification(scope, verification);
    Describe(verification, answer);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
