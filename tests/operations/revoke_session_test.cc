#include <string>

#include "gmock/gmock.h"

#include "server/operations/session_operations.h"
#include "tests/operations/session_world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RevokeSessionTest : public SessionWorldTest {
 protected:
  static v1::RevokeSessionRequest ByToken(const std::string& token) {
    v1::RevokeSessionRequest request;
    request.set_session_token(token);
    return request;
  }
  static v1::RevokeSessionRequest ById(const AccountId& account, const std::string& session_id) {
    v1::RevokeSessionRequest request;
    request.set_account_id(account.value());
    request.set_session_id(session_id);
    return request;
  }

  const std::string laptop_ = world_.Enter(asha_, "laptop");
  const std::string phone_ = world_.Enter(asha_, "phone");
};

TEST_F(RevokeSessionTest, WhoeverHasTheTokenEndsTheSessionAndNoOther) {
  const auto answer = world_.Call("", RevokeSession, ByToken(laptop_));
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->revocation().sessions_revoked(), 1);
  EXPECT_EQ(answer->revocation().confirmed_servers(), 1);
  EXPECT_EQ(answer->revocation().epoch(), 0);
  EXPECT_FALSE(Lives(laptop_));
  EXPECT_TRUE(Lives(phone_));
  const auto event = world_.Audit(hilltop_)[0];
  EXPECT_EQ(event.action, "REVOKE_SESSION");
  EXPECT_EQ(event.target_id, asha_);
  EXPECT_TRUE(event.actor_id.empty());
  EXPECT_EQ(event.details.at("session_id"), SessionIdOf(laptop_));
  EXPECT_THAT(world_.Outbox(), IsEmpty());
}

TEST_F(RevokeSessionTest, OnesOwnSessionsEndByTheirId) {
  v1::RevokeSessionRequest without_account;
  without_account.set_session_id(SessionIdOf(phone_));
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeSession, without_account)), "OK");
  EXPECT_FALSE(Lives(phone_));
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeSession, ById(asha_, SessionIdOf(laptop_)))), "OK");
  EXPECT_FALSE(Lives(laptop_));
}

TEST_F(RevokeSessionTest, ASessionIdUnderAnotherAccountEndsNothing) {
  const std::string admin = world_.Enter(admin_);
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeSession, ById(asha_, SessionIdOf(admin)))), "OK");
  EXPECT_TRUE(Lives(admin));
}

TEST_F(RevokeSessionTest, EndingByItsIdWhatIsOverIsNoErrorAndATokenThatIsOverIsNone) {
  ASSERT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(laptop_))), "OK");
  const auto again = world_.Call(phone_, RevokeSession, ById(asha_, SessionIdOf(laptop_)));
  ASSERT_EQ(Outcome(again), "OK");
  EXPECT_EQ(again->revocation().sessions_revoked(), 0);
  EXPECT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(laptop_))),
            "UNAUTHENTICATED / SESSION_INVALID");
}

TEST_F(RevokeSessionTest, AnAdministratorEndsASessionAndThePersonIsTold) {
  const std::string admin = world_.Enter(admin_);
  ASSERT_EQ(Outcome(world_.Call(admin, RevokeSession, ById(asha_, SessionIdOf(laptop_)))), "OK");
  EXPECT_FALSE(Lives(laptop_));
  EXPECT_TRUE(Lives(phone_));
  ASSERT_THAT(world_.Outbox(), SizeIs(1));
  EXPECT_EQ(world_.Outbox()[0].kind, "SESSIONS_REVOKED");
  EXPECT_EQ(world_.Outbox()[0].account_id, asha_);
}

TEST_F(RevokeSessionTest, ForeignUnknownEqualAndHigherAccountsAreRefusedAndNothingEnds) {
  const std::string foreign = world_.Enter(foreign_admin_);
  const std::string admin = world_.Enter(admin_);
  const std::string colleague =
      world_.Enter(world_.AddPerson(hilltop_, "lb.hilltop", v1::ROLE_LOCAL_ADMIN));
  const std::string before = world_.Everything();
  const auto refused = world_.Call(foreign, RevokeSession, ById(asha_, SessionIdOf(laptop_)));
  EXPECT_EQ(Outcome(refused), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(
      world_
          .Call(foreign, RevokeSession, ById(AccountId(std::string(22, 'A')), SessionIdOf(laptop_)))
          .status(),
      refused.status());
  EXPECT_EQ(Outcome(world_.Call(colleague, RevokeSession, ById(admin_, SessionIdOf(admin)))),
            "FAILED_PRECONDITION / RANK_TOO_LOW");
  EXPECT_EQ(Outcome(world_.Call("", RevokeSession, ById(asha_, SessionIdOf(laptop_)))),
            "UNAUTHENTICATED / SESSION_INVALID");
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_TRUE(Lives(laptop_));
}

TEST_F(RevokeSessionTest, ARestrictedSessionEndsOwnSessionsOnly) {
  world_.Change(admin_,
                [](storage::AccountRecord& account) { account.password.must_change = true; });
  const std::string restricted = world_.Enter(admin_);
  EXPECT_EQ(Outcome(world_.Call(restricted, RevokeSession, ById(asha_, SessionIdOf(laptop_)))),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  EXPECT_TRUE(Lives(laptop_));
  EXPECT_EQ(Outcome(world_.Call(restricted, RevokeSession, ById(admin_, SessionIdOf(restricted)))),
            "OK");
  EXPECT_FALSE(Lives(restricted));
}

TEST_F(RevokeSessionTest, ARepeatedRequestIsAnsweredThoughItsOwnTokenIsOver) {
  auto request = ById(asha_, SessionIdOf(laptop_));
  request.set_request_id(world_.NewRequestId());
  const auto first = world_.Call(laptop_, RevokeSession, request);
  ASSERT_EQ(Outcome(first), "OK");
  const auto second = world_.Call(laptop_, RevokeSession, request);
  ASSERT_EQ(Outcome(second), "OK");
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->revocation().position(), first->revocation().position());
  request.set_session_id(SessionIdOf(phone_));
  EXPECT_EQ(Outcome(world_.Call(laptop_, RevokeSession, request)),
            "INVALID_ARGUMENT / REQUEST_ID_REUSED");
}

// Whether there is such a session cannot be found then: whoever makes tokens up would fill the
// logs.
TEST_F(RevokeSessionTest, WhileTheSessionStoreIsAwayNoTokenIsTakenAtItsWord) {
  SeededEntropy entropy(1);
  const std::string before = world_.Everything();
  const size_t events = world_.Audit(hilltop_).size() + world_.Audit({}).size();
  world_.sessions().SetAway(true);
  for (const std::string& account : {std::string(22, 'A'), asha_.value()}) {
    const std::string made_up(IssueSessionToken(account, entropy).text.Reveal());
    EXPECT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(made_up))),
              "UNAVAILABLE / STORE_UNAVAILABLE");
  }
  EXPECT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(laptop_))),
            "UNAVAILABLE / STORE_UNAVAILABLE");
  world_.sessions().SetAway(false);
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_EQ(world_.Audit(hilltop_).size() + world_.Audit({}).size(), events);
  ASSERT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(laptop_))), "OK");
  EXPECT_FALSE(Lives(laptop_));
}

TEST_F(RevokeSessionTest, ARequestNamesOneSessionInOneWay) {
  const auto faults = [&](const v1::RevokeSessionRequest& request) {
    return FaultyFields(world_.Call(laptop_, RevokeSession, request).status());
  };
  EXPECT_THAT(faults({}), ElementsAre("session_id"));
  EXPECT_THAT(faults(ById(asha_, "too short")), ElementsAre("session_id"));
  EXPECT_THAT(faults(ByToken("gh1_nonsense")), ElementsAre("session_token"));
  auto both = ByToken(laptop_);
  both.set_session_id(SessionIdOf(phone_));
  EXPECT_THAT(faults(both), ElementsAre("session_token"));
}

TEST_F(RevokeSessionTest, ATokenOfNobodyIsRefusedWithoutATrace) {
  SeededEntropy entropy(1);
  const std::string before = world_.Everything();
  for (const std::string& account : {std::string(22, 'A'), asha_.value()}) {
    const std::string made_up(IssueSessionToken(account, entropy).text.Reveal());
    EXPECT_EQ(Outcome(world_.Call("", RevokeSession, ByToken(made_up))),
              "UNAUTHENTICATED / SESSION_INVALID");
  }
  EXPECT_EQ(world_.Everything(), before);
}

}  // namespace
}  // namespace gatehouse::server
