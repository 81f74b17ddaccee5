#include "server/operations/audit/timeline_words.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "server/operations/accounts/hygiene.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/methods/printed_codes.h"
#include "server/operations/secret/verification.h"

namespace gatehouse::server {
namespace {

using storage::AuditRecord;

bool IsSignIn(const AuditRecord& audit) {
  return audit.action == "SIGN_IN" || audit.action == "ANSWER_SECOND_FACTOR";
}

// The password was right, and a second factor is still to come.
bool IsHalfWay(const AuditRecord& audit) { return !DetailOf(audit, "second_factor").empty(); }

// Whoever has a password or a code is the owner, as far as anybody can tell.
bool IsOnTheWayIn(const AuditRecord& audit) {
  return IsSignIn(audit) || audit.action == "SEND_SECOND_FACTOR_CODE" ||
         absl::StrContains(audit.action, "PASSWORD_RESET");
}

bool IsDenied(const AuditRecord& audit) { return audit.outcome == v1::AUDIT_OUTCOME_DENIED; }

// "KNOWN_IN_PERSON" as people write it.
std::string Plain(absl::string_view word) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"_", " "}});
}

std::string Done(const AuditRecord& audit) {
  static const auto* const words = new std::map<std::string, std::string>{
      {"ANSWER_IDENTITY_VERIFICATION", "letters of the account secret compared"},
      {"ANSWER_SECOND_FACTOR", "signed in, second factor given"},
      {"CHANGE_PASSWORD", "password changed"},
      {"COMPLETE_PASSWORD_RESET", "password reset by self-service"},
      {"COMPLETE_REQUIRED_ACTIONS", "required actions completed"},
      {"CONFIRM_AUTHENTICATION_METHOD", "authentication method registered"},
      {"CREATE_ACCOUNT", "account created"},
      {"DELETE_ACCOUNT", "deleted"},
      {"DISABLE_ACCOUNT", "disabled"},
      {"ENABLE_ACCOUNT", "enabled"},
      {"GRANT_ROLE", "role granted"},
      {"IMPORT_ACCOUNTS", "account imported"},
      {"JOIN_ORGANISATION", "joined the organisation"},
      {"MARK_LEAVER", "marked as a leaver"},
      {"REGISTER_AUTHENTICATION_METHOD", "authentication method begun"},
      {"REMOVE_AUTHENTICATION_METHOD", "authentication method removed"},
      {"RESECURE_ACCOUNT", "resecured"},
      {"RESET_AUTHENTICATION_METHODS", "authentication methods removed"},
      {"RESET_PASSWORD", "password reset"},
      {"RESTORE_ACCOUNT", "restored"},
      {"REVOKE_ALL_SESSIONS", "sessions ended"},
      {"REVOKE_SESSION", "session ended"},
      {"SEND_PASSWORD_RESET_CODE", "code sent for a self-service reset"},
      {"SEND_SECOND_FACTOR_CODE", "code sent to sign in with"},
      {"SET_ACCOUNT_SECRET", "account secret set"},
      {"SIGN_IN", "signed in"},
      {"START_IDENTITY_VERIFICATION", "letters of the account secret asked for"},
      {"START_PASSWORD_RESET", "self-service reset begun"},
      {"UNLOCK_ACCOUNT", "unlocked"},
      {"UPDATE_PROFILE", "profile changed"},
      {"VERIFY_PASSWORD_RESET_CODE", "code given for a self-service reset"},
      {"WITHDRAW_ROLE", "role withdrawn"}};
  if (IsSignIn(audit) && IsHalfWay(audit)) return "right password, second factor asked for";
  if (!DetailOf(audit, kVerificationAttempt).empty()) return "a caller's answer counted";
  if (!DetailOf(audit, kPrintedCodesRenewed).empty()) return "printed codes renewed";
  const auto found = words->find(audit.action);
  return found == words->end() ? Plain(audit.action) : found->second;
}

std::string WordsForTime(const AuditRecord& audit) {
  const std::string status = DetailOf(audit, kHygieneStatus);
  if (status == "INACTIVE") return "fell inactive, not having been used";
  if (status == "DELETED") return "deleted by the passing of time";
  if (status == "PURGED") return "purged: personal data is gone";
  if (!status.empty()) return Plain(status);
  return "temporary password expired, not having been used";
}

// Where one entry stands for many.
std::string Times(int count) { return count > 1 ? absl::StrCat(" (", count, ")") : ""; }

std::string CauseOf(const AuditRecord& audit) {
  const std::string cause = DetailOf(audit, kRefusalCause);
  return cause.empty() ? absl::StrJoin(audit.reasons, ", ") : cause;
}

// Why, how often, and whether that locked the account.
std::string WordsForRefusal(const std::string& cause, const AuditRecord& audit, int count) {
  return absl::StrCat(cause, Times(count),
                      DetailOf(audit, kRefusalLocked).empty() ? "" : ", locked");
}

}  // namespace

v1::TimelineEventKind KindOf(const AuditRecord& audit) {
  if (audit.caller == kHygieneCaller) return v1::TIMELINE_EVENT_KIND_HYGIENE;
  if (IsSignIn(audit) && (IsDenied(audit) || !IsHalfWay(audit))) {
    return IsDenied(audit) ? v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED
                           : v1::TIMELINE_EVENT_KIND_SIGN_IN;
  }
  if (IsDenied(audit)) return v1::TIMELINE_EVENT_KIND_REFUSAL;
  const bool is_own = audit.actor_id == audit.target_id || IsOnTheWayIn(audit);
  return is_own ? v1::TIMELINE_EVENT_KIND_OWN_ACT : v1::TIMELINE_EVENT_KIND_ADMINISTRATOR_ACT;
}

std::string DetailOf(const AuditRecord& audit, absl::string_view name) {
  const auto found = audit.details.find(std::string(name));
  return found == audit.details.end() ? "" : found->second;
}

std::string WordsFor(const AuditRecord& audit, int count, const std::string& by) {
  switch (KindOf(audit)) {
    case v1::TIMELINE_EVENT_KIND_HYGIENE:
      return WordsForTime(audit);
    case v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED:
      return WordsForRefusal(absl::StrCat("sign-in refused: ", Plain(CauseOf(audit))), audit,
                             count);
    case v1::TIMELINE_EVENT_KIND_REFUSAL:
      return WordsForRefusal(absl::StrCat(Plain(audit.action), " refused", by.empty() ? "" : " to ",
                                          by, ": ", CauseOf(audit)),
                             audit, count);
    default:
      break;
  }
  std::vector<std::string> words = {absl::StrCat(Done(audit), by.empty() ? "" : " by ", by)};
  for (const char* detail : {"role", "attestation_kind", "attestation_reference", "outcome"}) {
    const std::string value = DetailOf(audit, detail);
    const bool is_word = absl::string_view(detail) != "attestation_reference";
    if (!value.empty()) words.push_back(is_word ? Plain(value) : value);
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace gatehouse::server
