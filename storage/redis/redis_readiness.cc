#include "storage/redis/redis_readiness.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace gatehouse::storage {
namespace {

enum Section : std::size_t { kMemory = 0, kPersistence = 1, kReplication = 2 };

// The value of `name:` in an INFO reply; empty when it is not there.
absl::string_view Field(const redisReply& info, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(ReplyText(info), "\r\n")) {
    if (absl::ConsumePrefix(&line, name) && absl::ConsumePrefix(&line, ":")) return line;
  }
  return {};
}

}  // namespace

void AppendReadinessCommands(std::string& batch) {
  AppendCommand(batch, {"INFO", "memory"});
  AppendCommand(batch, {"INFO", "persistence"});
  AppendCommand(batch, {"INFO", "replication"});
}

absl::Status JudgeReadiness(absl::Span<const RedisReply> replies) {
  for (const RedisReply& reply : replies) {
    if (reply->type == REDIS_REPLY_ERROR)
      return absl::UnavailableError(ReplyStatus(*reply).message());
  }
  if (Field(*replies[kPersistence], "loading") != "0") {
    return absl::UnavailableError("Redis is loading its data");
  }
  if (Field(*replies[kReplication], "role") != "master") {
    return absl::UnavailableError("this Redis is a replica");
  }
  return absl::OkStatus();
}

absl::Status JudgeEviction(absl::Span<const RedisReply> replies) {
  const absl::string_view policy = Field(*replies[kMemory], "maxmemory_policy");
  if (policy == "noeviction") return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "Redis would sign people out to make room: set maxmemory-policy to noeviction (it is ",
      policy.empty() ? "unknown" : policy, ")"));
}

}  // namespace gatehouse::storage
