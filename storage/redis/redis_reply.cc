#include "storage/redis/redis_reply.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace gatehouse::storage {
namespace {

constexpr std::array<absl::string_view, 6> kServerWideErrors = {
    "LOADING", "READONLY", "MASTERDOWN", "NOAUTH", "NOREPLICAS", "CLUSTERDOWN"};
constexpr std::array<absl::string_view, 3> kPassingErrors = {"OOM", "BUSY", "MISCONF"};

absl::string_view CodeWord(const redisReply& reply) {
  const absl::string_view text = ReplyText(reply);
  return text.substr(0, text.find(' '));
}

template <std::size_t N>
bool Contains(const std::array<absl::string_view, N>& words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

absl::Status ReplyStatus(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR) return absl::OkStatus();
  const absl::string_view code = CodeWord(reply);
  const std::string message = absl::StrCat("Redis refuses: ", code);
  return IsServerWideError(reply) || Contains(kPassingErrors, code)
             ? absl::UnavailableError(message)
             : absl::InternalError(message);
}

bool IsServerWideError(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR && Contains(kServerWideErrors, CodeWord(reply));
}

void AppendCommand(std::string& batch, absl::Span<const absl::string_view> words) {
  absl::StrAppend(&batch, "*", words.size(), "\r\n");
  for (const absl::string_view word : words) {
    absl::StrAppend(&batch, "$", word.size(), "\r\n", word, "\r\n");
  }
}

}  // namespace gatehouse::storage
