#include "server/assembly.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/session_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "server/offline/after_restore.h"
#include "server/offline/operators.h"
#include "server/secrets/key_ring.h"
#include "storage/sql/sql_account_store.h"
#include "tests/harness/fatal.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;

class AssemblyTest : public ::testing::Test {
 protected:
  AssemblyTest() {
    config_.set_listen(absl::StrCat("unix:", (directory_ / "rpc.sock").string()));
    config_.set_insecure_loopback(true);
    config_.set_database(absl::StrCat("sqlite:", (directory_ / "gatehouse.db").string()));
    config_.set_redis(redis_.url());
    config_.set_policy(GATEHOUSE_SOURCE_DIR "/policy/rules/nhsmail.textproto");
    config_.set_keyring((directory_ / "keys").string());
    config_.set_spool((directory_ / "spool").string());
    config_.mutable_lease()->set_seconds(1);
    if (const auto made = CreateKeyRing(config_.keyring(), entropy_, clock_); !made.ok()) {
      harness::Fatal(made.ToString());
    }
  }

  nlohmann::json BootstrapOperator(const std::string& organisation, const std::string& username) {
    const auto told =
        Bootstrap(config_, environment_, {.organisation_name = organisation, .username = username});
    EXPECT_TRUE(told.ok()) << told.status();
    return told.ok() ? nlohmann::json::parse(*told) : nlohmann::json();
  }

  bool Serves(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    return grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response).ok() &&
           response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
  }

  harness::TemporaryDirectory directory_;
  harness::RedisProcess redis_;
  SystemClock clock_;
  SystemEntropy entropy_;
  Logger log_{LogLevel::kError};
  Environment environment_{.clock = clock_, .entropy = entropy_, .log = log_};
  ServerConfig config_;
};

TEST_F(AssemblyTest, TheBootstrappedOperatorSignsInAndMustFinishTheirActions) {
  const nlohmann::json told = BootstrapOperator("Gatehouse", "op.gatehouse");
  const auto server = StartServer(config_, environment_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel =
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(harness::WaitUntil([&] { return Serves(channel); }));

  grpc::ClientContext context;
  v1::CreateSessionRequest request;
  request.set_username("op.gatehouse");
  request.set_password(told["temporary_password"]);
  v1::CreateSessionResponse response;
  const grpc::Status status =
      v1::SessionService::NewStub(channel)->CreateSession(&context, request, &response);

  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.session().level(), v1::SESSION_LEVEL_RESTRICTED);
  EXPECT_EQ(response.session().account_id(), told["account_id"]);
  EXPECT_EQ(response.session().required_actions(0), v1::REQUIRED_ACTION_CHANGE_PASSWORD);
  (*server)->Stop(absl::Seconds(5));
}

TEST_F(AssemblyTest, ASecondBootstrapJoinsTheOrganisationAndNeverTakesAName) {
  const nlohmann::json first = BootstrapOperator("Gatehouse", "op.one");
  const nlohmann::json second = BootstrapOperator("Gatehouse", "op.two");
  EXPECT_EQ(first["organisation_id"], second["organisation_id"]);
  EXPECT_NE(first["account_id"], second["account_id"]);
  const auto taken =
      Bootstrap(config_, environment_, {.organisation_name = "Gatehouse", .username = "OP.One"});
  EXPECT_TRUE(absl::IsAlreadyExists(taken.status())) << taken.status();
}

TEST_F(AssemblyTest, TheBootstrappedOperatorHasANameToConfirm) {
  const nlohmann::json told = BootstrapOperator("Gatehouse", "op.gatehouse");
  const auto store = storage::OpenSqlAccountStore({.url = config_.database(), .incarnation = ""});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto read = (*store)->Read([&](storage::Transaction& transaction) {
    const auto account =
        transaction.FindAccount(storage::AccountId(told["account_id"].get<std::string>()));
    if (!account.ok()) return account.status();
    EXPECT_EQ(account->profile.given_name, "System");
    EXPECT_EQ(account->profile.family_name, "Operator");
    EXPECT_EQ(account->profile.display_name, "System Operator");
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
}

TEST_F(AssemblyTest, AllThatIsWrongWithAnOperatorsNamesIsToldAtOnce) {
  const auto told = Bootstrap(config_, environment_,
                              {.organisation_name = std::string(129, 'x'),
                               .username = "no spaces",
                               .given_name = "",
                               .family_name = "bell\a"});
  EXPECT_EQ(told.status().code(), absl::StatusCode::kInvalidArgument);
  for (const char* field : {"organisation_name", "username", "given_name", "family_name"}) {
    EXPECT_THAT(std::string(told.status().message()), HasSubstr(field));
  }
}

TEST_F(AssemblyTest, WithoutRedisTheServerRunsButDoesNotServe) {
  redis_.Kill9();
  const auto server = StartServer(config_, environment_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel =
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  EXPECT_FALSE(Serves(channel));
  redis_.Start();
  EXPECT_TRUE(harness::WaitUntil([&] { return Serves(channel); }));
  (*server)->Stop(absl::Seconds(5));
}

TEST_F(AssemblyTest, AnAddressOrADatabaseThatIsServedAlreadyIsRefused) {
  const auto server = StartServer(config_, environment_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto same_address = StartServer(config_, environment_);
  EXPECT_THAT(std::string(same_address.status().message()), HasSubstr("cannot listen on"));
  config_.set_listen(absl::StrCat("unix:", (directory_ / "other.sock").string()));
  const auto same_database = StartServer(config_, environment_);
  EXPECT_FALSE(same_database.ok());
  EXPECT_THAT(std::string(same_database.status().message()), HasSubstr("served"));
}

TEST_F(AssemblyTest, AllThatCannotBeReadIsToldAtOnce) {
  config_.set_keyring((directory_ / "no-keys").string());
  config_.set_policy((directory_ / "no-policy").string());
  const auto server = StartServer(config_, environment_);
  EXPECT_THAT(std::string(server.status().message()),
              testing::AllOf(HasSubstr("no-keys"), HasSubstr("no-policy")));
}

TEST_F(AssemblyTest, AfterARestoreEverySessionFromBeforeIsOver) {
  const nlohmann::json told = BootstrapOperator("Gatehouse", "op.gatehouse");
  std::string token;
  {
    const auto server = StartServer(config_, environment_);
    ASSERT_TRUE(server.ok()) << server.status();
    const auto channel =
        grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
    ASSERT_TRUE(harness::WaitUntil([&] { return Serves(channel); }));
    grpc::ClientContext context;
    v1::CreateSessionRequest request;
    request.set_username("op.gatehouse");
    request.set_password(told["temporary_password"]);
    v1::CreateSessionResponse response;
    ASSERT_TRUE(
        v1::SessionService::NewStub(channel)->CreateSession(&context, request, &response).ok());
    token = response.session_token();
    (*server)->Stop(absl::Seconds(5));
  }
  ASSERT_TRUE(AfterRestore(config_, environment_).ok());
  const auto server = StartServer(config_, environment_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel =
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(harness::WaitUntil([&] { return Serves(channel); }));
  grpc::ClientContext context;
  v1::ValidateSessionRequest request;
  request.set_session_token(token);
  v1::ValidateSessionResponse response;
  EXPECT_EQ(v1::SessionService::NewStub(channel)
                ->ValidateSession(&context, request, &response)
                .error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  (*server)->Stop(absl::Seconds(5));
}

// The file is a pipe that nobody writes to: whoever reads it waits for as long as it is held.
TEST_F(AssemblyTest, ReadingFilesAgainHoldsNobodyUp) {
  const std::filesystem::path rules = directory_ / "rules";
  std::filesystem::copy_file(config_.policy(), rules);
  config_.set_policy(rules.string());
  const auto server = StartServer(config_, environment_);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel =
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(harness::WaitUntil([&] { return Serves(channel); }));
  std::filesystem::remove(rules);
  ASSERT_EQ(mkfifo(rules.c_str(), S_IRUSR | S_IWUSR), 0);
  const int held = open(rules.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(held, 0);

  for (int signals = 0; signals < 5; ++signals) (*server)->Reload();
  EXPECT_TRUE(Serves(channel));

  std::filesystem::remove(rules);
  close(held);
  (*server)->Stop(absl::Seconds(5));
}

}  // namespace
}  // namespace gatehouse::server
