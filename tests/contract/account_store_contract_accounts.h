// Part of account_store_contract.h: organisations, acceptable use policies, accounts, credentials.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_ACCOUNTS_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_ACCOUNTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

// --- Organisations and acceptable use policies ---

TEST_P(AccountStoreContract, FindsAnOrganisationByIdAndByNameWhateverItsCase) {
  const std::string expected = Text(SampleOrganisation(1));
  for (const char* name : {"Trust Number 1", "TRUST number 1", "Ｔrust Number 1"}) {
    const auto found = Read([&](Transaction& t) { return t.FindOrganisationByName(name); });
    ASSERT_EQ(found.status(), absl::OkStatus()) << name;
    EXPECT_EQ(Text(*found), expected);
  }
  EXPECT_EQ(
      Text(*Read([](Transaction& t) { return t.FindOrganisation(SampleOrganisation(1).id); })),
      expected);
  EXPECT_TRUE(absl::IsNotFound(
      Read([](Transaction& t) { return t.FindOrganisationByName("Trust"); }).status()));
}

TEST_P(AccountStoreContract, TakesAnOrganisationsNameOnce) {
  OrganisationRecord namesake = SampleOrganisation(2);
  namesake.display_name = "trust NUMBER 1";
  EXPECT_TRUE(
      absl::IsAlreadyExists(Write([&](Transaction& t) { return t.InsertOrganisation(namesake); })));
  EXPECT_EQ(Write([](Transaction& t) { return t.InsertOrganisation(SampleOrganisation(2)); }),
            absl::OkStatus());
  EXPECT_TRUE(
      absl::IsAlreadyExists(Write([&](Transaction& t) { return t.UpdateOrganisation(namesake); })));
}

TEST_P(AccountStoreContract, UpdatesAnOrganisationUnlessItChangedMeanwhile) {
  OrganisationRecord organisation = SampleOrganisation(1);
  organisation.display_name = "TRUST number 1";
  organisation.nas_managed = false;
  const auto update = [&](Transaction& t) { return t.UpdateOrganisation(organisation); };
  EXPECT_EQ(Write(update), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(Write(update)));
  organisation.row_version = 2;
  EXPECT_EQ(Text(*Read([&](Transaction& t) { return t.FindOrganisation(organisation.id); })),
            Text(organisation));
}

TEST_P(AccountStoreContract, ListsOrganisationsByNamePageByPage) {
  EXPECT_EQ(Write([](Transaction& t) {
              absl::Status status;
              for (int i = 2; i <= 5 && status.ok(); ++i) {
                status = t.InsertOrganisation(SampleOrganisation(i));
              }
              OrganisationRecord other = SampleOrganisation(6);
              other.display_name = "another";
              if (status.ok()) status = t.InsertOrganisation(other);
              return status;
            }),
            absl::OkStatus());
  const auto names = [&](const OrganisationFilter& filter) {
    const auto page = Read([&](Transaction& t) { return t.ListOrganisations(filter); });
    std::vector<std::string> page_names;
    for (const OrganisationRecord& organisation : *page) {
      page_names.push_back(organisation.display_name);
    }
    return page_names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(names({.limit = 2}), ElementsAre("another", "Trust Number 1"));
  EXPECT_THAT(names({.after_name = "Trust Number 1", .limit = 2}),
              ElementsAre("Trust Number 2", "Trust Number 3"));
  EXPECT_THAT(names({.name_prefix = "TRUST", .after_name = "trust number 3", .limit = 9}),
              ElementsAre("Trust Number 4", "Trust Number 5"));
  EXPECT_THAT(names({.name_prefix = "%", .limit = 9}), ElementsAre());
}

TEST_P(AccountStoreContract, KnowsThePolicyPublishedLast) {
  const auto current = [](Transaction& t) { return t.CurrentAcceptableUsePolicy(); };
  EXPECT_TRUE(absl::IsNotFound(Read(current).status()));
  for (int number : {3, 1, 2}) {  // neither version nor instant tells which is the last
    EXPECT_EQ(Write([&](Transaction& t) {
                return t.InsertAcceptableUsePolicy(SampleAcceptableUsePolicy(number));
              }),
              absl::OkStatus());
    EXPECT_EQ(Text(*Read(current)), Text(SampleAcceptableUsePolicy(number)));
  }
  EXPECT_TRUE(absl::IsAlreadyExists(Write(
      [](Transaction& t) { return t.InsertAcceptableUsePolicy(SampleAcceptableUsePolicy(1)); })));
  EXPECT_EQ(Text(*Read([](Transaction& t) { return t.FindAcceptableUsePolicy("2026-3"); })),
            Text(SampleAcceptableUsePolicy(3)));
  EXPECT_TRUE(absl::IsNotFound(
      Read([](Transaction& t) { return t.FindAcceptableUsePolicy("2026"); }).status()));
}

// --- Accounts ---

TEST_P(AccountStoreContract, FindsAnAccountExactlyAsItWasWritten) {
  AccountRecord bare;
  bare.id = AccountId("bare");
  bare.organisation_id = SampleOrganisation(1).id;
  bare.username = "bare";
  bare.status_changed_at = bare.created_at = bare.joined_at = absl::UnixEpoch();
  bare.password.changed_at = absl::UnixEpoch() - absl::Microseconds(1);
  for (const AccountRecord& account : {SampleAccount(1), bare}) {
    EXPECT_EQ(Write([&](Transaction& t) { return t.InsertAccount(account); }), absl::OkStatus());
    EXPECT_EQ(Text(*Read([&](Transaction& t) { return t.FindAccount(account.id); })),
              Text(account));
    EXPECT_EQ(
        Text(*Read([&](Transaction& t) { return t.FindAccountByUsername(account.username); })),
        Text(account));
  }
}

TEST_P(AccountStoreContract, KeepsInstantsToTheMicrosecond) {
  AccountRecord account = SampleAccount(1);
  account.created_at += absl::Nanoseconds(999);
  account.locked_at = *account.locked_at + absl::Nanoseconds(999);
  EXPECT_EQ(Write([&](Transaction& t) { return t.InsertAccount(account); }), absl::OkStatus());
  EXPECT_EQ(Text(Account(1)), Text(SampleAccount(1)));
}

TEST_P(AccountStoreContract, FindsNoAccountByAnythingButItsWholeName) {
  InsertAccounts(1);
  for (const char* name : {"user", "user11", "USER1", "", "%", "user_", "user1'"}) {
    EXPECT_TRUE(absl::IsNotFound(
        Read([&](Transaction& t) { return t.FindAccountByUsername(name); }).status()))
        << name;
  }
}

TEST_P(AccountStoreContract, UpdatesAnAccountUnlessItChangedMeanwhile) {
  InsertAccounts(1);
  AccountRecord account = SampleAccount(2);
  account.id = SampleAccount(1).id;  // everything else is another's
  account.organisation_id = SampleOrganisation(2).id;
  account.secret = {};
  account.locked_at = std::nullopt;
  account.roles = {{v1::ROLE_AUDITOR, SampleOrganisation(2).id}};
  EXPECT_EQ(Write([](Transaction& t) { return t.InsertOrganisation(SampleOrganisation(2)); }),
            absl::OkStatus());
  const auto update = [&](Transaction& t) { return t.UpdateAccount(account); };
  EXPECT_EQ(Write(update), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(Write(update)));
  account.row_version = 2;
  EXPECT_EQ(Text(Account(1)), Text(account));
  account.id = AccountId("nobody");
  EXPECT_TRUE(absl::IsAborted(Write(update)));
}

TEST_P(AccountStoreContract, GivesAUsernameOutOnceAndNeverAgain) {
  InsertAccounts(2);
  AccountRecord thief = SampleAccount(3);
  thief.username = "user1";
  const auto insert = [&](Transaction& t) { return t.InsertAccount(thief); };
  EXPECT_TRUE(absl::IsAlreadyExists(Write(insert)));
  AccountRecord renamed = SampleAccount(1);
  renamed.username = "user2";
  const auto rename = [&](Transaction& t) { return t.UpdateAccount(renamed); };
  EXPECT_TRUE(absl::IsAlreadyExists(Write(rename)));
  renamed.username = "purged-1";
  EXPECT_EQ(Write(rename), absl::OkStatus());
  EXPECT_TRUE(absl::IsAlreadyExists(Write(insert))) << "retired, and still taken";
  renamed = SampleAccount(2);
  renamed.username = "user1";
  EXPECT_TRUE(absl::IsAlreadyExists(Write(rename)));
  thief.username = "new-name";
  thief.id = SampleAccount(1).id;
  EXPECT_TRUE(absl::IsAlreadyExists(Write(insert)));
}

TEST_P(AccountStoreContract, ListsAccountsByUsernamePageByPage) {
  InsertAccounts(25);
  std::vector<std::string> names;
  AccountFilter filter{.organisation_id = SampleOrganisation(1).id, .limit = 10};
  for (std::size_t size = 10; size == 10;) {
    const auto page = Read([&](Transaction& t) { return t.ListAccounts(filter); });
    ASSERT_EQ(page.status(), absl::OkStatus());
    size = page->size();
    for (const std::string& name : Usernames(*page)) names.push_back(name);
    filter.after_username = names.back();
  }
  EXPECT_EQ(names.size(), 25u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(names.front(), "user1");
  EXPECT_EQ(Text(Read([&](Transaction& t) { return t.ListAccounts({.limit = 1}); })->at(0)),
            Text(SampleAccount(1)));
}

TEST_P(AccountStoreContract, AnswersAPageOfAThousand) {
  InsertAccounts(1001);
  const auto page = Read([&](Transaction& t) { return t.ListAccounts({.limit = 1000}); });
  ASSERT_EQ(page.status(), absl::OkStatus());
  EXPECT_EQ(page->size(), 1000u);
  EXPECT_EQ(Usernames(*Read([&](Transaction& t) {
              return t.ListAccounts({.after_username = page->back().username, .limit = 1000});
            })),
            std::vector<std::string>({"user999"}));
}

TEST_P(AccountStoreContract, FiltersAccountsByOrganisationRoleAndPrefixAlike) {
  const OrganisationId here = SampleOrganisation(1).id;
  const OrganisationId there = SampleOrganisation(2).id;
  struct Person {
    const char* username;
    const char* given_name;
    const char* family_name;
    OrganisationId organisation;
    std::vector<RoleGrantRecord> roles;
  };
  const Person people[] = {
      {"ada", "Ada", "Lovelace", here, {{v1::ROLE_LOCAL_ADMIN, here}, {v1::ROLE_OPERATOR, {}}}},
      {"a_b", "Åsa", "STRASSE", here, {}},
      {"axb", "Percy", "100%", here, {{v1::ROLE_AUDITOR, here}}},
      {"bob", "Lovro", "Ada\\m", there, {{v1::ROLE_LOCAL_ADMIN, there}}},
      {"eve", "Eve", "Straße", there, {}},
  };
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.InsertOrganisation(SampleOrganisation(2));
              int number = 0;
              for (const Person& person : people) {
                AccountRecord account = SampleAccount(++number);
                account.username = person.username;
                account.profile.given_name = person.given_name;
                account.profile.family_name = person.family_name;
                account.organisation_id = person.organisation;
                account.roles = person.roles;
                if (status.ok()) status = t.InsertAccount(account);
              }
              return status;
            }),
            absl::OkStatus());
  struct Case {
    AccountFilter filter;
    std::vector<std::string> expected;
  };
  const Case cases[] = {
      {{.organisation_id = there}, {"bob", "eve"}},
      {{.role = v1::ROLE_LOCAL_ADMIN}, {"ada", "bob"}},
      {{.organisation_id = there, .role = v1::ROLE_LOCAL_ADMIN}, {"bob"}},
      {{.role = v1::ROLE_OPERATOR, .after_username = "ada"}, {}},
      {{.name_prefix = "a"}, {"a_b", "ada", "axb", "bob"}},
      {{.name_prefix = "ADA"}, {"ada", "bob"}},
      {{.name_prefix = "a_"}, {"a_b"}},
      {{.name_prefix = "%"}, {}},
      {{.name_prefix = "100%"}, {"axb"}},
      {{.name_prefix = "ada\\"}, {"bob"}},
      {{.name_prefix = "strasse"}, {"a_b", "eve"}},
      {{.name_prefix = "å"}, {"a_b"}},
      {{.name_prefix = "lov"}, {"ada", "bob"}},
      {{.organisation_id = here, .name_prefix = "lov"}, {"ada"}},
      {{.role = v1::ROLE_LOCAL_ADMIN, .name_prefix = "lovr"}, {"bob"}},
      {{.role = v1::ROLE_AUDITOR, .name_prefix = "lov"}, {}},
      {{.name_prefix = "a", .after_username = "ada"}, {"axb", "bob"}},
      {{.name_prefix = "'; --"}, {}},
      {{.name_prefix = "dr. zo"}, {"a_b", "ada", "axb", "bob", "eve"}},
      {{.name_prefix = "user"}, {}},
      {{.name_part = "lace"}, {"ada"}},
      {{.name_part = "D"}, {"a_b", "ada", "axb", "bob", "eve"}},
      {{.name_part = "SS"}, {"a_b", "eve"}},
      {{.name_part = "da\\m"}, {"bob"}},
      {{.name_part = "user3@EXAMPLE"}, {"axb"}},
      {{.name_part = "_"}, {"a_b"}},
      {{.name_part = "%"}, {"axb"}},
      {{.name_part = "!"}, {}},
      {{.name_part = "zoë"}, {"a_b", "ada", "axb", "bob", "eve"}},
      {{.name_part = "adalovelace"}, {}},
      {{.organisation_id = there, .name_part = "ss"}, {"eve"}},
      {{.role = v1::ROLE_LOCAL_ADMIN, .name_part = "da"}, {"ada", "bob"}},
      {{.role = v1::ROLE_AUDITOR, .name_part = "da"}, {}},
      {{.name_prefix = "ad", .name_part = "ove"}, {"ada"}},
      {{.name_prefix = "user", .name_part = "user"}, {}},
      {{.name_part = "example.org", .after_username = "axb"}, {"bob", "eve"}},
  };
  for (Case test : cases) {
    test.filter.limit = 9;
    EXPECT_EQ(Usernames(*Read([&](Transaction& t) { return t.ListAccounts(test.filter); })),
              test.expected)
        << "prefix '" << test.filter.name_prefix << "' part '" << test.filter.name_part << "' role "
        << test.filter.role;
    test.filter.limit = 1;
    test.expected.resize(std::min<std::size_t>(1, test.expected.size()));
    EXPECT_EQ(Usernames(*Read([&](Transaction& t) { return t.ListAccounts(test.filter); })),
              test.expected);
  }
}

TEST_P(AccountStoreContract, CountsHoldersThatCanStillSignInUpToALimit) {
  ASSERT_EQ(Write([](Transaction& t) {
              const v1::AccountStatus statuses[] = {
                  v1::ACCOUNT_STATUS_PENDING, v1::ACCOUNT_STATUS_ACTIVE,
                  v1::ACCOUNT_STATUS_DISABLED, v1::ACCOUNT_STATUS_DELETED,
                  v1::ACCOUNT_STATUS_PURGED};
              absl::Status status;
              int number = 0;
              for (const v1::AccountStatus each : statuses) {
                AccountRecord account = SampleAccount(++number);
                account.status = each;
                if (status.ok()) status = t.InsertAccount(account);
              }
              return status;
            }),
            absl::OkStatus());
  const auto count = [&](v1::Role role, int limit) {
    return Read([&](Transaction& t) { return t.CountHolders(role, limit); }).value_or(-1);
  };
  EXPECT_EQ(count(v1::ROLE_OPERATOR, 9), 2);
  EXPECT_EQ(count(v1::ROLE_OPERATOR, 1), 1);
  EXPECT_EQ(count(v1::ROLE_NATIONAL_ADMIN, 9), 0);
  AccountRecord account = Account(1);
  account.roles.clear();
  EXPECT_EQ(Write([&](Transaction& t) { return t.UpdateAccount(account); }), absl::OkStatus());
  EXPECT_EQ(count(v1::ROLE_OPERATOR, 9), 1);
}

TEST_P(AccountStoreContract, RecordsUseOnceADayWithoutAnotherRowVersion) {
  AccountRecord account = SampleAccount(1);
  account.last_used_at = std::nullopt;
  ASSERT_EQ(Write([&](Transaction& t) { return t.InsertAccount(account); }), absl::OkStatus());
  const absl::Time midnight = absl::FromUnixSeconds(1'788'134'400);
  struct Case {
    absl::Time used_at;
    absl::Time expected;
  };
  const Case cases[] = {
      {midnight + absl::Hours(9), midnight + absl::Hours(9)},
      {midnight + absl::Hours(23), midnight + absl::Hours(9)},
      {midnight - absl::Hours(1), midnight + absl::Hours(9)},
      {midnight + absl::Hours(24), midnight + absl::Hours(24)},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(Write([&](Transaction& t) { return t.RecordUse(account.id, test.used_at); }),
              absl::OkStatus());
    EXPECT_EQ(Account(1).last_used_at, test.expected);
  }
  EXPECT_EQ(Account(1).row_version, 1);
}

// --- Credentials ---

TEST_P(AccountStoreContract, TellsTheHistoryOfCredentialsNewestFirst) {
  InsertAccounts(2);
  const AccountId id = SampleAccount(1).id;
  EXPECT_EQ(Write([&](Transaction& t) {
              absl::Status status;
              for (int i = 1; i <= 6 && status.ok(); ++i) {
                status = t.AppendPasswordHistory(id, absl::StrCat("phc-", i), SampleTime());
                if (status.ok())
                  status = t.AppendSecretHistory(id, absl::StrCat("hash-", i), SampleTime());
              }
              return status;
            }),
            absl::OkStatus());
  using testing::ElementsAre;
  EXPECT_THAT(*Read([&](Transaction& t) { return t.PasswordHistory(id, 4); }),
              ElementsAre("phc-6", "phc-5", "phc-4", "phc-3"));
  EXPECT_THAT(*Read([&](Transaction& t) { return t.SecretHistory(id, 2); }),
              ElementsAre("hash-6", "hash-5"));
  EXPECT_THAT(*Read([&](Transaction& t) { return t.PasswordHistory(SampleAccount(2).id, 4); }),
              ElementsAre());
}

TEST_P(AccountStoreContract, ReservesAndSettlesAttemptsOfEachSubject) {
  const auto attempts = [&](const char* subject) {
    return *Read([&](Transaction& t) { return t.FindPasswordAttempts(subject); });
  };
  EXPECT_EQ(attempts("nobody").failures, 0);
  EXPECT_EQ(
      Write([](Transaction& t) {
        EXPECT_EQ(t.ReservePasswordAttempt("ada", "second", SampleTime(2)), absl::OkStatus());
        EXPECT_EQ(t.ReservePasswordAttempt("ada", "first", SampleTime(1)), absl::OkStatus());
        EXPECT_TRUE(absl::IsAlreadyExists(t.ReservePasswordAttempt("ada", "first", SampleTime(3))));
        return t.ReservePasswordAttempt("bob", "first", SampleTime(1));
      }),
      absl::OkStatus());
  ASSERT_EQ(attempts("ada").pending.size(), 2u);
  EXPECT_EQ(attempts("ada").pending[0].id, "first");
  EXPECT_EQ(attempts("ada").pending[0].reserved_at, SampleTime(1));
  EXPECT_EQ(attempts("ada").pending[1].id, "second");

  const auto settle = [&](const char* id, std::int64_t failures) {
    EXPECT_EQ(Write([&](Transaction& t) {
                return t.SettlePasswordAttempt("ada", id, failures, SampleTime(4));
              }),
              absl::OkStatus());
  };
  settle("first", 12);
  EXPECT_EQ(attempts("ada").failures, 12);
  EXPECT_EQ(attempts("ada").pending.size(), 1u);
  settle("unknown", 13);
  EXPECT_EQ(attempts("ada").failures, 13);
  settle("second", 0);
  EXPECT_EQ(attempts("ada").failures, 0);
  EXPECT_TRUE(attempts("ada").pending.empty());
  EXPECT_EQ(attempts("bob").pending.size(), 1u);
}

TEST_P(AccountStoreContract, CountsFailuresOfASourceSinceAnInstant) {
  EXPECT_EQ(Write([](Transaction& t) {
              absl::Status status;
              for (int minute : {1, 2, 2, 3}) {
                if (status.ok())
                  status = t.AppendSourceFailure("2001:db8::/64", SampleTime(minute));
              }
              return status;
            }),
            absl::OkStatus());
  const auto count = [&](const char* source, absl::Time since) {
    return Read([&](Transaction& t) { return t.CountSourceFailures(source, since); }).value_or(-1);
  };
  EXPECT_EQ(count("2001:db8::/64", SampleTime(1)), 4);
  EXPECT_EQ(count("2001:db8::/64", SampleTime(1) + absl::Microseconds(1)), 3);
  EXPECT_EQ(count("2001:db8::/64", SampleTime(4)), 0);
  EXPECT_EQ(count("2001:db8::", SampleTime(1)), 0);
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_ACCOUNTS_H_
