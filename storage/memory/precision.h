// Records as a store gives them back: instants to the microsecond. Pure functions.
#ifndef GATEHOUSE_STORAGE_MEMORY_PRECISION_H_
#define GATEHOUSE_STORAGE_MEMORY_PRECISION_H_

#include <optional>

#include "absl/time/time.h"

#include "storage/authentication_records.h"
#include "storage/import_record.h"
#include "storage/recognition_record.h"
#include "storage/records.h"
#include "storage/timeline_record.h"

namespace gatehouse::storage {

inline absl::Time Stored(absl::Time instant) {
  return absl::FromUnixMicros(absl::ToUnixMicros(instant));
}

inline std::optional<absl::Time> Stored(const std::optional<absl::Time>& instant) {
  if (!instant.has_value()) return std::nullopt;
  return Stored(*instant);
}

inline OrganisationRecord Stored(OrganisationRecord organisation) {
  organisation.created_at = Stored(organisation.created_at);
  return organisation;
}

inline AcceptableUsePolicyRecord Stored(AcceptableUsePolicyRecord aup) {
  aup.published_at = Stored(aup.published_at);
  return aup;
}

inline AccountRecord Stored(AccountRecord account) {
  account.profile_confirmed_at = Stored(account.profile_confirmed_at);
  account.status_changed_at = Stored(account.status_changed_at);
  account.last_used_at = Stored(account.last_used_at);
  account.locked_at = Stored(account.locked_at);
  account.leaver_at = Stored(account.leaver_at);
  account.created_at = Stored(account.created_at);
  account.joined_at = Stored(account.joined_at);
  account.password.changed_at = Stored(account.password.changed_at);
  account.password.temporary_until = Stored(account.password.temporary_until);
  account.aup_accepted_at = Stored(account.aup_accepted_at);
  account.aup_reset_at = Stored(account.aup_reset_at);
  account.secret.set_at = Stored(account.secret.set_at);
  account.resecured_at = Stored(account.resecured_at);
  return account;
}

inline AuthenticationMethodRecord Stored(AuthenticationMethodRecord method) {
  method.created_at = Stored(method.created_at);
  method.confirmed_at = Stored(method.confirmed_at);
  method.last_used_at = Stored(method.last_used_at);
  return method;
}

inline ProofRecord Stored(ProofRecord proof) {
  proof.created_at = Stored(proof.created_at);
  proof.expires_at = Stored(proof.expires_at);
  if (proof.code.has_value()) proof.code->expires_at = Stored(proof.code->expires_at);
  return proof;
}

inline RecognitionRecord Stored(RecognitionRecord recognition) {
  recognition.closed_until = Stored(recognition.closed_until);
  return recognition;
}

inline VerificationRecord Stored(VerificationRecord verification) {
  verification.expires_at = Stored(verification.expires_at);
  verification.grant_expires_at = Stored(verification.grant_expires_at);
  return verification;
}

inline RevocationRecord Stored(RevocationRecord revocation) {
  revocation.keep_until = Stored(revocation.keep_until);
  return revocation;
}

inline PolicyRevisionRecord Stored(PolicyRevisionRecord revision) {
  revision.activated_at = Stored(revision.activated_at);
  return revision;
}

inline PolicyStateRecord Stored(PolicyStateRecord state) {
  state.shadow_since = Stored(state.shadow_since);
  return state;
}

inline AuditRecord Stored(AuditRecord audit) {
  audit.time = Stored(audit.time);
  return audit;
}

inline RefusalRunRecord Stored(RefusalRunRecord run) {
  run.began_at = Stored(run.began_at);
  run.last_at = Stored(run.last_at);
  return run;
}

inline ReplayRecord Stored(ReplayRecord replay) {
  replay.created_at = Stored(replay.created_at);
  return replay;
}

inline ImportedItemRecord Stored(ImportedItemRecord item) {
  item.imported_at = Stored(item.imported_at);
  return item;
}

inline OutboxRecord Stored(OutboxRecord message) {
  message.created_at = Stored(message.created_at);
  message.due_at = Stored(message.due_at);
  message.dead_at = Stored(message.dead_at);
  return message;
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_MEMORY_PRECISION_H_
