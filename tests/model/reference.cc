#include "tests/model/reference.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace gatehouse::model {
namespace {

// Whoever was disabled or deleted is nobody whose help is needed.
bool IsExempt(const Person& person) {
  const bool is_gone =
      person.status == v1::ACCOUNT_STATUS_DISABLED || person.status == v1::ACCOUNT_STATUS_DELETED;
  return !is_gone && (Reference::HoldsRole(person, v1::ROLE_OPERATOR) ||
                      Reference::HoldsRole(person, v1::ROLE_NATIONAL_ADMIN));
}

}  // namespace

bool Contains(const Actions& actions, v1::RequiredAction action) {
  return std::find(actions.begin(), actions.end(), action) != actions.end();
}

std::string LettersOf(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      letters.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters;
}

// --- What is so, now -----------------------------------------------------------------------------

bool Reference::HoldsRole(const Person& person, v1::Role role) {
  return std::any_of(person.roles.begin(), person.roles.end(),
                     [role](const RoleHeld& held) { return held.first == role; });
}

// Section 2: each column "left by", as far as time does it.
Standing Reference::StandingOf(const Person& person) const {
  if (IsExempt(person)) return {.status = person.status, .since = person.status_since};
  const absl::Time watched = std::max(person.status_since, person.exempt_until);
  absl::Time inactive = absl::InfiniteFuture();
  absl::Time deleted = absl::InfiniteFuture();
  switch (person.status) {
    case v1::ACCOUNT_STATUS_PENDING:
      inactive = watched + kThirtyDays;
      deleted = inactive + kThirtyDays;
      break;
    case v1::ACCOUNT_STATUS_ACTIVE:
      inactive = std::max(watched, person.used) + kThirtyDays;
      deleted = inactive + kThirtyDays;
      break;
    case v1::ACCOUNT_STATUS_INACTIVE:
      deleted = watched + kThirtyDays;
      break;
    case v1::ACCOUNT_STATUS_DISABLED:
      deleted = watched + kEighteenMonths;
      break;
    default:
      deleted = person.status_since;
  }
  if (person.left.has_value()) deleted = std::min(deleted, *person.left + kThirtyDays);
  const absl::Time purged = deleted + kThirtyDays;

  if (now >= purged) return {.status = v1::ACCOUNT_STATUS_PURGED, .since = purged};
  if (now >= deleted) {
    return {.status = v1::ACCOUNT_STATUS_DELETED, .since = deleted, .until = purged};
  }
  if (now >= inactive) {
    return {.status = v1::ACCOUNT_STATUS_INACTIVE, .since = inactive, .until = deleted};
  }
  return {
      .status = person.status, .since = person.status_since, .until = std::min(inactive, deleted)};
}

Life Reference::LifeOf(const Session& session) const {
  if (session.over || now >= session.ends) return Life::kOver;
  // A use within a minute of the one before is not noted.
  const absl::Time surely =
      session.validated == session.began ? session.began : session.validated - absl::Minutes(1);
  if (now < surely + kIdle) return Life::kLive;
  return now >= std::max(session.validated, session.touched) + kIdle ? Life::kOver : Life::kUnsure;
}

Actions Reference::PendingOf(const Person& person) const {
  Actions pending;
  if (person.must_change || now - person.password_since >= kPasswordMaxAge) {
    pending.push_back(v1::REQUIRED_ACTION_CHANGE_PASSWORD);
  }
  if (person.aup.empty() || person.aup != current_aup) {
    pending.push_back(v1::REQUIRED_ACTION_ACCEPT_AUP);
  }
  if (!person.profile_confirmed) pending.push_back(v1::REQUIRED_ACTION_UPDATE_PROFILE);
  const bool is_recognisable = !person.secret.empty() || !person.questions.empty();
  if (!is_recognisable || person.recognised >= kOverheardTooOften) {
    pending.push_back(v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET);
  }
  if (NeedsMethod(person) && MethodsOf(person) == 0) {
    pending.push_back(v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD);
  }
  return pending;
}

Actions Reference::PendingOf(const Session& session) const {
  Actions pending;
  for (const v1::RequiredAction action : PendingOf(people[session.person])) {
    if (Contains(session.asked, action)) pending.push_back(action);
  }
  return pending;
}

std::vector<Boundary> Reference::Boundaries() const {
  std::vector<Boundary> boundaries;
  const auto note = [&](absl::Time instant, PersonIndex person) {
    if (instant > now && instant < absl::InfiniteFuture()) boundaries.push_back({instant, person});
  };
  for (PersonIndex i = 0; i < people.size(); ++i) {
    const Person& person = people[i];
    note(StandingOf(person).until, i);
    note(person.password_since + kPasswordMaxAge, i);
    if (person.temporary) note(person.password_since + kTemporaryPasswordLifetime, i);
    note(person.unrecognisable_until, i);
    note(person.joined + kHold, i);
    for (const auto& [purpose, typed] : person.wrong_codes) note(typed + kCodeWindow, i);
    for (const auto& [purpose, sent] : person.sent_codes) note(sent + kCodeWindow, i);
  }
  for (const Proof& proof : proofs) {
    if (!IsOpen(proof)) continue;
    note(proof.ends, proof.person);
    if (proof.sent.has_value()) note(proof.sent->ends, proof.person);
  }
  for (const Grant& grant : grants) {
    if (!grant.used) note(grant.ends, grant.person);
  }
  for (const Session& session : sessions) {
    if (session.over) continue;
    note(session.ends, session.person);
    if (session.validated == session.began) note(session.began + kIdle, session.person);
  }
  return boundaries;
}

// --- What is done --------------------------------------------------------------------------------

bool Reference::Proves(Person& person, const std::string& password) {
  if (person.locked) return false;
  if (!person.password.empty() && password == person.password) {
    person.wrong_passwords = 0;
    return true;
  }
  person.locked = ++person.wrong_passwords >= kLockAfter;
  return false;
}

absl::Time Reference::LatestEnd(const Person& person, bool full) const {
  return std::min(now + (full ? kFullLifetime : kRestrictedLifetime), StandingOf(person).until);
}

SessionIndex Reference::Open(PersonIndex index, Session told) {
  Person& person = people[index];
  if (told.full) ReachFull(person);
  if (told.full) person.resecured = false;
  // It has served its purpose.
  if (!person.must_change) person.temporary = false;
  told.person = index;
  if (!told.full) told.asked = PendingOf(person);
  told.began = told.validated = told.touched = now;
  sessions.push_back(std::move(told));
  return sessions.size() - 1;
}

void Reference::Touch(Session& session) { session.touched = now; }

void Reference::Validate(Session& session) {
  Touch(session);
  session.validated = now;
  if (session.full) Use(people[session.person]);
}

bool Reference::IsFirstUseOfDay(const Person& person) const {
  const auto day = [](absl::Time time) {
    return absl::Floor(time - absl::UnixEpoch(), absl::Hours(24));
  };
  return day(now) > day(person.used);
}

// "Recorded in SQL once a day."
void Reference::Use(Person& person) {
  if (IsFirstUseOfDay(person)) person.used = now;
}

void Reference::ReachFull(Person& person) {
  const v1::AccountStatus status = StandingOf(person).status;
  if (status == v1::ACCOUNT_STATUS_PENDING || status == v1::ACCOUNT_STATUS_INACTIVE) {
    SetStatus(person, v1::ACCOUNT_STATUS_ACTIVE);
  }
  Use(person);
}

void Reference::SetStatus(Person& person, v1::AccountStatus status) {
  person.status = status;
  person.status_since = now;
}

void Reference::SetPassword(Person& person, const std::string& password, bool temporary,
                            bool must_change) {
  person.password = password;
  if (!password.empty()) person.passwords_ever.push_back(password);
  person.password_since = now;
  person.temporary = temporary;
  person.must_change = must_change;
}

// "Three failures close verification of that account for one hour."
void Reference::Recognised(Person& person, bool right) {
  if (right) {
    person.asked.clear();
    person.asked_question.clear();
    person.unrecognised = 0;
    ++person.recognised;
  } else if (++person.unrecognised % kFailuresThatClose == 0) {
    person.unrecognisable_until = now + kClosure;
  }
}

void Reference::ForgetRecognition(Person& person) {
  person.asked.clear();
  person.asked_question.clear();
  person.unrecognised = person.recognised = 0;
  person.unrecognisable_until = absl::InfinitePast();
}

void Reference::Create(Person person) {
  person.status_since = person.joined = now;
  person.passwords_ever = {person.password};
  person.password_since = now;
  person.temporary = person.must_change = true;
  people.push_back(std::move(person));
}

void Reference::Import(Person person, absl::Time joined) {
  person.status_since = person.password_since = now;
  person.joined = joined;
  person.passwords_ever = {person.password};
  people.push_back(std::move(person));
}

void Reference::ChangePassword(Person& person, const std::string& password) {
  SetPassword(person, password, /*temporary=*/false, /*must_change=*/false);
}

void Reference::SetSecret(Person& person, const std::string& secret) {
  person.secret = LettersOf(secret);
  person.secrets_ever.push_back(person.secret);
  person.questions.clear();
  ForgetRecognition(person);
}

void Reference::Complete(Person& person, const Completion& completion) {
  if (completion.aup.has_value()) person.aup = *completion.aup;
  if (completion.profile) person.profile_confirmed = true;
  if (completion.secret.has_value()) SetSecret(person, *completion.secret);
}

void Reference::Resecure(Person& person, const std::string& password, bool must_change) {
  // Left without one, there is nothing yet that could be kept.
  SetPassword(person, password, /*temporary=*/true, must_change || password.empty());
  person.resecured = true;
  person.aup.clear();
  person.profile_confirmed = false;
  person.secret.clear();
  person.questions.clear();
  ForgetRecognition(person);
  ForgetWrongCodes(person);
  EndSessions(person);
}

void Reference::ResetPassword(Person& person, const std::string& password, bool must_change,
                              bool unlock) {
  SetPassword(person, password, /*temporary=*/true, must_change);
  if (unlock) Unlock(person);
  EndSessions(person);
}

void Reference::Unlock(Person& person) {
  person.locked = false;
  person.wrong_passwords = 0;
}

void Reference::Disable(Person& person) {
  SetStatus(person, v1::ACCOUNT_STATUS_DISABLED);
  EndSessions(person);
}

void Reference::Enable(Person& person) { SetStatus(person, v1::ACCOUNT_STATUS_ACTIVE); }

void Reference::Delete(Person& person) {
  SetStatus(person, v1::ACCOUNT_STATUS_DELETED);
  EndSessions(person);
}

void Reference::Restore(Person& person) {
  SetStatus(person, v1::ACCOUNT_STATUS_ACTIVE);
  person.left.reset();
}

void Reference::MarkLeaver(Person& person) {
  SetRoles(person, {});
  person.left = now;
  EndSessions(person);
}

void Reference::Join(Person& person, OrganisationIndex organisation) {
  person.organisation = organisation;
  person.joined = now;
  person.left.reset();
  SetRoles(person, {});
  EndSessions(person);
}

// Time does nothing more to whoever is exempt from then on; what it has done stays done.
void Reference::GiveRole(Person& person, const RoleHeld& role) {
  const Standing standing = StandingOf(person);
  person.roles.insert(role);
  if (!IsExempt(person)) return;
  person.status = standing.status;
  person.status_since = standing.since;
}

void Reference::Withdraw(Person& person, const RoleHeld& role) {
  std::set<RoleHeld> left = person.roles;
  left.erase(role);
  SetRoles(person, std::move(left));
}

void Reference::SetRoles(Person& person, std::set<RoleHeld> roles) {
  const bool was_exempt = IsExempt(person);
  person.roles = std::move(roles);
  if (was_exempt && !IsExempt(person)) person.exempt_until = now;
}

void Reference::EndSessions(Person& person, const Session* kept) {
  ++person.epoch;
  for (Session& session : sessions) {
    if (&people[session.person] == &person && &session != kept) session.over = true;
  }
}

void Reference::EndEverySession() {
  for (Session& session : sessions) session.over = true;
  for (Person& person : people) ++person.epoch;
  for (Proof& proof : proofs) proof.ends = std::min(proof.ends, now);  // by decoys, too
}

}  // namespace gatehouse::model
