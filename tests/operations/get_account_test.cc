#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/decision.pb.h"
#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OrganisationId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";

v1::GetAccountRequest ById(const AccountId& id) {
  v1::GetAccountRequest request;
  request.set_account_id(id.value());
  return request;
}

v1::GetAccountRequest ByName(const std::string& username) {
  v1::GetAccountRequest request;
  request.set_username(username);
  return request;
}

// All that a refusal tells its caller, with maps in a fixed order.
std::string Told(const absl::Status& status) {
  std::string told = std::string(status.message());
  if (const auto info = FindDetail<google::rpc::ErrorInfo>(status)) told += info->DebugString();
  if (const auto decision = FindDetail<v1::Decision>(status)) told += decision->DebugString();
  if (const auto failure = FindDetail<google::rpc::PreconditionFailure>(status)) {
    told += failure->DebugString();
  }
  return told;
}

class GetAccountTest : public testing::Test {
 protected:
  World world_;
  const OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const AccountId asha_ = world_.AddPerson(hilltop_, "asha.patel");
};

TEST_F(GetAccountTest, EverybodyReadsTheirOwnByAnyNameOfIt) {
  const std::string token = world_.Enter(asha_);
  for (const auto& request :
       {v1::GetAccountRequest(), ById(asha_), ByName("asha.patel"), ByName("ＡＳＨＡ.Patel")}) {
    const auto answer = world_.Call(token, GetAccount, request);
    ASSERT_EQ(Outcome(answer), "OK");
    EXPECT_EQ(answer->account().account_id(), asha_.value());
    EXPECT_EQ(answer->account().username(), "asha.patel");
    EXPECT_EQ(answer->account().state(), v1::ACCOUNT_STATE_ACTIVE);
    EXPECT_THAT(answer->account().required_actions(), IsEmpty());
  }
}

TEST_F(GetAccountTest, AnUnknownAccountIsRefusedExactlyAsAForeignOne) {
  world_.AddPerson(riverside_, "sam.osei");
  for (const auto role : {v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN,
                          v1::ROLE_PRIMARY_LOCAL_ADMIN, v1::ROLE_AUDITOR}) {
    SCOPED_TRACE(v1::Role_Name(role));
    const std::string token = world_.Enter(world_.AddPerson(hilltop_, v1::Role_Name(role), role));
    const auto foreign = world_.Call(token, GetAccount, ByName("sam.osei"));
    EXPECT_EQ(Outcome(foreign), kNotPermitted);
    EXPECT_EQ(world_.Call(token, GetAccount, ByName("nobody")).status(), foreign.status());
    EXPECT_EQ(world_.Call(token, GetAccount, ById(AccountId(std::string(22, 'A')))).status(),
              foreign.status());
  }
}

TEST_F(GetAccountTest, ARestrictedSessionCannotTellAnUnknownAccountFromAForeignOneEither) {
  world_.AddPerson(riverside_, "sam.osei");
  world_.Change(asha_, [](storage::AccountRecord& account) { account.aup_version.clear(); });
  const std::string token = world_.Enter(asha_);
  const auto foreign = world_.Call(token, GetAccount, ByName("sam.osei"));
  EXPECT_EQ(Outcome(foreign), "FAILED_PRECONDITION / SESSION_RESTRICTED");
  EXPECT_EQ(Told(world_.Call(token, GetAccount, ByName("nobody")).status()),
            Told(foreign.status()));
}

TEST_F(GetAccountTest, AgentsReadTheirOwnOrganisationAndOperatorsEverything) {
  const std::string helpdesk =
      world_.Enter(world_.AddPerson(hilltop_, "hugo.helpdesk", v1::ROLE_LOCAL_HELPDESK));
  EXPECT_EQ(Outcome(world_.Call(helpdesk, GetAccount, ById(asha_))), "OK");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(world_.AddOperator()), GetAccount, ById(asha_))),
            "OK");
}

TEST_F(GetAccountTest, ARoleInTheOldOrganisationEndsWithTheMove) {
  const std::string helpdesk =
      world_.Enter(world_.AddPerson(hilltop_, "hugo.helpdesk", v1::ROLE_LOCAL_HELPDESK));
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.organisation_id = riverside_; });
  EXPECT_EQ(Outcome(world_.Call(helpdesk, GetAccount, ById(asha_))), kNotPermitted);
}

TEST_F(GetAccountTest, WhatTimeHasMadeOfAnAccountIsJudgedOnRead) {
  const AccountId an_operator = world_.AddOperator();
  struct Case {
    absl::Duration later;
    v1::AccountState state;
  };
  for (const auto& [later, state] : {Case{absl::Hours(24 * 29), v1::ACCOUNT_STATE_ACTIVE},
                                     Case{absl::Hours(24), v1::ACCOUNT_STATE_INACTIVE},
                                     Case{absl::Hours(24 * 30), v1::ACCOUNT_STATE_DELETED},
                                     Case{absl::Hours(24 * 30), v1::ACCOUNT_STATE_PURGED}}) {
    world_.Advance(later);
    const auto answer = world_.Call(world_.Enter(an_operator), GetAccount, ById(asha_));
    ASSERT_EQ(Outcome(answer), "OK");
    EXPECT_EQ(answer->account().state(), state) << v1::AccountState_Name(state);
    EXPECT_EQ(answer->account().has_profile(), state != v1::ACCOUNT_STATE_PURGED);
  }
}

TEST_F(GetAccountTest, ANameBesideAnIdIsAFault) {
  auto request = ById(asha_);
  request.set_username("asha.patel");
  EXPECT_THAT(FaultyFields(world_.Call(world_.Enter(asha_), GetAccount, request).status()),
              ElementsAre("username"));
}

TEST_F(GetAccountTest, WithoutASessionNothingIsRead) {
  EXPECT_EQ(Outcome(world_.Call("", GetAccount, {})), "UNAUTHENTICATED / SESSION_INVALID");
  EXPECT_EQ(Outcome(world_.Call("gh1_nonsense", GetAccount, {})),
            "UNAUTHENTICATED / SESSION_INVALID");
}

}  // namespace
}  // namespace gatehouse::server
