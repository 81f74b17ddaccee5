// A real Redis for tests of the session store, and stores that are connected to it.
#ifndef GATEHOUSE_TESTS_CONTRACT_REDIS_FIXTURE_H_
#define GATEHOUSE_TESTS_CONTRACT_REDIS_FIXTURE_H_

#include <memory>

#include "storage/redis/redis_session_store.h"
#include "tests/harness/redis_process.h"

namespace gatehouse::storage {

// One for the whole test program, for tests that do not harm it.
harness::RedisProcess& SharedRedis();

// Options whose timeouts outlast a slow machine. Backoff is short, so that recovery is quick.
RedisClientOptions PatientOptions(const harness::RedisProcess& redis);

// Healthy when it returns.
std::unique_ptr<RedisSessionStore> ConnectedStore(const harness::RedisProcess& redis);
std::unique_ptr<RedisSessionStore> ConnectedStore(RedisClientOptions options);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_REDIS_FIXTURE_H_
