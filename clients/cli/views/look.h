// How things look to the reader: colours or none, the reader's clock and zone. A value, passed to
// whatever renders, so that the same text comes out of a test as out of a terminal. All functions
// are const and thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_LOOK_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_LOOK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace gatehouse::cli {

enum class Tone { kPlain, kTitle, kFaint, kGood, kWarning, kBad };

struct Look {
  bool colours = false;
  absl::Time now;
  absl::TimeZone zone;

  std::string Paint(Tone tone, absl::string_view text) const;

  // As short as the distance allows: "14:02:11" today, "20 Nov 16:30" this year, else with the
  // year; "-" for an unset instant.
  std::string Moment(const google::protobuf::Timestamp& instant) const;
  // To the millisecond: "14:02:11.402".
  std::string Clock(const google::protobuf::Timestamp& instant) const;
};

absl::Time ToTime(const google::protobuf::Timestamp& instant);
google::protobuf::Timestamp ToTimestamp(absl::Time instant);

// "3 ms", "12 s", "1 h 5 min".
std::string Span(const google::protobuf::Duration& span);

// "1 session", "3 sessions".
std::string Count(int64_t count, absl::string_view noun);

// What others wrote, made harmless for a terminal: control characters become "?".
std::string Printable(absl::string_view text);

// How many columns a text takes: its code points.
size_t Width(absl::string_view text);

// An opaque id or digest, cut to what an eye can compare.
std::string Short(absl::string_view id);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_LOOK_H_
