// Disabling, enabling, deleting, restoring, leaving: what they do, on whom, by whom, and what time
// makes of it.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::AccountRecord;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";
constexpr char kDead[] = "UNAUTHENTICATED / SESSION_INVALID";
constexpr absl::Duration kMonth = absl::Hours(720);
constexpr absl::Duration kTick = absl::Microseconds(1);

class LifeCycleTest : public testing::Test {
 protected:
  // Outcome of one of the acts by `actor` on `target`.
  using Act = std::function<std::string(const AccountId& actor, const AccountId& target)>;

  template <typename Request>
  Request About(const AccountId& target) {
    Request request;
    request.set_account_id(target.value());
    request.set_reason("as agreed");
    return request;
  }

  template <typename Request, typename Response>
  Act Doing(World::Operation<Request, Response> operation) {
    return [this, operation](const AccountId& actor, const AccountId& target) {
      return Outcome(world_.Call(world_.Enter(actor), operation, About<Request>(target)));
    };
  }

  std::map<std::string, Act> Acts() {
    return {{"disable", Doing(DisableAccount)},
            {"enable", Doing(EnableAccount)},
            {"delete", Doing(DeleteAccount)},
            {"restore", Doing(RestoreAccount)},
            {"leave", Doing(MarkLeaver)}};
  }

  // What puts an account into a state that is told by its name.
  std::map<std::string, std::function<void(AccountRecord&)>> States() {
    const absl::Time now = world_.clock().Now();
    const auto since = [](v1::AccountStatus status, absl::Time at) {
      return [status, at](AccountRecord& account) {
        account.status = status;
        account.status_changed_at = at;
        account.last_used_at = at;
      };
    };
    return {{"pending", since(v1::ACCOUNT_STATUS_PENDING, now)},
            {"active", since(v1::ACCOUNT_STATUS_ACTIVE, now)},
            {"inactive", since(v1::ACCOUNT_STATUS_ACTIVE, now - kMonth)},
            {"disabled", since(v1::ACCOUNT_STATUS_DISABLED, now)},
            {"deleted", since(v1::ACCOUNT_STATUS_DELETED, now - kMonth + kTick)},
            {"faded", since(v1::ACCOUNT_STATUS_ACTIVE, now - 2 * kMonth)},
            {"purged", since(v1::ACCOUNT_STATUS_DELETED, now - kMonth)},
            {"leaver", [now](AccountRecord& account) { account.leaver_at = now; }},
            {"left", [now](AccountRecord& account) { account.leaver_at = now - kMonth; }}};
  }

  v1::Account Read(const AccountId& id) {
    v1::GetAccountRequest request;
    request.set_account_id(id.value());
    const auto answer = world_.Call(world_.Enter(admin_), GetAccount, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->account() : v1::Account();
  }

  std::string SigningIn(absl::string_view username) {
    v1::CreateSessionRequest request;
    request.set_username(std::string(username));
    request.set_password(kPassword);
    return Outcome(world_.Call("", CreateSession, request));
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const AccountId helpdesk_ = world_.AddPerson(riverside_, "help.desk", v1::ROLE_LOCAL_HELPDESK);
  const AccountId admin_ = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const AccountId primary_ =
      world_.AddPerson(riverside_, "pla.riverside", v1::ROLE_PRIMARY_LOCAL_ADMIN);
  const AccountId stranger_ = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  // Ranks above everybody, and administers here: nothing but the rules about last holders stops it.
  const AccountId mighty_ =
      world_.AddPerson(riverside_, "olive",
                       World::Roles{{.role = v1::ROLE_OPERATOR, .organisation_id = {}},
                                    {.role = v1::ROLE_LOCAL_ADMIN, .organisation_id = riverside_}});
};

TEST_F(LifeCycleTest, EveryActOnEveryStateIsDoneOrRefusedWithItsReason) {
  const std::string deleted = "FAILED_PRECONDITION / ACCOUNT_DELETED";
  const std::string not_active = "FAILED_PRECONDITION / ACCOUNT_NOT_ACTIVE";
  const std::string not_disabled = "FAILED_PRECONDITION / NOT_DISABLED";
  const std::string not_deleted = "FAILED_PRECONDITION / NOT_DELETED";
  const std::map<std::string, std::map<std::string, std::string>> refused = {
      {"disable",
       {{"disabled", "FAILED_PRECONDITION / ACCOUNT_DISABLED"},
        {"deleted", deleted},
        {"faded", deleted},
        {"purged", deleted},
        {"left", deleted}}},
      {"enable",
       {{"pending", not_disabled},
        {"active", not_disabled},
        {"inactive", not_disabled},
        {"deleted", not_disabled},
        {"faded", not_disabled},
        {"purged", not_disabled},
        {"leaver", not_disabled},
        {"left", not_disabled}}},
      {"delete",
       {{"deleted", deleted}, {"faded", deleted}, {"purged", deleted}, {"left", deleted}}},
      {"restore",
       {{"pending", not_deleted},
        {"active", not_deleted},
        {"inactive", not_deleted},
        {"disabled", not_deleted},
        {"purged", not_deleted},
        {"leaver", not_deleted}}},
      {"leave",
       {{"pending", not_active},
        {"disabled", not_active},
        {"deleted", not_active},
        {"faded", not_active},
        {"purged", not_active},
        {"leaver", "FAILED_PRECONDITION / ALREADY_LEAVER"},
        {"left", not_active}}}};
  for (const auto& [name, act] : Acts()) {
    for (const auto& [state, put] : States()) {
      const AccountId person = world_.AddPerson(riverside_, absl::StrCat(name, ".", state));
      world_.Change(person, put);
      const auto& refusals = refused.at(name);
      const auto refusal = refusals.find(state);
      EXPECT_EQ(act(admin_, person), refusal == refusals.end() ? "OK" : refusal->second)
          << name << " " << state;
    }
  }
}

TEST_F(LifeCycleTest, TheyAreForAdministratorsOfTheOrganisationAboveTheAccount) {
  for (const auto& [name, act] : Acts()) {
    EXPECT_EQ(act(asha_, helpdesk_), kNotPermitted) << name;
    EXPECT_EQ(act(helpdesk_, asha_), kNotPermitted) << name;
    EXPECT_EQ(act(stranger_, asha_), kNotPermitted) << name;
    EXPECT_EQ(act(stranger_, AccountId("AAAAAAAAAAAAAAAAAAAAAA")), kNotPermitted) << name;
    EXPECT_EQ(act(admin_, admin_), "FAILED_PRECONDITION / ACTING_ON_SELF") << name;
    EXPECT_EQ(act(admin_, primary_), "FAILED_PRECONDITION / RANK_TOO_LOW") << name;
  }
  EXPECT_EQ(Doing(DisableAccount)(primary_, admin_), "OK");
}

TEST_F(LifeCycleTest, NationalAdministrationActsWhereItManages) {
  const auto managed = world_.AddOrganisation("Managed Practice", /*nas_managed=*/true);
  const auto person = world_.AddPerson(managed, "kim.managed");
  const auto national = world_.AddPerson(hilltop_, "nas.admin", v1::ROLE_NATIONAL_ADMIN);
  EXPECT_EQ(Doing(DisableAccount)(national, person), "OK");
  EXPECT_EQ(Doing(DisableAccount)(national, asha_), kNotPermitted);
  EXPECT_EQ(Doing(DisableAccount)(national, primary_), "OK") << "who else could";
}

TEST_F(LifeCycleTest, WhoeverIsDisabledIsOutAtOnceAndBackOnceEnabled) {
  const std::string kiosk = world_.Enter(asha_), phone = world_.Enter(asha_, "phone");
  const auto disabled =
      world_.Call(world_.Enter(admin_), DisableAccount, About<v1::DisableAccountRequest>(asha_));
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_EQ(disabled->account().state(), v1::ACCOUNT_STATE_DISABLED);
  EXPECT_EQ(disabled->revocation().sessions_revoked(), 2);
  EXPECT_EQ(Outcome(world_.Call(kiosk, GetAccount, {})), kDead);
  EXPECT_EQ(Outcome(world_.Call(phone, GetAccount, {})), kDead);
  EXPECT_EQ(SigningIn("asha.patel"), "FAILED_PRECONDITION / ACCOUNT_DISABLED");

  const auto enabled =
      world_.Call(world_.Enter(admin_), EnableAccount, About<v1::EnableAccountRequest>(asha_));
  ASSERT_TRUE(enabled.ok()) << enabled.status();
  EXPECT_EQ(enabled->account().state(), v1::ACCOUNT_STATE_ACTIVE);
  EXPECT_EQ(Outcome(world_.Call(kiosk, GetAccount, {})), kDead);
  EXPECT_EQ(SigningIn("asha.patel"), "OK");
}

TEST_F(LifeCycleTest, TheDisabledAreDeletedAfterEighteenMonths) {
  ASSERT_EQ(Doing(DisableAccount)(admin_, asha_), "OK");
  constexpr absl::Duration kEighteenMonths = absl::Hours(13'152);
  const absl::Time now = world_.clock().Now();
  const auto disabled_for = [&](absl::Duration span) {
    world_.Change(asha_, [&](AccountRecord& account) { account.status_changed_at = now - span; });
    return Read(asha_).status();
  };
  EXPECT_EQ(disabled_for(kEighteenMonths - kTick), v1::ACCOUNT_STATUS_DISABLED);
  EXPECT_EQ(disabled_for(kEighteenMonths), v1::ACCOUNT_STATUS_DELETED);
}

TEST_F(LifeCycleTest, WhoeverIsDeletedIsOutAndCanBeRestoredAsTheyWere) {
  const std::string session = world_.Enter(asha_);
  const AccountRecord before = world_.Find(asha_);
  const auto deleted =
      world_.Call(world_.Enter(admin_), DeleteAccount, About<v1::DeleteAccountRequest>(asha_));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->account().state(), v1::ACCOUNT_STATE_DELETED);
  EXPECT_EQ(deleted->revocation().sessions_revoked(), 1);
  EXPECT_EQ(Outcome(world_.Call(session, GetAccount, {})), kDead);
  EXPECT_EQ(SigningIn("asha.patel"), "FAILED_PRECONDITION / ACCOUNT_DELETED");

  world_.Advance(absl::Hours(1));
  const auto restored =
      world_.Call(world_.Enter(admin_), RestoreAccount, About<v1::RestoreAccountRequest>(asha_));
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->account().state(), v1::ACCOUNT_STATE_ACTIVE);
  const AccountRecord after = world_.Find(asha_);
  EXPECT_EQ(after.profile, before.profile);
  EXPECT_EQ(after.joined_at, before.joined_at) << "nobody joined: there is no hold";
  EXPECT_EQ(SigningIn("asha.patel"), "OK");
}

TEST_F(LifeCycleTest, ALeaverLosesRolesAndSessionsAndStillSignsIn) {
  const std::string session = world_.Enter(helpdesk_);
  const auto left =
      world_.Call(world_.Enter(admin_), MarkLeaver, About<v1::MarkLeaverRequest>(helpdesk_));
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->account().state(), v1::ACCOUNT_STATE_LEAVER);
  EXPECT_THAT(left->account().roles(), IsEmpty());
  EXPECT_EQ(left->revocation().sessions_revoked(), 1);
  EXPECT_EQ(Outcome(world_.Call(session, GetAccount, {})), kDead);

  v1::GetAccountRequest asha;
  asha.set_account_id(asha_.value());
  EXPECT_EQ(Outcome(world_.Call(world_.SignIn("help.desk", kPassword), GetAccount, asha)),
            kNotPermitted);
  v1::GrantRoleRequest again;
  again.set_account_id(helpdesk_.value());
  again.set_role(v1::ROLE_LOCAL_HELPDESK);
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(primary_), GrantRole, again)),
            "FAILED_PRECONDITION / ALREADY_LEAVER");
}

TEST_F(LifeCycleTest, ALeaverWhomNobodyJoinedIsDeletedAndRestoredAsNoLeaver) {
  const absl::Time now = world_.clock().Now();
  const auto left_for = [&](absl::Duration span) {
    world_.Change(asha_, [&](AccountRecord& account) { account.leaver_at = now - span; });
    return Read(asha_).state();
  };
  EXPECT_EQ(left_for(kMonth - kTick), v1::ACCOUNT_STATE_LEAVER);
  EXPECT_EQ(left_for(kMonth), v1::ACCOUNT_STATE_DELETED);
  EXPECT_EQ(left_for(2 * kMonth), v1::ACCOUNT_STATE_PURGED);
  EXPECT_EQ(left_for(2 * kMonth - kTick), v1::ACCOUNT_STATE_DELETED);
  ASSERT_EQ(Doing(RestoreAccount)(admin_, asha_), "OK");
  EXPECT_EQ(Read(asha_).state(), v1::ACCOUNT_STATE_ACTIVE);
}

TEST_F(LifeCycleTest, TheLastNationalAdministratorStays) {
  const auto first = world_.AddPerson(riverside_, "first.national", v1::ROLE_NATIONAL_ADMIN);
  for (const char* name : {"disable", "delete", "leave"}) {
    EXPECT_EQ(Acts()[name](mighty_, first), "FAILED_PRECONDITION / LAST_HOLDER") << name;
  }
  const auto second = world_.AddPerson(riverside_, "second.national", v1::ROLE_NATIONAL_ADMIN);
  EXPECT_EQ(Doing(DisableAccount)(mighty_, first), "OK");
  EXPECT_EQ(Doing(DisableAccount)(mighty_, second), "FAILED_PRECONDITION / LAST_HOLDER");
  EXPECT_EQ(Doing(DeleteAccount)(mighty_, first), "OK") << "who is disabled counts for nothing";
}

TEST_F(LifeCycleTest, OfTwoNationalAdministratorsOneStaysHoweverTheyAreRacedAway) {
  const auto first = world_.AddPerson(riverside_, "first.national", v1::ROLE_NATIONAL_ADMIN);
  const auto second = world_.AddPerson(riverside_, "second.national", v1::ROLE_NATIONAL_ADMIN);
  const std::string token = world_.Enter(mighty_), other = world_.Enter(mighty_);
  std::string meanwhile;
  world_.BeforeWrite(0, [&] {
    meanwhile = Outcome(world_.Call(other, MarkLeaver, About<v1::MarkLeaverRequest>(second)));
  });
  EXPECT_EQ(Outcome(world_.Call(token, DisableAccount, About<v1::DisableAccountRequest>(first))),
            "FAILED_PRECONDITION / LAST_HOLDER");
  EXPECT_EQ(meanwhile, "OK");
}

TEST_F(LifeCycleTest, WhoeverLosesTheExemptionFromHygieneIsJudgedFromThenOn) {
  const absl::Time long_ago = world_.clock().Now() - 12 * kMonth;
  const auto unused_for_a_year = [&](absl::string_view name) {
    const auto id = world_.AddPerson(riverside_, name, v1::ROLE_NATIONAL_ADMIN);
    world_.Change(id, [&](AccountRecord& account) {
      account.status_changed_at = long_ago;
      account.last_used_at = long_ago;
    });
    return id;
  };
  const auto withdrawn = unused_for_a_year("withdrawn"), leaving = unused_for_a_year("leaving");
  world_.AddPerson(riverside_, "staying", v1::ROLE_NATIONAL_ADMIN);
  v1::WithdrawRoleRequest request;
  request.set_account_id(withdrawn.value());
  request.set_role(v1::ROLE_NATIONAL_ADMIN);
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(mighty_), WithdrawRole, request)), "OK");
  ASSERT_EQ(Doing(MarkLeaver)(mighty_, leaving), "OK");
  EXPECT_EQ(Read(withdrawn).status(), v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_EQ(Read(leaving).status(), v1::ACCOUNT_STATUS_ACTIVE);
  world_.Advance(kMonth);
  EXPECT_EQ(Read(withdrawn).status(), v1::ACCOUNT_STATUS_INACTIVE);
}

TEST_F(LifeCycleTest, AnActIsToldToThePersonAndInTheAudit) {
  const std::vector<std::pair<const char*, const char*>> told = {{"disable", "ACCOUNT_DISABLED"},
                                                                 {"enable", "ACCOUNT_ENABLED"},
                                                                 {"delete", "ACCOUNT_DELETED"},
                                                                 {"restore", "ACCOUNT_RESTORED"},
                                                                 {"leave", "LEAVER_MARKED"}};
  std::vector<std::string> actions;
  for (const auto& [name, kind] : told) {
    const auto person = world_.AddPerson(riverside_, absl::StrCat("told.", name));
    const std::string state = std::string(name) == "enable"    ? "disabled"
                              : std::string(name) == "restore" ? "deleted"
                                                               : "active";
    world_.Change(person, States()[state]);
    ASSERT_EQ(Acts()[name](admin_, person), "OK") << name;
    EXPECT_THAT(world_.Outbox(), Contains(AllOf(Field(&storage::OutboxRecord::account_id, person),
                                                Field(&storage::OutboxRecord::kind, kind))))
        << name;
    const storage::AuditRecord event = world_.Audit(riverside_).front();
    EXPECT_EQ(event.actor_id, admin_);
    EXPECT_EQ(event.target_id, person);
    EXPECT_EQ(event.details.at("reason"), "as agreed");
    actions.push_back(event.action);
  }
  EXPECT_THAT(actions, ElementsAre("DISABLE_ACCOUNT", "ENABLE_ACCOUNT", "DELETE_ACCOUNT",
                                   "RESTORE_ACCOUNT", "MARK_LEAVER"));
}

TEST_F(LifeCycleTest, TriedOutNothingHappensAndRepeatedItHappensOnce) {
  auto request = About<v1::DeleteAccountRequest>(asha_);
  const std::string token = world_.Enter(admin_);
  const std::string before = world_.Everything();
  request.set_validate_only(true);
  const auto tried = world_.Call(token, DeleteAccount, request);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_FALSE(tried->has_revocation());
  EXPECT_EQ(world_.Everything(), before);

  request.set_validate_only(false);
  request.set_request_id(world_.NewRequestId());
  ASSERT_EQ(Outcome(world_.Call(token, DeleteAccount, request)), "OK");
  const std::string after = world_.Everything();
  const auto repeated = world_.Call(token, DeleteAccount, request);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->replayed());
  EXPECT_EQ(world_.Everything(), after);
}

TEST_F(LifeCycleTest, WhatWasSeenMustStillBeSo) {
  auto request = About<v1::DisableAccountRequest>(asha_);
  request.set_etag(Read(asha_).etag());
  world_.Change(asha_, [](AccountRecord& account) { account.profile.given_name = "Asha J."; });
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), DisableAccount, request)),
            "ABORTED / ETAG_STALE");
}

TEST_F(LifeCycleTest, EveryFaultOfARequestIsTold) {
  EXPECT_THAT(FaultyFields(world_.Call(world_.Enter(admin_), MarkLeaver, {}).status()),
              ElementsAre("account_id", "reason"));
}

}  // namespace
}  // namespace gatehouse::server
