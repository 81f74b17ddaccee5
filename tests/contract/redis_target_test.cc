#include "storage/redis/redis_target.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gatehouse::storage {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RedisTarget, ReadsEachFormAndWritesItBack) {
  const struct {
    const char* url;
    const char* socket_path;
    const char* host;
    const char* port;
    const char* written;
  } kCases[] = {
      {"unix:/run/redis/socket", "/run/redis/socket", "", "", "unix:/run/redis/socket"},
      {"unix:run/redis.sock", "run/redis.sock", "", "", "unix:run/redis.sock"},
      {"redis://localhost:7000", "", "localhost", "7000", "redis://localhost:7000"},
      {"redis://localhost", "", "localhost", "6379", "redis://localhost:6379"},
      {"redis://10.0.0.1:6380/", "", "10.0.0.1", "6380", "redis://10.0.0.1:6380"},
      {"redis://[::1]:6380", "", "::1", "6380", "redis://[::1]:6380"},
      {"redis://[fe80::1]", "", "fe80::1", "6379", "redis://[fe80::1]:6379"},
  };
  for (const auto& test : kCases) {
    const auto target = ParseRedisTarget(test.url);
    ASSERT_TRUE(target.ok()) << test.url << ": " << target.status();
    EXPECT_EQ(target->socket_path, test.socket_path) << test.url;
    EXPECT_EQ(target->host, test.host) << test.url;
    EXPECT_EQ(target->port, test.port) << test.url;
    EXPECT_EQ(target->ToString(), test.written);
  }
}

TEST(RedisTarget, RefusesTheRestWithTheWayOut) {
  const struct {
    std::string url;
    const char* says;
  } kCases[] = {
      {"", "expected unix:PATH"},
      {"/run/redis/socket", "expected unix:PATH"},
      {"unix:", "needs a path"},
      {"unix:/" + std::string(200, 'x'), "at most 107 bytes"},
      {"redis://", "expected redis://HOST:PORT"},
      {"redis://host:", "expected redis://HOST:PORT"},
      {"redis://host:0", "expected redis://HOST:PORT"},
      {"redis://host:65536", "expected redis://HOST:PORT"},
      {"redis://host:port", "expected redis://HOST:PORT"},
      {"redis://::1:6379", "expected redis://HOST:PORT"},
      {"redis://[::1", "expected redis://HOST:PORT"},
      {"redis://[::1]x", "expected redis://HOST:PORT"},
      {"redis://host:6379/2", "no database number"},
      {"redis://user:hunter2@host", "--redis_password_file"},
      {"sentinel://host/name", "not served yet"},
      {"cluster://host", "not served yet"},
  };
  for (const auto& test : kCases) {
    const auto target = ParseRedisTarget(test.url);
    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument) << test.url;
    EXPECT_THAT(std::string(target.status().message()), HasSubstr(test.says)) << test.url;
    EXPECT_THAT(std::string(target.status().message()), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace gatehouse::storage
