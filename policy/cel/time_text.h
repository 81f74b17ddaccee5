// Timestamps, durations and time zones as text: RFC 3339, "1h30m", "Europe/London" or "+01:00".
// Pure (time zones are read from the system's database once each), thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_TIME_TEXT_H_
#define GATEHOUSE_POLICY_CEL_TIME_TEXT_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

// A timestamp value; kConversion or kRange.
std::variant<Value, ErrorCode> ParseTimestamp(absl::string_view text);
// A duration value; kConversion or kRange.
std::variant<Value, ErrorCode> ParseDuration(absl::string_view text);
std::optional<absl::TimeZone> ParseTimeZone(absl::string_view text);

// "2009-02-13T23:31:30.5Z".
std::string TimestampText(const Value& timestamp);
// As the language converts to text: "5400s", "0.5s".
std::string DurationSecondsText(const Value& duration);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_TIME_TEXT_H_
