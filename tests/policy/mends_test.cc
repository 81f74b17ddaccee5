// The ways out that the shipped rules name: that each is open to whom it names. Asked over every
// combination of what accounts can be, for everything that their state can stand against.
//
// A mend is one way among others, not a step of several, so each is tried in the very state that it
// was told in. Of what a person does themselves, CompleteRequiredActions means the whole of the
// next sign-in, a change of the password first; within a session that is restricted already it
// means the very next call.

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795262400);  // noon of a Saturday in November 2026
constexpr char kHome[] = "riverside";
constexpr char kElsewhere[] = "lakeside";

enum class Password { kLiving, kTemporary, kDead, kNone };
enum class Aup { kUnpublished, kReset, kCurrent };
enum class Secret { kNone, kSet, kOverheard };

// One account: what the rules' mends depend on.
struct State {
  AccountStatus::Value status = AccountStatus::ACTIVE;
  bool leaver = false;
  bool locked = false;
  int role = Role::UNSPECIFIED;
  int methods = 0;
  Password password = Password::kLiving;
  Aup aup = Aup::kCurrent;
  Secret secret = Secret::kSet;
  bool resecured = false;
  bool just_joined = false;
  bool verification_closed = false;

  std::string ToString() const {
    return absl::StrCat(AccountStatus::Value_Name(status), leaver ? " leaver" : "",
                        locked ? " locked" : "", ", ", Role::Value_Name(role), ", methods ",
                        methods, ", password ", static_cast<int>(password), ", aup ",
                        static_cast<int>(aup), ", secret ", static_cast<int>(secret),
                        resecured ? ", resecured" : "", just_joined ? ", just joined" : "",
                        verification_closed ? ", verification closed" : "");
  }
};

void ForEachState(absl::FunctionRef<void(const State&)> visit) {
  using Standing = std::pair<AccountStatus::Value, bool>;
  for (const auto& [status, leaver] :
       {Standing(AccountStatus::PENDING, false), Standing(AccountStatus::ACTIVE, false),
        Standing(AccountStatus::ACTIVE, true), Standing(AccountStatus::INACTIVE, false),
        Standing(AccountStatus::DISABLED, false), Standing(AccountStatus::DELETED, false)}) {
    for (const bool locked : {false, true}) {
      for (const int role :
           {int{Role::UNSPECIFIED}, int{Role::LOCAL_HELPDESK}, int{Role::LOCAL_ADMIN},
            int{Role::PRIMARY_LOCAL_ADMIN}, int{Role::NATIONAL_ADMIN}, int{Role::OPERATOR}}) {
        for (const int methods : {0, 1, RankOf(role) > 1 ? 2 : 10}) {
          for (const Password password :
               {Password::kLiving, Password::kTemporary, Password::kDead, Password::kNone}) {
            for (const Aup aup : {Aup::kUnpublished, Aup::kReset, Aup::kCurrent}) {
              for (const Secret secret : {Secret::kNone, Secret::kSet, Secret::kOverheard}) {
                for (const bool resecured : {false, true}) {
                  // After a resecure nothing is accepted until all is completed.
                  if (resecured && aup != Aup::kReset) continue;
                  for (const bool just_joined : {false, true}) {
                    visit({.status = status,
                           .leaver = leaver,
                           .locked = locked,
                           .role = role,
                           .methods = methods,
                           .password = password,
                           .aup = aup,
                           .secret = secret,
                           .resecured = resecured,
                           .just_joined = just_joined,
                           .verification_closed = just_joined});
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

std::string ScopeOf(int role, const char* organisation) {
  return role == Role::NATIONAL_ADMIN || role == Role::OPERATOR ? "" : organisation;
}

class MendsTest : public testing::Test {
 protected:
  static const Policy& Shipped() {
    static const std::shared_ptr<const Policy> policy = [] {
      std::stringstream text;
      text << std::ifstream(GATEHOUSE_RULES_DIR "/nhsmail.textproto").rdbuf();
      return Policy::Compile(text.str(), "nhsmail.textproto").policy;
    }();
    if (policy == nullptr) std::abort();
    return *policy;
  }

  MendsTest() {
    for (int number = 1; number < Action::Value_ARRAYSIZE; ++number) {
      if (!Action::Value_IsValid(number)) continue;
      const auto action = static_cast<Action::Value>(number);
      actions_[RpcNameFor(action)] = action;
    }
    facts_.Set(Fact::kNow, kNow);
    facts_.Set(Fact::kCallerName, "local");
    facts_.Set(Fact::kAccountKnown, true);
    facts_.Set(Fact::kAccountId, "asha");
    facts_.Set(Fact::kAccountOrganisationId, kHome);
    facts_.Set(Fact::kAccountStatusChangedAt, kNow - absl::Hours(1));
    facts_.Set(Fact::kAccountCreatedAt, kNow - absl::Hours(2400));
    facts_.Set(Fact::kAccountLastUsedAt, std::optional(kNow - absl::Hours(2)));
    facts_.Set(Fact::kAccountHasSecurityQuestions, false);
    facts_.Set(Fact::kAccountVerificationClosedUntil, std::optional<absl::Time>());
    facts_.Set(Fact::kOrganisationKnown, true);
    facts_.Set(Fact::kOrganisationNasManaged, false);
    facts_.Set(Fact::kOrganisationPasswordScope, PasswordScope::SEPARATE);
    facts_.Set(Fact::kRequestOrganisationId, "");
    facts_.Set(Fact::kRequestOwnSession, false);
    facts_.Set(Fact::kRequestMethodsVerified, 0);
    facts_.Set(Fact::kRequestPasswordVerified, true);
    facts_.Set(Fact::kRequestAcceptsAup, true);
    facts_.Set(Fact::kRequestAupVersion, "2025-9");
    facts_.Set(Fact::kRequestConfirmsProfile, true);
    facts_.Set(Fact::kRequestRole, Role::NATIONAL_ADMIN);
    facts_.Set(Fact::kRequestRoleHeld, false);
    facts_.Set(Fact::kPasswordGiven, false);
    facts_.Set(Fact::kSecretGiven, false);
  }

  void Assume(const State& state) {
    state_ = state;
    const auto when = [](bool is_so, absl::Duration ago) {
      return is_so ? std::optional(kNow - ago) : std::nullopt;
    };
    facts_.Set(Fact::kAccountStatus, state.status);
    facts_.Set(Fact::kAccountLeaver, state.leaver);
    facts_.Set(Fact::kAccountLeaverAt, when(state.leaver, absl::Hours(1)));
    facts_.Set(Fact::kAccountLocked, state.locked);
    facts_.Set(Fact::kAccountLockedAt, when(state.locked, absl::Hours(1)));
    SetAccountRole(state.role);
    facts_.Set(Fact::kAccountLastOperator, state.role == Role::OPERATOR);
    facts_.Set(Fact::kAccountLastNationalAdmin, state.role == Role::NATIONAL_ADMIN);
    facts_.Set(Fact::kAccountAuthenticationMethods, state.methods);
    SetPassword(state.password);
    facts_.Set(Fact::kAupPublished, state.aup != Aup::kUnpublished);
    facts_.Set(Fact::kAupCurrentVersion, state.aup == Aup::kUnpublished ? "" : "2026-1");
    facts_.Set(Fact::kAccountAupAccepted, state.aup == Aup::kCurrent);
    facts_.Set(Fact::kAccountAupCurrent, state.aup == Aup::kCurrent);
    facts_.Set(Fact::kAccountHasSecret, state.secret != Secret::kNone);
    facts_.Set(Fact::kAccountSecretOverheard, state.secret == Secret::kOverheard ? 4 : 0);
    facts_.Set(Fact::kAccountProfileConfirmed,
               !state.resecured && state.status != AccountStatus::PENDING);
    facts_.Set(Fact::kAccountResecurePending, state.resecured);
    facts_.Set(Fact::kAccountJoinedAt, kNow - absl::Hours(state.just_joined ? 1 : 2400));
    facts_.Set(Fact::kAccountVerificationFailures, state.verification_closed ? 9 : 0);
  }

  // Everything that the state can stand against, and the mends that are told then.
  void AskEverything() {
    for (const auto action :
         {Action::RESECURE_ACCOUNT, Action::RESET_PASSWORD, Action::UNLOCK_ACCOUNT,
          Action::DISABLE_ACCOUNT, Action::DELETE_ACCOUNT, Action::MARK_LEAVER,
          Action::START_IDENTITY_VERIFICATION, Action::ANSWER_IDENTITY_VERIFICATION,
          Action::RESET_AUTHENTICATION_METHODS, Action::UPDATE_PROFILE}) {
      Enter(Role::PRIMARY_LOCAL_ADMIN, kHome);
      Ask(action, nullptr);
    }
    for (const auto action : {Action::GRANT_ROLE, Action::WITHDRAW_ROLE}) {
      Enter(Role::OPERATOR, kHome);
      facts_.Set(Fact::kRequestRoleHeld, action == Action::WITHDRAW_ROLE);
      Ask(action, nullptr);
    }
    for (const char* organisation : {kHome, kElsewhere}) {
      Enter(Role::PRIMARY_LOCAL_ADMIN, organisation);
      Ask(Action::JOIN_ORGANISATION, nullptr);
    }
    for (const auto action :
         {Action::SIGN_IN, Action::CREATE_SESSION, Action::VERIFY_PASSWORD_RESET_CODE,
          Action::COMPLETE_PASSWORD_RESET}) {
      EnterNobody();
      facts_.Set(Fact::kRequestHypothetical, false);
      Ask(action, nullptr);
    }
    AskAsThePerson();
  }

  // What they find refused in the session that their sign-in gives.
  void AskAsThePerson() {
    const std::optional<Session> session = SignIn();
    if (!session.has_value()) return;
    for (const auto action :
         {Action::GET_ACCOUNT, Action::CHANGE_PASSWORD, Action::SET_ACCOUNT_SECRET,
          Action::LIST_SESSIONS, Action::REVOKE_SESSION, Action::COMPLETE_REQUIRED_ACTIONS,
          Action::PUBLISH_ACCEPTABLE_USE_POLICY, Action::REGISTER_AUTHENTICATION_METHOD,
          Action::CONFIRM_AUTHENTICATION_METHOD, Action::REMOVE_AUTHENTICATION_METHOD}) {
      // That the policy to accept is not there yet is told by what would accept it.
      if (state_.aup == Aup::kUnpublished && action != Action::COMPLETE_REQUIRED_ACTIONS) continue;
      // Once with what a request would bring, and once with an old policy and codes to print.
      for (const bool hypothetical : {true, false}) {
        EnterSelf(*session);
        facts_.Set(Fact::kRequestHypothetical, hypothetical);
        facts_.Set(Fact::kRequestMethodCounted, hypothetical);
        Ask(action, &*session);
      }
    }
  }

  struct Session {
    std::vector<int> required_actions;
  };

  void Ask(Action::Value action, const Session* session) {
    const Decision decision = Shipped().Decide(action, facts_);
    for (const Violation& violation : decision.violations) {
      EXPECT_NE(violation.reason, Reason::FACT_UNAVAILABLE) << violation.message;
      for (const Mend& mend : violation.mends) {
        if (mend.by == MendBy::TIME) continue;
        Way way{violation.rule_id, mend.by, mend.operation};
        told_.insert(way);
        if (!Opens(mend, session)) {
          closed_.emplace(way, absl::StrCat(Action::Value_Name(action), " of ", state_.ToString()));
        }
      }
    }
  }

  bool Opens(const Mend& mend, const Session* session) {
    const Action::Value action = actions_.at(mend.operation);
    switch (mend.by) {
      case MendBy::SELF:
        return session != nullptr ? OpensWithin(*session, action) : OpensToThePerson(action);
      case MendBy::LOCAL_HELPDESK:
        Enter(Role::LOCAL_HELPDESK, kHome);
        break;
      case MendBy::LOCAL_ADMIN:
        Enter(Role::LOCAL_ADMIN, action == Action::JOIN_ORGANISATION ? kElsewhere : kHome);
        break;
      case MendBy::PRIMARY_LOCAL_ADMIN:
        Enter(Role::PRIMARY_LOCAL_ADMIN, kHome);
        break;
      case MendBy::NATIONAL_ADMIN:
        Enter(Role::NATIONAL_ADMIN, kHome);
        break;
      case MendBy::OPERATOR:
        Enter(Role::OPERATOR, kHome);
        break;
      default:
        return false;
    }
    if (action != Action::GRANT_ROLE) return Shipped().Allows(action, facts_);
    // To another account, so that this one is no longer the last.
    Assume({.status = AccountStatus::ACTIVE, .aup = state_.aup}, [&] {
      facts_.Set(Fact::kRequestRoleHeld, false);
      another_ = Shipped().Allows(action, facts_);
    });
    return another_;
  }

  bool OpensWithin(const Session& session, Action::Value action) {
    EnterSelf(session);
    return Shipped().Allows(action, facts_);
  }

  bool OpensToThePerson(Action::Value action) {
    switch (action) {
      case Action::COMPLETE_PASSWORD_RESET:
      case Action::VERIFY_PASSWORD_RESET_CODE:
      case Action::ANSWER_SECOND_FACTOR:
        EnterNobody();
        return Shipped().Allows(action, facts_);
      case Action::CREATE_SESSION:
        return SignIn().has_value();
      default:
        break;
    }
    std::optional<Session> session = SignIn();
    if (!session.has_value()) return false;
    std::vector<int>& pending = session->required_actions;
    std::erase(pending, int{RequiredAction::CHANGE_PASSWORD});
    if (action != Action::COMPLETE_REQUIRED_ACTIONS) {
      // Once all else is completed: a secret that is to be set then is set by that.
      std::erase_if(pending, [](int left) { return left != RequiredAction::SET_ACCOUNT_SECRET; });
      if (state_.aup == Aup::kUnpublished) return false;
    }
    return OpensWithin(*session, action);
  }

  // The session of the right password and method; none where the sign-in is refused.
  std::optional<Session> SignIn() {
    EnterNobody();
    const Decision decision = Shipped().Decide(Action::SIGN_IN, facts_);
    if (!decision.allowed) return std::nullopt;
    return Session{{decision.obligations.begin(), decision.obligations.end()}};
  }

  void EnterNobody() {
    facts_.Set(Fact::kActorKnown, false);
    facts_.Set(Fact::kSelf, false);
    facts_.Set(Fact::kRequestHypothetical, true);
    facts_.Set(Fact::kRequestMethodCounted, true);
    facts_.Set(Fact::kOrganisationId, kHome);
  }

  // Somebody else, who holds this role alone, with everything finished.
  void Enter(int role, const char* organisation) {
    EnterNobody();
    SetActor("another", role, organisation, {});
    facts_.Set(Fact::kOrganisationId, organisation);
  }

  void EnterSelf(const Session& session) {
    EnterNobody();
    SetActor("asha", state_.role, kHome, session.required_actions);
    facts_.Set(Fact::kSelf, true);
  }

  using Way = std::tuple<std::string, MendBy::Value, std::string>;

  std::set<Way> told_;
  std::map<Way, std::string> closed_;  // with one state in which it is

 private:
  // The same for as long as `body` runs.
  void Assume(const State& state, absl::FunctionRef<void()> body) {
    const State before = state_;
    Assume(state);
    body();
    Assume(before);
  }

  void SetAccountRole(int role) {
    const std::string scope = ScopeOf(role, kHome);
    const std::vector<RoleGrantFact> roles(role == Role::UNSPECIFIED ? 0 : 1,
                                           {.role = role, .organisation_id = scope});
    facts_.Set(Fact::kAccountRoles, absl::MakeConstSpan(roles));
  }

  void SetActor(const char* id, int role, const char* organisation,
                const std::vector<int>& required_actions) {
    const std::string scope = ScopeOf(role, organisation);
    const std::vector<RoleGrantFact> roles(role == Role::UNSPECIFIED ? 0 : 1,
                                           {.role = role, .organisation_id = scope});
    facts_.Set(Fact::kActorKnown, true);
    facts_.Set(Fact::kActorAccountId, id);
    facts_.Set(Fact::kActorOrganisationId, organisation);
    facts_.Set(Fact::kActorRoles, absl::MakeConstSpan(roles));
    facts_.Set(Fact::kActorSessionLevel,
               required_actions.empty() ? SessionLevel::FULL : SessionLevel::RESTRICTED);
    facts_.Set(Fact::kActorRequiredActions, absl::MakeConstSpan(required_actions));
  }

  void SetPassword(Password password) {
    const bool temporary = password == Password::kTemporary || password == Password::kDead;
    absl::Duration age = absl::Hours(240);
    if (password == Password::kTemporary) age = absl::Hours(1);
    facts_.Set(Fact::kAccountPasswordTemporary, temporary);
    facts_.Set(Fact::kAccountMustChangePassword, temporary);
    facts_.Set(Fact::kAccountPasswordChangedAt,
               password == Password::kNone ? std::nullopt : std::optional(kNow - age));
  }

  std::map<std::string, Action::Value> actions_;
  State state_;
  Facts facts_;
  bool another_ = false;
};

TEST_F(MendsTest, EachIsOpenToWhomItNamesInEveryStateInWhichItIsTold) {
  ForEachState([&](const State& state) {
    Assume(state);
    AskEverything();
  });
  for (const auto& [way, where] : closed_) {
    const auto& [rule, by, operation] = way;
    ADD_FAILURE() << rule << " names " << MendBy::Value_Name(by) << " " << operation
                  << ", which is refused; asked for " << where;
  }
  // What no state brings about would be told to nobody, or is not tried here.
  for (const auto& rule : Shipped().rules().requires_) {
    for (const MendRule& mend : rule->mends) {
      EXPECT_TRUE(told_.contains({rule->id, mend.by, mend.operation}))
          << rule->id << " never names " << MendBy::Value_Name(mend.by) << " " << mend.operation;
    }
  }
}

}  // namespace
}  // namespace gatehouse::policy
