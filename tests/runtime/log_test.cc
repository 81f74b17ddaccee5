#include "server/runtime/log.h"

#include <cmath>
#include <limits>
#include <sstream>
#include <type_traits>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/secrets/secret_string.h"
#include <nlohmann/json.hpp>

namespace gatehouse::server {
namespace {

using ::nlohmann::json;

static_assert(!std::is_constructible_v<LogValue, SecretString>);
static_assert(!std::is_constructible_v<LogValue, const SecretString&>);
static_assert(!std::is_constructible_v<LogValue, SecretBytes>);
static_assert(!std::is_constructible_v<LogValue, const void*>);

class LogTest : public ::testing::Test {
 protected:
  json Line() { return json::parse(stream_.str()); }

  std::ostringstream stream_;
  Logger log_{LogLevel::kInfo, stream_};
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
  log_.Info("started", {{"address", "127.0.0.1:50051"}, {"threads", 4}, {"tls", false}});
  log_.Error("failed");
  const std::string text = stream_.str();
  const size_t end = text.find('\n');
  const json first = json::parse(text.substr(0, end));
  EXPECT_EQ(first["level"], "info");
  EXPECT_EQ(first["event"], "started");
  EXPECT_EQ(first["address"], "127.0.0.1:50051");
  EXPECT_EQ(first["threads"], 4);
  EXPECT_EQ(first["tls"], false);
  EXPECT_EQ(json::parse(text.substr(end + 1))["level"], "error");
}

TEST_F(LogTest, TellsTheTimeInUtc) {
  const absl::Time before = absl::Now() - absl::Seconds(1);
  log_.Info("event");
  absl::Time time;
  ASSERT_TRUE(
      absl::ParseTime(absl::RFC3339_full, Line()["time"].get<std::string>(), &time, nullptr));
  EXPECT_GE(time, before);
  EXPECT_LE(time, absl::Now());
}

TEST_F(LogTest, EscapesWhatCouldBreakOutOfAValue) {
  const std::string hostile = "\",\"level\":\"x\"\n\\\t\x01\x7f{}%v%n";
  log_.Info("event", {{"value", hostile}});
  EXPECT_EQ(stream_.str().find('\n'), stream_.str().size() - 1) << "one line";
  EXPECT_EQ(Line()["value"], hostile);
  EXPECT_EQ(Line()["level"], "info");
}

TEST_F(LogTest, ReplacesWhatIsNotUtf8) {
  log_.Info("event", {{"value", absl::string_view("a\xff\xc3z")}, {"name", "Zo\u00eb"}});
  EXPECT_EQ(Line()["value"], "a\ufffd\ufffdz");
  EXPECT_EQ(Line()["name"], "Zo\u00eb");
}

TEST_F(LogTest, WritesNumbersInstantsAndSpans) {
  log_.Info("event", {{"least", std::numeric_limits<int64_t>::min()},
                      {"most", std::numeric_limits<uint64_t>::max()},
                      {"ratio", 0.5},
                      {"endless", std::numeric_limits<double>::infinity()},
                      {"since", absl::UnixEpoch()},
                      {"took", absl::Milliseconds(1500)}});
  const json line = Line();
  EXPECT_EQ(line["least"], std::numeric_limits<int64_t>::min());
  EXPECT_EQ(line["most"], std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(line["ratio"], 0.5);
  EXPECT_TRUE(line["endless"].is_null());
  EXPECT_EQ(line["since"], "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(line["took"], 1.5);
}

TEST_F(LogTest, IsSilentBelowItsLevel) {
  log_.Debug("event");
  EXPECT_EQ(stream_.str(), "");
}

}  // namespace
}  // namespace gatehouse::server
