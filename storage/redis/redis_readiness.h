// Whether a Redis is one that sessions may be kept in, told by its own INFO.
//
// Pure functions.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_READINESS_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_READINESS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"

#include "storage/redis/redis_reply.h"

namespace gatehouse::storage {

// The commands whose replies the judgements below take.
inline constexpr std::size_t kReadinessReplies = 3;
void AppendReadinessCommands(std::string& batch);

// UNAVAILABLE unless Redis has loaded its data and is a master.
absl::Status JudgeReadiness(absl::Span<const RedisReply> replies);

// FAILED_PRECONDITION unless its policy is never to evict.
absl::Status JudgeEviction(absl::Span<const RedisReply> replies);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_READINESS_H_
