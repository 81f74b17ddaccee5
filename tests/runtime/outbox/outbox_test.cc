// From the outbox to the gateway: rounds step by step on a fake clock, then the thread.

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/runtime/outbox/outbox_dispatcher.h"
#include "server/runtime/outbox/outbox_round.h"
#include "storage/memory/account_store.h"
#include "tests/runtime/outbox/recording_gateway.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OutboxTest : public testing::Test {
 protected:
  void Append(const std::string& id, const std::string& account, bool readable = true) {
    outbox::v1::Notification notification;
    notification.set_message_id(id);
    storage::OutboxRecord row;
    row.id = id;
    row.account_id = AccountId(account);
    row.kind = "PASSWORD_RESET";
    row.payload = readable ? notification.SerializeAsString() : "\xff\xff";
    row.created_at = row.due_at = clock_.Now();
    ASSERT_TRUE(store_
                    ->Transact([&](storage::Transaction& transaction) {
                      return transaction.AppendOutbox(row);
                    })
                    .ok());
  }

  OutboxRound Round() {
    const auto round = DeliverDue(*store_, gateway_, bounds_, clock_.Now(), [] { return false; });
    EXPECT_TRUE(round.ok()) << round.status();
    return round.ok() ? *round : OutboxRound();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'795'269'731)};
  std::unique_ptr<storage::AccountStore> store_ =
      storage::NewMemoryAccountStore("AAAAAAAAAAAAAAAAAAAAAA");
  RecordingGateway gateway_;
  OutboxBounds bounds_;
};

TEST_F(OutboxTest, MessagesOfOneAccountLeaveInOrderOneARound) {
  Append("a1", "asha");
  Append("a2", "asha");
  Append("s1", "sam");
  EXPECT_THAT(Round().delivered, ElementsAre("a1", "s1"));
  EXPECT_THAT(Round().delivered, ElementsAre("a2"));
  EXPECT_THAT(Round().delivered, IsEmpty());
  EXPECT_THAT(gateway_.delivered(), ElementsAre("a1", "s1", "a2"));
}

TEST_F(OutboxTest, AFailureHoldsUpItsOwnAccountAndNobodyElse) {
  Append("a1", "asha");
  Append("a2", "asha");
  Append("s1", "sam");
  gateway_.Refuse({"a1"});
  const OutboxRound round = Round();
  ASSERT_EQ(round.failed.size(), 1u);
  EXPECT_EQ(round.failed[0].message_id, "a1");
  EXPECT_THAT(Round().delivered, IsEmpty());
  gateway_.Refuse({});
  clock_.Advance(bounds_.first_wait);
  EXPECT_THAT(Round().delivered, ElementsAre("a1"));
  EXPECT_THAT(Round().delivered, ElementsAre("a2"));
  EXPECT_THAT(gateway_.delivered(), ElementsAre("s1", "a1", "a2"));
}

TEST_F(OutboxTest, WaitsGrowUpToTheirBound) {
  Append("a1", "asha");
  gateway_.Refuse({"a1"});
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 12; ++i) {
    const OutboxRound round = Round();
    ASSERT_EQ(round.failed.size(), 1u) << i;
    waits.push_back(round.failed[0].again_at - clock_.Now());
    clock_.Advance(waits.back() - absl::Microseconds(1));
    EXPECT_THAT(Round().failed, IsEmpty()) << i;
    clock_.Advance(absl::Microseconds(1));
  }
  EXPECT_EQ(waits[0], absl::Seconds(1));
  EXPECT_EQ(waits[1], absl::Seconds(2));
  EXPECT_EQ(waits[8], absl::Seconds(256));
  EXPECT_EQ(waits[9], absl::Minutes(5));
  EXPECT_EQ(waits[11], absl::Minutes(5));
}

TEST_F(OutboxTest, WhatCannotBeReadStaysAndIsAFailure) {
  Append("a1", "asha", /*readable=*/false);
  EXPECT_EQ(Round().failed.size(), 1u);
  EXPECT_THAT(gateway_.delivered(), IsEmpty());
}

TEST_F(OutboxTest, ARoundThatIsStoppedNotesWhatItDelivered) {
  Append("a1", "asha");
  Append("s1", "sam");
  const auto round = DeliverDue(*store_, gateway_, bounds_, clock_.Now(),
                                [&] { return !gateway_.delivered().empty(); });
  ASSERT_TRUE(round.ok());
  EXPECT_THAT(round->delivered, ElementsAre("a1"));
  EXPECT_THAT(Round().delivered, ElementsAre("s1"));
}

class OutboxDispatcherTest : public OutboxTest {
 protected:
  // Looks when it is nudged, and practically never by itself.
  std::unique_ptr<OutboxDispatcher> Start() {
    return std::make_unique<OutboxDispatcher>(
        *store_, gateway_, clock_, log_, metrics_,
        OutboxDispatcher::Options{.interval = absl::Hours(1), .bounds = bounds_});
  }

  int CountInLog(absl::string_view event) const {
    int count = 0;
    std::istringstream lines(log_text_.str());
    for (std::string line; std::getline(lines, line);) count += absl::StrContains(line, event);
    return count;
  }

  std::ostringstream log_text_;
  Logger log_{LogLevel::kInfo, log_text_};
  Metrics metrics_;
};

TEST_F(OutboxDispatcherTest, WhatLiesThereAtTheStartAndWhatComesLaterIsDelivered) {
  for (int i = 0; i < 250; ++i) Append(absl::StrCat("m", i), "asha");
  const auto dispatcher = Start();
  gateway_.AwaitAttempts(250);
  Append("later", "asha");
  dispatcher->Nudge();
  gateway_.AwaitAttempts(251);
  EXPECT_EQ(gateway_.delivered().back(), "later");
}

TEST_F(OutboxDispatcherTest, TroubleIsLoggedOnceWhenItBeginsAndOnceWhenItIsOver) {
  Append("a1", "asha");
  Append("s1", "sam");
  gateway_.Refuse({"a1", "s1"});
  auto dispatcher = Start();
  gateway_.AwaitAttempts(2);
  for (int attempts = 4; attempts <= 6; attempts += 2) {
    clock_.Advance(absl::Seconds(2 * attempts));
    dispatcher->Nudge();
    gateway_.AwaitAttempts(attempts);
  }
  gateway_.Refuse({});
  clock_.Advance(absl::Minutes(1));
  dispatcher->Nudge();
  gateway_.AwaitAttempts(8);
  dispatcher.reset();
  EXPECT_EQ(CountInLog("outbox_delivery_failing"), 1);
  EXPECT_EQ(CountInLog("outbox_delivery_recovered"), 1);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_delivered_total 2"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_failures_total 6"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_failing_messages 0"));
}

TEST_F(OutboxDispatcherTest, WhatOneServerCouldNotDeliverTheNextOneDoes) {
  Append("a1", "asha");
  gateway_.Refuse({"a1"});
  {
    const auto first = Start();
    gateway_.AwaitAttempts(1);
  }
  gateway_.Refuse({});
  clock_.Advance(absl::Minutes(1));
  const auto second = Start();
  gateway_.AwaitAttempts(2);
  EXPECT_THAT(gateway_.delivered(), ElementsAre("a1"));
}

}  // namespace
}  // namespace gatehouse::server
