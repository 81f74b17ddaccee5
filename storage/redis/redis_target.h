// Where Redis is, as `--redis` says it: `unix:PATH` or `redis://HOST:PORT`.
//
// A value. Parsing is pure; INVALID_ARGUMENT tells a person what to write instead, and never
// repeats a password that was put into the URL by mistake.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_TARGET_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_TARGET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatehouse::storage {

struct RedisTarget {
  std::string socket_path;  // set: a Unix socket, and the rest is empty
  std::string host;         // a name, an IPv4 address, or an IPv6 address without brackets
  std::string port;

  // As it was written; for messages.
  std::string ToString() const;
};

absl::StatusOr<RedisTarget> ParseRedisTarget(absl::string_view url);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_TARGET_H_
