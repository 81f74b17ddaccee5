// What gatehousectl does about an import that breaks off: the server is one of the test's own, and
// ends its streams as the test says.
#include "clients/cli/commands/import_stream.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::cli {
namespace {

using ::testing::ElementsAre;
using Clock = std::chrono::steady_clock;

// How one stream ends: after so many answers.
struct End {
  size_t answers = 0;
  grpc::Status status{};
};

class ScriptedService final : public v1::AccountService::Service {
 public:
  explicit ScriptedService(std::vector<End> script) : script_(std::move(script)) {}

  grpc::Status ImportAccounts(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::ImportAccountsResponse, v1::ImportAccountsRequest>* stream)
      override {
    const End& end = script_.at(began_.size());
    began_.push_back(Clock::now());
    std::vector<int64_t>& items = items_.emplace_back();
    v1::ImportAccountsRequest request;
    while (items.size() < end.answers && stream->Read(&request)) {
      if (request.has_start()) continue;
      items.push_back(request.account().item());
      v1::ImportAccountsResponse answer;
      answer.set_item(request.account().item());
      stream->Write(answer);
    }
    return end.status;
  }

  // By stream.
  const std::vector<std::vector<int64_t>>& items() const { return items_; }
  const std::vector<Clock::time_point>& began() const { return began_; }

 private:
  const std::vector<End> script_;
  std::vector<std::vector<int64_t>> items_;
  std::vector<Clock::time_point> began_;
};

class ImportStreamTest : public ::testing::Test {
 protected:
  // Three accounts, sent to a server that ends its streams so.
  grpc::Status Import(const std::vector<End>& script) {
    service_ = std::make_unique<ScriptedService>(script);
    const std::string address = absl::StrCat("unix:", (directory_ / "rpc.sock").string());
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    Settings settings;
    settings.server = address;
    const auto connection = Connection::Open(settings);
    auto file = ImportFile::Open(directory_.Write("people.jsonl", kPeople).string());
    if (!connection.ok() || !file.ok()) return {grpc::StatusCode::INTERNAL, "not begun"};
    ImportStream stream(**connection, *file, {}, [](const ImportResult&) { return true; });
    const grpc::Status status = stream.Run();
    server->Shutdown();
    return status;
  }

  static grpc::Status Busy(std::chrono::milliseconds again_in) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(again_in.count()) * 1'000'000);
    google::rpc::Status status;
    status.set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
    status.set_message("HASHING_BUSY");
    if (again_in.count() > 0) status.add_details()->PackFrom(retry);
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "HASHING_BUSY", status.SerializeAsString()};
  }

  static constexpr char kPeople[] =
      "{\"username\": \"one\"}\n{\"username\": \"two\"}\n{\"username\": \"three\"}\n";

  harness::TemporaryDirectory directory_;
  std::unique_ptr<ScriptedService> service_;
};

TEST_F(ImportStreamTest, AServerThatSaysWhenIsAskedAgainThenFromTheLastAnswerOn) {
  constexpr std::chrono::milliseconds kAgainIn(300);
  const grpc::Status status = Import({{.answers = 1, .status = Busy(kAgainIn)}, {.answers = 2}});
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(service_->items(), ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
  EXPECT_GE(service_->began()[1] - service_->began()[0], kAgainIn);
}

TEST_F(ImportStreamTest, WhatDoesNotPassByItselfIsToldAtOnce) {
  for (const grpc::Status& refusal :
       {Busy(std::chrono::milliseconds(0)),
        grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "NOT_PERMITTED")}) {
    EXPECT_EQ(Import({{.answers = 1, .status = refusal}}).error_message(), refusal.error_message());
    EXPECT_THAT(service_->items(), ElementsAre(ElementsAre(1)));
  }
}

TEST_F(ImportStreamTest, AServerThatLetsASilentStreamGoIsAskedAgain) {
  const grpc::Status status = Import(
      {{.answers = 2, .status = {grpc::StatusCode::DEADLINE_EXCEEDED, "silent"}}, {.answers = 1}});
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(service_->items(), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
}

}  // namespace
}  // namespace gatehouse::cli
