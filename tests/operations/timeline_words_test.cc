// What each kind of event says to a person, and that no kind is left without words.
#include "server/operations/audit/timeline_words.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/action.pb.h"
#include "server/operations/accounts/hygiene.h"
#include "server/operations/call/refusal_runs.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::AuditRecord;

const AccountId kAsha("asha");
const AccountId kAdmin("la.riverside");

AuditRecord Done(const std::string& action, const AccountId& actor = kAdmin) {
  AuditRecord audit;
  audit.actor_id = actor;
  audit.caller = "portal";
  audit.action = action;
  audit.target_id = kAsha;
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  return audit;
}

AuditRecord Told(AuditRecord audit, const std::string& name, const std::string& value) {
  audit.details[name] = value;
  return audit;
}

AuditRecord Refused(const std::string& action, const std::vector<std::string>& reasons,
                    const AccountId& actor = kAdmin) {
  AuditRecord audit = Done(action, actor);
  audit.outcome = v1::AUDIT_OUTCOME_DENIED;
  audit.reasons = reasons;
  return audit;
}

AuditRecord ByTime(const std::string& name, const std::string& value) {
  AuditRecord audit = Told(Done("", AccountId()), name, value);
  audit.caller = kHygieneCaller;
  return audit;
}

AuditRecord SignInRefused(const std::string& cause) {
  return Told(Refused("SIGN_IN", {"INVALID_CREDENTIALS"}, AccountId()), kRefusalCause, cause);
}

// Reading changes nothing and leaves no event; the others are of no single account.
const std::set<std::string> kLeaveNoEventOfAnAccount = {"CREATE_SESSION",
                                                        "VALIDATE_SESSION",
                                                        "BATCH_VALIDATE_SESSIONS",
                                                        "LIST_SESSIONS",
                                                        "REVOKE_EVERYTHING",
                                                        "WATCH_REVOCATIONS",
                                                        "GET_ACCOUNT",
                                                        "LIST_ACCOUNTS",
                                                        "CHECK_ELIGIBILITY",
                                                        "BATCH_CHECK_ELIGIBILITY",
                                                        "LIST_AUTHENTICATION_METHODS",
                                                        "GET_ACCOUNT_TIMELINE",
                                                        "CREATE_ORGANISATION",
                                                        "GET_ORGANISATION",
                                                        "LIST_ORGANISATIONS",
                                                        "UPDATE_ORGANISATION",
                                                        "PUBLISH_ACCEPTABLE_USE_POLICY",
                                                        "GET_ACCEPTABLE_USE_POLICY",
                                                        "GET_POLICY",
                                                        "LIST_POLICY_REVISIONS",
                                                        "VALIDATE_POLICY",
                                                        "DIFF_POLICIES",
                                                        "ACTIVATE_POLICY",
                                                        "EXPLAIN_DECISION",
                                                        "REPLAY_DECISIONS",
                                                        "LIST_AUDIT_EVENTS",
                                                        "VERIFY_AUDIT_LOG",
                                                        "EXPORT_AUDIT_LOG"};

TEST(TimelineWordsTest, EveryActionThatLeavesAnEventOfAnAccountHasWordsOfItsOwn) {
  const auto* actions = v1::Action_descriptor();
  for (int i = 0; i < actions->value_count(); ++i) {
    if (actions->value(i)->number() == v1::ACTION_UNSPECIFIED) continue;
    const std::string action(absl::StripPrefix(actions->value(i)->name(), "ACTION_"));
    const std::string mere_name = absl::StrReplaceAll(absl::AsciiStrToLower(action), {{"_", " "}});
    EXPECT_EQ(WordsFor(Done(action), 1, "") != mere_name,
              !kLeaveNoEventOfAnAccount.contains(action))
        << action << " says '" << WordsFor(Done(action), 1, "") << "'";
  }
}

struct Case {
  AuditRecord audit;
  int count;
  std::string by;
  v1::TimelineEventKind kind;
  std::string words;
};

std::vector<Case> SignIns() {
  constexpr auto kSignIn = v1::TIMELINE_EVENT_KIND_SIGN_IN;
  constexpr auto kRefused = v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED;
  return {
      {Done("SIGN_IN", AccountId()), 1, "", kSignIn, "signed in"},
      {Done("ANSWER_SECOND_FACTOR", AccountId()), 1, "", kSignIn, "signed in, second factor given"},
      {SignInRefused(kWrongPassword), 1, "", kRefused, "sign-in refused: wrong password"},
      {Told(SignInRefused(kWrongPassword), kRefusalLocked, "true"), 13, "", kRefused,
       "sign-in refused: wrong password (13), locked"},
      {SignInRefused("locked"), 1, "", kRefused, "sign-in refused: locked"},
      {SignInRefused(kHeldUp), 4, "", kRefused,
       "sign-in refused: too many attempts from this address (4)"},
      {SignInRefused("ACCOUNT_DISABLED"), 1, "", kRefused, "sign-in refused: account disabled"},
      {Refused("ANSWER_SECOND_FACTOR", {"CODE_INVALID"}, AccountId()), 1, "", kRefused,
       "sign-in refused: code invalid"}};
}

std::vector<Case> Acts() {
  constexpr auto kOwn = v1::TIMELINE_EVENT_KIND_OWN_ACT;
  constexpr auto kAdministrators = v1::TIMELINE_EVENT_KIND_ADMINISTRATOR_ACT;
  constexpr auto kRefusal = v1::TIMELINE_EVENT_KIND_REFUSAL;
  return {
      {Told(Done("SIGN_IN", AccountId()), "second_factor", "asked"), 1, "", kOwn,
       "right password, second factor asked for"},
      {Done("REGISTER_AUTHENTICATION_METHOD", kAsha), 1, "", kOwn, "authentication method begun"},
      {Told(Done("REGISTER_AUTHENTICATION_METHOD", kAsha), "recovery_codes", "RENEWED"), 1, "",
       kOwn, "printed codes renewed"},
      {Done("SEND_SECOND_FACTOR_CODE", AccountId()), 1, "", kOwn, "code sent to sign in with"},
      {Done("CHANGE_PASSWORD", kAsha), 1, "", kOwn, "password changed"},
      {Done("COMPLETE_PASSWORD_RESET", AccountId()), 1, "", kOwn, "password reset by self-service"},
      {Told(Told(Done("RESECURE_ACCOUNT"), "attestation_kind", "KNOWN_IN_PERSON"),
            "attestation_reference", "Desk_4"),
       1, "la.riverside", kAdministrators, "resecured by la.riverside, known in person, Desk_4"},
      {Told(Done("GRANT_ROLE"), "role", "LOCAL_ADMIN"), 1, "pla.riverside", kAdministrators,
       "role granted by pla.riverside, local admin"},
      {Refused("DISABLE_ACCOUNT", {"RANK_TOO_LOW", "LAST_HOLDER"}), 1, "la.riverside", kRefusal,
       "disable account refused to la.riverside: RANK_TOO_LOW, LAST_HOLDER"},
      {Refused("CHANGE_PASSWORD", {"PASSWORD_REUSED"}, kAsha), 1, "", kRefusal,
       "change password refused: PASSWORD_REUSED"}};
}

std::vector<Case> WhatTimeDid() {
  constexpr auto kHygiene = v1::TIMELINE_EVENT_KIND_HYGIENE;
  return {
      {ByTime(kHygieneStatus, "INACTIVE"), 1, "", kHygiene, "fell inactive, not having been used"},
      {ByTime(kHygieneStatus, "DELETED"), 1, "", kHygiene, "deleted by the passing of time"},
      {ByTime(kHygieneStatus, "PURGED"), 1, "", kHygiene, "purged: personal data is gone"},
      {ByTime(kHygienePassword, kDeadPassword), 1, "", kHygiene,
       "temporary password expired, not having been used"}};
}

TEST(TimelineWordsTest, EachEventIsToldInWordsAndByItsKind) {
  std::set<v1::TimelineEventKind> told;
  for (const auto& cases : {SignIns(), Acts(), WhatTimeDid()}) {
    for (const Case& one : cases) {
      EXPECT_EQ(WordsFor(one.audit, one.count, one.by), one.words);
      EXPECT_EQ(KindOf(one.audit), one.kind) << one.words;
      told.insert(one.kind);
    }
  }
  const auto* kinds = v1::TimelineEventKind_descriptor();
  for (int i = 0; i < kinds->value_count(); ++i) {
    const auto kind = static_cast<v1::TimelineEventKind>(kinds->value(i)->number());
    EXPECT_EQ(told.contains(kind), kind != v1::TIMELINE_EVENT_KIND_UNSPECIFIED)
        << kinds->value(i)->name() << " is told by no event of this table";
  }
}

}  // namespace
}  // namespace gatehouse::server
