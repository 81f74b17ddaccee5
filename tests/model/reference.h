// What Gatehouse promises of accounts, sessions, roles and time (product/domain.md, sections 2, 3,
// 7, 8 and 9), written a second time, as plainly as it can be, from that page and the contract
// alone: people and sessions are structs, the rules are sets of reasons. It shares no code with the
// server, so that where the two disagree, one of them has misread the page.
//
// It does not call anything. Whoever drives the server asks Judge... what to expect, and tells
// what was done by the methods named after the acts. Not thread-safe.
#ifndef GATEHOUSE_TESTS_MODEL_REFERENCE_H_
#define GATEHOUSE_TESTS_MODEL_REFERENCE_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"

namespace gatehouse::model {

// Why something is refused, as the contract names it; empty: it is not.
using Reasons = std::set<std::string>;
using Actions = std::vector<v1::RequiredAction>;

bool Contains(const Actions& actions, v1::RequiredAction action);
// In lower case; as secrets and names are compared.
std::string LettersOf(const std::string& text);

// Places in Reference::people, sessions and organisations.
using PersonIndex = size_t;
using SessionIndex = size_t;
using OrganisationIndex = size_t;

// Where roles of the system hold.
inline constexpr OrganisationIndex kEverywhere = static_cast<OrganisationIndex>(-1);

struct Organisation {
  std::string id;
  std::string name;
  bool nas_managed = false;
};

// A role, and where it holds.
using RoleHeld = std::pair<v1::Role, OrganisationIndex>;

struct Person {
  std::string id;
  std::string username;
  OrganisationIndex organisation = 0;

  // What was last done to the status; what time has made of it is StandingOf's to say.
  v1::AccountStatus status = v1::ACCOUNT_STATUS_PENDING;
  absl::Time status_since;
  absl::Time used = absl::InfinitePast();
  std::optional<absl::Time> left;  // marked as a leaver, and not joined since
  // Since when hygiene looks at somebody whose role exempted them.
  absl::Time exempt_until = absl::InfinitePast();

  bool locked = false;
  int wrong_passwords = 0;

  std::string password;  // empty: none that could work
  absl::Time password_since;
  bool temporary = false;
  bool must_change = false;
  std::vector<std::string> passwords_ever;  // the latest last

  std::string aup;  // the version accepted; empty: none
  bool profile_confirmed = false;
  std::string secret;  // empty: none
  std::vector<std::string> secrets_ever;

  // Recognising the person as a caller; forgotten with the secret.
  std::vector<int> asked;  // the places that are asked for; empty: not yet drawn
  int unrecognised = 0;    // failures since a success
  int recognised = 0;
  absl::Time unrecognisable_until = absl::InfinitePast();

  std::set<RoleHeld> roles;
};

struct Session {
  std::string token;
  std::string id;
  PersonIndex person = 0;
  bool full = false;
  Actions asked;  // what it was restricted to when it was opened
  absl::Time began;
  absl::Time ends;
  absl::Time validated;  // the last use that surely counts
  absl::Time touched;    // the last one that may
  bool over = false;
};

// An account at an instant.
struct Standing {
  v1::AccountStatus status;
  absl::Time since;
  absl::Time until = absl::InfiniteFuture();  // when time alone changes it next
};

enum class Life {
  kLive,
  kOver,
  kUnsure,  // uses are noted to the minute: within the last one before an idle session's end
};

// What one person does about another.
enum class Act {
  kRead,
  kCheckEligibility,
  kListSessions,
  kUpdateProfile,
  kRevokeSessions,
  kResecure,
  kResetPassword,
  kUnlock,
  kDisable,
  kEnable,
  kDelete,
  kRestore,
  kMarkLeaver,
  kJoin,
  kGrant,
  kWithdraw,
  kRecognise,
};

// An instant at which something of a person's changes by itself.
struct Boundary {
  absl::Time at;
  PersonIndex person;
};

// What else an act names.
struct Object {
  OrganisationIndex organisation = kEverywhere;  // to join; where the role holds
  v1::Role role = v1::ROLE_UNSPECIFIED;
};

// What a person gives at Save.
struct Completion {
  std::optional<std::string> aup;
  bool profile = false;
  std::optional<std::string> secret;
};

class Reference {
 public:
  absl::Time now;
  std::vector<Organisation> organisations;
  std::vector<Person> people;
  std::vector<Session> sessions;
  std::string current_aup;  // empty: none was published
  std::set<std::string> published_aups;

  // --- What is so, now ---

  Standing StandingOf(const Person& person) const;
  Life LifeOf(const Session& session) const;
  Actions PendingOf(const Person& person) const;
  // What it was opened for and is still to be done: another session may have done it meanwhile.
  Actions PendingOf(const Session& session) const;
  static bool HoldsRole(const Person& person, v1::Role role);
  // Those after now, to the microsecond.
  std::vector<Boundary> Boundaries() const;

  // --- What is refused, and why ---

  Reasons Judge(const Session& session, Act act, PersonIndex target,
                const Object& object = {}) const;
  // Whether more than that it is not permitted may be told.
  bool Permits(const Session& session, Act act, PersonIndex target, const Object& object) const;
  Reasons JudgeCreation(const Session& session, OrganisationIndex organisation) const;
  Reasons JudgePublishing(const Session& session) const;
  // What only operators do.
  Reasons JudgeOperation(const Session& session) const;
  Reasons JudgeCompletion(const Session& session, const Completion& completion) const;
  Reasons JudgeSecret(const Person& person, const std::string& secret) const;
  static Reasons JudgePassword(const Person& person, const std::string& password);

  // --- What is done ---

  // Whether a typed password opens the account; counts it.
  bool Proves(Person& person, const std::string& password);
  // Why a sign-in by the right password is refused.
  Reasons JudgeEntry(const Person& person) const;
  // By a sign-in that was not refused. Token, id and end are as the server told them.
  SessionIndex Open(PersonIndex person, Session told);
  // How long a session of now may live at most.
  absl::Time LatestEnd(const Person& person, bool full) const;
  bool IsFirstUseOfDay(const Person& person) const;
  // By any call with its token; by validating it.
  void Touch(Session& session);
  void Validate(Session& session);

  // A caller's letters were compared.
  void Recognised(Person& person, bool right);
  void Create(Person person);
  void ChangePassword(Person& person, const std::string& password);
  void SetSecret(Person& person, const std::string& secret);
  void Complete(Person& person, const Completion& completion);
  void Resecure(Person& person, const std::string& password, bool must_change);
  void ResetPassword(Person& person, const std::string& password, bool must_change, bool unlock);
  static void Unlock(Person& person);
  void Disable(Person& person);
  void Enable(Person& person);
  void Delete(Person& person);
  void Restore(Person& person);
  void MarkLeaver(Person& person);
  void Join(Person& person, OrganisationIndex organisation);
  void Withdraw(Person& person, const RoleHeld& role);
  void EndSessions(const Person& person, const Session* kept = nullptr);

 private:
  bool IsPermitted(const Person& actor, Act act, const Person& target, const Object& object) const;
  bool MayGrant(const Person& actor, const Person& target, const Object& object) const;
  bool IsLastHolder(const Person& person, v1::Role role) const;
  Reasons JudgeState(Act act, const Person& target, const Object& object) const;
  void SetStatus(Person& person, v1::AccountStatus status);
  void SetPassword(Person& person, const std::string& password, bool temporary, bool must_change);
  static void ForgetRecognition(Person& person);
  void ReachFull(Person& person);
  void Use(Person& person);
  void SetRoles(Person& person, std::set<RoleHeld> roles);
};

// The numbers of the page.
inline constexpr int kLockAfter = 13;
inline constexpr int kFailuresThatClose = 3;
inline constexpr int kFailuresThatCloseForGood = 9;
inline constexpr int kOverheardTooOften = 4;
inline constexpr absl::Duration kClosure = absl::Hours(1);
inline constexpr absl::Duration kFullLifetime = absl::Hours(12);
inline constexpr absl::Duration kIdle = absl::Minutes(60);
inline constexpr absl::Duration kRestrictedLifetime = absl::Minutes(30);
inline constexpr absl::Duration kTemporaryPasswordLifetime = absl::Hours(72);
inline constexpr absl::Duration kPasswordMaxAge = absl::Hours(24 * 365);
inline constexpr absl::Duration kThirtyDays = absl::Hours(24 * 30);
inline constexpr absl::Duration kEighteenMonths = absl::Hours(24 * 548);

}  // namespace gatehouse::model

#endif  // GATEHOUSE_TESTS_MODEL_REFERENCE_H_
