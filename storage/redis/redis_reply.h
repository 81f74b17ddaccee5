// What Redis answered to one command, and how commands are written.
//
// A reply owns its memory and may move between threads. A command is appended to a batch in Redis's
// own form (RESP), whatever bytes its words hold.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_REPLY_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_REPLY_H_

#include <hiredis/hiredis.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::storage {

struct RedisReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, RedisReplyDeleter>;

// The bytes of a string or status reply; of an error, its text.
inline absl::string_view ReplyText(const redisReply& reply) { return {reply.str, reply.len}; }

// OK unless it is an error: UNAVAILABLE when Redis says that it cannot serve now (loading, full, a
// replica), INTERNAL otherwise. Its text holds Redis's code word and never what was asked.
absl::Status ReplyStatus(const redisReply& reply);

// True for errors that speak of the whole server: a new connection may reach a better one.
bool IsServerWideError(const redisReply& reply);

void AppendCommand(std::string& batch, absl::Span<const absl::string_view> words);
inline void AppendCommand(std::string& batch, std::initializer_list<absl::string_view> words) {
  AppendCommand(batch, absl::MakeConstSpan(words.begin(), words.size()));
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_REPLY_H_
