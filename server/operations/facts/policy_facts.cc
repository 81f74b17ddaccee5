#include "server/operations/facts/policy_facts.h"

#include <utility>
#include <vector>

#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using policy::Facts;

std::vector<policy::RoleGrantFact> RoleFacts(const std::vector<storage::RoleGrantRecord>& roles) {
  std::vector<policy::RoleGrantFact> facts;
  facts.reserve(roles.size());
  for (const storage::RoleGrantRecord& grant : roles) {
    facts.push_back({.role = grant.role, .organisation_id = grant.organisation_id.value()});
  }
  return facts;
}

void SetStatusFacts(Facts& facts, const storage::AccountRecord& account,
                    const policy::Policy& policy, absl::Time now) {
  const EffectiveStatus effective = StatusAt(account, policy, now);
  facts.Set(Fact::kAccountStatus, effective.status);
  facts.Set(Fact::kAccountStatusChangedAt, effective.since);
  facts.Set(Fact::kAccountCreatedAt, account.created_at);
  facts.Set(Fact::kAccountJoinedAt, account.joined_at);
  facts.Set(Fact::kAccountLastUsedAt, account.last_used_at);
  facts.Set(Fact::kAccountLocked, account.locked_at.has_value());
  facts.Set(Fact::kAccountLockedAt, account.locked_at);
  facts.Set(Fact::kAccountLeaver, account.leaver_at.has_value());
  facts.Set(Fact::kAccountLeaverAt, account.leaver_at);
}

void SetCredentialFacts(Facts& facts, const storage::AccountRecord& account) {
  const storage::PasswordRecord& password = account.password;
  facts.Set(Fact::kAccountPasswordChangedAt,
            password.phc.empty() ? std::nullopt : std::optional(password.changed_at));
  facts.Set(Fact::kAccountPasswordTemporary, password.temporary_until.has_value());
  facts.Set(Fact::kAccountMustChangePassword, password.must_change);
  facts.Set(Fact::kAccountHasSecret, !account.secret.ciphertext.empty());
  facts.Set(Fact::kAccountHasSecurityQuestions, account.has_security_questions);
  facts.Set(Fact::kAccountProfileConfirmed, account.profile_confirmed_at.has_value());
  facts.Set(Fact::kAccountResecurePending, account.resecured_at.has_value());
  facts.Set(Fact::kAccountResecuredAt, account.resecured_at);
  facts.Set(Fact::kAccountAupAccepted, !account.aup_version.empty());
  facts.Set(Fact::kAccountAupResetAt, account.aup_reset_at);
  facts.Set(Fact::kAccountAuthenticationMethods, account.authentication_methods);
}

// Whether nobody else who counts as a holder has a role that the system cannot be without.
absl::Status SetLastHolderFact(Facts& facts, Fact fact, storage::Transaction& transaction,
                               const storage::AccountRecord& account, v1::Role role) {
  if (!HoldsRole(account, role)) {
    facts.Set(fact, false);
    return absl::OkStatus();
  }
  const bool counts =
      account.status == v1::ACCOUNT_STATUS_PENDING || account.status == v1::ACCOUNT_STATUS_ACTIVE;
  GATEHOUSE_ASSIGN_OR_RETURN(const int holders, transaction.CountHolders(role, 2));
  facts.Set(fact, holders - (counts ? 1 : 0) < 1);
  return absl::OkStatus();
}

}  // namespace

Facts FactsOfCall(const CallContext& call) {
  Facts facts;
  facts.Set(Fact::kNow, call.now);
  facts.Set(Fact::kCallerName, call.caller);
  facts.Set(Fact::kSelf, false);
  facts.Set(Fact::kActorKnown, false);
  facts.Set(Fact::kAccountKnown, false);
  facts.Set(Fact::kOrganisationKnown, false);
  facts.Set(Fact::kRequestHypothetical, false);
  facts.Set(Fact::kRequestOwnSession, false);
  facts.Set(Fact::kPasswordGiven, false);
  facts.Set(Fact::kSecretGiven, false);
  return facts;
}

void SetActorFacts(Facts& facts, const storage::AccountRecord& actor,
                   const storage::SessionRecord& session) {
  facts.Set(Fact::kActorKnown, true);
  facts.Set(Fact::kActorAccountId, actor.id.value());
  facts.Set(Fact::kActorOrganisationId, actor.organisation_id.value());
  facts.Set(Fact::kActorRoles, absl::MakeConstSpan(RoleFacts(actor.roles)));
  facts.Set(Fact::kActorSessionLevel, session.level);
  facts.Set(Fact::kActorRequiredActions,
            absl::MakeConstSpan(std::vector<int>(session.required_actions.begin(),
                                                 session.required_actions.end())));
}

absl::StatusOr<Surroundings> ReadSurroundings(storage::Transaction& transaction,
                                              const storage::OrganisationId& organisation_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::OrganisationRecord organisation,
                             transaction.FindOrganisation(organisation_id));
  auto aup = transaction.CurrentAcceptableUsePolicy();
  if (!aup.ok() && !absl::IsNotFound(aup.status())) return aup.status();
  return Surroundings{.organisation = std::move(organisation), .aup = std::move(aup)};
}

absl::Status SetAccountFacts(Facts& facts, storage::Transaction& transaction,
                             const storage::AccountRecord& account, const policy::Policy& policy,
                             absl::Time now) {
  GATEHOUSE_ASSIGN_OR_RETURN(const Surroundings surroundings,
                             ReadSurroundings(transaction, account.organisation_id));
  return SetAccountFacts(facts, transaction, account, surroundings, policy, now);
}

absl::Status SetAccountFacts(Facts& facts, storage::Transaction& transaction,
                             const storage::AccountRecord& account,
                             const Surroundings& surroundings, const policy::Policy& policy,
                             absl::Time now) {
  facts.Set(Fact::kAccountKnown, true);
  facts.Set(Fact::kAccountId, account.id.value());
  facts.Set(Fact::kAccountOrganisationId, account.organisation_id.value());
  facts.Set(Fact::kAccountRoles, absl::MakeConstSpan(RoleFacts(account.roles)));
  SetStatusFacts(facts, account, policy, now);
  SetCredentialFacts(facts, account);
  GATEHOUSE_RETURN_IF_ERROR(SetLastHolderFact(facts, Fact::kAccountLastOperator, transaction,
                                              account, v1::ROLE_OPERATOR));
  GATEHOUSE_RETURN_IF_ERROR(SetLastHolderFact(facts, Fact::kAccountLastNationalAdmin, transaction,
                                              account, v1::ROLE_NATIONAL_ADMIN));
  SetOrganisationFacts(facts, surroundings.organisation);
  const auto& aup = surroundings.aup;
  SetAupFacts(facts, aup);
  facts.Set(Fact::kAccountAupCurrent,
            aup.ok() && !account.aup_version.empty() && account.aup_version == aup->version);
  return absl::OkStatus();
}

void SetRecognitionFacts(Facts& facts, const storage::RecognitionRecord& standing) {
  facts.Set(Fact::kAccountSecretOverheard, standing.successes);
  facts.Set(Fact::kAccountVerificationFailures, standing.failures);
  facts.Set(Fact::kAccountVerificationClosedUntil, standing.closed_until);
}

bool AsksForRecognition(const policy::Policy& policy, policy::Action::Value action) {
  return policy.AsksFor(action, Fact::kAccountSecretOverheard) ||
         policy.AsksFor(action, Fact::kAccountVerificationFailures) ||
         policy.AsksFor(action, Fact::kAccountVerificationClosedUntil);
}

void SetOrganisationFacts(Facts& facts, const storage::OrganisationRecord& organisation) {
  facts.Set(Fact::kOrganisationKnown, true);
  facts.Set(Fact::kOrganisationId, organisation.id.value());
  facts.Set(Fact::kOrganisationNasManaged, organisation.nas_managed);
  facts.Set(Fact::kOrganisationPasswordScope, organisation.password_scope);
}

void SetAupFacts(Facts& facts, const absl::StatusOr<storage::AcceptableUsePolicyRecord>& current) {
  facts.Set(Fact::kAupPublished, current.ok());
  facts.Set(Fact::kAupCurrentVersion, current.ok() ? current->version : "");
}

void SetIdentityCheckFacts(Facts& facts, const v1::IdentityCheck& check) {
  using policy::IdentityCheckKind;
  auto kind = IdentityCheckKind::NO_CHECK;
  if (check.has_attestation()) kind = IdentityCheckKind::ATTESTATION;
  if (check.has_verification_id()) kind = IdentityCheckKind::VERIFICATION_GRANT;
  facts.Set(Fact::kIdentityCheckKind, kind);
  facts.Set(Fact::kIdentityCheckAttestationKind, check.attestation().kind());
  facts.Set(Fact::kIdentityCheckHasReference, !check.attestation().reference().empty());
}

}  // namespace gatehouse::server
