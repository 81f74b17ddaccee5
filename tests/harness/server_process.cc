#include "tests/harness/server_process.h"

#include <chrono>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

#include "nlohmann/json.hpp"
#include "tests/harness/fatal.h"
#include "tests/harness/ports.h"

namespace gatehouse::harness {

ServerProcess::ServerProcess(Options options)
    : options_(std::move(options)),
      address_(absl::StrCat("127.0.0.1:", FreePort())),
      metrics_address_(absl::StrCat("127.0.0.1:", FreePort())) {
  if (options_.database.empty()) {
    options_.database = absl::StrCat("sqlite:", (directory_ / "gatehouse.db").string());
  }
  if (options_.policy.empty())
    options_.policy = GATEHOUSE_SOURCE_DIR "/policy/rules/nhsmail.textproto";
  if (!options_.keyring.empty()) return;
  options_.keyring = (directory_ / "keyring").string();
  ChildProcess keys({.arguments = {BinaryPath("gatehouse-server"), "keys", "create",
                                   absl::StrCat("--keyring=", options_.keyring)},
                     .log = directory_ / "keys.log"});
  if (keys.Wait() != 0) Fatal(absl::StrCat("keys create failed:\n", keys.LogText()));
}

ServerProcess::~ServerProcess() {
  if (process_ == nullptr) return;
  const bool died = should_run_ && !process_->Running();
  if (!died && !::testing::Test::HasFailure()) return;
  std::cerr << "gatehouse-server at " << address_ << (died ? " died" : "") << "; its log:\n"
            << process_->LogTail();
}

ServerProcess::Operator ServerProcess::Bootstrap(const std::string& organisation,
                                                 const std::string& username) {
  // Its answer is standard output alone; what it logs goes to standard error.
  const std::string answer = (directory_ / "bootstrap.json").string();
  std::vector<std::string> arguments = {"sh",
                                        "-c",
                                        "answer=$1; shift; exec \"$@\" > \"$answer\"",
                                        "sh",
                                        answer,
                                        BinaryPath("gatehouse-server"),
                                        "bootstrap",
                                        absl::StrCat("--organisation_name=", organisation),
                                        absl::StrCat("--username=", username)};
  for (const std::string& flag : Arguments()) arguments.push_back(flag);
  ChildProcess bootstrap({.arguments = std::move(arguments), .log = directory_ / "bootstrap.log"});
  if (bootstrap.Wait() != 0) Fatal(absl::StrCat("bootstrap failed:\n", bootstrap.LogText()));
  const auto json = nlohmann::json::parse(ReadFile(answer), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) Fatal(absl::StrCat("bootstrap did not print JSON:\n", ReadFile(answer)));
  return {.organisation_id = json.value("organisation_id", ""),
          .account_id = json.value("account_id", ""),
          .username = json.value("username", ""),
          .temporary_password = json.value("temporary_password", "")};
}

void ServerProcess::Start() {
  StartUnready();
  WaitUntilServing();
}

void ServerProcess::StartUnready() {
  process_.reset();
  should_run_ = true;
  std::vector<std::string> arguments = {BinaryPath("gatehouse-server")};
  for (const std::string& flag : Arguments()) arguments.push_back(flag);
  process_ = std::make_unique<ChildProcess>(
      ChildProcess::Options{.arguments = std::move(arguments), .log = directory_ / "server.log"});
}

void ServerProcess::WaitUntilServing() {
  process_->WaitUntilReady([this] { return Serving(); });
}

bool ServerProcess::Serving() const { return Serves(NewChannel()); }

bool Serves(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = grpc::health::v1::Health::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, {}, &response);
  return status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

void ServerProcess::Kill9() {
  should_run_ = false;
  process_->Kill9();
}

int ServerProcess::Terminate() {
  should_run_ = false;
  return process_->Terminate();
}

void ServerProcess::Pause() { process_->Signal(SIGSTOP); }

void ServerProcess::Reload() { process_->Signal(SIGHUP); }

void ServerProcess::Resume() { process_->Signal(SIGCONT); }

std::shared_ptr<grpc::Channel> ServerProcess::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  // What one attempt may take, however busy the machine is; a refused one ends at once.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

std::vector<std::string> ServerProcess::Arguments() const {
  std::vector<std::string> arguments = {
      absl::StrCat("--listen=", address_),          "--insecure_loopback",
      absl::StrCat("--metrics=", metrics_address_), absl::StrCat("--database=", options_.database),
      absl::StrCat("--redis=", options_.redis),     absl::StrCat("--keyring=", options_.keyring),
      absl::StrCat("--policy=", options_.policy),   absl::StrCat("--spool=", spool().string())};
  arguments.insert(arguments.end(), options_.flags.begin(), options_.flags.end());
  return arguments;
}

std::string BinaryPath(const std::string& name) {
  return absl::StrCat(GATEHOUSE_BINARY_DIR, "/", name);
}

}  // namespace gatehouse::harness
