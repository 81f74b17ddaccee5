// What time makes of accounts: judged on read, written down by a sweep that changes no answer.
#include "server/operations/accounts/hygiene.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/account_operations.h"
#include "server/operations/session_operations.h"
#include "tests/contract/account_samples.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::AccountRecord;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kMonth = absl::Hours(720);
constexpr absl::Duration kEighteenMonths = absl::Hours(13'152);
constexpr absl::Duration kTick = absl::Microseconds(1);

class HygieneTest : public testing::Test {
 protected:
  AccountId AddWith(const std::string& username,
                    const std::function<void(AccountRecord&)>& change) {
    const AccountId id = world_.AddPerson(riverside_, username);
    world_.Change(id, change);
    return id;
  }

  AccountId AddSince(const std::string& username, v1::AccountStatus status, absl::Duration ago) {
    return AddWith(username, [this, status, ago](AccountRecord& account) {
      account.status = status;
      account.status_changed_at = world_.clock().Now() - ago;
      account.last_used_at = account.status_changed_at;
    });
  }

  // The system's own events about somebody, the latest first: "INACTIVE 30 days ago".
  std::vector<std::string> Written(const AccountId& id) {
    std::vector<std::string> events;
    for (const auto& event : world_.Audit(riverside_)) {
      if (event.caller != kHygieneCaller || event.target_id != id) continue;
      const auto status = event.details.find(kHygieneStatus);
      events.push_back(absl::StrCat(status == event.details.end() ? "password" : status->second,
                                    " ", absl::FormatDuration(world_.clock().Now() - event.time),
                                    " ago"));
    }
    return events;
  }

  // The latest that directories were told of somebody.
  outbox::v1::DirectoryAccount Told(const AccountId& id) {
    outbox::v1::DirectoryAccount latest;
    const absl::Status read =
        world_.accounts().Read([&](storage::Transaction& transaction) -> absl::Status {
          const auto rows = transaction.DueOutbox(storage::OutboxChannel::kDirectories,
                                                  absl::InfiniteFuture(), 999);
          for (const auto& row : *rows) {
            outbox::v1::Message message;
            EXPECT_TRUE(message.ParseFromString(row.payload));
            if (row.account_id == id) latest = message.account();
          }
          return rows.status();
        });
    EXPECT_TRUE(read.ok()) << read;
    return latest;
  }

  // As though everything had been delivered.
  void TakeOutbox() {
    ASSERT_TRUE(world_.accounts()
                    .Transact([&](storage::Transaction& transaction) -> absl::Status {
                      const auto rows = transaction.DueOutbox(storage::OutboxChannel::kDirectories,
                                                              absl::InfiniteFuture(), 999);
                      for (const auto& row : *rows) {
                        EXPECT_TRUE(transaction.DeleteOutbox(row.id).ok());
                      }
                      return rows.status();
                    })
                    .ok());
  }

  template <typename Response>
  static std::string Shown(const absl::StatusOr<Response>& answer) {
    return answer.ok() ? answer->DebugString() : answer.status().ToString();
  }

  // Whatever anybody could ask about the account without changing it.
  std::vector<std::string> Answers(const AccountId& id, const std::string& username) {
    v1::GetAccountRequest by_id, by_name;
    by_id.set_account_id(id.value());
    by_name.set_username(username);
    v1::CheckEligibilityRequest eligibility;
    eligibility.set_account_id(id.value());
    v1::ListSessionsRequest sessions;
    sessions.set_account_id(id.value());
    v1::GetAccountTimelineRequest timeline;
    timeline.set_account_id(id.value());
    auto told = world_.Call(admin_session_, GetAccountTimeline, timeline);
    if (told.ok()) {  // but for whether the log has it already
      for (auto& entry : *told->mutable_entries()) entry.clear_audit_sequence();
    }
    std::vector<std::string> answers = {
        Shown(world_.Call(admin_session_, GetAccount, by_id)),
        Shown(world_.Call(admin_session_, GetAccount, by_name)),
        Shown(world_.Call(admin_session_, CheckEligibility, eligibility)),
        Shown(world_.Call(admin_session_, ListSessions, sessions)), Shown(told)};
    for (const auto state :
         {v1::ACCOUNT_STATE_UNSPECIFIED, v1::ACCOUNT_STATE_PENDING, v1::ACCOUNT_STATE_ACTIVE,
          v1::ACCOUNT_STATE_INACTIVE, v1::ACCOUNT_STATE_DISABLED, v1::ACCOUNT_STATE_DELETED,
          v1::ACCOUNT_STATE_PURGED, v1::ACCOUNT_STATE_LEAVER}) {
      v1::ListAccountsRequest list;
      list.set_state(state);
      answers.push_back(Shown(world_.Call(admin_session_, ListAccounts, list)));
    }
    v1::ListAccountsRequest search;
    search.set_name_part(username.substr(1));
    answers.push_back(Shown(world_.Call(admin_session_, ListAccounts, search)));
    return answers;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const AccountId admin_ = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const std::string admin_session_ = world_.Enter(admin_);
};

TEST_F(HygieneTest, WritesDownAtTheInstantAndNotAMicrosecondBefore) {
  struct Case {
    v1::AccountStatus from;
    absl::Duration period;
    v1::AccountStatus to;
  };
  const Case cases[] = {{v1::ACCOUNT_STATUS_PENDING, kMonth, v1::ACCOUNT_STATUS_INACTIVE},
                        {v1::ACCOUNT_STATUS_ACTIVE, kMonth, v1::ACCOUNT_STATUS_INACTIVE},
                        {v1::ACCOUNT_STATUS_INACTIVE, kMonth, v1::ACCOUNT_STATUS_DELETED},
                        {v1::ACCOUNT_STATUS_DISABLED, kEighteenMonths, v1::ACCOUNT_STATUS_DELETED},
                        {v1::ACCOUNT_STATUS_DELETED, kMonth, v1::ACCOUNT_STATUS_PURGED}};
  for (const auto& [from, period, to] : cases) {
    const std::string name = absl::StrCat("from.", from);
    const AccountId before = AddSince(name + ".before", from, period - kTick);
    const AccountId due = AddSince(name + ".due", from, period);
    const absl::Time since = world_.clock().Now();
    world_.SweepAccounts();
    EXPECT_EQ(world_.Find(before).status, from) << from;
    EXPECT_EQ(world_.Find(due).status, to) << from;
    EXPECT_EQ(world_.Find(due).status_changed_at, since) << from;
    EXPECT_THAT(Written(before), IsEmpty()) << from;
    EXPECT_THAT(Written(due), testing::SizeIs(1)) << from;
  }
}

TEST_F(HygieneTest, WritesEveryStepThatTimeHasMadeWithItsOwnInstant) {
  const AccountId id =
      AddSince("long.gone", v1::ACCOUNT_STATUS_ACTIVE, 3 * kMonth + absl::Hours(1));
  world_.SweepAccounts();
  EXPECT_THAT(Written(id), ElementsAre("PURGED 1h ago", "DELETED 721h ago", "INACTIVE 1441h ago"));
  EXPECT_EQ(world_.Find(id).status, v1::ACCOUNT_STATUS_PURGED);
  world_.SweepAccounts();
  EXPECT_THAT(Written(id), testing::SizeIs(3)) << "once";
}

TEST_F(HygieneTest, ALeaverWhomNobodyJoinsIsDeletedWhenTheirTimeIsOver) {
  const auto leaver = [this](const std::string& username, absl::Duration ago) {
    return AddWith(username, [this, ago](AccountRecord& account) {
      account.leaver_at = world_.clock().Now() - ago;
      account.last_used_at = world_.clock().Now();
    });
  };
  const AccountId before = leaver("leaver.before", kMonth - kTick);
  const AccountId due = leaver("leaver.due", kMonth);
  world_.SweepAccounts();
  EXPECT_EQ(world_.Find(before).status, v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_EQ(world_.Find(due).status, v1::ACCOUNT_STATUS_DELETED);
}

// Everybody whom time has made something of, or is just about to.
std::map<std::string, AccountId> Populate(World& world, const storage::OrganisationId& home) {
  const absl::Time now = world.clock().Now();
  std::map<std::string, AccountId> people;
  const auto add = [&](const std::string& name, const std::function<void(AccountRecord&)>& change) {
    people[name] = world.AddPerson(home, name);
    world.Change(people[name], change);
  };
  const auto since = [now](v1::AccountStatus status, absl::Duration ago) {
    return [=](AccountRecord& account) {
      account.status = status;
      account.status_changed_at = now - ago;
      account.last_used_at = now - ago;
    };
  };
  add("new.pending", since(v1::ACCOUNT_STATUS_PENDING, kMonth));
  add("awake", since(v1::ACCOUNT_STATUS_ACTIVE, kMonth - kTick));
  add("asleep", since(v1::ACCOUNT_STATUS_ACTIVE, kMonth + kTick));
  add("faded", since(v1::ACCOUNT_STATUS_ACTIVE, 2 * kMonth));
  add("forgotten", since(v1::ACCOUNT_STATUS_ACTIVE, 3 * kMonth));
  add("disabled", since(v1::ACCOUNT_STATUS_DISABLED, kEighteenMonths));
  add("deleted", since(v1::ACCOUNT_STATUS_DELETED, kMonth - kTick));
  add("purged", since(v1::ACCOUNT_STATUS_DELETED, kMonth));
  add("left", [now](AccountRecord& account) { account.leaver_at = now - kMonth; });
  add("late", [now](AccountRecord& account) {
    account.password.temporary_until = now;
    account.password.must_change = true;
  });
  return people;
}

std::string SigningIn(World& world, const std::string& username, const std::string& password) {
  v1::CreateSessionRequest request;
  request.set_username(username);
  request.set_password(password);
  const auto answer = world.Call("", CreateSession, request);
  return answer.ok() ? absl::StrCat("OK ", answer->session().level())
                     : std::string(answer.status().message());
}

TEST_F(HygieneTest, ASweepChangesNoAnswer) {
  std::map<std::string, AccountId> people = Populate(world_, riverside_);
  std::map<std::string, std::vector<std::string>> before;
  for (const auto& [name, id] : people) before[name] = Answers(id, name);
  world_.SweepAccounts();
  for (const auto& [name, id] : people) {
    const std::vector<std::string> after = Answers(id, name);
    ASSERT_EQ(after.size(), before[name].size());
    for (size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(after[i], before[name][i]) << name << ", answer " << i;
    }
  }
  EXPECT_EQ(world_.Find(people["purged"]).username, "") << "it did sweep";
}

TEST_F(HygieneTest, ASweepChangesNothingForWhoeverSignsIn) {
  World unswept;
  const auto others = Populate(unswept, unswept.AddOrganisation("Riverside Trust"));
  const auto people = Populate(world_, riverside_);
  world_.SweepAccounts();
  for (const auto& [name, id] : people) {
    for (const char* password : {"not-the-password-12", kPassword}) {
      EXPECT_EQ(SigningIn(world_, name, password), SigningIn(unswept, name, password)) << name;
    }
    const std::string state = name;
    const bool is_in = world_.Find(id).status == v1::ACCOUNT_STATUS_ACTIVE;
    EXPECT_EQ(is_in,
              state == "awake" || state == "asleep" || state == "new.pending" || state == "late")
        << name;
  }
}

TEST_F(HygieneTest, AStatusWaitsForClocksToBePutRight) {
  const AccountId early =
      AddSince("early", v1::ACCOUNT_STATUS_DELETED, kMonth + absl::Hours(25) - kTick);
  const AccountId due = AddSince("due", v1::ACCOUNT_STATUS_DELETED, kMonth + absl::Hours(25));
  Hygiene hygiene = world_.hygiene();
  const Hygiene as_shipped{.accounts = hygiene.accounts,
                           .policies = hygiene.policies,
                           .decision_journal = hygiene.decision_journal,
                           .entropy = hygiene.entropy,
                           .metrics = hygiene.metrics};
  ASSERT_TRUE(SweepAccounts(as_shipped, world_.clock().Now(), [] { return false; }).ok());
  EXPECT_EQ(world_.Find(early).status, v1::ACCOUNT_STATUS_DELETED);
  EXPECT_EQ(world_.Find(due).status, v1::ACCOUNT_STATUS_PURGED);
}

TEST_F(HygieneTest, OperatorsAndNationalAdministratorsNeverFade) {
  const AccountId national = world_.AddPerson(riverside_, "nas", v1::ROLE_NATIONAL_ADMIN);
  world_.Change(national, [&](AccountRecord& account) {
    account.status_changed_at = world_.clock().Now() - 9 * kMonth;
    account.last_used_at.reset();
  });
  world_.SweepAccounts();
  EXPECT_EQ(world_.Find(national).status, v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_THAT(Written(national), IsEmpty());
}

TEST_F(HygieneTest, WhoeverWasDisabledOrDeletedIsPurgedInTimeWhateverTheirRole) {
  for (const auto status : {v1::ACCOUNT_STATUS_DISABLED, v1::ACCOUNT_STATUS_DELETED}) {
    for (const auto role : {v1::ROLE_NATIONAL_ADMIN, v1::ROLE_OPERATOR}) {
      const AccountId id =
          world_.AddPerson(riverside_, absl::StrCat("gone-", status, "-", role), role);
      world_.Change(id, [&](AccountRecord& account) {
        account.status = status;
        account.status_changed_at = world_.clock().Now() - kEighteenMonths - kMonth;
      });
      world_.SweepAccounts();
      EXPECT_EQ(world_.Find(id).status, v1::ACCOUNT_STATUS_PURGED)
          << v1::AccountStatus_Name(status) << ", " << v1::Role_Name(role);
    }
  }
}

TEST_F(HygieneTest, AGrantThatExemptsFindsTheAccountAsTimeHasMadeIt) {
  for (const bool swept : {false, true}) {
    const AccountId id = AddSince(absl::StrCat("asleep", swept), v1::ACCOUNT_STATUS_ACTIVE, kMonth);
    if (swept) world_.SweepAccounts();
    v1::GrantRoleRequest grant;
    grant.set_account_id(id.value());
    grant.set_role(v1::ROLE_NATIONAL_ADMIN);
    ASSERT_EQ(Outcome(world_.Call(world_.Enter(world_.AddOperator(absl::StrCat("op", swept))),
                                  GrantRole, grant)),
              "OK");
    EXPECT_EQ(world_.Find(id).status, v1::ACCOUNT_STATUS_INACTIVE) << swept;
  }
}

TEST_F(HygieneTest, DirectoriesAreToldInVersionsThatGrow) {
  const AccountId id = AddSince("asleep", v1::ACCOUNT_STATUS_ACTIVE, kMonth);
  world_.SweepAccounts();
  const auto inactive = Told(id);
  EXPECT_EQ(inactive.status(), "INACTIVE");
  EXPECT_EQ(inactive.username(), "asleep");
  world_.Advance(kMonth);
  TakeOutbox();
  world_.SweepAccounts();
  const auto deleted = Told(id);
  EXPECT_EQ(deleted.status(), "DELETED");
  EXPECT_GT(deleted.version(), inactive.version());
  world_.Advance(kMonth);
  world_.SweepAccounts();  // forgets what was not delivered yet
  const auto purged = Told(id);
  EXPECT_EQ(purged.status(), "PURGED");
  EXPECT_EQ(purged.username(), "");
  EXPECT_FALSE(purged.has_password());
  EXPECT_GT(purged.version(), deleted.version());
}

TEST_F(HygieneTest, ATemporaryPasswordThatDiedIsToldOnce) {
  const AccountId id = AddWith("late", [&](AccountRecord& account) {
    account.password.temporary_until = world_.clock().Now() + kTick;
    account.last_used_at = world_.clock().Now();
  });
  world_.SweepAccounts();
  EXPECT_THAT(Written(id), IsEmpty());
  world_.Advance(kTick);
  world_.SweepAccounts();
  world_.SweepAccounts();
  EXPECT_THAT(Written(id), ElementsAre("password 0 ago"));
  EXPECT_FALSE(Told(id).has_password());
  EXPECT_NE(world_.Find(id).password.phc, "") << "whoever knows it is told that it has expired";
}

TEST_F(HygieneTest, GoesThroughManyInSmallStepsAndStopsWhenTold) {
  std::vector<AccountId> people;
  for (int i = 0; i < 7; ++i) {
    people.push_back(AddSince(absl::StrCat("person", i), v1::ACCOUNT_STATUS_ACTIVE,
                              kMonth + absl::Hours(i % 3)));
  }
  Hygiene hygiene = world_.hygiene();
  hygiene.accounts_at_once = 2;
  const auto written = [&] {
    return std::count_if(people.begin(), people.end(), [&](const AccountId& id) {
      return world_.Find(id).status == v1::ACCOUNT_STATUS_INACTIVE;
    });
  };
  int questions = 0;
  ASSERT_TRUE(SweepAccounts(hygiene, world_.clock().Now(), [&] { return ++questions > 3; }).ok());
  EXPECT_GT(written(), 0);
  EXPECT_LT(written(), 7);
  ASSERT_TRUE(SweepAccounts(hygiene, world_.clock().Now(), [] { return false; }).ok());
  EXPECT_EQ(written(), 7);
}

TEST_F(HygieneTest, SomebodyWhoSignsInMeanwhileIsLeftAlone) {
  const AccountId id = AddSince("asleep", v1::ACCOUNT_STATUS_ACTIVE, kMonth);
  world_.BeforeWrite(0, [&] { world_.SignIn("asleep", kPassword); });
  world_.SweepAccounts();
  EXPECT_EQ(world_.Find(id).status, v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_THAT(Written(id), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::server
