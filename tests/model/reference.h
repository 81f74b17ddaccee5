// What Gatehouse promises of accounts, sessions, roles and time (product/domain.md, sections 2, 3,
// 5 to 9), written a second time, as plainly as it can be, from that page and the contract
// alone: people and sessions are structs, the rules are sets of reasons. It shares no code with the
// server, so that where the two disagree, one of them has misread the page.
//
// It does not call anything. Whoever drives the server asks Judge... what to expect, and tells
// what was done by the methods named after the acts. Not thread-safe.
#ifndef GATEHOUSE_TESTS_MODEL_REFERENCE_H_
#define GATEHOUSE_TESTS_MODEL_REFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/authentication_method.pb.h"

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

// What proves that somebody is themselves beside a password: an app, a telephone, or codes that
// were printed.
struct Method {
  v1::AuthenticationMethodKind kind = v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE;
  std::string id = {};                  // of printed codes not known before they are offered
  std::string label = {};               // an app's, by which its owner knows it
  std::string uri = {};                 // what the app has read
  std::string number = {};              // a telephone's
  std::vector<std::string> codes = {};  // that ever came to it
  bool confirmed = false;
  int64_t last_step = 0;  // of the app's clock, by a code of which it was used
  std::vector<std::string> printed = {};
  std::set<std::string> crossed_out = {};  // of those

  bool is_app() const { return kind == v1::AUTHENTICATION_METHOD_KIND_TOTP; }
  bool is_printed() const { return kind == v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE; }
  bool is_telephone() const { return !is_app() && !is_printed(); }
};

// By id.
using Methods = std::map<std::string, v1::AuthenticationMethodKind>;

// A code as somebody types it, and the steps of the clock at which the app that it is typed for
// shows it.
struct Code {
  std::string text;
  std::set<int64_t> steps = {};
};

// What codes are asked for.
enum class Purpose {
  kRegistration,
  kSecondFactor,
  kReset,
  kDecoyReset,  // of somebody without a method, who is not told
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
  // Of the old kind, with their answers, until a secret is set.
  std::map<std::string, std::string> questions;
  std::vector<std::string> secrets_ever;

  // Recognising the person as a caller; forgotten with the secret.
  std::vector<int> asked;      // the places that are asked for; empty: not yet drawn
  std::string asked_question;  // or the question
  int unrecognised = 0;        // failures since a success
  int recognised = 0;
  absl::Time unrecognisable_until = absl::InfinitePast();

  absl::Time joined;       // the organisation that the person is in
  bool resecured = false;  // and has not done since what that requires

  std::vector<Method> methods;
  std::vector<std::pair<Purpose, absl::Time>> wrong_codes;
  std::vector<std::pair<Purpose, absl::Time>> sent_codes;
  // How often all sessions were ended; what was begun before and not finished died with them.
  int epoch = 0;

  std::set<RoleHeld> roles;
};

// What was begun and waits for codes.
struct Proof {
  Purpose purpose = Purpose::kSecondFactor;
  std::string id;  // as the server names it; of a registration the method's
  PersonIndex person = 0;
  int epoch = 0;
  absl::Time ends;
  int wrong_codes = 0;
  Methods offered;
  std::set<std::string> proven;
  // The code that was sent last, by which method, and until when it is good.
  struct Sent {
    std::string method_id;
    std::string text;
    absl::Time ends;
  };
  std::optional<Sent> sent;
  bool used = false;
};

// A caller was recognised, and one operation may be done on the strength of it.
struct Grant {
  std::string id;
  PersonIndex agent = 0;
  PersonIndex person = 0;
  OrganisationIndex organisation = 0;
  size_t secrets = 0;  // that the person ever had
  int epoch = 0;
  absl::Time ends;
  bool used = false;
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
  kReadTimeline,
  kListMethods,
  kResetMethods,
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
  std::vector<Proof> proofs;
  std::vector<Grant> grants;
  bool admins_need_method = false;
  std::string current_aup;  // empty: none was published
  std::set<std::string> published_aups;

  // --- What is so, now ---

  Standing StandingOf(const Person& person) const;
  Life LifeOf(const Session& session) const;
  Actions PendingOf(const Person& person) const;
  // What it was opened for and is still to be done: another session may have done it meanwhile.
  Actions PendingOf(const Session& session) const;
  static bool HoldsRole(const Person& person, v1::Role role);
  // Confirmed ones, but for printed codes.
  static size_t MethodsOf(const Person& person);
  // Confirmed ones: a sign-in offers all, a reset those that are not printed.
  static Methods OfferedTo(const Person& person, Purpose purpose = Purpose::kSecondFactor);
  // Whether it is one that the person has confirmed already, however the codes come.
  static bool HasMethod(const Person& person, const Method& method);
  bool IsOpen(const Proof& proof) const;
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
  // Of one given by somebody who has not proven to know the present one.
  static Reasons JudgeGivenPassword(const Person& person, const std::string& password);
  // Once the password was typed.
  Reasons JudgeRegistration(const Session& session, const Method& method, bool proven) const;
  Reasons JudgeRemoval(const Session& session, const std::string& method_id, bool proven) const;
  // What stands against a reset, told after a right code; and against its last step.
  Reasons JudgeReset(const Person& person) const;
  Reasons JudgeResetCompletion(const Proof& proof, const std::string& password) const;
  // How many methods the person has to prove for it.
  static size_t MethodsNeeded(const Person& person);
  // Nothing, or that it is no good.
  Reasons JudgeGrant(const Grant& grant, PersonIndex agent, PersonIndex person) const;

  // --- What is done ---

  // Whether a typed password opens the account; counts it.
  bool Proves(Person& person, const std::string& password);
  // Why a sign-in by the right password is refused; of one who may be locked meanwhile.
  Reasons JudgeEntry(const Person& person) const;
  Reasons JudgeSignIn(const Person& person) const;
  // By a sign-in that was not refused. Token, id and end are as the server told them.
  SessionIndex Open(PersonIndex person, Session told);
  // How long a session of now may live at most.
  absl::Time LatestEnd(const Person& person, bool full) const;
  bool IsFirstUseOfDay(const Person& person) const;
  // By any call with its token; by validating it.
  void Touch(Session& session);
  void Validate(Session& session);

  // Whether the code is one that does; counts it, and uses it up.
  Reasons Try(Proof& proof, const std::string& method_id, const Code& code);
  Reasons TryConfirmation(const Session& session, const std::string& method_id, const Code& code);
  // Whether a code may be sent; counts it. What it says is for the driver to tell.
  Reasons Send(Proof& proof, const std::string& method_id);
  size_t Begin(Purpose purpose, PersonIndex person, std::string id, Methods offered);
  // The proof that waits for the first code.
  size_t Register(PersonIndex person, const Method& method);
  void Confirm(Person& person, const std::string& method_id);
  void RemoveMethod(Person& person, const std::string& method_id);
  void ResetMethods(Person& person);
  void CompleteReset(Proof& proof, const std::string& password);

  // A caller's letters were compared.
  void Recognised(Person& person, bool right);
  void Create(Person person);
  void Import(Person person, absl::Time joined);
  void ChangePassword(Person& person, const std::string& password);
  void SetSecret(Person& person, const std::string& secret);
  void Complete(Person& person, const Completion& completion);
  void Resecure(Person& person, const std::string& password, bool must_change);
  void ResetPassword(Person& person, const std::string& password, bool must_change, bool unlock);
  void Unlock(Person& person);
  // Those of decoys are not the person's.
  static void ForgetWrongCodes(Person& person);
  void Disable(Person& person);
  void Enable(Person& person);
  void Delete(Person& person);
  void Restore(Person& person);
  void MarkLeaver(Person& person);
  void Join(Person& person, OrganisationIndex organisation);
  void GiveRole(Person& person, const RoleHeld& role);
  void Withdraw(Person& person, const RoleHeld& role);
  void SignOut(Person& person) { EndSessions(person); }
  void EndSessions(Person& person, const Session* kept = nullptr);
  void EndEverySession();

 private:
  bool NeedsMethod(const Person& person) const;
  Reasons JudgeMethods(const Session& session) const;
  bool UseCode(const Proof& proof, Method& method, const Code& code) const;
  // Within the last day.
  using Tally = std::vector<std::pair<Purpose, absl::Time>>;
  bool IsFull(const Tally& tally, Purpose purpose, int most) const;
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
inline constexpr absl::Duration kGrantLifetime = absl::Minutes(10);
inline constexpr absl::Duration kHold = absl::Hours(24);
inline constexpr int kCodeTries = 5;
inline constexpr int kWrongCodesPerDay = 10;
inline constexpr int kSentCodesPerDay = 20;
inline constexpr absl::Duration kSentCodeLifetime = absl::Minutes(10);
inline constexpr absl::Duration kCodeWindow = absl::Hours(24);
inline constexpr absl::Duration kProofLifetime = absl::Minutes(10);
inline constexpr absl::Duration kResetLifetime = absl::Minutes(15);
inline constexpr absl::Duration kStepOfApp = absl::Seconds(30);
inline constexpr absl::Duration kFullLifetime = absl::Hours(12);
inline constexpr absl::Duration kIdle = absl::Minutes(60);
inline constexpr absl::Duration kRestrictedLifetime = absl::Minutes(30);
inline constexpr absl::Duration kTemporaryPasswordLifetime = absl::Hours(72);
inline constexpr absl::Duration kPasswordMaxAge = absl::Hours(24 * 365);
inline constexpr absl::Duration kThirtyDays = absl::Hours(24 * 30);
inline constexpr absl::Duration kEighteenMonths = absl::Hours(24 * 548);

}  // namespace gatehouse::model

#endif  // GATEHOUSE_TESTS_MODEL_REFERENCE_H_
