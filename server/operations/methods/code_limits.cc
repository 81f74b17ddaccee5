#include "server/operations/methods/code_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "server/operations/call/notifications.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/password_verification.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::CodeEvent;
using storage::CodeTally;
using storage::ProofPurpose;
using storage::ProofRecord;

absl::Status CodesExhausted(absl::string_view what, absl::Duration retry_after) {
  return ErrorWithRetry(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CODES_EXHAUSTED,
                        what, std::max(retry_after, absl::Seconds(1)));
}

// Refused while too many were wrong from where the proof was begun, whoever they were for.
absl::Status CheckOrigin(MutationScope& scope, const ProofRecord& proof) {
  absl::Status open = CheckSource(scope.transaction(), scope.policy(), SourceOf(proof.ip_address),
                                  scope.call().now);
  return open.ok() ? open : scope.Refuse(std::move(open));
}

absl::StatusOr<CodeTally> TallyOf(MutationScope& scope, const ProofRecord& proof, CodeEvent event) {
  const absl::Duration window = scope.policy().Duration(Parameter::kCodeWindow);
  return scope.transaction().TallyCodes(proof.subject, proof.purpose, event,
                                        scope.call().now - window);
}

// Before a code of a reset was right, what was tried before must not be told: for a name that
// somebody has, that may have been its owner. The whole window is what every name is told.
bool MayTellInstant(const ProofRecord& proof) {
  return proof.purpose != ProofPurpose::kPasswordReset || !proof.proven_methods.empty();
}

// Refused while the subject has had as many as `most` allows within the window.
absl::Status CheckTally(MutationScope& scope, const ProofRecord& proof, CodeEvent event,
                        Parameter most, absl::string_view what) {
  GATEHOUSE_ASSIGN_OR_RETURN(const CodeTally tally, TallyOf(scope, proof, event));
  if (tally.count < scope.policy().Int(most)) return absl::OkStatus();
  const absl::Time now = scope.call().now;
  const absl::Duration window = scope.policy().Duration(Parameter::kCodeWindow);
  if (!MayTellInstant(proof)) return scope.Refuse(CodesExhausted(what, window));
  const absl::Time open_from = tally.oldest.value_or(now) + window;
  const std::string instant = absl::FormatTime(absl::RFC3339_sec, open_from, absl::UTCTimeZone());
  return scope.Refuse(
      CodesExhausted(absl::StrCat(what, "; it is open again from ", instant), open_from - now));
}

// Once a window: each code that is as old as that lets another one fill the count.
absl::Status TellOwner(MutationScope& scope, const ProofRecord& proof,
                       const storage::AccountRecord& owner, const std::string& message_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(const CodeTally told, TallyOf(scope, proof, CodeEvent::kTold));
  if (told.count > 0) return absl::OkStatus();
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().CountCode(proof.subject, proof.purpose,
                                                          CodeEvent::kTold, scope.call().now));
  return Notify(scope, message_id, owner, NotificationKind::kCodesExhausted);
}

}  // namespace

absl::Status CheckWrongCodes(MutationScope& scope, const ProofRecord& proof) {
  if (proof.wrong_codes >= scope.policy().Int(Parameter::kRecoveryCodeTries)) {
    return scope.Refuse(
        CodesExhausted("too many codes were wrong; begin again", absl::ZeroDuration()));
  }
  GATEHOUSE_RETURN_IF_ERROR(CheckOrigin(scope, proof));
  return CheckTally(scope, proof, CodeEvent::kWrong, Parameter::kRecoveryCodesPerDay,
                    "too many codes were wrong; wait, or ask a local administrator");
}

absl::Status CheckSentCodes(MutationScope& scope, const ProofRecord& proof) {
  GATEHOUSE_RETURN_IF_ERROR(CheckOrigin(scope, proof));
  return CheckTally(scope, proof, CodeEvent::kSent, Parameter::kCodesSentPerDay,
                    "too many codes were sent; wait before asking for another");
}

absl::Status CountResetBegun(MutationScope& scope, const std::string& source) {
  if (source.empty()) return absl::OkStatus();
  const absl::Time now = scope.call().now;
  const absl::Duration window = scope.policy().Duration(Parameter::kSourceWindow);
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_ASSIGN_OR_RETURN(const CodeTally begun,
                             transaction.TallyCodes(source, ProofPurpose::kPasswordReset,
                                                    CodeEvent::kBegun, now - window));
  if (begun.count >= scope.policy().Int(Parameter::kRecoveryStartsPerSource)) {
    return scope.Refuse(
        ErrorWithRetry(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_TOO_MANY_ATTEMPTS,
                       "too many password resets were begun from this address; wait and try again",
                       begun.oldest.value_or(now) + window - now));
  }
  return transaction.CountCode(source, ProofPurpose::kPasswordReset, CodeEvent::kBegun, now);
}

absl::Status CountWrongCode(MutationScope& scope, ProofRecord& proof,
                            const storage::AccountRecord* owner, const std::string& message_id) {
  storage::Transaction& transaction = scope.transaction();
  const absl::Time now = scope.call().now;
  ++proof.wrong_codes;
  GATEHOUSE_RETURN_IF_ERROR(transaction.PutProof(proof));
  GATEHOUSE_RETURN_IF_ERROR(
      transaction.CountCode(proof.subject, proof.purpose, CodeEvent::kWrong, now));
  if (const std::string source = SourceOf(proof.ip_address); !source.empty()) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.AppendSourceFailure(source, now));
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const CodeTally tally, TallyOf(scope, proof, CodeEvent::kWrong));
  const bool is_full = tally.count >= scope.policy().Int(Parameter::kRecoveryCodesPerDay);
  return is_full && owner != nullptr ? TellOwner(scope, proof, *owner, message_id)
                                     : absl::OkStatus();
}

absl::Status ForgetWrongCodes(MutationScope& scope, const storage::AccountId& account_id) {
  absl::Status status;
  for (const auto purpose : {ProofPurpose::kSecondFactor, ProofPurpose::kRegistration}) {
    for (const auto event : {CodeEvent::kWrong, CodeEvent::kTold}) {
      status.Update(scope.transaction().ForgetCodes(account_id.value(), purpose, event));
    }
  }
  return status;
}

}  // namespace gatehouse::server
