// Is the caller who they say? The attempt is on record as a failure before anything is compared,
// and only a right answer makes it a success: whoever cuts the power in between has not won a try.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/payload_mac.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/facts/recognition.h"
#include "server/operations/secret/verification.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/security_answer.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::RecognitionRecord;
using storage::VerificationRecord;
using storage::VerificationState;
using Request = v1::AnswerIdentityVerificationRequest;
using Response = v1::AnswerIdentityVerificationResponse;

// What the caller said, in the form in which it is compared.
struct Said {
  SecretString letters{};
  SecretString answer{};
};

// An attempt that is on record, or was refused one because verification is closed.
struct Attempt {
  bool closed = false;
  VerificationRecord verification{};
  RecognitionRecord before{};  // how the account stood until then
};

absl::StatusOr<Said> CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("verification_id", request.verification_id(), Presence::kRequired);
  check.RequestId(request.request_id());
  Said said;
  std::string letters;
  for (const std::string& letter : request.letters()) {
    if (letter.size() == 1 && absl::ascii_isalpha(static_cast<unsigned char>(letter[0]))) {
      letters.push_back(absl::ascii_toupper(static_cast<unsigned char>(letter[0])));
    } else {
      check.Fault("letters", "each must be one letter from A to Z");
      break;
    }
  }
  said.letters = SecretString::TakeFrom(letters);
  check.Text("answer", request.answer(), policy.Int(Parameter::kReasonMaxLength),
             Presence::kOptional);
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  said.answer = NormalizeSecurityAnswer(SecretString(request.answer()));
  if (request.letters().empty() == said.answer.empty()) {
    check.Fault(request.answer().empty() ? "letters" : "answer",
                "give either the letters that were asked for, or the answer to the question");
  }
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  return said;
}

// Before the attempt counts: a slip of the agent's is not the caller's.
absl::Status CheckForm(const VerificationRecord& verification, const Said& said,
                       const policy::Policy& policy) {
  RequestCheck check(policy);
  if (!verification.question.empty()) {
    if (said.answer.empty()) check.Fault("answer", "a question was asked");
  } else if (said.letters.size() != verification.asked.size()) {
    check.Fault("letters", absl::StrCat(verification.asked.size(), " were asked for"));
  }
  return check.status();
}

bool IsClosed(const absl::Status& decided) {
  return ReasonOf(decided) == ReasonName(v1::ERROR_REASON_VERIFICATION_CLOSED);
}

// What it was that the caller was asked for; refused where that is not there any more, as with
// another question in its place.
absl::StatusOr<CallerKnowledge> ReadAsked(const Dependencies& dependencies, MutationScope& scope,
                                          const storage::AccountRecord& target,
                                          const VerificationRecord& verification) {
  GATEHOUSE_ASSIGN_OR_RETURN(CallerKnowledge knowledge,
                             CallerKnowledge::Read(dependencies, scope, target));
  const bool is_there = knowledge.CanBeAsked(verification.asked) &&
                        knowledge.QuestionOf(verification.asked) == verification.question;
  if (!is_there) return scope.Refuse(VerificationInvalid());
  GATEHOUSE_RETURN_IF_ERROR(knowledge.Open(scope, verification.asked));
  return knowledge;
}

// Whether it is the very answer that was counted, sent again because nobody was told the outcome.
bool IsRepeated(const Dependencies& dependencies, const VerificationRecord& verification,
                const Request& request) {
  return verification.state == VerificationState::kAnswered &&
         CheckPayloadMac(dependencies.keys, CanonicalBytes(request), verification.attempt_mac).ok();
}

// On the log as soon as it counts: the commit's event, which tells the outcome, may never come.
absl::Status AuditAttempt(const MutationScope& scope) {
  storage::AuditRecord audit = scope.audit();
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  audit.details[std::string(kVerificationAttempt)] = "COUNTED";
  return AppendAudit(scope.transaction(), std::move(audit));
}

// By now that attempt may have closed it, or others since; it was open when it was counted.
void Reopen(RecognitionRecord& standing) {
  standing.failures = 0;
  standing.closed_until.reset();
}

absl::StatusOr<Attempt> TakeAttempt(const Dependencies& dependencies, MutationScope& scope,
                                    const Request& request, const Said& said) {
  const absl::Time now = scope.call().now;
  storage::Transaction& transaction = scope.transaction();
  Attempt attempt;
  GATEHOUSE_ASSIGN_OR_RETURN(attempt.verification,
                             FindOwnVerification(scope, request.verification_id()));
  VerificationRecord& verification = attempt.verification;
  TellVerification(scope, verification);
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord target,
                             scope.FindTarget(verification.account_id.value()));
  GATEHOUSE_ASSIGN_OR_RETURN(attempt.before,
                             RecognitionAt(transaction, target, scope.policy(), now));
  const bool repeated = IsRepeated(dependencies, verification, request);
  if (repeated) Reopen(attempt.before);
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
  SetRecognitionFacts(facts, attempt.before);
  const absl::Status decided = scope.Decide(facts);
  attempt.closed = IsClosed(decided);
  if (!attempt.closed) GATEHOUSE_RETURN_IF_ERROR(decided);
  GATEHOUSE_ASSIGN_OR_RETURN(const bool unchanged, IsUnchanged(scope, target, verification));
  const bool is_awaited = repeated || verification.state == VerificationState::kOpen;
  if (!is_awaited || now >= verification.expires_at || !unchanged) {
    return scope.Refuse(VerificationInvalid());
  }
  if (attempt.closed || repeated) return attempt;
  GATEHOUSE_RETURN_IF_ERROR(CheckForm(verification, said, scope.policy()));
  // What cannot be read costs nobody an attempt.
  GATEHOUSE_RETURN_IF_ERROR(ReadAsked(dependencies, scope, target, verification).status());

  RecognitionRecord counted = attempt.before;
  CountFailure(counted, scope.policy(), now);
  GATEHOUSE_RETURN_IF_ERROR(SaveRecognition(transaction, counted, now));
  verification.state = VerificationState::kAnswered;
  verification.attempt_mac = MakePayloadMac(dependencies.keys, CanonicalBytes(request));
  GATEHOUSE_RETURN_IF_ERROR(transaction.ChangeVerification(verification, VerificationState::kOpen));
  GATEHOUSE_RETURN_IF_ERROR(AuditAttempt(scope));
  return attempt;
}

void TellOutcome(MutationScope& scope, v1::VerificationOutcome outcome, Response& answer) {
  scope.Tell("outcome",
             absl::StripPrefix(v1::VerificationOutcome_Name(outcome), "VERIFICATION_OUTCOME_"));
  answer.set_outcome(outcome);
}

// As whoever asks next will be told: nothing while it is open.
absl::Status TellClosure(MutationScope& scope, const storage::AccountRecord& target,
                         const RecognitionRecord& standing, Response& answer) {
  constexpr auto kNext = policy::Action::START_IDENTITY_VERIFICATION;
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target, kNext));
  SetRecognitionFacts(facts, standing);
  policy::Decision next = scope.policy().Decide(kNext, facts);
  if (!IsClosed(ToStatus(next, scope.call().now))) return absl::OkStatus();
  // Nothing that other rules would say, whatever they know.
  std::erase_if(next.violations, [](const policy::Violation& violation) {
    return violation.reason != policy::Reason::VERIFICATION_CLOSED;
  });
  *answer.mutable_closure() = ToMessage(next);
  if (standing.closed_until.has_value()) {
    *answer.mutable_closed_until_time() = ToTimestamp(*standing.closed_until);
  }
  return absl::OkStatus();
}

absl::Status Grant(MutationScope& scope, VerificationRecord verification,
                   RecognitionRecord standing, Response& answer) {
  verification.state = VerificationState::kGranted;
  verification.attempt_mac.clear();
  verification.grant_expires_at =
      scope.call().now + scope.policy().Duration(Parameter::kVerificationGrantLifetime);
  GATEHOUSE_RETURN_IF_ERROR(
      scope.transaction().ChangeVerification(verification, VerificationState::kAnswered));
  CountSuccess(standing);
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutRecognition(standing));
  // Whatever else was begun asked the same letters: it ends, and counts for nothing.
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().EndVerifications(standing.account_id));
  answer.set_verification_id(verification.id);
  *answer.mutable_grant_expire_time() = ToTimestamp(*verification.grant_expires_at);
  return absl::OkStatus();
}

// Nothing was counted, so nothing is compared, even if it is open by now.
absl::Status TellClosed(MutationScope& scope, const storage::AccountRecord& target,
                        const Attempt& attempt, Response& answer) {
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, scope.FactsAbout(target));
  const absl::Status decided = scope.Decide(facts);
  if (decided.ok()) return Conflict();
  if (!IsClosed(decided)) return decided;
  GATEHOUSE_ASSIGN_OR_RETURN(const bool unchanged,
                             IsUnchanged(scope, target, attempt.verification));
  if (!unchanged) return scope.Refuse(VerificationInvalid());
  TellOutcome(scope, v1::VERIFICATION_OUTCOME_CLOSED, answer);
  return TellClosure(scope, target, attempt.before, answer);
}

// Judges again: rights may have been withdrawn, the account resecured, and the caller recognised by
// the same letters elsewhere, since the attempt was counted. That attempt itself does not stand
// against it.
absl::Status Judge(const Dependencies& dependencies, MutationScope& scope, const Attempt& attempt,
                   const Said& said, Response& answer) {
  GATEHOUSE_ASSIGN_OR_RETURN(const VerificationRecord verification,
                             FindOwnVerification(scope, attempt.verification.id));
  TellVerification(scope, verification);
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord target,
                             scope.FindTarget(verification.account_id.value()));
  if (attempt.closed) return TellClosed(scope, target, attempt, answer);
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
  SetRecognitionFacts(facts, attempt.before);
  GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
  GATEHOUSE_ASSIGN_OR_RETURN(const bool unchanged, IsUnchanged(scope, target, verification));
  if (verification.state != VerificationState::kAnswered || !unchanged) {
    return scope.Refuse(VerificationInvalid());
  }
  GATEHOUSE_ASSIGN_OR_RETURN(
      const RecognitionRecord standing,
      RecognitionAt(scope.transaction(), target, scope.policy(), scope.call().now));
  GATEHOUSE_ASSIGN_OR_RETURN(const CallerKnowledge knowledge,
                             ReadAsked(dependencies, scope, target, verification));
  const bool right = knowledge.by_question() ? knowledge.MatchesAnswer(said.answer)
                                             : knowledge.Matches(verification.asked, said.letters);
  if (right) {
    TellOutcome(scope, v1::VERIFICATION_OUTCOME_SUCCESS, answer);
    return Grant(scope, verification, standing, answer);
  }
  TellOutcome(scope, v1::VERIFICATION_OUTCOME_FAILED, answer);
  return TellClosure(scope, target, standing, answer);
}

}  // namespace

absl::StatusOr<Response> AnswerIdentityVerification(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::ANSWER_IDENTITY_VERIFICATION,
                              request);
  GATEHOUSE_ASSIGN_OR_RETURN(const Said said, CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  std::optional<Attempt> attempt;
  GATEHOUSE_RETURN_IF_ERROR(mutation.WriteAhead([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(attempt, TakeAttempt(dependencies, scope, request, said));
    return absl::OkStatus();
  }));
  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    // Without one, a duplicate of this call has been answered, and this is not run.
    if (!attempt.has_value()) return Conflict();
    return Judge(dependencies, scope, *attempt, said, answer);
  });
}

}  // namespace gatehouse::server
