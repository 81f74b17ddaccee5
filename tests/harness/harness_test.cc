#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/child_process.h"
#include "tests/harness/ports.h"
#include "tests/harness/postgres_process.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::harness {
namespace {

using ::testing::HasSubstr;

TEST(TemporaryDirectoryTest, IsGoneWithItsOwner) {
  std::filesystem::path path;
  {
    TemporaryDirectory directory;
    path = directory.path();
    directory.Write("file", "content");
    EXPECT_TRUE(std::filesystem::exists(directory / "file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ChildProcessTest, TellsItsExitCodeAndItsOutput) {
  TemporaryDirectory directory;
  ChildProcess process(
      {.arguments = {"sh", "-c", "echo out; echo err >&2; exit 3"}, .log = directory / "log"});
  EXPECT_EQ(process.Wait(), 3);
  EXPECT_EQ(process.LogText(), "out\nerr\n");
}

TEST(ChildProcessTest, TellsTheSignalThatEndedIt) {
  TemporaryDirectory directory;
  ChildProcess process({.arguments = {"sleep", "600"}, .log = directory / "log"});
  EXPECT_EQ(process.Terminate(), 128 + SIGTERM);
  EXPECT_FALSE(process.Running());
}

TEST(ChildProcessTest, DiesWithTheProcessThatStartedIt) {
  TemporaryDirectory directory;
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    auto* child = new ChildProcess({.arguments = {"sleep", "600"}, .log = directory / "log"});
    const pid_t pid = child->pid();
    const bool told = write(channel[1], &pid, sizeof(pid)) == sizeof(pid);
    _exit(told ? 0 : 1);
  }
  pid_t grandchild = 0;
  ASSERT_EQ(read(channel[0], &grandchild, sizeof(grandchild)), ssize_t{sizeof(grandchild)});
  ASSERT_EQ(waitpid(parent, nullptr, 0), parent);
  // A zombie that nobody reaps counts as dead too: it has no command line any more.
  EXPECT_TRUE(WaitUntil([&] {
    if (kill(grandchild, 0) != 0) return true;
    std::error_code missing;
    const auto executable =
        std::filesystem::read_symlink("/proc/" + std::to_string(grandchild) + "/exe", missing);
    return static_cast<bool>(missing);
  }));
  close(channel[0]);
  close(channel[1]);
}

TEST(ChildProcessDeathTest, AProgramThatCannotBecomeReadyEndsTheTestWithItsLog) {
  TemporaryDirectory directory;
  EXPECT_DEATH(
      {
        ChildProcess process(
            {.arguments = {"sh", "-c", "echo no licence; exit 9"}, .log = directory / "log"});
        process.WaitUntilReady([] { return false; });
      },
      "ended with 9 before it was ready; its log:\nno licence");
}

TEST(FreePortTest, IsGivenOnceAndCanBeListenedOn) {
  std::set<int> ports;
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(ports.insert(FreePort()).second);
  const RedisProcess redis({.tcp = true});
  EXPECT_EQ(ports.count(redis.port()), 0u);
}

TEST(RedisProcessTest, ServesWithTheDeployedSettings) {
  RedisProcess redis;
  EXPECT_EQ(redis.Command({"CONFIG", "GET", "maxmemory-policy"}), "maxmemory-policy\nnoeviction");
  EXPECT_EQ(redis.Command({"SET", "key", "value"}), "OK");
  EXPECT_EQ(redis.Command({"GET", "key"}), "value");
}

TEST(RedisProcessTest, AnOrderlyRestartKeepsItsDataAndItsSocket) {
  RedisProcess redis;
  redis.Command({"SET", "key", "value"});
  redis.Terminate();
  redis.Start();
  EXPECT_EQ(redis.Command({"GET", "key"}), "value");
}

TEST(RedisProcessTest, TwoAreStrangersToEachOther) {
  RedisProcess one;
  RedisProcess other({.tcp = true, .settings = {"maxmemory", "100mb"}});
  one.Command({"SET", "key", "value"});
  EXPECT_EQ(other.Command({"GET", "key"}), "(nil)");
  EXPECT_NE(other.port(), 0);
}

std::string Select(const std::string& url, const char* statement) {
  PGconn* connection = PQconnectdb(url.c_str());
  PGresult* result = PQexec(connection, statement);
  std::string value =
      PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  return value;
}

TEST(PostgresProcessTest, DatabasesAreApartAndCommitsSurviveKill9) {
  PostgresProcess postgres;
  const std::string one = postgres.CreateDatabase();
  const std::string other = postgres.CreateDatabase();
  postgres.Execute("gatehouse_1", "CREATE TABLE t AS SELECT 42 AS answer");
  EXPECT_THAT(Select(other, "SELECT answer FROM t"), HasSubstr("does not exist"));
  postgres.Kill9();
  postgres.Start();
  EXPECT_EQ(Select(one, "SELECT answer FROM t"), "42");
  postgres.Terminate();
}

}  // namespace
}  // namespace gatehouse::harness
