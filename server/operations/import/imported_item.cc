#include "server/operations/import/imported_item.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "server/operations/accounts/new_account.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/limits.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/security_answer.h"
#include "server/secrets/token.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;

constexpr int kQuestions = 3;

// The reason that a status of ours carries.
v1::ErrorReason ErrorReasonOf(const absl::Status& status) {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", ReasonOf(status)), &reason);
  return reason;
}

// "argon2id", "scrypt", "2b", ...: what a hash that can be verified says first; without one a
// temporary password is made.
std::string KindOfPassword(const std::string& hash) {
  return hash.empty() ? "TEMPORARY" : hash.substr(1, hash.find('$', 1) - 1);
}

}  // namespace

ImportedItem::ImportedItem(const Dependencies& dependencies, const policy::Policy& policy,
                           const storage::OrganisationId& organisation_id,
                           const v1::ImportedAccount& item, absl::Time now)
    : organisation_id_(organisation_id),
      item_(item),
      account_id_(NewId(dependencies.entropy)),
      message_id_(NewId(dependencies.entropy)) {
  CheckFields(policy, now);
  CheckHash(dependencies.hasher);
  if (!is_refused()) SealAnswers(dependencies);
}

void ImportedItem::CheckFields(const policy::Policy& policy, absl::Time now) {
  RequestCheck check(policy);
  if (auto username = NormalizeUsername(item_.username(), UsernameLimitsOf(policy));
      username.ok()) {
    username_ = *std::move(username);
  } else {
    check.Fault("username", username.status().message());
  }
  check.Profile(item_.profile());
  if (const int count = item_.security_questions_size(); count != 0 && count != kQuestions) {
    check.Fault("security_questions", absl::StrCat("must be none or ", kQuestions));
  }
  const int64_t longest = policy.Int(Parameter::kReasonMaxLength);
  // Of more than there may be, none is looked at: a message has room for hundreds of thousands.
  const int looked_at =
      item_.security_questions_size() > kQuestions ? 0 : item_.security_questions_size();
  for (int i = 0; i < looked_at; ++i) {
    const v1::SecurityQuestion& question = item_.security_questions(i);
    const std::string field = absl::StrCat("security_questions[", i, "]");
    check.Text(absl::StrCat(field, ".question"), question.question(), longest, Presence::kRequired);
    check.Text(absl::StrCat(field, ".answer"), question.answer(), longest, Presence::kRequired);
  }
  if (item_.has_joined_time()) {
    check.Instant("joined_time", item_.joined_time());
    const absl::Time joined = FromTimestamp(item_.joined_time());
    if (joined > now) check.Fault("joined_time", "is still to come");
    if (joined < absl::UnixEpoch()) check.Fault("joined_time", "is before 1970");
  }
  if (const absl::Status status = check.status(); !status.ok()) Refuse(status);
}

void ImportedItem::CheckHash(const PasswordHasher& hasher) {
  if (item_.password_hash().empty() || hasher.CheckVerifiable(item_.password_hash()).ok()) return;
  Refuse(Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_PASSWORD_HASH_UNSUPPORTED,
               "the password's hash is none of Argon2, scrypt or bcrypt, or asks for more work or "
               "memory than is done here; without one a temporary password is generated"));
}

void ImportedItem::SealAnswers(const Dependencies& dependencies) {
  for (const v1::SecurityQuestion& question : item_.security_questions()) {
    const int number = static_cast<int>(questions_.size()) + 1;
    const SecretString answer = NormalizeSecurityAnswer(SecretString(question.answer()));
    if (answer.empty()) {
      FieldFaults faults;
      faults.Add(absl::StrCat("security_questions[", number - 1, "].answer"),
                 "must hold letters or digits");
      Refuse(faults.ToStatus());
    }
    KeyRing::Sealed sealed = SealSecurityAnswer(dependencies.keys, dependencies.entropy,
                                                account_id_.value(), number, answer);
    questions_.push_back({.number = number,
                          .question = question.question(),
                          .ciphertext = std::move(sealed.bytes),
                          .key_id = std::move(sealed.key_id)});
  }
}

void ImportedItem::Refuse(const absl::Status& why) { faults_.push_back(why); }

absl::Status ImportedItem::Insert(MutationScope& scope, const std::string& request_id) const {
  const absl::Time now = scope.call().now;
  storage::AccountRecord account = ToRecord({.id = account_id_,
                                             .organisation_id = organisation_id_,
                                             .username = username_,
                                             .profile = item_.profile()},
                                            now);
  if (item_.has_joined_time()) account.joined_at = FromTimestamp(item_.joined_time());
  account.has_security_questions = !questions_.empty();
  if (password_.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(password_->Install(scope, account));
    MakeTemporary(account, scope.policy(), now, /*must_change=*/true);
  } else {
    account.password = {.phc = item_.password_hash(), .version = 1, .changed_at = now};
  }
  GATEHOUSE_RETURN_IF_ERROR(
      InsertNewAccount(scope, account, message_id_, NotificationKind::kAccountImported));
  if (!questions_.empty()) {
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutSecurityQuestions(account_id_, questions_));
  }
  return Audit(scope, account, request_id);
}

absl::Status ImportedItem::Audit(const MutationScope& scope, const storage::AccountRecord& account,
                                 const std::string& request_id) const {
  storage::AuditRecord audit = scope.audit();
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  // Not told to the scope, which is the whole part's: each event tells of its own account alone.
  audit.details = {{"username", username_},
                   {"password", KindOfPassword(item_.password_hash())},
                   {"import", request_id},
                   {"item", absl::StrCat(item_.item())}};
  if (item_.has_joined_time()) {
    audit.details.emplace("joined_time", absl::FormatTime(account.joined_at));
  }
  if (!questions_.empty()) {
    audit.details.emplace("security_questions", absl::StrCat(questions_.size()));
  }
  return AppendAudit(scope.transaction(), std::move(audit));
}

v1::ImportAccountsResponse ImportedItem::Result(const absl::Status& outcome) const {
  std::vector<absl::Status> faults = faults_;
  if (!outcome.ok()) faults.push_back(outcome);
  if (!faults.empty()) return RefusedItem(item_.item(), faults);
  v1::ImportAccountsResponse result;
  result.set_item(item_.item());
  result.set_account_id(account_id_.value());
  if (password_.has_value()) {
    result.set_temporary_password(std::string(password_->told_once().Reveal()));
  }
  return result;
}

v1::ImportAccountsResponse RefusedItem(int64_t item, absl::Span<const absl::Status> faults) {
  v1::ImportAccountsResponse result;
  result.set_item(item);
  for (const absl::Status& fault : faults) result.add_reasons(ErrorReasonOf(fault));
  result.set_message(absl::StrJoin(faults, "; ", [](std::string* to, const absl::Status& fault) {
    absl::StrAppend(to, fault.message());
  }));
  return result;
}

}  // namespace gatehouse::server
