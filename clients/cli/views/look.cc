#include "clients/cli/views/look.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::cli {
namespace {

constexpr absl::string_view kReset = "\033[0m";
constexpr size_t kShortLength = 12;

absl::string_view Escape(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kTitle:
      return "\033[1m";
    case Tone::kFaint:
      return "\033[2m";
    case Tone::kGood:
      return "\033[32m";
    case Tone::kWarning:
      return "\033[33m";
    case Tone::kBad:
      return "\033[31m";
  }
  return "";
}

bool IsUnset(const google::protobuf::Timestamp& instant) {
  return instant.seconds() == 0 && instant.nanos() == 0;
}

}  // namespace

std::string Look::Paint(Tone tone, absl::string_view text) const {
  const absl::string_view escape = Escape(tone);
  if (!colours || escape.empty() || text.empty()) return std::string(text);
  return absl::StrCat(escape, text, kReset);
}

std::string Look::Moment(const google::protobuf::Timestamp& instant) const {
  if (IsUnset(instant)) return "-";
  const absl::Time time = ToTime(instant);
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  const absl::string_view format = day == today                 ? "%H:%M:%S"
                                   : day.year() == today.year() ? "%e %b %H:%M"
                                                                : "%e %b %Y %H:%M";
  const std::string text = absl::FormatTime(format, time, zone);
  return text.front() == ' ' ? text.substr(1) : text;
}

std::string Look::Clock(const google::protobuf::Timestamp& instant) const {
  return absl::FormatTime("%H:%M:%E3S", ToTime(instant), zone);
}

absl::Time ToTime(const google::protobuf::Timestamp& instant) {
  return absl::FromUnixSeconds(instant.seconds()) + absl::Nanoseconds(instant.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time instant) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(instant));
  timestamp.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(instant - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

std::string Span(const google::protobuf::Duration& span) {
  const int64_t seconds = span.seconds();
  if (seconds == 0) return absl::StrFormat("%d ms", std::max(1, span.nanos() / 1'000'000));
  if (seconds < 60) return absl::StrFormat("%d s", seconds);
  if (seconds < 3600) return absl::StrFormat("%d min", seconds / 60);
  const int64_t minutes = seconds % 3600 / 60;
  const std::string hours = absl::StrFormat("%d h", seconds / 3600);
  return minutes == 0 ? hours : absl::StrFormat("%s %d min", hours, minutes);
}

std::string Count(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string Printable(absl::string_view text) {
  std::string printable;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls are the two bytes C2 80 to C2 9F in UTF-8; terminals obey them as they do ESC.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) {
      printable += '?';
      i += c1 ? 1 : 0;
    } else {
      printable += text[i];
    }
  }
  return printable;
}

size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string Short(absl::string_view id) { return std::string(id.substr(0, kShortLength)); }

}  // namespace gatehouse::cli
