#include "server/secrets/known/password_lines.h"

#include <algorithm>
#include <string>
#include <vector>

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

size_t DigitsAtBegin(absl::string_view line) {
  const auto is_hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  return static_cast<size_t>(std::ranges::find_if_not(line, is_hex) - line.begin());
}

// Nothing, or :COUNT.
bool IsCount(absl::string_view text) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  return text.empty() ||
         (absl::ConsumePrefix(&text, ":") && !text.empty() && std::ranges::all_of(text, is_digit));
}

bool IsDigestLine(absl::string_view line) {
  return DigitsAtBegin(line) == kSha1Digits && IsCount(line.substr(kSha1Digits));
}

uint64_t KeyOfDigestLine(absl::string_view line) {
  const std::string sha1 = absl::HexStringToBytes(line.substr(0, kSha1Digits));
  return KeyOfSha1({reinterpret_cast<const uint8_t*>(sha1.data()), sha1.size()});
}

// A digest, but of another function, or a part of one.
bool IsOtherDigestLine(absl::string_view line) {
  constexpr size_t kFewestDigits = 32;
  const size_t digits = DigitsAtBegin(line);
  return digits >= kFewestDigits && digits != kSha1Digits && IsCount(line.substr(digits));
}

// As std::getline, but what is too long is cut: it is no password anyway. The stream's bad() tells
// what could not be read.
class LineReader {
 public:
  explicit LineReader(std::istream& input) : input_(input), buffer_(size_t{1} << 16) {}

  bool Next(std::string& line) {
    line.clear();
    while (!rest_.empty() || Fill()) {
      const size_t end = rest_.find('\n');
      const absl::string_view part = rest_.substr(0, end);
      line.append(part.data(), std::min(part.size(), kLongestLine + 1 - line.size()));
      rest_.remove_prefix(std::min(rest_.size(), part.size() + 1));
      if (end != absl::string_view::npos) return true;
    }
    return !line.empty();
  }

 private:
  bool Fill() {
    input_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    rest_ = absl::string_view(buffer_.data(), static_cast<size_t>(input_.gcount()));
    return !rest_.empty();
  }

  std::istream& input_;
  std::vector<char> buffer_;
  absl::string_view rest_;
};

}  // namespace

absl::StatusOr<std::optional<uint64_t>> PasswordLines::KeyOf(absl::string_view line) {
  if (++lines_ == 1) absl::ConsumePrefix(&line, "\xef\xbb\xbf");  // a byte order mark
  absl::ConsumeSuffix(&line, "\r");
  if (line.empty()) return std::nullopt;
  const bool is_digest = IsDigestLine(line);
  if (form_ == Form::kUnknown && IsOtherDigestLine(line)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", lines_, " is a digest, but no SHA-1, which has ", kSha1Digits,
        " hexadecimal digits: lists of NTLM digests, and those that leave out how their digests "
        "begin, cannot be used; nothing was written"));
  }
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
  LineReader reader(input);
  for (std::string line; reader.Next(line);) {
    GATEHOUSE_ASSIGN_OR_RETURN(const std::optional<uint64_t> key, lines.KeyOf(line));
    if (key.has_value()) {
      GATEHOUSE_RETURN_IF_ERROR(builder.Add(*key));
    } else {
      ++read.skipped;
    }
  }
  if (input.bad()) return absl::UnavailableError("the list cannot be read to its end");
  read.lines = lines.lines();
  read.are_digests = lines.are_digests();
  return read;
}

}  // namespace gatehouse::server
