#include "tests/contract/redis_fixture.h"

#include <utility>

#include "tests/harness/fatal.h"
#include "tests/harness/wait.h"

namespace gatehouse::storage {

harness::RedisProcess& SharedRedis() {
  static harness::RedisProcess redis;
  return redis;
}

RedisClientOptions PatientOptions(const harness::RedisProcess& redis) {
  RedisClientOptions options;
  options.target = {.socket_path = redis.socket_path(), .host = "", .port = ""};
  options.connect_timeout = std::chrono::seconds(30);
  options.reply_timeout = std::chrono::seconds(30);
  options.check_interval = std::chrono::milliseconds(50);
  options.longest_backoff = std::chrono::milliseconds(20);
  return options;
}

std::unique_ptr<RedisSessionStore> ConnectedStore(const harness::RedisProcess& redis) {
  return ConnectedStore(PatientOptions(redis));
}

std::unique_ptr<RedisSessionStore> ConnectedStore(RedisClientOptions options) {
  auto store = std::make_unique<RedisSessionStore>(std::move(options));
  if (!harness::WaitUntil([&] { return store->CheckHealth().ok(); })) {
    harness::Fatal(std::string(store->CheckHealth().message()));
  }
  return store;
}

}  // namespace gatehouse::storage
