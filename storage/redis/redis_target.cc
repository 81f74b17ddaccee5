#include "storage/redis/redis_target.h"

#include <sys/un.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatehouse::storage {
namespace {

constexpr absl::string_view kDefaultPort = "6379";
constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

absl::StatusOr<RedisTarget> ParseSocketPath(absl::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("unix:PATH needs a path");
  if (path.size() > kLongestSocketPath) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path of a Unix socket has at most ", kLongestSocketPath, " bytes"));
  }
  return RedisTarget{.socket_path = std::string(path), .host = "", .port = ""};
}

absl::Status NotHostAndPort() {
  return absl::InvalidArgumentError("expected redis://HOST:PORT, an IPv6 address in brackets");
}

bool IsPort(absl::string_view text) {
  int port = 0;
  return absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

absl::StatusOr<RedisTarget> ParseHostAndPort(absl::string_view text) {
  if (text.find('@') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "a password does not belong into the URL: name a file in --redis_password_file");
  }
  text = absl::StripSuffix(text, "/");
  if (text.find('/') != absl::string_view::npos) {
    return absl::InvalidArgumentError("redis://HOST:PORT takes no database number or path");
  }
  RedisTarget target;
  absl::string_view rest;
  if (absl::ConsumePrefix(&text, "[")) {
    const std::size_t bracket = text.find(']');
    if (bracket == absl::string_view::npos) return NotHostAndPort();
    target.host = std::string(text.substr(0, bracket));
    rest = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    target.host = std::string(text.substr(0, colon));
    rest = colon == absl::string_view::npos ? "" : text.substr(colon);
  }
  target.port = std::string(rest.empty() ? kDefaultPort : absl::StripPrefix(rest, ":"));
  if (target.host.empty() || !IsPort(target.port) || (!rest.empty() && rest.front() != ':')) {
    return NotHostAndPort();
  }
  return target;
}

}  // namespace

std::string RedisTarget::ToString() const {
  if (!socket_path.empty()) return absl::StrCat("unix:", socket_path);
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? absl::StrCat("redis://[", host, "]:", port)
                 : absl::StrCat("redis://", host, ":", port);
}

absl::StatusOr<RedisTarget> ParseRedisTarget(absl::string_view url) {
  if (absl::ConsumePrefix(&url, "unix:")) return ParseSocketPath(url);
  if (absl::ConsumePrefix(&url, "redis://")) return ParseHostAndPort(url);
  for (const absl::string_view scheme : {"sentinel", "cluster"}) {
    if (absl::StartsWith(url, absl::StrCat(scheme, "://"))) {
      return absl::InvalidArgumentError(
          absl::StrCat(scheme,
                       ":// is not served yet: this version speaks to one Redis, by "
                       "unix:PATH or redis://HOST:PORT"));
    }
  }
  return absl::InvalidArgumentError("expected unix:PATH or redis://HOST:PORT");
}

}  // namespace gatehouse::storage
