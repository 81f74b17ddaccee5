// What tests of recognising a caller share: an agent or two, a caller who knows the secret, and
// callers who do not.
#ifndef GATEHOUSE_TESTS_OPERATIONS_VERIFICATION_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_VERIFICATION_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/secrets/security_answer.h"
#include "server/secrets/token.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class VerificationWorldTest : public testing::Test {
 protected:
  static constexpr char kInvalid[] = "FAILED_PRECONDITION / VERIFICATION_INVALID";
  static constexpr char kClosed[] = "FAILED_PRECONDITION / VERIFICATION_CLOSED";

  using Started = v1::StartIdentityVerificationResponse;
  using Answered = v1::AnswerIdentityVerificationResponse;
  using Letters = std::vector<std::string>;

  absl::StatusOr<Started> Start(const storage::AccountId& agent,
                                const storage::AccountId& account) {
    v1::StartIdentityVerificationRequest request;
    request.set_account_id(account.value());
    return world_.Call(world_.Enter(agent), StartIdentityVerification, request);
  }

  // One that must be allowed.
  Started MustStart(const storage::AccountId& agent) {
    const auto started = Start(agent, asha_);
    EXPECT_TRUE(started.ok()) << started.status();
    return started.value_or(Started());
  }

  // Of the last answer or refusal.
  std::map<std::string, std::string> LastAudit() { return world_.Audit(riverside_)[0].details; }

  static v1::AnswerIdentityVerificationRequest AnswerRequest(const std::string& id,
                                                             const Letters& letters) {
    v1::AnswerIdentityVerificationRequest request;
    request.set_verification_id(id);
    request.mutable_letters()->Add(letters.begin(), letters.end());
    return request;
  }

  absl::StatusOr<Answered> Answer(const storage::AccountId& agent, const std::string& id,
                                  const Letters& letters) {
    return world_.Call(world_.Enter(agent), AnswerIdentityVerification, AnswerRequest(id, letters));
  }

  static Letters Right(const Started& started, const std::string& secret = kSecret) {
    Letters letters;
    for (const int place : started.positions()) {
      letters.push_back(secret.substr(static_cast<size_t>(place) - 1, 1));
    }
    return letters;
  }

  // No letter of kSecret is a Z.
  static Letters Wrong() { return {"Z", "Z", "Z"}; }

  // Three that nobody will answer: an agent has one at a time.
  void BeginThree() {
    for (const storage::AccountId& agent : {agent_, other_agent_, admin_}) MustStart(agent);
  }

  // What comes of one whole verification: "SUCCESS", "FAILED", "CLOSED", or why there was none.
  std::string Try(const storage::AccountId& agent, bool rightly) {
    const auto started = Start(agent, asha_);
    if (!started.ok()) return Outcome(started);
    return OutcomeOf(
        Answer(agent, started->verification_id(), rightly ? Right(*started) : Wrong()));
  }

  static std::string OutcomeOf(const absl::StatusOr<Answered>& answered) {
    if (!answered.ok()) return Outcome(answered);
    return v1::VerificationOutcome_Name(answered->outcome())
        .substr(std::string("VERIFICATION_OUTCOME_").size());
  }

  // A grant of the agent's for asha_, fresh.
  std::string Grant(const storage::AccountId& agent) {
    const Started started = MustStart(agent);
    EXPECT_EQ(OutcomeOf(Answer(agent, started.verification_id(), Right(started))), "SUCCESS");
    return started.verification_id();
  }

  absl::StatusOr<v1::SetAccountSecretResponse> SetSecret(const std::string& secret) {
    v1::SetAccountSecretRequest request;
    request.set_password(kPassword);
    request.set_account_secret(secret);
    return world_.Call(world_.Enter(asha_), SetAccountSecret, request);
  }

  // Questions in the place of the secret, as an import brings them.
  void GiveQuestions(const storage::AccountId& id, const std::vector<std::string>& answers) {
    const Dependencies& dependencies = world_.dependencies();
    std::vector<storage::SecurityQuestionRecord> questions;
    for (const std::string& answer : answers) {
      const int number = static_cast<int>(questions.size()) + 1;
      const KeyRing::Sealed sealed =
          SealSecurityAnswer(dependencies.keys, dependencies.entropy, id.value(), number,
                             NormalizeSecurityAnswer(SecretString(answer)));
      questions.push_back({.number = number,
                           .question = "Question " + std::to_string(number) + "?",
                           .ciphertext = sealed.bytes,
                           .key_id = sealed.key_id});
    }
    ASSERT_TRUE(dependencies.accounts
                    .Transact([&](storage::Transaction& transaction) {
                      return transaction.PutSecurityQuestions(id, questions);
                    })
                    .ok());
    world_.Change(id, [](storage::AccountRecord& account) {
      account.secret = {};
      account.has_security_questions = true;
    });
  }

  // An open one of the agent's, of what is `asked`, whatever was drawn and beside any other;
  // answers its id.
  std::string Insert(const std::vector<int>& asked, const std::string& question = "") {
    const storage::AccountRecord account = world_.Find(asha_);
    const storage::VerificationRecord verification{
        .id = NewId(world_.dependencies().entropy),
        .account_id = asha_,
        .agent_id = agent_,
        .organisation_id = account.organisation_id,
        .secret_version = account.secret.version,
        .epoch = account.epoch,
        .question = question,
        .asked = asked,
        .expires_at = world_.clock().Now() + absl::Minutes(10)};
    EXPECT_TRUE(world_.accounts()
                    .Transact([&](storage::Transaction& transaction) {
                      return transaction.InsertVerification(verification);
                    })
                    .ok());
    return verification.id;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId sam_ = world_.AddPerson(riverside_, "sam.osei");
  const storage::AccountId agent_ =
      world_.AddPerson(riverside_, "desk.one", v1::ROLE_LOCAL_HELPDESK);
  const storage::AccountId other_agent_ =
      world_.AddPerson(riverside_, "desk.two", v1::ROLE_LOCAL_HELPDESK);
  const storage::AccountId admin_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const storage::AccountId foreign_agent_ =
      world_.AddPerson(hilltop_, "desk.hilltop", v1::ROLE_LOCAL_HELPDESK);
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_VERIFICATION_WORLD_H_
