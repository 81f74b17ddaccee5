#include <atomic>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "server/assembly.h"
#include "server/offline/operators.h"
#include "server/secrets/key_ring.h"
#include "tests/harness/any_method.h"
#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/server_process.h"
#include "tests/harness/shipped_policy.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"
#include "tests/model/system.h"

namespace gatehouse::model {
namespace {

using google::protobuf::Message;

constexpr char kOrganisation[] = "National Service";
constexpr char kOperator[] = "op.root";

// The system's clock, put forward.
class PutForwardClock final : public server::Clock {
 public:
  absl::Time Now() const override { return clock_.Now() + absl::Nanoseconds(ahead_.load()); }
  absl::Duration Lead() const override { return clock_.Lead(); }
  absl::Duration Monotonic() const override { return clock_.Monotonic(); }
  void PutForward(absl::Duration step) { ahead_ += absl::ToInt64Nanoseconds(step); }

 private:
  server::SystemClock clock_;
  std::atomic<int64_t> ahead_ = 0;
};

grpc::Status ImportOver(const std::shared_ptr<grpc::Channel>& channel, const std::string& token,
                        const std::vector<v1::ImportAccountsRequest>& messages,
                        std::vector<v1::ImportAccountsResponse>& results) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  const auto stub = v1::AccountService::NewStub(channel);
  const auto stream = stub->ImportAccounts(&context);
  for (const auto& message : messages) {
    if (!stream->Write(message)) break;
  }
  stream->WritesDone();
  for (v1::ImportAccountsResponse result; stream->Read(&result);) results.push_back(result);
  return stream->Finish();
}

// The messages to people that a server has put into its spool.
class Spool {
 public:
  explicit Spool(std::filesystem::path path) : path_(std::move(path)) {}

  std::string path() const { return path_.string(); }

  std::vector<SentCode> TakeCodes(size_t expected) {
    std::vector<SentCode> codes;
    harness::WaitUntil([&] {
      for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        const std::string name = entry.path().filename().string();
        if (name.front() == '.' || !entry.is_regular_file() || !seen_.insert(name).second) continue;
        const auto message = nlohmann::json::parse(harness::ReadFile(entry.path()));
        if (message["kind"] != "AUTHENTICATION_CODE") continue;
        codes.push_back({.number = message["to"]["phone_number"],
                         .by = message["details"]["by"],
                         .text = message["details"]["code"]});
      }
      return codes.size() >= expected;
    });
    return codes;
  }

 private:
  const std::filesystem::path path_;
  std::set<std::string> seen_;
};

class AssembledSystem final : public System {
 public:
  AssembledSystem() {
    config_.set_listen(absl::StrCat("unix:", (directory_ / "rpc.sock").string()));
    config_.set_insecure_loopback(true);
    config_.set_database(absl::StrCat("sqlite:", (directory_ / "gatehouse.db").string()));
    config_.set_redis(redis_.url());
    config_.set_policy(directory_.Write("rules.textproto", harness::PolicyWithCheapHashing()));
    config_.set_keyring((directory_ / "keys").string());
    config_.set_spool(spool_.path());
    config_.mutable_lease()->set_seconds(1);
    config_.mutable_stream_idle_timeout()->set_seconds(60);
    // Nothing is swept: what has had its time is judged on read.
    config_.mutable_tidy_interval()->set_seconds(absl::ToInt64Seconds(absl::Hours(24)));
    if (const auto made = server::CreateKeyRing(config_.keyring(), entropy_, clock_); !made.ok()) {
      harness::Fatal(made.ToString());
    }
    const auto told = server::Bootstrap(
        config_, environment_, {.organisation_name = kOrganisation, .username = kOperator});
    if (!told.ok()) harness::Fatal(told.status().ToString());
    const auto json = nlohmann::json::parse(*told);
    operator_ = {.account_id = json["account_id"],
                 .username = kOperator,
                 .password = json["temporary_password"]};
    auto started = server::StartServer(config_, environment_);
    if (!started.ok()) harness::Fatal(started.status().ToString());
    server_ = *std::move(started);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    if (!harness::WaitUntil([this] { return harness::Serves(channel_); })) {
      harness::Fatal("the assembled server does not serve");
    }
  }

  ~AssembledSystem() override { server_->Stop(absl::Seconds(5)); }

  const FirstOperator& first_operator() const override { return operator_; }
  grpc::Status Call(const std::string& token, const Message& request, Message& response) override {
    return harness::CallUnary(*channel_, token, request, response);
  }
  grpc::Status Import(const std::string& token,
                      const std::vector<v1::ImportAccountsRequest>& messages,
                      std::vector<v1::ImportAccountsResponse>& results) override {
    return ImportOver(channel_, token, messages, results);
  }
  std::vector<SentCode> TakeCodes(size_t expected) override { return spool_.TakeCodes(expected); }
  ClockKind clock() const override { return ClockKind::kRuns; }
  absl::Time Now() const override { return clock_.Now(); }
  void Advance(absl::Duration step) override { clock_.PutForward(step); }

 private:
  harness::TemporaryDirectory directory_;
  Spool spool_{directory_ / "spool"};
  harness::RedisProcess redis_;
  PutForwardClock clock_;
  server::SystemEntropy entropy_;
  server::Logger log_{server::LogLevel::kError};
  server::Environment environment_{.clock = clock_, .entropy = entropy_, .log = log_};
  server::ServerConfig config_;
  FirstOperator operator_;
  std::unique_ptr<server::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

class BinarySystem final : public System {
 public:
  BinarySystem() {
    const auto told = server_.Bootstrap(kOrganisation, kOperator);
    operator_ = {.account_id = told.account_id,
                 .username = told.username,
                 .password = told.temporary_password};
    server_.Start();
    channel_ = server_.NewChannel();
  }

  const FirstOperator& first_operator() const override { return operator_; }
  grpc::Status Call(const std::string& token, const Message& request, Message& response) override {
    return harness::CallUnary(*channel_, token, request, response);
  }
  grpc::Status Import(const std::string& token,
                      const std::vector<v1::ImportAccountsRequest>& messages,
                      std::vector<v1::ImportAccountsResponse>& results) override {
    return ImportOver(channel_, token, messages, results);
  }
  std::vector<SentCode> TakeCodes(size_t expected) override { return spool_.TakeCodes(expected); }
  ClockKind clock() const override { return ClockKind::kOnlyRuns; }
  absl::Time Now() const override { return absl::Now(); }
  void Advance(absl::Duration) override { harness::Fatal("the binary's clock only runs"); }

 private:
  harness::TemporaryDirectory directory_;
  harness::RedisProcess redis_;
  harness::ServerProcess server_{
      {.redis = redis_.url(),
       .policy = directory_.Write("rules.textproto", harness::PolicyWithCheapHashing())}};
  Spool spool_{server_.spool()};
  FirstOperator operator_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace

std::unique_ptr<System> NewAssembledSystem() { return std::make_unique<AssembledSystem>(); }
std::unique_ptr<System> NewBinarySystem() { return std::make_unique<BinarySystem>(); }

}  // namespace gatehouse::model
