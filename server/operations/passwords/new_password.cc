#include "server/operations/passwords/new_password.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"

#include "server/operations/call/decisions.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/hashing.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using policy::Parameter;

// Of drawn ones that are refused one after the other: by then it is not by chance.
constexpr int kMostDrawn = 20;

// The username, and of the names the wholes and each word: of "Mary Jane" also "Jane".
std::vector<absl::string_view> NamesOf(const storage::ProfileRecord& profile,
                                       absl::string_view username) {
  std::vector<absl::string_view> names = {username};
  for (const std::string* name :
       {&profile.given_name, &profile.family_name, &profile.display_name}) {
    names.push_back(*name);
    for (const absl::string_view word : absl::StrSplit(*name, absl::ByAnyChar(" -"))) {
      names.push_back(word);
    }
  }
  return names;
}

PasswordFacts Examine(const KnownPasswords& known, const policy::Policy& policy,
                      const SecretString& normalized, const storage::ProfileRecord& profile,
                      absl::string_view username) {
  const auto shortest = static_cast<int>(policy.Int(Parameter::kPasswordShortestName));
  PasswordFacts facts = ExaminePassword(normalized, NamesOf(profile, username), shortest);
  facts.common |= known.Contains(normalized);
  return facts;
}

void SetJudged(policy::Facts& facts, const PasswordFacts& judged, bool reused) {
  facts.Set(Fact::kPasswordGiven, true);
  facts.Set(Fact::kPasswordLength, judged.length);
  facts.Set(Fact::kPasswordContainsName, judged.contains_name);
  facts.Set(Fact::kPasswordCommon, judged.common);
  facts.Set(Fact::kPasswordReused, reused);
  facts.Set(Fact::kPasswordGuessesLog10, judged.guesses_log10);
}

// What the policy says of a password, whosever it is: asked about the act by which people choose
// theirs without anybody's leave. Of nothing else is anything known, nor said.
policy::Decision DecideAbout(const PasswordFacts& password, const policy::Policy& policy) {
  policy::Facts facts;
  SetJudged(facts, password, /*reused=*/false);
  policy::Decision decision = policy.Decide(policy::Action::COMPLETE_PASSWORD_RESET, facts);
  std::erase_if(decision.violations, [](const policy::Violation& violation) {
    return violation.reason == policy::Reason::FACT_UNAVAILABLE;
  });
  return decision;
}

// The hashes that a new password of the account must not match.
absl::StatusOr<std::vector<std::string>> FormerPasswords(storage::Transaction& transaction,
                                                         const storage::AccountRecord& account,
                                                         const policy::Policy& policy) {
  auto limit = static_cast<int>(policy.Int(Parameter::kPasswordHistory));
  std::vector<std::string> former;
  if (!account.password.phc.empty() && limit > 0) {
    former.push_back(account.password.phc);
    --limit;
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<std::string> history,
                             transaction.PasswordHistory(account.id, limit));
  former.insert(former.end(), history.begin(), history.end());
  return former;
}

}  // namespace

absl::StatusOr<NewPassword> NewPassword::Chosen(const Dependencies& dependencies,
                                                HashPermit& permit, const policy::Policy& policy,
                                                const storage::AccountRecord& account,
                                                const std::vector<std::string>& former,
                                                absl::string_view field,
                                                const SecretString& password) {
  const auto normalized = NormalizePassword(password);
  if (!normalized.ok()) {
    FieldFaults faults;
    faults.Add(field, "must be UTF-8 text without control characters");
    return faults.ToStatus();
  }
  NewPassword made;
  Judgement judgement{.facts = Examine(dependencies.known_passwords, policy, *normalized,
                                       account.profile, account.username),
                      .password_version = account.password.version};
  // A password that is refused for its length is not hashed: the greatest one must not cost more.
  if (judgement.facts.length <= policy.Int(Parameter::kPasswordMaxLength)) {
    for (const std::string& phc : former) {
      GATEHOUSE_ASSIGN_OR_RETURN(const bool same,
                                 dependencies.hasher.Verify(permit, *normalized, phc));
      judgement.reused |= same;
    }
    GATEHOUSE_ASSIGN_OR_RETURN(made.phc_,
                               dependencies.hasher.Hash(permit, *normalized, PasswordCost(policy)));
  }
  made.judgement_ = judgement;
  return made;
}

absl::StatusOr<NewPassword> NewPassword::Generated(const Dependencies& dependencies,
                                                   HashPermit& permit, const policy::Policy& policy,
                                                   const storage::ProfileRecord& profile,
                                                   absl::string_view username) {
  NewPassword made;
  GATEHOUSE_ASSIGN_OR_RETURN(
      made.told_once_,
      DrawPassword(dependencies.entropy, dependencies.known_passwords, policy, profile, username));
  GATEHOUSE_ASSIGN_OR_RETURN(
      made.phc_, dependencies.hasher.Hash(permit, made.told_once_, PasswordCost(policy)));
  return made;
}

void NewPassword::SetFacts(policy::Facts& facts, Reuse reuse) const {
  if (judgement_.has_value()) {
    SetJudged(facts, judgement_->facts, reuse == Reuse::kTold && judgement_->reused);
  } else {
    facts.Set(Fact::kPasswordGiven, false);
  }
}

absl::Status NewPassword::CheckCurrent(const storage::AccountRecord& account) const {
  const bool is_current =
      !judgement_.has_value() || judgement_->password_version == account.password.version;
  return is_current ? absl::OkStatus() : Conflict();
}

absl::Status NewPassword::DecideReuse(Scope& scope, policy::Facts& facts,
                                      const storage::AccountRecord& account) const {
  GATEHOUSE_RETURN_IF_ERROR(CheckCurrent(account));
  if (!judgement_.has_value() || !judgement_->reused) return absl::OkStatus();
  facts.Set(Fact::kPasswordReused, true);
  return scope.Decide(facts);
}

absl::Status NewPassword::Install(Scope& scope, storage::AccountRecord& account) const {
  GATEHOUSE_RETURN_IF_ERROR(CheckCurrent(account));
  GATEHOUSE_RETURN_IF_ERROR(RetirePassword(scope, account));
  account.password.phc = phc_;
  return absl::OkStatus();
}

absl::StatusOr<SecretString> DrawPassword(Entropy& entropy, const KnownPasswords& known,
                                          const policy::Policy& policy,
                                          const storage::ProfileRecord& profile,
                                          absl::string_view username) {
  policy::Decision decision;
  for (int drawn = 0; drawn < kMostDrawn; ++drawn) {
    SecretString password = GenerateTemporaryPassword(entropy);
    decision = DecideAbout(Examine(known, policy, password, profile, username), policy);
    if (decision.violations.empty()) return password;
  }
  return ToStatus(decision, absl::UnixEpoch());  // which is for what time mends
}

absl::StatusOr<NewPassword> JudgePassword(const Dependencies& dependencies, const CallContext& call,
                                          const policy::Policy& policy,
                                          const storage::AccountId& id, Comparison comparison,
                                          absl::string_view field, const SecretString& password) {
  storage::AccountRecord account;
  std::vector<std::string> former;
  GATEHOUSE_RETURN_IF_ERROR(
      FromStore(dependencies.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(id));
        if (comparison == Comparison::kNone) return absl::OkStatus();
        GATEHOUSE_ASSIGN_OR_RETURN(former, FormerPasswords(transaction, account, policy));
        return absl::OkStatus();
      })));
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  return NewPassword::Chosen(dependencies, permit, policy, account, former, field, password);
}

void SetPasswordFacts(policy::Facts& facts, const std::optional<NewPassword>& password,
                      Reuse reuse) {
  if (password.has_value()) {
    password->SetFacts(facts, reuse);
  } else {
    facts.Set(policy::Fact::kPasswordGiven, false);
  }
}

absl::Status RetirePassword(Scope& scope, storage::AccountRecord& account) {
  const absl::Time now = scope.call().now;
  if (!account.password.phc.empty()) {
    GATEHOUSE_RETURN_IF_ERROR(
        scope.transaction().AppendPasswordHistory(account.id, account.password.phc, now));
  }
  account.password = {.version = account.password.version + 1, .changed_at = now};
  return absl::OkStatus();
}

void MakeTemporary(storage::AccountRecord& account, const policy::Policy& policy, absl::Time now,
                   bool must_change) {
  account.password.must_change = must_change;
  account.password.temporary_until = now + policy.Duration(Parameter::kTemporaryPasswordLifetime);
}

}  // namespace gatehouse::server
