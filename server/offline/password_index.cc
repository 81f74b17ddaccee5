#include "server/offline/password_index.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

#include "server/runtime/status_macros.h"
#include "server/secrets/known/fuse_filter.h"
#include "server/secrets/known/password_filter.h"
#include "server/secrets/known/password_filter_builder.h"
#include "server/secrets/known/password_lines.h"

namespace gatehouse::server {
namespace {

constexpr int kProbes = 1 << 20;

// How many of `kProbes` keys drawn at random are found. That one of them is really in is as likely
// as guessing a password blindly.
int CountFalsePositives(const PasswordFilter& filter, Entropy& entropy) {
  constexpr size_t kKeysADraw = 4096;
  std::array<uint64_t, kKeysADraw> keys;
  int found = 0;
  for (int probed = 0; probed < kProbes; probed += static_cast<int>(keys.size())) {
    entropy.Fill({reinterpret_cast<uint8_t*>(keys.data()), sizeof(keys)});
    for (const uint64_t key : keys) found += filter.Contains(key) ? 1 : 0;
  }
  return found;
}

}  // namespace

absl::StatusOr<std::string> IndexPasswords(const std::string& input, const std::string& output,
                                           Entropy& entropy) {
  const std::string path = input == "-" ? "/dev/stdin" : input;
  std::error_code unknown;  // what it is: opening it tells why
  if (std::filesystem::is_directory(path, unknown)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is a directory; put its files together, as by: cat %s/* | gatehouse-server passwords "
        "index - %s",
        input, input, output));
  }
  std::ifstream list(path, std::ios::binary);
  if (!list) return absl::ErrnoToStatus(errno, absl::StrFormat("cannot read %s", input));
  PasswordFilterBuilder builder(output, entropy);
  GATEHOUSE_ASSIGN_OR_RETURN(const ReadLines read, ReadPasswordLines(list, builder));
  if (read.lines == read.skipped) {
    return absl::InvalidArgumentError(absl::StrFormat("%s holds no password", input));
  }
  GATEHOUSE_RETURN_IF_ERROR(builder.Finish().status());
  GATEHOUSE_ASSIGN_OR_RETURN(const auto filter, PasswordFilter::Open(output));
  return absl::StrFormat(
      "%d passwords of %d lines of %s (%d lines were none)\n"
      "%d bytes, %.1f bits a password\n"
      "takes 1 of %d other passwords for one of these (%d of %d drawn at random)\n",
      filter->keys(), read.lines, read.are_digests ? "SHA-1 digests" : "passwords as they are",
      read.skipped, filter->file_size(),
      8.0 * static_cast<double>(filter->file_size()) / static_cast<double>(filter->keys()),
      kFuseFilterRate, CountFalsePositives(*filter, entropy), kProbes);
}

}  // namespace gatehouse::server
