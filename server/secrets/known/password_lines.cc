#include "server/secrets/known/password_lines.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "server/runtime/status_macros.h"
#include "server/secrets/password_strength.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {
namespace {

constexpr size_t kSha1Digits = 40;
constexpr size_t kLongestLine = 4096;  // bytes; no policy allows a password of so many

// HASH or HASH:COUNT.
bool IsDigestLine(absl::string_view line) {
  const auto is_hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  if (line.size() < kSha1Digits || !std::ranges::all_of(line.substr(0, kSha1Digits), is_hex)) {
    return false;
  }
  line.remove_prefix(kSha1Digits);
  return line.empty() ||
         (absl::ConsumePrefix(&line, ":") && !line.empty() && std::ranges::all_of(line, is_digit));
}

uint64_t KeyOfDigestLine(absl::string_view line) {
  const std::string sha1 = absl::HexStringToBytes(line.substr(0, kSha1Digits));
  return KeyOfSha1({reinterpret_cast<const uint8_t*>(sha1.data()), sha1.size()});
}

// As std::getline, but what is too long is cut: it is no password anyway.
bool NextLine(std::istream& input, std::string& line) {
  line.clear();
  std::streambuf& buffer = *input.rdbuf();
  for (int c = buffer.sbumpc(); c != std::char_traits<char>::eof(); c = buffer.sbumpc()) {
    if (c == '\n') return true;
    if (line.size() <= kLongestLine) line.push_back(static_cast<char>(c));
  }
  return !line.empty();
}

}  // namespace

absl::StatusOr<std::optional<uint64_t>> PasswordLines::KeyOf(absl::string_view line) {
  ++lines_;
  absl::ConsumeSuffix(&line, "\r");
  if (line.empty()) return std::nullopt;
  const bool is_digest = IsDigestLine(line);
  if (form_ == Form::kUnknown) form_ = is_digest ? Form::kDigests : Form::kWords;
  if (form_ == Form::kDigests) {
    if (is_digest) return KeyOfDigestLine(line);
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", lines_, " is no SHA-1 in hexadecimal, as the first one is; nothing was written"));
  }
  if (line.size() > kLongestLine) return std::nullopt;
  const auto normalized = NormalizePassword(SecretString(line));
  if (!normalized.ok()) return std::nullopt;
  return KeyOfPassword(normalized->Reveal());
}

absl::StatusOr<ReadLines> ReadPasswordLines(std::istream& input, PasswordFilterBuilder& builder) {
  PasswordLines lines;
  ReadLines read;
  for (std::string line; NextLine(input, line);) {
    GATEHOUSE_ASSIGN_OR_RETURN(const std::optional<uint64_t> key, lines.KeyOf(line));
    if (key.has_value()) {
      GATEHOUSE_RETURN_IF_ERROR(builder.Add(*key));
    } else {
      ++read.skipped;
    }
  }
  if (input.bad()) return absl::UnavailableError("the list cannot be read to its end");
  read.lines = lines.lines();
  return read;
}

}  // namespace gatehouse::server
