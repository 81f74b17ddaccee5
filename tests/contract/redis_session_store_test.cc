#include "storage/redis/redis_session_store.h"

#include <memory>

#include "tests/contract/redis_fixture.h"
#include "tests/contract/session_store_contract.h"

namespace gatehouse::storage {
namespace {

std::unique_ptr<SessionStore> MakeRedisStore() {
  harness::RedisProcess& redis = SharedRedis();
  redis.Command({"FLUSHALL"});
  return ConnectedStore(redis);
}

INSTANTIATE_TEST_SUITE_P(Redis, SessionStoreContract, testing::Values(&MakeRedisStore));

}  // namespace
}  // namespace gatehouse::storage
