// Recognising callers: how accounts stand, what agents asked, questions of the old kind.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

// Numbers, with blanks between them.
std::string WriteNumbers(const std::vector<int>& numbers) { return absl::StrJoin(numbers, " "); }

std::vector<int> ReadNumbers(absl::string_view text) {
  std::vector<int> numbers;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!absl::SimpleAtoi(word, &numbers.emplace_back())) numbers.pop_back();
  }
  return numbers;
}

constexpr char kRecognitionColumns[] =
    "account_id, secret_version, asked, failures, closed_until, successes";
constexpr int kRecognitionColumnCount = 6;

// A page's worth.
constexpr std::size_t kIdsAStatement = 50;

// ":id0, :id1, ..."
std::string PlacesForIds() {
  std::vector<std::string> places;
  for (std::size_t i = 0; i < kIdsAStatement; ++i) places.push_back(absl::StrCat(":id", i));
  return absl::StrJoin(places, ", ");
}

constexpr char kVerificationColumns[] =
    "id, state, account_id, agent_id, organisation_id, secret_version, epoch, position, "
    "question, asked, expires_at, grant_expires_at, attempt_mac";
constexpr int kVerificationColumnCount = 13;

RecognitionRecord ReadRecognition(Row& row) {
  RecognitionRecord recognition;
  recognition.account_id = AccountId(row.Text());
  recognition.secret_version = row.Integer();
  recognition.asked = ReadNumbers(row.Text());
  recognition.failures = row.Integer();
  recognition.closed_until = row.OptionalInstant();
  recognition.successes = row.Integer();
  return recognition;
}

VerificationRecord ReadVerification(Row& row) {
  VerificationRecord verification;
  verification.id = row.Text();
  verification.state = row.Enumerator<VerificationState>();
  verification.account_id = AccountId(row.Text());
  verification.agent_id = AccountId(row.Text());
  verification.organisation_id = OrganisationId(row.Text());
  verification.secret_version = row.Integer();
  verification.epoch = row.Integer();
  verification.position = row.Integer();
  verification.question = row.Text();
  verification.asked = ReadNumbers(row.Text());
  verification.expires_at = row.Instant();
  verification.grant_expires_at = row.OptionalInstant();
  verification.attempt_mac = row.Bytes();
  return verification;
}

SecurityQuestionRecord ReadSecurityQuestion(Row& row) {
  SecurityQuestionRecord question;
  question.number = static_cast<int>(row.Integer());
  question.question = row.Text();
  question.ciphertext = row.Bytes();
  question.key_id = row.Text();
  return question;
}

}  // namespace

absl::StatusOr<RecognitionRecord> SqlTransaction::FindRecognition(const AccountId& id) {
  static const auto* const text = new std::string(absl::StrCat(
      "SELECT ", kRecognitionColumns, " FROM recognitions WHERE account_id = :account_id"));
  return QueryOne({*text, kRecognitionColumnCount}, {id}, ReadRecognition);
}

absl::StatusOr<std::vector<RecognitionRecord>> SqlTransaction::FindRecognitions(
    absl::Span<const AccountId> ids) {
  static const auto* const text = new std::string(
      absl::StrCat("SELECT ", kRecognitionColumns, " FROM recognitions WHERE account_id IN (",
                   PlacesForIds(), ")"));
  std::vector<RecognitionRecord> found;
  for (; !ids.empty(); ids.remove_prefix(std::min(ids.size(), kIdsAStatement))) {
    std::vector<Parameter> parameters;
    // What there is no id for repeats the last: the statement is always the same.
    for (std::size_t i = 0; i < kIdsAStatement; ++i) {
      parameters.emplace_back(ids[std::min(i, ids.size() - 1)]);
    }
    absl::Status status = Query({*text, kRecognitionColumnCount}, parameters,
                                [&](Row& row) { found.push_back(ReadRecognition(row)); });
    if (!status.ok()) return status;
  }
  return found;
}

absl::Status SqlTransaction::PutRecognition(const RecognitionRecord& recognition) {
  return Execute(
      "INSERT INTO recognitions (account_id, secret_version, asked, failures, closed_until, "
      "successes) VALUES (:account_id, :secret_version, :asked, :failures, :closed_until, "
      ":successes) ON CONFLICT (account_id) DO UPDATE SET "
      "secret_version = excluded.secret_version, asked = excluded.asked, "
      "failures = excluded.failures, closed_until = excluded.closed_until, "
      "successes = excluded.successes",
      {recognition.account_id, recognition.secret_version, WriteNumbers(recognition.asked),
       recognition.failures, recognition.closed_until, recognition.successes});
}

absl::StatusOr<VerificationRecord> SqlTransaction::FindVerification(absl::string_view id) {
  static const auto* const text = new std::string(
      absl::StrCat("SELECT ", kVerificationColumns, " FROM verifications WHERE id = :id"));
  return QueryOne({*text, kVerificationColumnCount}, {id}, ReadVerification);
}

absl::StatusOr<VerificationRecord> SqlTransaction::FindOpenVerification(const AccountId& id,
                                                                        const AccountId& agent_id,
                                                                        absl::Time now) {
  static const auto* const text = new std::string(
      absl::StrCat("SELECT ", kVerificationColumns,
                   " FROM verifications WHERE account_id = :account_id "
                   "AND expires_at > :now AND state = :open AND agent_id = :agent_id "
                   "ORDER BY expires_at DESC LIMIT 1"));
  return QueryOne({*text, kVerificationColumnCount}, {id, now, VerificationState::kOpen, agent_id},
                  ReadVerification);
}

absl::Status SqlTransaction::InsertVerification(const VerificationRecord& verification) {
  return Insert(
      "INSERT INTO verifications (id, state, account_id, agent_id, organisation_id, "
      "secret_version, epoch, position, question, asked, expires_at, grant_expires_at, "
      "attempt_mac) VALUES (:id, :state, :account_id, :agent_id, :organisation_id, "
      ":secret_version, :epoch, :position, :question, :asked, :expires_at, :grant_expires_at, "
      ":attempt_mac) ON CONFLICT DO NOTHING",
      {verification.id, verification.state, verification.account_id, verification.agent_id,
       verification.organisation_id, verification.secret_version, verification.epoch,
       verification.position, verification.question, WriteNumbers(verification.asked),
       verification.expires_at, verification.grant_expires_at,
       Parameter::Bytes(verification.attempt_mac)},
      "the verification's id");
}

absl::Status SqlTransaction::ChangeVerification(const VerificationRecord& verification,
                                                VerificationState former) {
  const absl::StatusOr<std::int64_t> changed = Change(
      "UPDATE verifications SET state = :state, grant_expires_at = :grant_expires_at, "
      "attempt_mac = :attempt_mac WHERE id = :id AND state = :former",
      {verification.state, verification.grant_expires_at,
       Parameter::Bytes(verification.attempt_mac), verification.id, former});
  if (!changed.ok()) return changed.status();
  if (*changed == 0) return absl::AbortedError("the verification has changed");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<absl::Time>> SqlTransaction::ListExpiries(const AccountId& id,
                                                                     std::int64_t secret_version,
                                                                     absl::Time after,
                                                                     absl::Time until, int limit) {
  return QueryAll<absl::Time>(
      {"SELECT expires_at FROM verifications WHERE account_id = :account_id "
       "AND expires_at > :after AND expires_at <= :until AND state = :open "
       "AND secret_version = :secret_version ORDER BY expires_at LIMIT :most",
       1},
      {id, after, until, VerificationState::kOpen, secret_version, limit},
      [](Row& row) { return row.Instant(); });
}

absl::Status SqlTransaction::AbandonVerifications(const AccountId& id, absl::Time until) {
  return Execute(
      "UPDATE verifications SET state = :abandoned WHERE account_id = :account_id "
      "AND expires_at <= :until AND state = :open",
      {VerificationState::kAbandoned, id, until, VerificationState::kOpen});
}

absl::Status SqlTransaction::EndVerifications(const AccountId& id) {
  return Execute(
      "UPDATE verifications SET state = :abandoned WHERE account_id = :account_id "
      "AND (state = :open OR state = :answered)",
      {VerificationState::kAbandoned, id, VerificationState::kOpen, VerificationState::kAnswered});
}

absl::StatusOr<std::vector<SecurityQuestionRecord>> SqlTransaction::FindSecurityQuestions(
    const AccountId& id) {
  return QueryAll({"SELECT number, question, ciphertext, key_id FROM security_questions "
                   "WHERE account_id = :account_id ORDER BY number",
                   4},
                  {id}, ReadSecurityQuestion);
}

absl::Status SqlTransaction::PutSecurityQuestions(
    const AccountId& id, absl::Span<const SecurityQuestionRecord> questions) {
  if (absl::Status status = RemoveSecurityQuestions(id); !status.ok()) return status;
  for (const SecurityQuestionRecord& question : questions) {
    absl::Status status = Insert(
        "INSERT INTO security_questions (account_id, number, question, ciphertext, key_id) "
        "VALUES (:account_id, :number, :question, :ciphertext, :key_id) ON CONFLICT DO NOTHING",
        {id, question.number, question.question, Parameter::Bytes(question.ciphertext),
         question.key_id},
        "the question's number");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SqlTransaction::RemoveSecurityQuestions(const AccountId& id) {
  absl::Status status =
      Execute("DELETE FROM verifications WHERE account_id = :account_id AND question <> ''", {id});
  if (!status.ok()) return status;
  return Execute("DELETE FROM security_questions WHERE account_id = :account_id", {id});
}

}  // namespace gatehouse::storage
