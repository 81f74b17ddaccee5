#include <memory>

#include "storage/memory/session_store.h"
#include "tests/contract/session_store_contract.h"

namespace gatehouse::storage {
namespace {

std::unique_ptr<SessionStore> MakeMemoryStore() { return std::make_unique<MemorySessionStore>(); }

INSTANTIATE_TEST_SUITE_P(Memory, SessionStoreContract, testing::Values(&MakeMemoryStore));

TEST(MemorySessionStore, FailsWhileAwayAndAnswersAgainAfterwards) {
  MemorySessionStore store;
  const SessionRecord session = SampleSession(1);
  ASSERT_TRUE(store.Put(session, SampleClient(), Soon()).ok());
  store.SetAway(true);
  EXPECT_EQ(FindNow(store, session.key).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(store.Put(session, SampleClient(), Soon()).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(store.CheckHealth().code(), absl::StatusCode::kUnavailable);
  store.SetAway(false);
  EXPECT_TRUE(FindNow(store, session.key).ok());
  EXPECT_TRUE(store.CheckHealth().ok());
}

}  // namespace
}  // namespace gatehouse::storage
