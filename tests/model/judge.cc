// What is refused, and why: the columns "who" and "preconditions" of section 3, sections 4 and 6 to
// 9.

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

#include "tests/model/reference.h"

namespace gatehouse::model {
namespace {

constexpr size_t kSecretMinLength = 9;
constexpr size_t kSecretMaxLength = 64;
constexpr size_t kSecretHistory = 5;
constexpr size_t kPasswordMinLength = 10;
constexpr size_t kPasswordMaxLength = 128;
constexpr size_t kPasswordHistory = 4;

// Everybody of the model has this name.
constexpr char kGivenName[] = "robin";
constexpr char kFamilyName[] = "example";

template <typename Word>
bool IsAmongLast(const std::vector<Word>& words, const Word& word, size_t count) {
  const auto first =
      words.size() > count ? words.end() - static_cast<std::ptrdiff_t>(count) : words.begin();
  return std::find(first, words.end(), word) != words.end();
}

// Section 9: the order of privilege.
int RankOf(v1::Role role) {
  switch (role) {
    case v1::ROLE_AUDITOR:
    case v1::ROLE_LOCAL_HELPDESK:
      return 1;
    case v1::ROLE_LOCAL_ADMIN:
      return 2;
    case v1::ROLE_PRIMARY_LOCAL_ADMIN:
      return 3;
    case v1::ROLE_NATIONAL_ADMIN:
      return 4;
    case v1::ROLE_OPERATOR:
      return 5;
    default:
      return 0;
  }
}

int RankOf(const Person& person) {
  int rank = 0;
  for (const auto& [role, where] : person.roles) rank = std::max(rank, RankOf(role));
  return rank;
}

bool HoldsAt(const Person& person, OrganisationIndex organisation,
             std::initializer_list<v1::Role> roles) {
  return std::any_of(roles.begin(), roles.end(), [&](v1::Role role) {
    return person.roles.count({role, organisation}) > 0;
  });
}

bool Helps(const Person& person, OrganisationIndex organisation) {
  return HoldsAt(person, organisation,
                 {v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN, v1::ROLE_PRIMARY_LOCAL_ADMIN});
}

bool Administers(const Person& person, OrganisationIndex organisation) {
  return HoldsAt(person, organisation, {v1::ROLE_LOCAL_ADMIN, v1::ROLE_PRIMARY_LOCAL_ADMIN});
}

bool IsGone(v1::AccountStatus status) {
  return status == v1::ACCOUNT_STATUS_DELETED || status == v1::ACCOUNT_STATUS_PURGED;
}

// Administrators' operations, which nobody does to themselves.
bool IsForbiddenOnOneself(Act act) {
  switch (act) {
    case Act::kRead:
    case Act::kCheckEligibility:
    case Act::kListSessions:
    case Act::kReadTimeline:
    case Act::kListMethods:
    case Act::kUpdateProfile:
    case Act::kRevokeSessions:
      return false;
    default:
      return true;
  }
}

bool OnlyLooks(Act act) {
  return act == Act::kRead || act == Act::kCheckEligibility || act == Act::kListSessions ||
         act == Act::kReadTimeline || act == Act::kListMethods;
}

}  // namespace

Reasons Reference::Judge(const Session& session, Act act, PersonIndex target,
                         const Object& object) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  const Person& actor = people[session.person];
  const bool self = session.person == target;
  if (!session.full) {
    const bool confirms = Contains(session.asked, v1::REQUIRED_ACTION_UPDATE_PROFILE) &&
                          !Contains(session.asked, v1::REQUIRED_ACTION_CHANGE_PASSWORD);
    // Of others it learns nothing, not even whether they are there.
    return act == Act::kRead && self && confirms ? Reasons() : Reasons{"SESSION_RESTRICTED"};
  }
  if (!IsPermitted(actor, act, people[target], object)) return {"NOT_PERMITTED"};
  Reasons reasons = JudgeState(act, people[target], object);
  if (self && IsForbiddenOnOneself(act)) reasons.insert("ACTING_ON_SELF");
  if (!self && !OnlyLooks(act) && RankOf(actor) <= RankOf(people[target])) {
    reasons.insert("RANK_TOO_LOW");
  }
  return reasons;
}

bool Reference::Permits(const Session& session, Act act, PersonIndex target,
                        const Object& object) const {
  return LifeOf(session) != Life::kOver && session.full &&
         IsPermitted(people[session.person], act, people[target], object);
}

// Section 9, and the column "who" of section 3.
bool Reference::IsPermitted(const Person& actor, Act act, const Person& target,
                            const Object& object) const {
  const bool self = &actor == &target;
  const bool national = HoldsRole(actor, v1::ROLE_NATIONAL_ADMIN);
  const bool nationally = national && (organisations[target.organisation].nas_managed ||
                                       HoldsRole(target, v1::ROLE_PRIMARY_LOCAL_ADMIN));
  const bool helps = Helps(actor, target.organisation) || nationally;
  const bool administers = Administers(actor, target.organisation) || nationally;
  switch (act) {
    case Act::kRead: {
      const bool joins = target.left.has_value() && !IsGone(StandingOf(target).status) &&
                         (national || HoldsRole(actor, v1::ROLE_LOCAL_ADMIN) ||
                          HoldsRole(actor, v1::ROLE_PRIMARY_LOCAL_ADMIN));
      return self || helps || joins || HoldsRole(actor, v1::ROLE_OPERATOR);
    }
    case Act::kCheckEligibility:
    case Act::kListSessions:
    case Act::kListMethods:
      return self || helps;
    case Act::kReadTimeline:
      return self || helps || HoldsAt(actor, target.organisation, {v1::ROLE_AUDITOR});
    case Act::kUpdateProfile:
    case Act::kRevokeSessions:
      return self || administers;
    case Act::kResetPassword:
    case Act::kUnlock:
    case Act::kRecognise:
      return helps;
    case Act::kJoin:
      // Of others only leavers are to be found.
      return (Administers(actor, object.organisation) ||
              (national && organisations[object.organisation].nas_managed)) &&
             (target.left.has_value() || target.organisation == object.organisation);
    case Act::kGrant:
    case Act::kWithdraw:
      return MayGrant(actor, target, object);
    default:
      return administers;
  }
}

bool Reference::MayGrant(const Person& actor, const Person& target, const Object& object) const {
  const bool lower = RankOf(object.role) < RankOf(v1::ROLE_PRIMARY_LOCAL_ADMIN);
  if (lower && HoldsAt(actor, target.organisation, {v1::ROLE_PRIMARY_LOCAL_ADMIN})) return true;
  if (object.role == v1::ROLE_PRIMARY_LOCAL_ADMIN && HoldsRole(actor, v1::ROLE_NATIONAL_ADMIN)) {
    return true;
  }
  return object.role != v1::ROLE_OPERATOR && HoldsRole(actor, v1::ROLE_OPERATOR);
}

bool Reference::IsLastHolder(const Person& person, v1::Role role) const {
  if (!HoldsRole(person, role)) return false;
  return std::none_of(people.begin(), people.end(), [&](const Person& other) {
    return &other != &person && HoldsRole(other, role) && !IsGone(other.status) &&
           other.status != v1::ACCOUNT_STATUS_DISABLED;
  });
}

// The column "preconditions" of section 3.
Reasons Reference::JudgeState(Act act, const Person& target, const Object& object) const {
  const v1::AccountStatus status = StandingOf(target).status;
  const bool last =
      IsLastHolder(target, v1::ROLE_OPERATOR) || IsLastHolder(target, v1::ROLE_NATIONAL_ADMIN);
  const bool held = target.roles.count({object.role, object.organisation}) > 0;
  Reasons reasons;
  const auto require = [&reasons](bool condition, const char* reason) {
    if (!condition) reasons.insert(reason);
  };
  switch (act) {
    case Act::kResecure:
      require(status == v1::ACCOUNT_STATUS_ACTIVE, "ACCOUNT_NOT_ACTIVE");
      require(!target.locked, "ACCOUNT_LOCKED");
      require(!target.aup.empty(), "AUP_NOT_ACCEPTED");
      break;
    case Act::kResetPassword:
      require(status != v1::ACCOUNT_STATUS_DISABLED && !IsGone(status), "ACCOUNT_NOT_ACTIVE");
      break;
    case Act::kUnlock:
      require(target.locked, "NOT_LOCKED");
      require(!IsGone(status), "ACCOUNT_DELETED");
      break;
    case Act::kRecognise:
      require(!IsGone(status), "ACCOUNT_DELETED");
      require(!target.secret.empty() || !target.questions.empty(), "SECRET_NOT_SET");
      require(target.unrecognised < kFailuresThatCloseForGood && now >= target.unrecognisable_until,
              "VERIFICATION_CLOSED");
      break;
    case Act::kDisable:
      require(status != v1::ACCOUNT_STATUS_DISABLED, "ACCOUNT_DISABLED");
      [[fallthrough]];
    case Act::kDelete:
      require(!IsGone(status), "ACCOUNT_DELETED");
      require(!last, "LAST_HOLDER");
      break;
    case Act::kEnable:
      require(status == v1::ACCOUNT_STATUS_DISABLED, "NOT_DISABLED");
      break;
    case Act::kRestore:
      require(status == v1::ACCOUNT_STATUS_DELETED, "NOT_DELETED");
      break;
    case Act::kMarkLeaver:
      require(status == v1::ACCOUNT_STATUS_ACTIVE || status == v1::ACCOUNT_STATUS_INACTIVE,
              "ACCOUNT_NOT_ACTIVE");
      require(!target.left.has_value(), "ALREADY_LEAVER");
      require(!last, "LAST_HOLDER");
      break;
    case Act::kJoin:
      require(!IsGone(status), "ACCOUNT_DELETED");
      require(target.left.has_value(), "NOT_LEAVER");
      require(!target.left.has_value() || now - *target.left < kThirtyDays, "LEAVER_PERIOD_OVER");
      require(target.organisation != object.organisation, "ALREADY_MEMBER");
      break;
    case Act::kGrant:
      require(!IsGone(status), "ACCOUNT_DELETED");
      require(!target.left.has_value(), "ALREADY_LEAVER");
      require(object.organisation == kEverywhere || object.organisation == target.organisation,
              "ROLE_OUTSIDE_ORGANISATION");
      require(!held, "ROLE_ALREADY_GRANTED");
      break;
    case Act::kWithdraw:
      require(held, "ROLE_NOT_GRANTED");
      require(!IsLastHolder(target, object.role) || RankOf(object.role) < 4, "LAST_HOLDER");
      break;
    case Act::kUpdateProfile:
    case Act::kResetMethods:
      require(!IsGone(status), "ACCOUNT_DELETED");
      break;
    default:
      break;
  }
  return reasons;
}

Reasons Reference::JudgeCreation(const Session& session, OrganisationIndex organisation) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  if (!session.full) return {"SESSION_RESTRICTED"};
  const Person& actor = people[session.person];
  const bool may =
      HoldsRole(actor, v1::ROLE_OPERATOR) || Administers(actor, organisation) ||
      (HoldsRole(actor, v1::ROLE_NATIONAL_ADMIN) && organisations[organisation].nas_managed);
  return may ? Reasons() : Reasons{"NOT_PERMITTED"};
}

Reasons Reference::JudgePublishing(const Session& session) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  const Person& actor = people[session.person];
  const bool operates = HoldsRole(actor, v1::ROLE_OPERATOR);
  // The very first one, before anybody could accept any.
  const bool first = operates && current_aup.empty() &&
                     !Contains(PendingOf(session), v1::REQUIRED_ACTION_CHANGE_PASSWORD);
  if (!session.full && !first) return {"SESSION_RESTRICTED"};
  if (!operates && !HoldsRole(actor, v1::ROLE_NATIONAL_ADMIN)) return {"NOT_PERMITTED"};
  return {};
}

Reasons Reference::JudgeOperation(const Session& session) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  if (!session.full) return {"SESSION_RESTRICTED"};
  return HoldsRole(people[session.person], v1::ROLE_OPERATOR) ? Reasons()
                                                              : Reasons{"NOT_PERMITTED"};
}

// "Exactly the pending ones, in order; the AUP version named must be the current one at commit."
Reasons Reference::JudgeCompletion(const Session& session, const Completion& completion) const {
  if (LifeOf(session) == Life::kOver) return {"SESSION_INVALID"};
  const Person& person = people[session.person];
  // It opens another session.
  if (Reasons closed = JudgeSignIn(person); !closed.empty()) return closed;
  const Actions pending = PendingOf(session);
  // Whether a secret that nobody asked for would have done is nobody's business.
  if (completion.secret.has_value() && !Contains(pending, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET)) {
    return {"ACTION_NOT_PENDING"};
  }
  Reasons reasons;
  // A method is registered by calls of its own.
  if (pending.empty() || pending.front() == v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD) {
    reasons.insert("ACTION_NOT_PENDING");
  }
  if (Contains(pending, v1::REQUIRED_ACTION_CHANGE_PASSWORD)) {
    reasons.insert("ACTION_OUT_OF_ORDER");
  }
  const auto compare = [&](v1::RequiredAction action, bool given) {
    const bool asked = Contains(pending, action);
    if (given && !asked) reasons.insert("ACTION_NOT_PENDING");
    if (!given && asked) reasons.insert("ACTION_MISSING");
  };
  compare(v1::REQUIRED_ACTION_ACCEPT_AUP, completion.aup.has_value());
  compare(v1::REQUIRED_ACTION_UPDATE_PROFILE, completion.profile);
  compare(v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET, completion.secret.has_value());
  if (completion.aup.has_value() && *completion.aup != current_aup) {
    reasons.insert("AUP_VERSION_NOT_CURRENT");
  }
  if (completion.secret.has_value()) reasons.merge(JudgeSecret(person, *completion.secret));
  return reasons;
}

// Section 4.
Reasons Reference::JudgeSecret(const Person& person, const std::string& secret) const {
  const std::string letters = LettersOf(secret);
  const std::string full_name = std::string(kGivenName) + kFamilyName;
  Reasons reasons;
  if (secret.size() < kSecretMinLength) reasons.insert("SECRET_TOO_SHORT");
  if (secret.size() > kSecretMaxLength) reasons.insert("SECRET_TOO_LONG");
  if (letters.size() != secret.size()) reasons.insert("SECRET_NOT_LETTERS");
  if (letters == kGivenName || letters == kFamilyName || letters == full_name) {
    reasons.insert("SECRET_IS_NAME");
  }
  if (letters == LettersOf(organisations[person.organisation].name)) {
    reasons.insert("SECRET_IS_ORGANISATION");
  }
  if (IsAmongLast(person.secrets_ever, letters, kSecretHistory)) reasons.insert("SECRET_REUSED");
  return reasons;
}

// Section 6, but for what is common: the model types nothing that is.
Reasons Reference::JudgePassword(const Person& person, const std::string& password) {
  Reasons reasons;
  if (password.size() < kPasswordMinLength) reasons.insert("PASSWORD_TOO_SHORT");
  if (password.size() > kPasswordMaxLength) reasons.insert("PASSWORD_TOO_LONG");
  // Words are drawn for generated passwords that are somebody's name, too.
  for (const absl::string_view name :
       {absl::string_view(person.username), absl::string_view(kGivenName),
        absl::string_view(kFamilyName)}) {
    if (absl::StrContains(absl::AsciiStrToLower(password), name)) {
      reasons.insert("PASSWORD_CONTAINS_NAME");
    }
  }
  if (IsAmongLast(person.passwords_ever, password, kPasswordHistory)) {
    reasons.insert("PASSWORD_REUSED");
  }
  return reasons;
}

// Whether it is a former one is told only where nothing else stands against it.
Reasons Reference::JudgeGivenPassword(const Person& person, const std::string& password) {
  Reasons reasons = JudgePassword(person, password);
  if (reasons.size() > 1) reasons.erase("PASSWORD_REUSED");
  return reasons;
}

Reasons Reference::JudgeEntry(const Person& person) const {
  const v1::AccountStatus status = StandingOf(person).status;
  Reasons reasons;
  if (status == v1::ACCOUNT_STATUS_DISABLED) reasons.insert("ACCOUNT_DISABLED");
  if (IsGone(status)) reasons.insert("ACCOUNT_DELETED");
  if (person.password.empty()) reasons.insert("PASSWORD_NOT_SET");
  if (person.temporary && now - person.password_since >= kTemporaryPasswordLifetime) {
    reasons.insert("TEMPORARY_PASSWORD_EXPIRED");
  }
  return reasons;
}

}  // namespace gatehouse::model
