// What every session store does (storage/session_store.h). Include this, instantiate the suite with
// a function that makes an empty store:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, SessionStoreContract, testing::Values(&MakeMemoryStore));
#ifndef GATEHOUSE_TESTS_CONTRACT_SESSION_STORE_CONTRACT_H_
#define GATEHOUSE_TESTS_CONTRACT_SESSION_STORE_CONTRACT_H_

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "storage/session_store.h"
#include "tests/contract/session_samples.h"

namespace gatehouse::storage {

using SessionStoreFactory = std::function<std::unique_ptr<SessionStore>()>;

class SessionStoreContract : public testing::TestWithParam<SessionStoreFactory> {
 protected:
  absl::Status Put(const SessionRecord& session, const ClientRecord& client = SampleClient()) {
    return store_->Put(session, client, Soon());
  }

  absl::StatusOr<FoundSession> Find(const SessionKey& key) { return FindNow(*store_, key); }

  std::vector<SessionDigest> Digests(const AccountId& account) {
    std::vector<SessionDigest> digests;
    const auto sessions = store_->List(account, Soon());
    EXPECT_TRUE(sessions.ok()) << sessions.status();
    for (const ListedSession& listed : *sessions) {
      digests.push_back(listed.session.record.key.digest);
    }
    return digests;
  }

  // Uses are noted in passing: they show once they show.
  void AwaitUse(const SessionKey& key, absl::Time expected) {
    const absl::Time patience = absl::Now() + absl::Seconds(30);
    while (absl::Now() < patience) {
      const auto found = Find(key);
      if (found.ok() && found->last_used_at == expected) return;
      std::this_thread::yield();
    }
    FAIL() << "no use at " << expected;
  }

  std::unique_ptr<SessionStore> store_ = GetParam()();
};

TEST_P(SessionStoreContract, FindsWhatWasPutExactly) {
  for (const SessionRecord& session : SampleSessions()) {
    ASSERT_TRUE(Put(session).ok()) << Put(session);
    const auto found = Find(session.key);
    ASSERT_TRUE(found.ok()) << found.status();
    ExpectSame(found->record, session);
    EXPECT_EQ(found->last_used_at, session.created_at);
  }
}

TEST_P(SessionStoreContract, RoundsInstantsDownToTheMicrosecond) {
  SessionRecord session = SampleSession(1);
  session.created_at += absl::Nanoseconds(999);
  session.expires_at += absl::Nanoseconds(999);
  session.idle_timeout += absl::Nanoseconds(999);
  ASSERT_TRUE(Put(session).ok());
  const auto found = Find(session.key);
  ASSERT_TRUE(found.ok()) << found.status();
  ExpectSame(found->record, SampleSession(1));
}

TEST_P(SessionStoreContract, FindsNothingThatWasNotPut) {
  const SessionRecord session = SampleSession(1);
  EXPECT_EQ(Find(session.key).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Put(session).ok());
  EXPECT_EQ(Find({session.key.account_id, SampleDigest(2)}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Find({AccountId("another"), session.key.digest}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(SessionStoreContract, RefusesWhatCannotBeASession) {
  SessionRecord ends_before_it_begins = SampleSession(1);
  ends_before_it_begins.expires_at = ends_before_it_begins.created_at;
  EXPECT_EQ(Put(ends_before_it_begins).code(), absl::StatusCode::kInvalidArgument);
  SessionRecord without_level = SampleSession(1);
  without_level.level = v1::SESSION_LEVEL_UNSPECIFIED;
  EXPECT_EQ(Put(without_level).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Digests(ends_before_it_begins.key.account_id).empty());
}

TEST_P(SessionStoreContract, FindsManyInTheOrderAsked) {
  std::vector<SessionKey> keys;
  for (int i = 0; i < 100; ++i) {
    SessionRecord session = SampleSession(i);
    session.key.account_id = AccountId(absl::StrCat("account", i % 7));
    keys.push_back(session.key);
    if (i % 3 != 0) {
      ASSERT_TRUE(Put(session).ok());
    }
  }
  const auto found = FindAllNow(*store_, keys);
  ASSERT_EQ(found.size(), keys.size());
  for (int i = 0; i < 100; ++i) {
    const auto& answer = found[static_cast<std::size_t>(i)];
    if (i % 3 == 0) {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
    } else {
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->record.key.digest, SampleDigest(i));
    }
  }
}

TEST_P(SessionStoreContract, FindsNoneWhenAskedForNone) {
  EXPECT_TRUE(FindAllNow(*store_, {}).empty());
}

TEST_P(SessionStoreContract, ListsAnAccountsSessionsInOrderOfCreationWithTheirClients) {
  const AccountId account = SampleSession(0).key.account_id;
  EXPECT_TRUE(Digests(account).empty());
  for (const int number : {2, 0, 1}) {
    SessionRecord session = SampleSession(number);
    session.created_at += absl::Seconds(number);
    ASSERT_TRUE(Put(session, {.ip_address = absl::StrCat("10.0.0.", number),
                              .user_agent = "Größe/1.0",
                              .device_label = ""})
                    .ok());
  }
  SessionRecord of_another = SampleSession(3);
  of_another.key.account_id = AccountId("another");
  ASSERT_TRUE(Put(of_another).ok());

  const auto sessions = store_->List(account, Soon());
  ASSERT_TRUE(sessions.ok()) << sessions.status();
  ASSERT_EQ(sessions->size(), 3u);
  for (int i = 0; i < 3; ++i) {
    const ListedSession& listed = (*sessions)[static_cast<std::size_t>(i)];
    EXPECT_EQ(listed.session.record.key.digest, SampleDigest(i));
    EXPECT_EQ(listed.client.ip_address, absl::StrCat("10.0.0.", i));
    EXPECT_EQ(listed.client.user_agent, "Größe/1.0");
    EXPECT_EQ(listed.client.device_label, "");
  }
}

TEST_P(SessionStoreContract, RemovesOneAndOnlyThatOne) {
  ASSERT_TRUE(Put(SampleSession(1)).ok());
  ASSERT_TRUE(Put(SampleSession(2)).ok());
  EXPECT_EQ(*store_->Remove(SampleSession(1).key, Soon()), 1);
  EXPECT_EQ(Find(SampleSession(1).key).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Find(SampleSession(2).key).ok());
}

TEST_P(SessionStoreContract, RemovingWhatIsNotThereIsFine) {
  EXPECT_EQ(*store_->Remove(SampleSession(1).key, Soon()), 0);
  EXPECT_EQ(*store_->RemoveBelow(AccountId("nobody"), 9, std::nullopt, Soon()), 0);
  EXPECT_EQ(*store_->RemoveBelow(AccountId("nobody"), 9, SampleDigest(1), Soon()), 0);
}

TEST_P(SessionStoreContract, RemovesWhatOneAccountHasFromUnderALowerEpoch) {
  const AccountId account = SampleSession(0).key.account_id;
  SessionRecord of_another = SampleSession(9);
  of_another.key.account_id = AccountId("another");
  ASSERT_TRUE(Put(of_another).ok());
  for (int i = 0; i < 5; ++i) {
    SessionRecord session = SampleSession(i);
    session.epoch = i < 3 ? 7 : 200;  // one byte or two, where that matters
    ASSERT_TRUE(Put(session).ok());
  }
  EXPECT_EQ(*store_->RemoveBelow(account, 7, std::nullopt, Soon()), 0);
  EXPECT_EQ(*store_->RemoveBelow(account, 8, std::nullopt, Soon()), 3);
  EXPECT_EQ(Digests(account), (std::vector<SessionDigest>{SampleDigest(3), SampleDigest(4)}))
      << "issued since";
  EXPECT_EQ(*store_->RemoveBelow(account, 201, std::nullopt, Soon()), 2);
  EXPECT_TRUE(Digests(account).empty());
  EXPECT_TRUE(Find(of_another.key).ok());
}

TEST_P(SessionStoreContract, RemovesWhatIsFromUnderALowerEpochButOne) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Put(SampleSession(i)).ok());
  const AccountId account = SampleSession(0).key.account_id;
  const std::int64_t next = SampleSession(0).epoch + 1;
  EXPECT_EQ(*store_->RemoveBelow(account, next, SampleDigest(3), Soon()), 4);
  EXPECT_EQ(Digests(account), std::vector<SessionDigest>{SampleDigest(3)});
  EXPECT_EQ(*store_->RemoveBelow(account, next, SampleDigest(4), Soon()), 1);
  EXPECT_TRUE(Digests(account).empty());
}

TEST_P(SessionStoreContract, NotesALaterUseToTheSecondAndNeverAnEarlierOne) {
  const SessionRecord session = SampleSession(1);
  ASSERT_TRUE(Put(session).ok());
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(session.created_at) + 100);
  store_->RecordUse(session.key, second + absl::Milliseconds(999));
  AwaitUse(session.key, second);
  store_->RecordUse(session.key, second - absl::Seconds(50));
  store_->RecordUse(session.key, second + absl::Seconds(1));
  AwaitUse(session.key, second + absl::Seconds(1));
  ExpectSame(Find(session.key)->record, session);
}

TEST_P(SessionStoreContract, AUseBringsNoRemovedSessionBack) {
  const SessionRecord removed = SampleSession(1);
  const SessionRecord other = SampleSession(2);
  ASSERT_TRUE(Put(removed).ok());
  ASSERT_TRUE(Put(other).ok());
  ASSERT_TRUE(store_->Remove(removed.key, Soon()).ok());
  const absl::Time use = absl::FromUnixSeconds(absl::ToUnixSeconds(other.created_at) + 60);
  store_->RecordUse(removed.key, use);
  store_->RecordUse(other.key, use);
  AwaitUse(other.key, use);
  EXPECT_EQ(Find(removed.key).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(SessionStoreContract, ServesManyThreadsAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) {
        SessionRecord session = SampleSession(thread * kEach + i);
        session.key.account_id = AccountId(absl::StrCat("account", thread));
        EXPECT_TRUE(Put(session).ok());
        const auto found = Find(session.key);
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(found->record.key.digest, session.key.digest);
        if (i % 2 == 0) {
          EXPECT_TRUE(store_->Remove(session.key, Soon()).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int thread = 0; thread < kThreads; ++thread) {
    EXPECT_EQ(Digests(AccountId(absl::StrCat("account", thread))).size(), kEach / 2);
  }
}

TEST_P(SessionStoreContract, IsHealthy) { EXPECT_TRUE(store_->CheckHealth().ok()); }

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_SESSION_STORE_CONTRACT_H_
