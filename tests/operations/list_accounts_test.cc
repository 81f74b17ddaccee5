#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OrganisationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ListAccountsTest : public testing::Test {
 protected:
  struct Listing {
    std::vector<std::string> usernames;
    int pages = 0;
  };

  Listing List(v1::ListAccountsRequest request) {
    Listing listing;
    do {
      const auto page = world_.Call(helpdesk_, ListAccounts, request);
      EXPECT_EQ(Outcome(page), "OK");
      if (!page.ok()) break;
      ++listing.pages;
      for (const v1::Account& account : page->accounts()) {
        listing.usernames.push_back(account.username());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return listing;
  }

  void Lock(const AccountId& id) {
    world_.Change(
        id, [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  }

  World world_;
  const OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const std::string helpdesk_ =
      world_.Enter(world_.AddPerson(hilltop_, "hugo.helpdesk", v1::ROLE_LOCAL_HELPDESK));
};

TEST_F(ListAccountsTest, AnOrganisationsPeopleAreListedByUsernameAndNobodyElse) {
  world_.AddPerson(hilltop_, "zoe");
  world_.AddPerson(hilltop_, "asha");
  world_.AddPerson(riverside_, "bert");
  for (const int size : {1, 2, 3, 50}) {
    SCOPED_TRACE(size);
    v1::ListAccountsRequest request;
    request.set_page_size(size);
    const Listing listing = List(request);
    EXPECT_THAT(listing.usernames, ElementsAre("asha", "hugo.helpdesk", "zoe"));
    EXPECT_EQ(listing.pages, (3 + size - 1) / size);
  }
}

TEST_F(ListAccountsTest, FiltersHoldTogether) {
  world_.AddPerson(hilltop_, "anna", v1::ROLE_LOCAL_ADMIN);
  world_.AddPerson(hilltop_, "annabel");
  Lock(world_.AddPerson(hilltop_, "annie", v1::ROLE_LOCAL_ADMIN));
  v1::ListAccountsRequest request;
  request.set_name_prefix("ANN");
  EXPECT_THAT(List(request).usernames, ElementsAre("anna", "annabel", "annie"));
  request.set_role(v1::ROLE_LOCAL_ADMIN);
  EXPECT_THAT(List(request).usernames, ElementsAre("anna", "annie"));
  request.set_state(v1::ACCOUNT_STATE_LOCKED);
  EXPECT_THAT(List(request).usernames, ElementsAre("annie"));
}

TEST_F(ListAccountsTest, ARareStateIsFoundAmongMany) {
  for (int i = 0; i < 60; ++i) {
    const AccountId id = world_.AddPerson(hilltop_, absl::StrFormat("person.%03d", i));
    if (i % 20 == 19) Lock(id);
  }
  v1::ListAccountsRequest request;
  request.set_state(v1::ACCOUNT_STATE_LOCKED);
  for (const int size : {1, 2, 3, 10}) {
    SCOPED_TRACE(size);
    request.set_page_size(size);
    const Listing listing = List(request);
    EXPECT_THAT(listing.usernames, ElementsAre("person.019", "person.039", "person.059"));
    EXPECT_EQ(listing.pages, (3 + size - 1) / size);
  }
}

TEST_F(ListAccountsTest, OnePageLooksAtABoundedNumberOfAccounts) {
  for (int i = 0; i < 5200; ++i) world_.AddPerson(hilltop_, absl::StrFormat("person.%04d", i));
  Lock(world_.AddPerson(hilltop_, "zz.last"));
  v1::ListAccountsRequest request;
  request.set_state(v1::ACCOUNT_STATE_LOCKED);
  request.set_page_size(500);
  const auto first = world_.Call(helpdesk_, ListAccounts, request);
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_THAT(first->accounts(), IsEmpty());
  EXPECT_FALSE(first->next_page_token().empty());
  EXPECT_THAT(List(request).usernames, ElementsAre("zz.last"));
}

TEST_F(ListAccountsTest, StateIsJudgedOnReadAndNotAsStored) {
  world_.AddPerson(hilltop_, "asha");
  world_.Advance(absl::Hours(24 * 31));
  const std::string helpdesk =
      world_.Enter(world_.AddPerson(hilltop_, "ingrid", v1::ROLE_LOCAL_HELPDESK));
  v1::ListAccountsRequest request;
  request.set_state(v1::ACCOUNT_STATE_INACTIVE);
  const auto inactive = world_.Call(helpdesk, ListAccounts, request);
  ASSERT_EQ(Outcome(inactive), "OK");
  EXPECT_THAT(inactive->accounts(), SizeIs(2));  // asha and hugo.helpdesk
  request.set_state(v1::ACCOUNT_STATE_ACTIVE);
  const auto active = world_.Call(helpdesk, ListAccounts, request);
  ASSERT_EQ(Outcome(active), "OK");
  EXPECT_THAT(active->accounts(), SizeIs(1));
}

TEST_F(ListAccountsTest, OnlyAgentsOfTheOrganisationList) {
  v1::ListAccountsRequest foreign, unknown;
  foreign.set_organisation_id(riverside_.value());
  unknown.set_organisation_id(std::string(22, 'A'));
  const auto refused = world_.Call(helpdesk_, ListAccounts, foreign);
  EXPECT_EQ(Outcome(refused), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(world_.Call(helpdesk_, ListAccounts, unknown).status(), refused.status());
  const std::string plain = world_.Enter(world_.AddPerson(hilltop_, "asha"));
  EXPECT_EQ(Outcome(world_.Call(plain, ListAccounts, {})), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(world_.AddOperator()), ListAccounts, foreign)), "OK");
}

TEST_F(ListAccountsTest, APageTokenDoesNotWidenWhatIsListed) {
  world_.AddPerson(hilltop_, "asha");
  const std::string an_operator = world_.Enter(world_.AddOperator());
  v1::ListAccountsRequest request;
  request.set_organisation_id(hilltop_.value());
  request.set_page_size(1);
  const auto page = world_.Call(an_operator, ListAccounts, request);
  ASSERT_EQ(Outcome(page), "OK");
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(Outcome(world_.Call(helpdesk_, ListAccounts, request)),
            "INVALID_ARGUMENT / PAGE_TOKEN_INVALID");
  request.set_organisation_id(riverside_.value());
  EXPECT_EQ(Outcome(world_.Call(an_operator, ListAccounts, request)),
            "INVALID_ARGUMENT / PAGE_TOKEN_INVALID");
}

TEST_F(ListAccountsTest, EachAccountIsToldAsItIsByItself) {
  struct Recognised {
    const char* username;
    int64_t successes;
    int64_t by_secrets_before_this = 0;
  };
  world_.AddPerson(hilltop_, "dora");  // never
  for (const Recognised& person :
       {Recognised{"asha", 4}, Recognised{"bert", 4, 1}, Recognised{"carl", 3}}) {
    const AccountId id = world_.AddPerson(hilltop_, person.username);
    const int64_t version = world_.Find(id).secret.version - person.by_secrets_before_this;
    ASSERT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
      return transaction.PutRecognition(
          {.account_id = id, .secret_version = version, .successes = person.successes});
    }),
              absl::OkStatus());
  }
  const auto page = world_.Call(helpdesk_, ListAccounts, {});
  ASSERT_EQ(Outcome(page), "OK");
  ASSERT_EQ(page->accounts_size(), 5);
  EXPECT_THAT(page->accounts(0).required_actions(),
              ElementsAre(v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
  EXPECT_THAT(page->accounts(1).required_actions(), IsEmpty());
  for (const v1::Account& listed : page->accounts()) {
    v1::GetAccountRequest request;
    request.set_account_id(listed.account_id());
    const auto alone = world_.Call(helpdesk_, GetAccount, request);
    ASSERT_EQ(Outcome(alone), "OK");
    EXPECT_EQ(listed.SerializeAsString(), alone->account().SerializeAsString())
        << listed.username();
  }
}

}  // namespace
}  // namespace gatehouse::server
