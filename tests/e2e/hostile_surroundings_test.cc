// What a server may find when it starts: each fault is told on standard error, with its way out,
// before anything is served. Only Redis may come later.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/database.h"
#include "tests/e2e/raw_connection.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/ports.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kNewerSchema[] = "INSERT INTO gatehouse_schema (version) VALUES (4711)";

struct Refusal {
  int exit_code;
  std::string text;
};

// What a server that must not start says.
Refusal RefusalOf(harness::ServerProcess::Options options) {
  harness::ServerProcess server(std::move(options));
  server.StartUnready();
  const int exit_code = server.process().Wait();
  EXPECT_EQ(server.Terminate(), exit_code);
  return {.exit_code = exit_code, .text = server.LogText()};
}

class HostileSurroundingsTest : public ::testing::Test {
 protected:
  // A good ring, to be spoilt.
  std::string Keyring() {
    const harness::ServerProcess maker({.redis = redis_.url()});
    std::filesystem::copy_file(maker.keyring(), directory_ / "keyring");
    return (directory_ / "keyring").string();
  }

  Refusal RefusalWithKeyring(const std::string& path) {
    return RefusalOf({.redis = redis_.url(), .keyring = path});
  }

  harness::TemporaryDirectory directory_;
  harness::RedisProcess redis_;
};

TEST_F(HostileSurroundingsTest, AKeyRingThatIsMissingIsNamed) {
  const std::string path = (directory_ / "nowhere").string();
  const Refusal refusal = RefusalWithKeyring(path);
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text, AllOf(HasSubstr(path), HasSubstr("No such file")));
}

TEST_F(HostileSurroundingsTest, AKeyRingThatOthersMayReadIsNotTaken) {
  const std::string path = Keyring();
  for (const mode_t mode : {0644, 0640, 0604, 0620}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const Refusal refusal = RefusalWithKeyring(path);
    EXPECT_EQ(refusal.exit_code, 1) << mode;
    EXPECT_THAT(refusal.text, AllOf(HasSubstr(path), HasSubstr("chmod")));
  }
}

TEST_F(HostileSurroundingsTest, AKeyRingWithoutAKeyIsNotTaken) {
  const std::string path = Keyring();
  const std::string whole = harness::ReadFile(path);
  for (const std::string& text : {std::string(), whole.substr(0, whole.size() / 2)}) {
    std::ofstream(path, std::ios::trunc) << text;
    const Refusal refusal = RefusalWithKeyring(path);
    EXPECT_EQ(refusal.exit_code, 1) << text.size();
    EXPECT_THAT(refusal.text, HasSubstr(path));
    EXPECT_THAT(refusal.text, Not(HasSubstr("serving")));
  }
}

TEST_F(HostileSurroundingsTest, AKeyRingWithoutTheKeyIsToldToWhomItMatters) {
  StaffedServer service({.hashing = Hashing::kCheap});
  const Person person = service.CreatePerson("asha.patel");
  EXPECT_EQ(service.server().Terminate(), 0);
  harness::ServerProcess other_keys(
      {.redis = service.redis().url(), .database = service.server().database()});
  other_keys.Start();
  Actor actor(other_keys.NewChannel());
  EXPECT_TRUE(actor.SignIn(person.username, person.password).ok());
  v1::SetAccountSecretRequest request;
  request.set_password(person.password);
  request.set_account_secret(FreshSecret());
  const auto refused = actor.Call(&v1::AccountService::Stub::SetAccountSecret, request);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.reason(), "KEY_UNAVAILABLE") << refused;
}

TEST_F(HostileSurroundingsTest, AuthoritiesOfGatewaysThatAreNoneAreNamed) {
  const std::string nowhere = (directory_ / "nowhere.pem").string();
  const std::string key_ring = Keyring();
  for (const auto& [path, fault] : std::vector<std::pair<std::string, std::string>>{
           {nowhere, absl::StrCat("cannot read ", nowhere)},
           {key_ring, absl::StrCat(key_ring, " holds no CERTIFICATE in PEM form")}}) {
    const Refusal refusal = RefusalOf({.redis = redis_.url(),
                                       .flags = {"--directory_gateway=https://localhost:1/accounts",
                                                 absl::StrCat("--gateway_ca=", path)}});
    EXPECT_EQ(refusal.exit_code, 1);
    EXPECT_THAT(refusal.text, HasSubstr(absl::StrCat("--gateway_ca: ", fault)));
  }
}

TEST_F(HostileSurroundingsTest, ADatabaseOfANewerSchemaIsLeftAlone) {
  harness::ServerProcess server({.redis = redis_.url()});
  server.Bootstrap("National Service", "op.root");
  Execute(server.database(), kNewerSchema);
  const Refusal refusal = RefusalOf({.redis = redis_.url(), .database = server.database()});
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text, AllOf(HasSubstr("schema version 4711"), HasSubstr("newer")));
}

TEST_F(HostileSurroundingsTest, ADatabaseThatIsNoneIsNamed) {
  const auto path = directory_.Write("letter.db", std::string(8192, 'x'));
  const Refusal refusal =
      RefusalOf({.redis = redis_.url(), .database = absl::StrCat("sqlite:", path.string())});
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text, HasSubstr("not a database"));
  EXPECT_EQ(harness::ReadFile(path), std::string(8192, 'x'));
}

TEST_F(HostileSurroundingsTest, ADatabaseFileIsServedByOneServer) {
  harness::ServerProcess first({.redis = redis_.url()});
  first.Start();
  const Refusal refusal = RefusalOf({.redis = redis_.url(), .database = first.database()});
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text, HasSubstr("already served by another gatehouse-server"));
  EXPECT_TRUE(first.Serving());
}

TEST_F(HostileSurroundingsTest, APortInUseIsNamed) {
  harness::ServerProcess first({.redis = redis_.url()});
  first.Start();
  const Refusal refusal =
      RefusalOf({.redis = redis_.url(), .flags = {absl::StrCat("--listen=", first.address())}});
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text, AllOf(HasSubstr(first.address()), HasSubstr("Address already in use")));
  EXPECT_TRUE(first.Serving());
}

TEST_F(HostileSurroundingsTest, AllFaultsAreToldAtOnce) {
  harness::ServerProcess first({.redis = redis_.url()});
  first.Start();
  const std::string keyring = (directory_ / "nowhere").string();
  const std::string policy = directory_.Write("rules.textproto", "rules { nonsense }").string();
  const Refusal refusal = RefusalOf({.redis = redis_.url(),
                                     .policy = policy,
                                     .keyring = keyring,
                                     .flags = {absl::StrCat("--listen=", first.address())}});
  EXPECT_EQ(refusal.exit_code, 1);
  EXPECT_THAT(refusal.text,
              AllOf(HasSubstr(keyring), HasSubstr(policy), HasSubstr(first.address())));
}

TEST_F(HostileSurroundingsTest, WrongSettingsAreToldAtOnceAsMisuse) {
  const Refusal refusal =
      RefusalOf({.redis = "http://localhost",
                 .database = "mysql://localhost",
                 .flags = {"--lease=1ms", "--log_level=loud", "--listen=0.0.0.0:1"}});
  EXPECT_EQ(refusal.exit_code, 2);
  EXPECT_THAT(refusal.text,
              AllOf(HasSubstr("--redis"), HasSubstr("--database"), HasSubstr("--lease"),
                    HasSubstr("--log_level"), HasSubstr("--listen")));
}

TEST_F(HostileSurroundingsTest, WithoutRedisItServesNobodyAndComesBackByItself) {
  redis_.Terminate();
  harness::ServerProcess server({.redis = redis_.url()});
  server.StartUnready();
  const auto redis_is_down = [&] {
    const std::string page = MetricsPage(server.metrics_address());
    return page.find("gatehouse_redis_up 0") != std::string::npos &&
           page.find("gatehouse_database_up 1") != std::string::npos;
  };
  server.process().WaitUntilReady(redis_is_down);
  EXPECT_FALSE(server.Serving());
  EXPECT_THAT(server.LogText(), AllOf(HasSubstr("part_down"), HasSubstr("\"redis\"")));
  Actor somebody(server.NewChannel());
  somebody.set_token("gh1_" + std::string(64, 'A'));
  EXPECT_EQ(somebody.Validate().status.error_code(), grpc::StatusCode::UNAVAILABLE);

  redis_.Start();
  server.WaitUntilServing();
  EXPECT_EQ(somebody.Validate().reason(), "SESSION_INVALID");
  EXPECT_THAT(server.LogText(), HasSubstr("part_up_again"));
  EXPECT_EQ(server.Terminate(), 0);
}

}  // namespace
}  // namespace gatehouse::e2e
