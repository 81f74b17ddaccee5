#include "policy/cel/time_text.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "policy/cel/time_range.h"

namespace gatehouse::policy::cel {
namespace {

// Digits where `form` has 0, anything where it has ?, itself elsewhere.
bool HasForm(absl::string_view text, absl::string_view form) {
  if (text.size() < form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool fits =
        form[i] == '0' ? absl::ascii_isdigit(c) : form[i] == '?' || text[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

int TwoDigits(absl::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

}  // namespace

std::variant<Value, ErrorCode> ParseTimestamp(absl::string_view text) {
  absl::Time time;
  std::string error;
  // Abseil would also take blanks around it, other widths, and "infinite-future".
  if (!HasForm(text, "0000-00-00T00:00:00?") ||
      absl::ascii_isspace(static_cast<unsigned char>(text.back())) ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return ErrorCode::kConversion;
  }
  if (time < absl::FromUnixSeconds(kFirstSecond) ||
      time >= absl::FromUnixSeconds(kLastSecond + 1)) {
    return ErrorCode::kRange;
  }
  return Value::Timestamp(time);
}

std::variant<Value, ErrorCode> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (absl::StrContains(text, "inf") || !absl::ParseDuration(text, &duration)) {
    return ErrorCode::kConversion;
  }
  if (duration > absl::Nanoseconds(INT64_MAX) || duration < absl::Nanoseconds(INT64_MIN)) {
    return ErrorCode::kRange;
  }
  return Value::Duration(duration);
}

std::optional<absl::TimeZone> ParseTimeZone(absl::string_view text) {
  absl::string_view offset = text;
  const bool west = absl::ConsumePrefix(&offset, "-");
  if (!west) absl::ConsumePrefix(&offset, "+");
  if (offset.size() == 5 && HasForm(offset, "00:00")) {
    const int hours = TwoDigits(offset);
    const int minutes = TwoDigits(offset.substr(3));
    if (hours > 23 || minutes > 59) return std::nullopt;
    const int seconds = (hours * 60 + minutes) * 60;
    return absl::FixedTimeZone(west ? -seconds : seconds);
  }
  absl::TimeZone zone;
  // A leading ':' or '/' would name a file.
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text[0])) ||
      absl::StrContains(text, "..") || !absl::LoadTimeZone(text, &zone)) {
    return std::nullopt;
  }
  return zone;
}

std::string TimestampText(const Value& timestamp) {
  return absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%E*SZ", timestamp.timestamp_value(),
                          absl::UTCTimeZone());
}

std::string DurationSecondsText(const Value& duration) {
  const int64_t nanoseconds = duration.duration_nanoseconds();
  const int64_t seconds = nanoseconds / kNanosecondsPerSecond;
  const int64_t rest = nanoseconds % kNanosecondsPerSecond;
  if (rest == 0) return absl::StrCat(seconds, "s");
  std::string fraction = absl::StrFormat("%09d", rest < 0 ? -rest : rest);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return absl::StrCat(nanoseconds < 0 ? "-" : "", seconds < 0 ? -seconds : seconds, ".", fraction,
                      "s");
}

}  // namespace gatehouse::policy::cel
