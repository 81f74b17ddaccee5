#include "server/operations/secret/verification.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"

#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/security_answer.h"

namespace gatehouse::server {
namespace {

using storage::VerificationRecord;
using storage::VerificationState;

absl::Status Unreadable(const KeyRing& keys, MutationScope& scope, const std::string& key_id) {
  if (!keys.Has(KeyPurpose::kAccountSecret, key_id)) {
    return scope.Refuse(
        Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEY_UNAVAILABLE,
              "the key that protects what this person is recognised by is not in the server's key "
              "ring; recognise them by your organisation's own means until whoever runs the server "
              "restores it"));
  }
  scope.Tell("fault", "sealed_value_altered");
  return scope.Refuse(
      Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
            "what this person is recognised by was altered in the database, or moved there from "
            "another account, and was not read; recognise them by your organisation's own means, "
            "and tell whoever runs the server"));
}

absl::StatusOr<VerificationRecord> FindGrant(MutationScope& scope, absl::string_view id,
                                             const storage::AccountRecord& target) {
  GATEHOUSE_ASSIGN_OR_RETURN(VerificationRecord verification, FindOwnVerification(scope, id));
  GATEHOUSE_ASSIGN_OR_RETURN(const bool unchanged, IsUnchanged(scope, target, verification));
  const bool granted = verification.state == VerificationState::kGranted &&
                       verification.account_id == target.id && unchanged &&
                       scope.call().now < *verification.grant_expires_at;
  if (!granted) return scope.Refuse(VerificationInvalid());
  return verification;
}

}  // namespace

absl::StatusOr<CallerKnowledge> CallerKnowledge::Read(const Dependencies& dependencies,
                                                      MutationScope& scope,
                                                      const storage::AccountRecord& account) {
  const storage::AccountSecretRecord& secret = account.secret;
  CallerKnowledge knowledge(dependencies.keys, account.id);
  if (!secret.ciphertext.empty()) {
    auto opened = dependencies.secret_vault.Open(
        account.id.value(), secret.version, {.key_id = secret.key_id, .bytes = secret.ciphertext});
    if (!opened.ok()) return Unreadable(dependencies.keys, scope, secret.key_id);
    knowledge.secret_ = *std::move(opened);
    return knowledge;
  }
  GATEHOUSE_ASSIGN_OR_RETURN(std::vector<storage::SecurityQuestionRecord> questions,
                             scope.transaction().FindSecurityQuestions(account.id));
  for (storage::SecurityQuestionRecord& question : questions) {
    knowledge.questions_.insert_or_assign(question.number, std::move(question));
  }
  if (!knowledge.by_question()) {
    return absl::InternalError("an account is said to have security questions and has none");
  }
  return knowledge;
}

bool CallerKnowledge::CanBeAsked(const std::vector<int>& asked) const {
  if (by_question()) return asked.size() == 1 && questions_.contains(asked.front());
  return !asked.empty() && std::ranges::all_of(asked, [this](int place) {
    return 1 <= place && static_cast<size_t>(place) <= secret_.size();
  });
}

std::string CallerKnowledge::QuestionOf(const std::vector<int>& asked) const {
  return by_question() ? questions_.at(asked.front()).question : "";
}

absl::Status CallerKnowledge::Open(MutationScope& scope, const std::vector<int>& asked) {
  if (!by_question()) return absl::OkStatus();
  const storage::SecurityQuestionRecord& question = questions_.at(asked.front());
  auto opened = OpenSecurityAnswer(*keys_, account_id_.value(), question.number,
                                   {.key_id = question.key_id, .bytes = question.ciphertext});
  if (!opened.ok()) return Unreadable(*keys_, scope, question.key_id);
  answer_ = *std::move(opened);
  return absl::OkStatus();
}

bool CallerKnowledge::Matches(const std::vector<int>& places, const SecretString& letters) const {
  std::string expected;
  for (const int place : places) {
    expected.push_back(secret_.Reveal()[static_cast<size_t>(place) - 1]);
  }
  return ConstantTimeEquals(SecretString::TakeFrom(expected), letters);
}

bool CallerKnowledge::MatchesAnswer(const SecretString& normalized) const {
  return ConstantTimeEquals(answer_, normalized);
}

absl::Status VerificationInvalid() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_VERIFICATION_INVALID,
               "no verification with this id is good for it; begin another one, or attest who the "
               "person is");
}

absl::StatusOr<VerificationRecord> FindOwnVerification(MutationScope& scope, absl::string_view id) {
  auto verification = scope.transaction().FindVerification(id);
  if (!verification.ok() && !absl::IsNotFound(verification.status())) return verification.status();
  if (!verification.ok() || verification->agent_id != scope.actor().id) {
    return scope.RefuseUnknown(VerificationInvalid());
  }
  return verification;
}

void TellVerification(MutationScope& scope, const VerificationRecord& verification) {
  scope.Tell("verification_id", verification.id);
  scope.Tell(verification.question.empty() ? "positions" : "question",
             absl::StrJoin(verification.asked, " "));
}

absl::StatusOr<bool> IsUnchanged(MutationScope& scope, const storage::AccountRecord& account,
                                 const VerificationRecord& verification) {
  GATEHOUSE_ASSIGN_OR_RETURN(const bool stopped,
                             scope.transaction().IsEverythingRevokedSince(verification.position));
  return !stopped && verification.organisation_id == account.organisation_id &&
         verification.secret_version == account.secret.version &&
         verification.epoch == account.epoch;
}

absl::Status CheckGrant(MutationScope& scope, absl::string_view verification_id,
                        const storage::AccountRecord& target) {
  return FindGrant(scope, verification_id, target).status();
}

absl::Status UseGrant(MutationScope& scope, absl::string_view verification_id,
                      const storage::AccountRecord& target) {
  GATEHOUSE_ASSIGN_OR_RETURN(VerificationRecord verification,
                             FindGrant(scope, verification_id, target));
  verification.state = VerificationState::kUsed;
  return scope.transaction().ChangeVerification(verification, VerificationState::kGranted);
}

}  // namespace gatehouse::server
