#include "server/operations/secret/new_secret.h"

#include <utility>

#include "server/operations/errors.h"
#include "server/operations/passwords/hashing.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using policy::Parameter;

absl::Status RetireSecurityQuestions(Scope& scope, storage::AccountRecord& account) {
  account.has_security_questions = false;
  return scope.transaction().RemoveSecurityQuestions(account.id);
}

}  // namespace

absl::StatusOr<NewSecret> NewSecret::Make(const Dependencies& dependencies, HashPermit& permit,
                                          const policy::Policy& policy,
                                          const storage::AccountRecord& account,
                                          const std::string& organisation_name,
                                          const std::vector<std::string>& history,
                                          const SecretString& secret) {
  const SecretString normalized = NormalizeAccountSecret(secret);
  NewSecret made;
  made.facts_ = ExamineAccountSecret(normalized, {.given_name = account.profile.given_name,
                                                  .family_name = account.profile.family_name,
                                                  .display_name = account.profile.display_name,
                                                  .organisation_name = organisation_name});
  made.former_version_ = account.secret.version;
  made.organisation_id_ = account.organisation_id;
  if (made.facts_.length > policy.Int(Parameter::kSecretMaxLength)) return made;

  const AccountSecretVault& vault = dependencies.secret_vault;
  const std::string& id = account.id.value();
  const auto reused = vault.IsInHistory(permit, id, normalized, history);
  if (absl::IsDataLoss(reused.status())) {
    return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEY_UNAVAILABLE,
                 "a key that protects this account's former secrets is not in the server's key "
                 "ring; nothing was changed until whoever runs the server restores it");
  }
  GATEHOUSE_ASSIGN_OR_RETURN(made.reused_, reused);
  GATEHOUSE_ASSIGN_OR_RETURN(made.history_entry_, vault.MakeHistoryEntry(permit, id, normalized));
  made.sealed_ = vault.Seal(id, account.secret.version + 1, normalized);
  return made;
}

void NewSecret::SetFacts(policy::Facts& facts) const {
  facts.Set(Fact::kSecretGiven, true);
  facts.Set(Fact::kSecretLength, facts_.length);
  facts.Set(Fact::kSecretLettersOnly, facts_.only_letters);
  facts.Set(Fact::kSecretIsName, facts_.is_person_name);
  facts.Set(Fact::kSecretIsOrganisation, facts_.is_organisation_name);
  facts.Set(Fact::kSecretReused, reused_);
}

absl::Status NewSecret::Install(Scope& scope, storage::AccountRecord& account) const {
  if (account.secret.version != former_version_ || account.organisation_id != organisation_id_) {
    return Conflict();
  }
  account.secret = {.ciphertext = sealed_.bytes,
                    .key_id = sealed_.key_id,
                    .version = former_version_ + 1,
                    .set_at = scope.call().now};
  GATEHOUSE_RETURN_IF_ERROR(RetireSecurityQuestions(scope, account));
  return scope.transaction().AppendSecretHistory(account.id, history_entry_, scope.call().now);
}

absl::StatusOr<NewSecret> JudgeSecret(const Dependencies& dependencies, const CallContext& call,
                                      const policy::Policy& policy, const storage::AccountId& id,
                                      const std::optional<storage::ProfileRecord>& profile,
                                      const SecretString& secret) {
  storage::AccountRecord account;
  storage::OrganisationRecord organisation;
  std::vector<std::string> history;
  GATEHOUSE_RETURN_IF_ERROR(
      FromStore(dependencies.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(id));
        GATEHOUSE_ASSIGN_OR_RETURN(organisation,
                                   transaction.FindOrganisation(account.organisation_id));
        GATEHOUSE_ASSIGN_OR_RETURN(
            history,
            transaction.SecretHistory(id, static_cast<int>(policy.Int(Parameter::kSecretHistory))));
        return absl::OkStatus();
      })));
  if (profile.has_value()) account.profile = *profile;
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  return NewSecret::Make(dependencies, permit, policy, account, organisation.display_name, history,
                         secret);
}

absl::Status RetireSecret(Scope& scope, storage::AccountRecord& account) {
  account.secret = {.version = account.secret.version + 1};
  return RetireSecurityQuestions(scope, account);
}

}  // namespace gatehouse::server
