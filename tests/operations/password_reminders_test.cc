// Reminders of passwords that are about to expire: 18, 10, 5, 2 and 1 days before.
#include "server/operations/accounts/password_reminders.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/account_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountRecord;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kYear = absl::Hours(8760);
constexpr absl::Duration kTick = absl::Microseconds(1);

class PasswordRemindersTest : public testing::Test {
 protected:
  // Of a password that expires in so long.
  storage::AccountId Add(const std::string& username, absl::Duration left) {
    const storage::AccountId id = world_.AddPerson(riverside_, username);
    world_.Change(id, [&](AccountRecord& account) {
      account.password.changed_at = world_.clock().Now() + left - kYear;
      account.last_used_at = world_.clock().Now();
    });
    return id;
  }

  // The days that were told since the last time, of somebody: "10".
  std::vector<std::string> Told(const storage::AccountId& id) {
    std::vector<std::string> days;
    const absl::Status taken =
        world_.accounts().Transact([&](storage::Transaction& transaction) -> absl::Status {
          days.clear();
          while (true) {
            bool found = false;
            const auto rows =
                transaction.DueOutbox(storage::OutboxChannel::kPeople, absl::InfiniteFuture(), 999);
            for (const auto& row : *rows) {
              if (row.account_id != id) continue;
              outbox::v1::Message message;
              EXPECT_TRUE(message.ParseFromString(row.payload));
              if (message.kind() == "PASSWORD_EXPIRING")
                days.push_back(message.details().at("days"));
              EXPECT_TRUE(transaction.DeleteOutbox(row.id).ok());
              found = true;
            }
            if (!found) return absl::OkStatus();
          }
        });
    EXPECT_TRUE(taken.ok());
    return days;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
};

TEST_F(PasswordRemindersTest, AreGivenAtEachInstantAndNotAMicrosecondBefore) {
  const storage::AccountId id = Add("asha.patel", 18 * kDay + kTick);
  std::vector<std::string> told;
  for (const int days : {18, 10, 5, 2, 1}) {
    const absl::Time due = world_.Find(id).password.changed_at + kYear - days * kDay;
    world_.clock().Advance(due - kTick - world_.clock().Now());
    world_.SweepAccounts();
    EXPECT_THAT(Told(id), IsEmpty()) << days;
    world_.clock().Advance(kTick);
    world_.SweepAccounts();
    world_.SweepAccounts();
    EXPECT_THAT(Told(id), ElementsAre(absl::StrCat(days)));
    world_.Change(id, [&](AccountRecord& a) { a.last_used_at = world_.clock().Now(); });
  }
  world_.clock().Advance(kDay);
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), IsEmpty()) << "it has expired: signing in tells";
}

TEST_F(PasswordRemindersTest, OfThoseThatWereMissedTheNearestIsGiven) {
  const storage::AccountId id = Add("asha.patel", 4 * kDay + absl::Hours(1));
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), ElementsAre("5"));
  world_.clock().Advance(2 * kDay);
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), IsEmpty());
  world_.clock().Advance(absl::Hours(1));
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), ElementsAre("2"));
}

TEST_F(PasswordRemindersTest, ANewPasswordIsRemindedOfAnew) {
  const storage::AccountId id = Add("asha.patel", kDay);
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), ElementsAre("1"));
  world_.Change(id, [&](AccountRecord& account) {
    ++account.password.version;
    account.password.changed_at = world_.clock().Now() + 10 * kDay - kYear;
  });
  world_.SweepAccounts();
  EXPECT_THAT(Told(id), ElementsAre("10"));
}

TEST_F(PasswordRemindersTest, AreForThoseAloneWhoCanSignIn) {
  const absl::Time now = world_.clock().Now();
  struct Case {
    std::string name;
    void (*change)(AccountRecord&, absl::Time);
  };
  const Case cases[] = {
      {"locked", [](AccountRecord& account, absl::Time at) { account.locked_at = at; }},
      {"disabled",
       [](AccountRecord& account, absl::Time at) {
         account.status = v1::ACCOUNT_STATUS_DISABLED;
         account.status_changed_at = at;
       }},
      {"deleted",
       [](AccountRecord& account, absl::Time at) {
         account.status = v1::ACCOUNT_STATUS_DELETED;
         account.status_changed_at = at;
       }},
      {"left", [](AccountRecord& account, absl::Time at) { account.leaver_at = at - 30 * kDay; }},
      {"temporary", [](AccountRecord& account, absl::Time at) {
         account.password.temporary_until = at + absl::Hours(1);
       }}};
  for (const auto& [name, change] : cases) {
    const storage::AccountId id = Add(name, 2 * kDay);
    world_.Change(id, [&](AccountRecord& account) { change(account, now); });
    world_.SweepAccounts();
    EXPECT_THAT(Told(id), IsEmpty()) << name;
  }
  const storage::AccountId locked = Add("was.locked", 2 * kDay);
  world_.Change(locked, [&](AccountRecord& account) { account.locked_at = now; });
  world_.SweepAccounts();
  world_.Change(locked, [](AccountRecord& account) { account.locked_at.reset(); });
  world_.SweepAccounts();
  EXPECT_THAT(Told(locked), ElementsAre("2")) << "once it is unlocked";
}

}  // namespace
}  // namespace gatehouse::server
