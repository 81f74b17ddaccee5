#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OrganisationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ListSessionsTest : public testing::Test {
 protected:
  std::vector<std::string> Devices(const std::string& token, v1::ListSessionsRequest request = {}) {
    std::vector<std::string> devices;
    do {
      const auto page = world_.Call(token, ListSessions, request);
      EXPECT_EQ(Outcome(page), "OK");
      if (!page.ok()) break;
      for (const v1::Session& session : page->sessions()) {
        devices.push_back(session.client().device_label());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return devices;
  }

  v1::ListSessionsRequest Of(const AccountId& id) {
    v1::ListSessionsRequest request;
    request.set_account_id(id.value());
    return request;
  }

  World world_;
  const OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const AccountId asha_ = world_.AddPerson(hilltop_, "asha.patel");
};

TEST_F(ListSessionsTest, LiveSessionsAreListedNewestFirstAndTheAskingOneIsMarked) {
  const std::string oldest = world_.Enter(asha_, "laptop");
  world_.Advance(absl::Minutes(1));
  world_.Enter(asha_, "phone");
  world_.Advance(absl::Minutes(1));
  world_.Enter(asha_, "kiosk");
  const auto answer = world_.Call(oldest, ListSessions, {});
  ASSERT_EQ(Outcome(answer), "OK");
  ASSERT_EQ(answer->sessions_size(), 3);
  EXPECT_EQ(answer->sessions(0).client().device_label(), "kiosk");
  EXPECT_EQ(answer->sessions(1).client().device_label(), "phone");
  EXPECT_EQ(answer->sessions(2).client().device_label(), "laptop");
  EXPECT_FALSE(answer->sessions(0).current());
  EXPECT_TRUE(answer->sessions(2).current());
  EXPECT_EQ(answer->sessions(2).level(), v1::SESSION_LEVEL_FULL);
}

TEST_F(ListSessionsTest, PagesNeitherRepeatNorSkipEvenWithinOneInstant) {
  std::string token;
  for (int i = 0; i < 7; ++i) token = world_.Enter(asha_, std::to_string(i));
  for (const int size : {1, 2, 3, 7}) {
    v1::ListSessionsRequest request;
    request.set_page_size(size);
    EXPECT_THAT(Devices(token, request), UnorderedElementsAre("0", "1", "2", "3", "4", "5", "6"));
  }
}

TEST_F(ListSessionsTest, WhatIsOverIsNotListedThoughTheStoreStillHasIt) {
  world_.Enter(asha_, "idle");
  world_.Advance(absl::Minutes(59));
  const std::string revoked = world_.Enter(asha_, "revoked");
  const std::string token = world_.Enter(asha_, "living");
  const auto key = world_.dependencies().sessions.List(asha_, absl::InfiniteFuture());
  ASSERT_EQ(key->size(), 3u);

  // The row alone ends a session: what tidies the store may be away.
  for (const storage::ListedSession& listed : *key) {
    if (listed.client.device_label != "revoked") continue;
    storage::RevocationRecord row;
    row.kind = storage::RevocationKind::kSession;
    row.account_id = asha_;
    row.digest = listed.session.record.key.digest;
    row.keep_until = world_.clock().Now() + absl::Hours(12);
    ASSERT_TRUE(world_.accounts()
                    .TransactRevoking([&](storage::Transaction& transaction) {
                      return transaction.AppendRevocation(row).status();
                    })
                    .ok());
  }
  world_.Advance(absl::Minutes(1));
  EXPECT_THAT(Devices(token), ElementsAre("living"));
  EXPECT_EQ(world_.sessions().List(asha_, absl::InfiniteFuture())->size(), 3u);
}

TEST_F(ListSessionsTest, AgentsListTheirPeoplesSessionsAndOthersCannot) {
  world_.Enter(asha_, "laptop");
  const std::string helpdesk =
      world_.Enter(world_.AddPerson(hilltop_, "hugo.helpdesk", v1::ROLE_LOCAL_HELPDESK));
  EXPECT_THAT(Devices(helpdesk, Of(asha_)), ElementsAre("laptop"));
  const auto answer = world_.Call(helpdesk, ListSessions, Of(asha_));
  EXPECT_FALSE(answer->sessions(0).current());

  const OrganisationId riverside = world_.AddOrganisation("Riverside Trust");
  const std::string foreign =
      world_.Enter(world_.AddPerson(riverside, "la.riverside", v1::ROLE_LOCAL_ADMIN));
  const auto refused = world_.Call(foreign, ListSessions, Of(asha_));
  EXPECT_EQ(Outcome(refused), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(world_.Call(foreign, ListSessions, Of(AccountId(std::string(22, 'A')))).status(),
            refused.status());
}

TEST_F(ListSessionsTest, WithoutTheSessionStoreNothingIsTold) {
  const std::string token = world_.Enter(asha_);
  world_.sessions().SetAway(true);
  EXPECT_EQ(Outcome(world_.Call(token, ListSessions, {})), "UNAVAILABLE / STORE_UNAVAILABLE");
}

}  // namespace
}  // namespace gatehouse::server
