#include "server/config.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Enough to serve with.
GivenSettings Complete() {
  return {{"database", "sqlite:/tmp/g.db"},
          {"redis", "unix:/tmp/r.sock"},
          {"keyring", "/tmp/keys"},
          {"policy", "/tmp/policy"},
          {"insecure_loopback", "true"}};
}

std::string FaultsOf(const GivenSettings& given, Command command = Command::kServe) {
  return std::string(ReadConfig("", given, command).status().message());
}

TEST(ConfigTest, AFewSettingsAreEnough) {
  const auto config = ReadConfig("", Complete(), Command::kServe);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen(), "127.0.0.1:50051");
  EXPECT_EQ(LeaseOf(*config), absl::Seconds(1));
  EXPECT_EQ(TidyIntervalOf(*config), absl::Minutes(1));
  EXPECT_EQ(TransportOf(*config), Transport::kInsecureLoopback);
  EXPECT_EQ(LogLevelOf(*config), LogLevel::kInfo);
}

TEST(ConfigTest, EveryMistakeIsToldAtOnce) {
  const std::string faults = FaultsOf({{"listen", "0.0.0.0:1"},
                                       {"insecure_loopback", "true"},
                                       {"redis", "carrier-pigeon:coop"},
                                       {"database", "mysql://x"},
                                       {"lease", "soon"},
                                       {"tidy_interval", "1ms"},
                                       {"stream_idle_timeout", "2h"},
                                       {"decision_log_mib", "-1"},
                                       {"log_level", "loud"}});
  for (const char* setting :
       {"--listen", "--redis", "--database", "--lease", "--tidy_interval", "--stream_idle_timeout",
        "--decision_log_mib", "--log_level", "--keyring", "--policy"}) {
    EXPECT_THAT(faults, HasSubstr(setting));
  }
  EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 9) << faults;
}

TEST(ConfigTest, CredentialsWithoutTheirGatewayAreAMistake) {
  for (const char* channel : {"notification", "directory"}) {
    GivenSettings given = Complete();
    given[absl::StrCat(channel, "_credentials_file")] = "/etc/gatehouse/credentials";
    EXPECT_THAT(FaultsOf(given), HasSubstr(absl::StrCat("--", channel, "_credentials_file")));
  }
}

TEST(ConfigTest, APasswordInAUrlIsRefusedAndNotRepeated) {
  for (const char* url : {"postgresql://gatehouse:swordfish@db/gatehouse",
                          "postgresql://db/gatehouse?user=g&password=swordfish"}) {
    GivenSettings given = Complete();
    given["database"] = url;
    EXPECT_THAT(FaultsOf(given), AllOf(HasSubstr("PGPASSFILE"), Not(HasSubstr("swordfish"))));
  }
  GivenSettings given = Complete();
  given["redis"] = "redis://:swordfish@cache:6379";
  EXPECT_THAT(FaultsOf(given),
              AllOf(HasSubstr("--redis_password_file"), Not(HasSubstr("swordfish"))));
}

TEST(ConfigTest, WithoutTlsOrLoopbackNothingIsServed) {
  GivenSettings given = Complete();
  given.erase("insecure_loopback");
  EXPECT_THAT(FaultsOf(given), AllOf(HasSubstr("--tls_certificate"), HasSubstr("--tls_key"),
                                     HasSubstr("--tls_client_ca")));
}

TEST(ConfigTest, EveryMistakeAboutMessagesIsToldAtOnce) {
  GivenSettings given = Complete();
  given["notification_gateway"] = "smtp://user:swordfish@relay.example";
  given["directory_gateway"] = "http://directory.example/";
  given["gateway_timeout"] = "1h";
  given["language"] = "../en";
  given["time_zone"] = "Mars/Olympus";
  given["otpauth_issuer"] = "St. Mary's";
  const std::string faults = FaultsOf(given);
  for (const char* setting : {"--notification_gateway", "--directory_gateway", "--gateway_timeout",
                              "--language", "--time_zone", "--otpauth_issuer"}) {
    EXPECT_THAT(faults, HasSubstr(setting));
  }
  EXPECT_THAT(faults, Not(HasSubstr("swordfish")));
}

TEST(ConfigTest, MailNeedsASenderAndWordsAndDirectoriesReadNone) {
  GivenSettings given = Complete();
  given["notification_gateway"] = "smtp://relay.example";
  given["notification_sender"] = "nobody\r\nBcc: x@y";
  given["directory_gateway"] = "smtps://relay.example";
  EXPECT_THAT(FaultsOf(given), AllOf(HasSubstr("--notification_sender"), HasSubstr("--templates"),
                                     HasSubstr("--directory_gateway")));
  given["notification_sender"] = "no-reply@portal.example";
  given["templates"] = "deploy/templates";
  given["directory_gateway"] = "https://directory.example/";
  EXPECT_TRUE(ReadConfig("", given, Command::kServe).ok());
}

TEST(ConfigTest, FlagsOverrideTheFile) {
  const harness::TemporaryDirectory directory;
  const std::string file =
      directory.Write("server.textproto", "listen: 'localhost:1'\nlease { seconds: 3 }\n").string();
  GivenSettings given = Complete();
  given["listen"] = "localhost:2";
  const auto config = ReadConfig(file, given, Command::kServe);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen(), "localhost:2");
  EXPECT_EQ(LeaseOf(*config), absl::Seconds(3));
}

TEST(ConfigTest, AMistakeInTheFileIsToldByLineAndColumn) {
  const harness::TemporaryDirectory directory;
  const std::string file =
      directory.Write("server.textproto", "listen: 'localhost:1'\nlisten_to: 'x'\n").string();
  EXPECT_THAT(std::string(ReadConfig(file, Complete(), Command::kServe).status().message()),
              AllOf(HasSubstr("server.textproto:2:"), HasSubstr("listen_to")));
}

TEST(ConfigTest, OfflineCommandsNeedOnlyWhatTheyUse) {
  EXPECT_TRUE(ReadConfig("", {{"keyring", "/tmp/k"}}, Command::kCreateKeys).ok());
  EXPECT_TRUE(ReadConfig("", {{"database", "sqlite:/tmp/g"}}, Command::kAfterRestore).ok());
  EXPECT_THAT(FaultsOf({}, Command::kBootstrap),
              AllOf(HasSubstr("--database"), HasSubstr("--keyring"), HasSubstr("--policy"),
                    Not(HasSubstr("--redis"))));
}

}  // namespace
}  // namespace gatehouse::server
