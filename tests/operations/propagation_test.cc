// What directories are told, operation by operation.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/account_operations.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

template <typename Request>
Request Attested(const storage::AccountId& id) {
  Request request;
  request.set_account_id(id.value());
  request.set_reason("reported stolen");
  request.mutable_identity_check()->mutable_attestation()->set_kind(
      v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  return request;
}

class PropagationTest : public testing::Test {
 protected:
  // The one message for directories that is waiting.
  outbox::v1::Message Told() {
    const auto messages = world_.Outbox(storage::OutboxChannel::kDirectories);
    EXPECT_THAT(messages, SizeIs(1));
    outbox::v1::Message message;
    if (messages.empty()) return message;
    EXPECT_TRUE(message.ParseFromString(messages[0].payload));
    EXPECT_EQ(message.message_id(), messages[0].id);
    EXPECT_EQ(message.account_id(), messages[0].account_id.value());
    EXPECT_EQ(message.kind(), "ACCOUNT_CHANGED");
    EXPECT_FALSE(message.has_to()) << "a directory needs no contact";
    return message;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId la_ = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const std::string administrator_ = world_.Enter(la_);
};

TEST_F(PropagationTest, ANewAccountIsToldWhole) {
  v1::CreateAccountRequest request;
  request.set_organisation_id(riverside_.value());
  request.set_username("sam.osei");
  request.mutable_profile()->set_given_name("Sam");
  request.mutable_profile()->set_family_name("Osei");
  request.mutable_profile()->set_display_name("Sam Osei");
  request.mutable_profile()->set_contact_email("sam.osei@example.org");
  const auto created = world_.Call(administrator_, CreateAccount, request);
  ASSERT_EQ(Outcome(created), "OK");
  const outbox::v1::Message told = Told();
  EXPECT_EQ(told.account_id(), created->account().account_id());
  EXPECT_EQ(told.account().username(), "sam.osei");
  EXPECT_EQ(told.account().organisation_id(), riverside_.value());
  EXPECT_EQ(told.account().status(), "PENDING");
  EXPECT_TRUE(told.account().has_status_until()) << "left alone it falls asleep";
  EXPECT_TRUE(told.account().has_password());
  EXPECT_GT(told.account().version(), 0);
}

TEST_F(PropagationTest, AResecureVoidsThePasswordAtOnce) {
  auto request = Attested<v1::ResecureAccountRequest>(asha_);
  request.set_defer_temporary_password(true);
  ASSERT_EQ(Outcome(world_.Call(administrator_, ResecureAccount, request)), "OK");
  const outbox::v1::DirectoryAccount told = Told().account();
  EXPECT_FALSE(told.has_password());
  EXPECT_EQ(told.status(), "ACTIVE");
}

TEST_F(PropagationTest, ANewPasswordIsToldWithTheOrganisationsScope) {
  for (const bool seamless : {false, true}) {
    World world;
    const auto organisation = world.AddOrganisation("Riverside Trust");
    const auto la = world.AddPerson(organisation, "la", v1::ROLE_LOCAL_ADMIN);
    const auto person = world.AddPerson(organisation, "person");
    if (seamless) {
      EXPECT_EQ(world.accounts().Transact([&](storage::Transaction& t) {
        storage::OrganisationRecord record = *t.FindOrganisation(organisation);
        record.password_scope = v1::PASSWORD_SCOPE_SEAMLESS;
        return t.UpdateOrganisation(record);
      }),
                absl::OkStatus());
    }
    ASSERT_EQ(Outcome(world.Call(world.Enter(la), ResetPassword,
                                 Attested<v1::ResetPasswordRequest>(person))),
              "OK");
    const auto messages = world.Outbox(storage::OutboxChannel::kDirectories);
    ASSERT_THAT(messages, SizeIs(1));
    outbox::v1::Message message;
    ASSERT_TRUE(message.ParseFromString(messages[0].payload));
    EXPECT_EQ(message.account().seamless_password(), seamless);
    EXPECT_TRUE(message.account().has_password());
  }
}

TEST_F(PropagationTest, TheLifeCycleIsToldStepByStepInVersionsThatGrow) {
  int64_t version = 0;
  // What directories are told of an act that is done by `token`.
  const auto after = [&](const std::string& token, auto operation, auto request) {
    EXPECT_EQ(Outcome(world_.Call(token, operation, request)), "OK");
    const outbox::v1::DirectoryAccount told = Told().account();
    EXPECT_GT(told.version(), version);
    version = told.version();
    EXPECT_EQ(world_.accounts().Transact([&](storage::Transaction& t) {
      const auto due = t.DueOutbox(storage::OutboxChannel::kDirectories, absl::InfiniteFuture(), 9);
      return t.DeleteOutbox(due->at(0).id);
    }),
              absl::OkStatus());
    return told;
  };
  const auto about = [&](auto request) {
    request.set_account_id(asha_.value());
    request.set_reason("as agreed");
    return request;
  };
  using v1::DisableAccountRequest, v1::EnableAccountRequest, v1::DeleteAccountRequest;
  EXPECT_EQ(after(administrator_, DisableAccount, about(DisableAccountRequest())).status(),
            "DISABLED");
  EXPECT_EQ(after(administrator_, EnableAccount, about(EnableAccountRequest())).status(), "ACTIVE");
  EXPECT_EQ(after(administrator_, DeleteAccount, about(DeleteAccountRequest())).status(),
            "DELETED");
  EXPECT_EQ(after(administrator_, RestoreAccount, about(v1::RestoreAccountRequest())).status(),
            "ACTIVE");
  EXPECT_TRUE(after(administrator_, MarkLeaver, about(v1::MarkLeaverRequest())).leaver());

  const auto hilltop = world_.AddOrganisation("Hilltop Surgery");
  const auto other = world_.AddPerson(hilltop, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  auto join = Attested<v1::JoinOrganisationRequest>(asha_);
  join.set_organisation_id(hilltop.value());
  const auto joined = after(world_.Enter(other), JoinOrganisation, join);
  EXPECT_EQ(joined.organisation_id(), hilltop.value());
  EXPECT_FALSE(joined.leaver());
}

TEST_F(PropagationTest, WhoComesBackIsActiveInDirectoriesToo) {
  world_.Advance(absl::Hours(24 * 31));
  world_.SignIn("asha.patel", kPassword);
  EXPECT_EQ(Told().account().status(), "ACTIVE");
}

TEST_F(PropagationTest, WhatDirectoriesNeedNotKnowTheyAreNotTold) {
  world_.SignIn("asha.patel", kPassword);
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  ASSERT_EQ(Outcome(world_.Call(administrator_, UnlockAccount,
                                Attested<v1::UnlockAccountRequest>(asha_))),
            "OK");
  EXPECT_THAT(world_.Outbox(storage::OutboxChannel::kDirectories), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::server
