// What the session store does when Redis does not: nothing is ever answered with another's record,
// nobody waits longer than asked, and all is well again without a restart.

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "storage/redis/redis_session_store.h"
#include "tests/contract/redis_fixture.h"
#include "tests/contract/session_samples.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::storage {
namespace {

using harness::RedisProcess;
using harness::WaitUntil;
using testing::HasSubstr;

constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;

RedisClientOptions ImpatientOptions(const RedisProcess& redis) {
  RedisClientOptions options = PatientOptions(redis);
  options.reply_timeout = std::chrono::milliseconds(200);
  return options;
}

bool BecomesHealthy(RedisSessionStore& store) {
  return WaitUntil([&] { return store.CheckHealth().ok(); });
}

bool BecomesUnhealthy(RedisSessionStore& store) {
  return WaitUntil([&] { return !store.CheckHealth().ok(); });
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(RedisFaults, APausedRedisFailsAtTheDeadlineAndItsLateRepliesAnswerNobody) {
  RedisProcess redis;
  auto store = ConnectedStore(ImpatientOptions(redis));
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store->Put(SampleSession(i), SampleClient(), Soon()).ok());
  }
  for (int round = 0; round < 5; ++round) {
    redis.Pause();
    std::vector<std::promise<absl::StatusOr<FoundSession>>> early(100);
    for (int i = 0; i < 100; ++i) {
      store->Find(SampleSession(i).key, Soon(),
                  [&early, i](auto found) { early[i].set_value(std::move(found)); });
    }
    for (auto& answer : early) EXPECT_EQ(answer.get_future().get().status().code(), kUnavailable);
    EXPECT_TRUE(BecomesUnhealthy(*store));
    redis.Resume();
    ASSERT_TRUE(BecomesHealthy(*store));
    for (int i = 100; i < 200; ++i) {
      const auto found = FindNow(*store, SampleSession(i).key);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(found->record.key.digest, SampleDigest(i));
      ExpectSame(found->record, SampleSession(i));
    }
  }
}

TEST(RedisFaults, ARequestPastItsOwnDeadlineFailsAloneAndItsReplyIsDropped) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  SessionRecord other = SampleSession(2);
  other.epoch = 99;
  ASSERT_TRUE(store->Put(SampleSession(1), SampleClient(), Soon()).ok());
  ASSERT_TRUE(store->Put(other, SampleClient(), Soon()).ok());
  redis.Pause();
  std::promise<absl::StatusOr<FoundSession>> hasty;
  std::promise<absl::StatusOr<FoundSession>> patient;
  store->Find(SampleSession(1).key, absl::Now() + absl::Milliseconds(50),
              [&](auto found) { hasty.set_value(std::move(found)); });
  store->Find(other.key, Soon(), [&](auto found) { patient.set_value(std::move(found)); });
  EXPECT_EQ(hasty.get_future().get().status().code(), kUnavailable);
  redis.Resume();
  const auto found = patient.get_future().get();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->record.epoch, 99);
}

TEST(RedisFaults, BlockingCallsEndAtTheirDeadline) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  redis.Pause();
  const auto soon = [] { return absl::Now() + absl::Milliseconds(30); };
  EXPECT_EQ(store->Put(SampleSession(1), SampleClient(), soon()).code(), kUnavailable);
  EXPECT_EQ(store->List(AccountId("a"), soon()).status().code(), kUnavailable);
  EXPECT_EQ(store->Remove(SampleSession(1).key, soon()).status().code(), kUnavailable);
  EXPECT_EQ(store->RemoveBelow(AccountId("a"), 9, std::nullopt, soon()).status().code(),
            kUnavailable);
}

TEST(RedisFaults, AKilledRedisIsFoundAgainAfterItsRestart) {
  RedisProcess redis;
  std::mutex mutex;
  std::vector<absl::StatusCode> told;
  RedisClientOptions options = ImpatientOptions(redis);
  options.on_health_change = [&](const absl::Status& health) {
    const std::lock_guard lock(mutex);
    told.push_back(health.code());
  };
  auto store = ConnectedStore(options);
  ASSERT_TRUE(store->Put(SampleSession(1), SampleClient(), Soon()).ok());
  redis.Kill9();
  EXPECT_TRUE(BecomesUnhealthy(*store));
  EXPECT_THAT(Message(store->CheckHealth()), HasSubstr(redis.url()));
  EXPECT_THAT(Message(store->CheckHealth()), HasSubstr("since"));
  EXPECT_EQ(FindNow(*store, SampleSession(1).key).status().code(), kUnavailable);
  redis.Start();
  ASSERT_TRUE(BecomesHealthy(*store));
  EXPECT_NE(FindNow(*store, SampleSession(1).key).status().code(), kUnavailable);
  store.reset();
  EXPECT_EQ(told, (std::vector<absl::StatusCode>{absl::StatusCode::kOk, kUnavailable,
                                                 absl::StatusCode::kOk}));
}

TEST(RedisFaults, AnAbsentRedisIsWaitedForAndSaidToBeAbsent) {
  RedisProcess redis;
  redis.Terminate();
  RedisSessionStore store(PatientOptions(redis));
  EXPECT_EQ(store.CheckHealth().code(), kUnavailable);
  EXPECT_EQ(FindNow(store, SampleSession(1).key).status().code(), kUnavailable);
  redis.Start();
  EXPECT_TRUE(BecomesHealthy(store));
}

TEST(RedisFaults, AFlushSignsOutAndNothingElse) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  ASSERT_TRUE(store->Put(SampleSession(1), SampleClient(), Soon()).ok());
  redis.Command({"FLUSHALL"});
  EXPECT_EQ(FindNow(*store, SampleSession(1).key).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(store->Put(SampleSession(2), SampleClient(), Soon()).ok());
  EXPECT_TRUE(FindNow(*store, SampleSession(2).key).ok());
}

TEST(RedisFaults, ARedisThatEvictsServesButIsNeverHealthyUntilItIsMended) {
  RedisProcess redis({.settings = {"maxmemory-policy", "allkeys-lru"}});
  RedisSessionStore store(PatientOptions(redis));
  ASSERT_TRUE(WaitUntil(
      [&] { return store.CheckHealth().code() == absl::StatusCode::kFailedPrecondition; }));
  EXPECT_THAT(Message(store.CheckHealth()), HasSubstr("noeviction"));
  EXPECT_TRUE(store.Put(SampleSession(1), SampleClient(), Soon()).ok());
  EXPECT_TRUE(FindNow(store, SampleSession(1).key).ok());
  redis.Command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  EXPECT_TRUE(BecomesHealthy(store));
}

TEST(RedisFaults, AReplicaIsNotServedFrom) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  redis.Command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_TRUE(WaitUntil([&] {
    return absl::StrContains(Message(store->CheckHealth()), "replica");
  })) << store->CheckHealth();
  EXPECT_EQ(FindNow(*store, SampleSession(1).key).status().code(), kUnavailable);
  redis.Command({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(BecomesHealthy(*store));
}

TEST(RedisFaults, AFullRedisRefusesSignInsAndGoesOnValidating) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  ASSERT_TRUE(store->Put(SampleSession(1), SampleClient(), Soon()).ok());
  redis.Command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(store->Put(SampleSession(2), SampleClient(), Soon()).code(), kUnavailable);
  EXPECT_TRUE(FindNow(*store, SampleSession(1).key).ok());
  EXPECT_EQ(FindNow(*store, SampleSession(2).key).status().code(), absl::StatusCode::kNotFound);
}

TEST(RedisFaults, APasswordIsReadFromItsFileForEachConnection) {
  RedisProcess redis;
  redis.Command({"CONFIG", "SET", "requirepass", "right"});
  const harness::TemporaryDirectory directory;
  RedisClientOptions options = PatientOptions(redis);
  options.password_file = directory.Write("password", "wrong\n");
  RedisSessionStore store(options);
  ASSERT_TRUE(WaitUntil(
      [&] { return absl::StrContains(Message(store.CheckHealth()), "refuses the password"); }));
  EXPECT_FALSE(absl::StrContains(Message(store.CheckHealth()), "wrong"));
  directory.Write("password", "right\n");
  EXPECT_TRUE(BecomesHealthy(store));
}

TEST(RedisFaults, ADamagedRecordIsAnErrorOfItsOwn) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  const SessionKey key = SampleSession(1).key;
  ASSERT_TRUE(store->Put(SampleSession(2), SampleClient(), Soon()).ok());
  redis.Command({"HSET", absl::StrCat("gh:{", key.account_id.value(), "}"),
                 std::string(key.digest.view()), "damaged"});
  redis.Command({"SET", "gh:{other}", "not a hash"});
  EXPECT_EQ(FindNow(*store, key).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(FindNow(*store, {AccountId("other"), key.digest}).status().code(),
            absl::StatusCode::kInternal);
  EXPECT_TRUE(FindNow(*store, SampleSession(2).key).ok());
  const std::int64_t epoch = SampleSession(2).epoch;
  EXPECT_EQ(*store->RemoveBelow(key.account_id, epoch, std::nullopt, Soon()), 1) << "goes anyway";
  EXPECT_EQ(FindNow(*store, key).status().code(), absl::StatusCode::kNotFound);
}

TEST(RedisFaults, TooMuchWaitingIsRefusedAtOnce) {
  RedisProcess redis;
  RedisClientOptions options = PatientOptions(redis);
  options.queue_capacity = 10;
  auto store = ConnectedStore(options);
  redis.Pause();
  std::atomic<int> exhausted = 0;
  std::atomic<int> answered = 0;
  constexpr int kAsked = 100;
  for (int i = 0; i < kAsked; ++i) {
    store->Find(SampleSession(i).key, Soon(), [&](const absl::StatusOr<FoundSession>& found) {
      if (found.status().code() == absl::StatusCode::kResourceExhausted) ++exhausted;
      ++answered;
    });
  }
  EXPECT_GE(exhausted, kAsked - 2 * 10 - 10);
  redis.Resume();
  EXPECT_TRUE(WaitUntil([&] { return answered == kAsked; }));
}

TEST(RedisFaults, TenThousandFindsAtOnceTakeFewBatches) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  ASSERT_TRUE(store->Put(SampleSession(1), SampleClient(), Soon()).ok());
  constexpr int kFinds = 10'000;
  std::atomic<int> found = 0;
  const auto before = store->batches_sent();
  redis.Pause();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 10; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kFinds / 10; ++i) {
        store->Find(SampleSession(1).key, Soon(),
                    [&](const absl::StatusOr<FoundSession>& answer) { found += answer.ok(); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  redis.Resume();
  EXPECT_TRUE(WaitUntil([&] { return found == kFinds; })) << found;
  // What was under way, what gathered meanwhile, and the checks of readiness around them.
  EXPECT_LE(store->batches_sent() - before, 10);
}

TEST(RedisFaults, StoppingAnswersEverythingThatIsUnderWay) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  redis.Pause();
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < 1000; ++i) {
    store->Find(SampleSession(i).key, Soon(), [&](const absl::StatusOr<FoundSession>& found) {
      unavailable += found.status().code() == kUnavailable;
    });
  }
  store.reset();
  EXPECT_EQ(unavailable, 1000);
}

TEST(RedisSessionStore, KeysExpireAfterTheirLastSessionAndNeverBefore) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  SessionRecord longer = SampleSession(1);
  SessionRecord shorter = SampleSession(2);
  shorter.expires_at = shorter.created_at + absl::Minutes(30);
  ASSERT_TRUE(store->Put(shorter, SampleClient(), Soon()).ok());
  const std::string account = absl::StrCat("{", longer.key.account_id.value(), "}");
  const auto expiry = [&](const std::string& key) {
    return absl::FromUnixSeconds(std::stoll(redis.Command({"EXPIRETIME", key})));
  };
  for (const std::string& key : {"gh:" + account, "gh:c:" + account}) {
    EXPECT_GE(expiry(key), shorter.expires_at) << key;
    EXPECT_LE(expiry(key), shorter.expires_at + absl::Minutes(10)) << key;
  }
  ASSERT_TRUE(store->Put(longer, SampleClient(), Soon()).ok());
  ASSERT_TRUE(store->Put(shorter, SampleClient(), Soon()).ok());
  for (const std::string& key : {"gh:" + account, "gh:c:" + account}) {
    EXPECT_GE(expiry(key), longer.expires_at) << key;
    EXPECT_LE(expiry(key), longer.expires_at + absl::Minutes(10)) << key;
  }
}

TEST(RedisSessionStore, SignInsTidyExpiredSessionsAwayAndBoundTheLiving) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  const SessionRecord sample = SampleSession(0);
  const auto put = [&](int number, absl::Duration age) {
    SessionRecord session = SampleSession(number);
    session.created_at -= age;
    session.expires_at = session.created_at + absl::Hours(12);
    ASSERT_TRUE(store->Put(session, SampleClient(), Soon()).ok());
  };
  const auto count = [&] { return store->List(sample.key.account_id, Soon())->size(); };
  put(128, absl::ZeroDuration());
  for (int i = 1; i < 128; ++i) put(i, absl::Hours(13));
  EXPECT_EQ(count(), RedisSessionStore::kTidyAbove);
  put(129, absl::ZeroDuration());
  EXPECT_EQ(count(), 2u);
  for (int i = 0; i < 400; ++i) put(1000 + i, absl::Seconds(400 - i));
  EXPECT_EQ(count(), RedisSessionStore::kMaximumSessions);
  EXPECT_TRUE(FindNow(*store, SampleSession(1399).key).ok());
  EXPECT_EQ(FindNow(*store, SampleSession(1000).key).status().code(), absl::StatusCode::kNotFound);
}

TEST(RedisSessionStore, AnAccountsSessionsStayOnePackedBlock) {
  RedisProcess redis;
  auto store = ConnectedStore(redis);
  for (int i = 0; i < 256; ++i) {
    ASSERT_TRUE(store->Put(SampleSession(i), {}, Soon()).ok());
  }
  const std::string key = absl::StrCat("gh:{", SampleSession(0).key.account_id.value(), "}");
  EXPECT_EQ(redis.Command({"OBJECT", "ENCODING", key}), "listpack");
}

}  // namespace
}  // namespace gatehouse::storage
