// From the outbox to the gateway: rounds step by step on a fake clock, then the thread.

#include <algorithm>
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
#include "tests/harness/wait.h"
#include "tests/runtime/outbox/recording_gateway.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OutboxChannel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Status kNotNow = absl::AbortedError("the mailbox is busy");
const absl::Status kNever = absl::InvalidArgumentError("no such mailbox");
const absl::Status kDown = absl::UnavailableError("connection refused");

class OutboxTest : public testing::Test {
 protected:
  void Append(const std::string& id, const std::string& account, bool readable = true,
              OutboxChannel channel = OutboxChannel::kPeople,
              std::optional<absl::Time> expires_at = std::nullopt) {
    outbox::v1::Message message;
    message.set_message_id(id);
    if (expires_at.has_value()) {
      message.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(*expires_at));
    }
    storage::OutboxRecord row;
    row.id = id;
    row.account_id = AccountId(account);
    row.channel = channel;
    row.kind = "PASSWORD_RESET";
    row.payload = readable ? message.SerializeAsString() : "\xff\xff";
    row.created_at = row.due_at = clock_.Now();
    Write([&](storage::Transaction& transaction) { return transaction.AppendOutbox(row); });
  }

  void Write(storage::TransactionBody body) { ASSERT_EQ(store_->Transact(body), absl::OkStatus()); }

  OutboxRoute Route(OutboxChannel channel = OutboxChannel::kPeople) {
    return {.store = *store_,
            .channel = channel,
            .gateway = gateway_,
            .entropy = entropy_,
            .bounds = bounds_};
  }

  OutboxRound Round(OutboxChannel channel = OutboxChannel::kPeople, int refusals = 0) {
    const auto round = DeliverDue(Route(channel), clock_.Now(), refusals, [] { return false; });
    EXPECT_TRUE(round.ok()) << round.status();
    return round.ok() ? *round : OutboxRound();
  }

  std::vector<storage::OutboxRecord> Dead() {
    std::vector<storage::OutboxRecord> dead;
    EXPECT_EQ(store_->Read([&](storage::Transaction& transaction) {
      dead = *transaction.ListDeadOutbox(9);
      return absl::OkStatus();
    }),
              absl::OkStatus());
    return dead;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'795'269'731)};
  SeededEntropy entropy_{7};
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
  gateway_.Refuse({{"a1", kNotNow}});
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

TEST_F(OutboxTest, WhatPeopleCannotBeToldDirectoriesLearnAllTheSame) {
  Append("a1", "asha");
  Append("e1", "asha", /*readable=*/true, OutboxChannel::kDirectories);
  gateway_.Refuse({{"a1", kNotNow}});
  EXPECT_EQ(Round().failed.size(), 1u);
  EXPECT_THAT(Round(OutboxChannel::kDirectories).delivered, ElementsAre("e1"));
}

TEST_F(OutboxTest, WaitsGrowUpToTheirBoundAndAreJittered) {
  Append("a1", "asha");
  gateway_.Refuse({{"a1", kNotNow}});
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 14; ++i) {
    const OutboxRound round = Round();
    ASSERT_EQ(round.failed.size(), 1u) << i;
    ASSERT_TRUE(round.failed[0].again_at.has_value()) << i;
    waits.push_back(*round.failed[0].again_at - clock_.Now());
    const absl::Duration whole = std::min(absl::Seconds(1 << i), absl::Minutes(15));
    EXPECT_GE(waits.back(), whole / 2) << i;
    EXPECT_LE(waits.back(), whole) << i;
    clock_.Advance(waits.back() - absl::Microseconds(1));
    EXPECT_THAT(Round().failed, IsEmpty()) << i;
    clock_.Advance(absl::Microseconds(2));
  }
  std::sort(waits.begin(), waits.end());
  EXPECT_EQ(std::unique(waits.begin(), waits.end()), waits.end()) << "no two are alike";
}

TEST_F(OutboxTest, AGatewayThatIsDownIsAskedWithOneMessageARound) {
  Append("a1", "asha");
  Append("o1", "olive");
  Append("s1", "sam");
  gateway_.Refuse({{"a1", kDown}, {"o1", kDown}, {"s1", kDown}});
  EXPECT_TRUE(Round().gateway_is_down);
  EXPECT_EQ(gateway_.attempts(), 1);
  gateway_.Refuse({});
  EXPECT_THAT(Round().delivered, ElementsAre("o1", "s1")) << "they have not failed";
}

TEST_F(OutboxTest, AfterItsLastAttemptAMessageIsDeadAndTheNextOneLeaves) {
  bounds_.attempts = 3;
  Append("a1", "asha");
  Append("a2", "asha");
  gateway_.Refuse({{"a1", kNotNow}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Round().failed.size(), 1u) << i;
    clock_.Advance(absl::Minutes(15));
  }
  ASSERT_EQ(Dead().size(), 1u);
  EXPECT_EQ(Dead()[0].attempts, 3);
  EXPECT_EQ(Dead()[0].last_error, "the mailbox is busy");
  EXPECT_THAT(Round().delivered, ElementsAre("a2"));

  Write([&](storage::Transaction& transaction) {
    return transaction.ReviveOutbox("a1", clock_.Now());
  });
  gateway_.Refuse({});
  EXPECT_THAT(Round().delivered, ElementsAre("a1")) << "nothing is lost";
}

TEST_F(OutboxTest, WhatIsRefusedForGoodOrCannotBeReadIsDeadAtOnce) {
  Append("a1", "asha");
  Append("s1", "sam", /*readable=*/false);
  gateway_.Refuse({{"a1", kNever}});
  const OutboxRound round = Round();
  EXPECT_EQ(round.failed.size(), 2u);
  EXPECT_FALSE(round.gateway_is_down);
  EXPECT_EQ(Dead().size(), 2u);
}

TEST_F(OutboxTest, AGatewayThatRefusesEverythingBuriesOnlyAFew) {
  std::map<std::string, absl::Status> all;
  for (int i = 0; i < 9; ++i) {
    const std::string id = absl::StrCat("m", i);
    Append(id, id);
    all[id] = kNever;
  }
  gateway_.Refuse(all);
  OutboxRound round = Round();
  EXPECT_EQ(round.failed.size(), 6u);
  EXPECT_TRUE(round.gateway_is_down);
  EXPECT_EQ(Dead().size(), 5u);
  clock_.Advance(absl::Minutes(1));
  round = Round(OutboxChannel::kPeople, round.refusals);
  EXPECT_EQ(round.failed.size(), 1u) << "one a round, until something is delivered";
  EXPECT_EQ(Dead().size(), 5u);

  gateway_.Refuse({{"m8", kNever}});
  clock_.Advance(absl::Minutes(1));
  round = Round(OutboxChannel::kPeople, round.refusals);
  EXPECT_EQ(round.delivered.size(), 3u);
  EXPECT_FALSE(round.gateway_is_down);
  EXPECT_EQ(Dead().size(), 6u) << "now it is about this message again";
}

TEST_F(OutboxTest, ARoundThatIsStoppedNotesWhatItDelivered) {
  Append("a1", "asha");
  Append("s1", "sam");
  const auto round =
      DeliverDue(Route(), clock_.Now(), 0, [&] { return !gateway_.delivered().empty(); });
  ASSERT_TRUE(round.ok());
  EXPECT_THAT(round->delivered, ElementsAre("a1"));
  EXPECT_THAT(Round().delivered, ElementsAre("s1"));
}

TEST_F(OutboxTest, WhatIsBrokenOffByTheStopIsNoFailure) {
  Append("a1", "asha");
  gateway_.Refuse({{"a1", absl::UnavailableError("broken off")}});
  const auto round = DeliverDue(Route(), clock_.Now(), 0, [&] { return gateway_.attempts() > 0; });
  ASSERT_TRUE(round.ok());
  EXPECT_TRUE(round->failed.empty());
}

class OutboxDispatcherTest : public OutboxTest {
 protected:
  // Looks when it is nudged, and practically never by itself.
  std::unique_ptr<OutboxDispatcher> Start() {
    return std::make_unique<OutboxDispatcher>(
        Route(), clock_, log_, metrics_, OutboxDispatcher::Options{.interval = absl::Hours(1)});
  }

  void AwaitMetric(const std::string& line) {
    EXPECT_TRUE(harness::WaitUntil([&] { return absl::StrContains(metrics_.Text(), line + "\n"); }))
        << line << "\n"
        << metrics_.Text();
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
  gateway_.Refuse({{"a1", kNotNow}, {"s1", kNotNow}});
  auto dispatcher = Start();
  gateway_.AwaitAttempts(2);
  AwaitMetric("gatehouse_outbox_notifications_failing 2");
  for (int attempts = 4; attempts <= 6; attempts += 2) {
    clock_.Advance(absl::Seconds(2 * attempts));
    dispatcher->Nudge();
    gateway_.AwaitAttempts(attempts);
  }
  gateway_.Refuse({});
  clock_.Advance(absl::Minutes(1));
  dispatcher->Nudge();
  gateway_.AwaitAttempts(8);
  AwaitMetric("gatehouse_outbox_notifications_failing 0");
  dispatcher.reset();
  EXPECT_EQ(CountInLog("outbox_delivery_failing"), 1);
  EXPECT_EQ(CountInLog("outbox_delivery_recovered"), 1);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_notifications_delivered_total 2"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_notifications_failures_total 6"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_outbox_notifications_waiting 0"));
}

TEST_F(OutboxDispatcherTest, ADeathIsLoggedWithItsCauseAndCounted) {
  Append("a1", "asha");
  gateway_.Refuse({{"a1", kNever}});
  auto dispatcher = Start();
  AwaitMetric("gatehouse_outbox_notifications_dead 1");
  dispatcher.reset();
  EXPECT_EQ(CountInLog("outbox_message_dead"), 1);
  EXPECT_EQ(CountInLog("no such mailbox"), 1);
  EXPECT_EQ(CountInLog("outbox_delivery_failing"), 0) << "nothing is tried again";
}

TEST_F(OutboxDispatcherTest, WhatIsThrownAwayIsCounted) {
  Append("late", "asha", true, OutboxChannel::kPeople, clock_.Now() - absl::Minutes(1));
  Append("refused", "sam", true, OutboxChannel::kPeople, clock_.Now() + absl::Minutes(1));
  gateway_.Refuse({{"refused", kNever}});
  const auto dispatcher = Start();
  AwaitMetric("gatehouse_outbox_notifications_expired_total 2");
  EXPECT_THAT(gateway_.delivered(), testing::IsEmpty());
}

TEST_F(OutboxDispatcherTest, AGatewayThatIsDownIsGivenAPause) {
  for (const char* name : {"asha", "olive", "sam"}) Append(name, name);
  gateway_.Refuse({{"asha", kDown}, {"olive", kDown}, {"sam", kDown}});
  auto dispatcher = std::make_unique<OutboxDispatcher>(
      Route(), clock_, log_, metrics_,
      OutboxDispatcher::Options{.interval = absl::Milliseconds(1)});
  AwaitMetric("gatehouse_outbox_notifications_failing 1");
  EXPECT_FALSE(harness::WaitUntil([&] { return gateway_.attempts() > 1; }, absl::Milliseconds(50)))
      << "the others are due, and wait for the gateway";
  clock_.Advance(absl::Milliseconds(1));
  AwaitMetric("gatehouse_outbox_notifications_failing 2");
  gateway_.Refuse({});
  clock_.Advance(absl::Minutes(1));
  gateway_.AwaitAttempts(5);
  dispatcher.reset();
  EXPECT_THAT(gateway_.delivered(), testing::UnorderedElementsAre("asha", "olive", "sam"));
}

TEST_F(OutboxDispatcherTest, WhatOneServerCouldNotDeliverTheNextOneDoes) {
  Append("a1", "asha");
  gateway_.Refuse({{"a1", kDown}});
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
