#include "tests/harness/redis_process.h"

#include <hiredis/hiredis.h>

#include <csignal>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/harness/fatal.h"
#include "tests/harness/ports.h"

namespace gatehouse::harness {
namespace {

constexpr timeval kTimeout = {.tv_sec = 10, .tv_usec = 0};

std::string Text(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return absl::StrCat(reply.integer);
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_ARRAY: {
      std::string lines;
      for (size_t i = 0; i < reply.elements; ++i) {
        absl::StrAppend(&lines, i == 0 ? "" : "\n", Text(*reply.element[i]));
      }
      return lines;
    }
    default:
      return std::string(reply.str, reply.len);
  }
}

std::optional<std::string> Ask(const std::string& socket, const std::vector<std::string>& command) {
  const std::unique_ptr<redisContext, decltype(&redisFree)> context(
      redisConnectUnixWithTimeout(socket.c_str(), kTimeout), &redisFree);
  if (context == nullptr || context->err != 0) return std::nullopt;
  redisSetTimeout(context.get(), kTimeout);
  std::vector<const char*> arguments;
  std::vector<size_t> sizes;
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  auto* reply = static_cast<redisReply*>(redisCommandArgv(
      context.get(), static_cast<int>(command.size()), arguments.data(), sizes.data()));
  if (reply == nullptr) return std::nullopt;
  std::string text = Text(*reply);
  freeReplyObject(reply);
  return text;
}

}  // namespace

RedisProcess::RedisProcess(Options options)
    : options_(std::move(options)),
      socket_path_((directory_ / "redis.sock").string()),
      port_(options_.tcp ? FreePort() : 0) {
  std::filesystem::create_directory(data_directory());
  Start();
}

std::string RedisProcess::Command(const std::vector<std::string>& arguments) const {
  std::optional<std::string> answer = Ask(socket_path_, arguments);
  if (!answer.has_value()) Fatal(absl::StrCat("Redis at ", socket_path_, " does not answer"));
  return *std::move(answer);
}

void RedisProcess::Start() {
  std::vector<std::string> arguments = {"redis-server", GATEHOUSE_SOURCE_DIR "/deploy/redis.conf",
                                        "--unixsocket", socket_path_,
                                        "--dir",        data_directory().string(),
                                        "--port",       absl::StrCat(port_),
                                        "--bind",       "127.0.0.1"};
  for (size_t i = 0; i < options_.settings.size(); ++i) {
    arguments.push_back(i % 2 == 0 ? "--" + options_.settings[i] : options_.settings[i]);
  }
  process_ = std::make_unique<ChildProcess>(
      ChildProcess::Options{.arguments = std::move(arguments), .log = directory_ / "redis.log"});
  process_->WaitUntilReady(
      [this] { return Ask(socket_path_, {"PING"}) == std::optional<std::string>("PONG"); });
}

void RedisProcess::Kill9() { process_->Kill9(); }

void RedisProcess::Terminate() { process_->Terminate(); }

void RedisProcess::Pause() { process_->Signal(SIGSTOP); }

void RedisProcess::Resume() { process_->Signal(SIGCONT); }

}  // namespace gatehouse::harness
