#include "server/operations/call/mutation_scope.h"

#include <string>
#include <utility>

#include "absl/strings/strip.h"

#include "policy/vocabulary.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/revocations.h"
#include "server/operations/errors.h"
#include "server/operations/facts/recognition.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

MutationScope::MutationScope(storage::Transaction& transaction, const CallContext& call,
                             const policy::Policy& policy, DecisionJournal& journal,
                             policy::Action::Value action)
    : Scope(transaction, call, policy, journal, action) {
  audit_.time = call.now;
  audit_.caller = call.caller;
  audit_.action =
      std::string(policy::WordFor(policy::Vocabulary::kAction, static_cast<int>(action)));
  audit_.policy_revision = policy.revision().ToString();
}

absl::Status MutationScope::SetActor(const storage::SessionRecord& session) {
  GATEHOUSE_RETURN_IF_ERROR(Scope::SetActor(session));
  audit_.organisation_id = actor().organisation_id;
  audit_.actor_id = actor().id;
  audit_.actor_session_id = session.key.digest.ToSessionId();
  return absl::OkStatus();
}

absl::StatusOr<storage::AccountRecord> MutationScope::FindTarget(absl::string_view account_id) {
  audit_.target_id = storage::AccountId(account_id);
  auto target = FindAccount(account_id);
  if (target.ok()) SetTarget(*target);
  return target;
}

absl::StatusOr<storage::AccountRecord> MutationScope::FindTargetOrOwn(
    absl::string_view account_id) {
  if (account_id.empty()) return OwnAccount();
  return FindTarget(account_id);
}

storage::AccountRecord MutationScope::OwnAccount() {
  SetTarget(actor());
  return actor();
}

void MutationScope::SetTarget(const storage::AccountRecord& account) {
  audit_.target_id = account.id;
  audit_.organisation_id = account.organisation_id;
}

absl::Status MutationScope::CheckEtag(absl::string_view etag, int64_t row_version) const {
  if (etag.empty() || etag == EtagOf(row_version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_STALE,
               "it was changed since you read it; read it again and decide again");
}

absl::Status MutationScope::Save(storage::AccountRecord& account) {
  GATEHOUSE_RETURN_IF_ERROR(transaction().UpdateAccount(account));
  ++account.row_version;
  return absl::OkStatus();
}

absl::Status MutationScope::Append(storage::RevocationRecord revocation) {
  revocation.keep_until = LastInstantOfSessions(policy(), call().now);
  GATEHOUSE_ASSIGN_OR_RETURN(revocation.position, transaction().AppendRevocation(revocation));
  revocation_ = std::move(revocation);
  return absl::OkStatus();
}

absl::Status MutationScope::RevokeAllSessions(storage::AccountRecord& account,
                                              const std::optional<storage::SessionDigest>& except) {
  GATEHOUSE_RETURN_IF_ERROR(EndUnanswered(transaction(), account, policy(), call().now));
  ++account.epoch;
  return Append({.kind = storage::RevocationKind::kMinimumEpoch,
                 .account_id = account.id,
                 .min_epoch = account.epoch,
                 .except = except});
}

absl::Status MutationScope::RevokeSession(const storage::SessionKey& key) {
  return Append({.kind = storage::RevocationKind::kSession,
                 .account_id = key.account_id,
                 .digest = key.digest});
}

absl::Status MutationScope::RevokeEverything() {
  return Append({.kind = storage::RevocationKind::kEverythingBefore});
}

absl::Status MutationScope::RenewAuthorisation(storage::AccountRecord& account) {
  ++account.authorisation_version;
  return Append({.kind = storage::RevocationKind::kAuthorisationVersion,
                 .account_id = account.id,
                 .authorisation_version = account.authorisation_version});
}

absl::Status MutationScope::ChangePolicyState(const storage::PolicyStateRecord& state) {
  storage::RevocationRecord change;
  GATEHOUSE_ASSIGN_OR_RETURN(change.position, transaction().ChangePolicyState(state));
  revocation_ = std::move(change);
  return absl::OkStatus();
}

absl::Status MutationScope::RefuseAndKeep(absl::Status refusal) {
  keeps_refusal_ = true;
  return Refuse(std::move(refusal));
}

absl::Status MutationScope::RefuseAndKeep(const policy::Decision& decision) {
  // What cannot be known now may be allowed when it is asked again.
  keeps_refusal_ = decision.missing_facts.empty();
  return Refuse(decision);
}

void MutationScope::Tell(absl::string_view name, absl::string_view value) {
  if (!value.empty()) audit_.details[std::string(name)] = std::string(value);
}

void MutationScope::TellIdentityCheck(absl::string_view reason, const v1::IdentityCheck& check) {
  Tell("reason", reason);
  Tell("verification_id", check.verification_id());
  if (!check.has_attestation()) return;
  Tell("attestation_kind", absl::StripPrefix(v1::AttestationKind_Name(check.attestation().kind()),
                                             "ATTESTATION_KIND_"));
  Tell("attestation_reference", check.attestation().reference());
}

absl::StatusOr<int64_t> MutationScope::AuditSequence() {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::AuditHead head,
                             transaction().LockAuditHead(audit_.organisation_id));
  return head.sequence + 1;
}

}  // namespace gatehouse::server
