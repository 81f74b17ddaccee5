// What the rendering tests share: a reader in one place at one moment, and messages read from text.

#ifndef GATEHOUSE_TESTS_CLI_FIXTURES_H_
#define GATEHOUSE_TESTS_CLI_FIXTURES_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "clients/cli/views/look.h"

namespace gatehouse::cli {

// 21 November 2026, 14:20 UTC, read an hour ahead of it: neither zone nor day can be mixed up
// unseen.
inline Look AtDesk() {
  Look look;
  look.now = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 14, 20, 0), absl::UTCTimeZone());
  look.zone = absl::FixedTimeZone(3600);
  return look;
}

// 2026-11-21T13:02:11.402Z as a text-format timestamp; 14:02:11 at the desk.
inline constexpr char kAtTwo[] = "{ seconds: 1795266131 nanos: 402000000 }";

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_TESTS_CLI_FIXTURES_H_
