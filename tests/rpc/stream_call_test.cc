// Streams both ways over a real gRPC server: order, bounds, deadlines and ends.
#include "server/rpc/stream_call.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "server/operations/errors.h"
#include "tests/harness/wait.h"
#include "tests/rpc/test_server.h"

namespace gatehouse::server {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

using Request = v1::ImportAccountsRequest;
using Response = v1::ImportAccountsResponse;
using TakeStep = std::function<absl::StatusOr<size_t>(
    const CallContext&, absl::Span<const Request* const>, std::vector<Response>&)>;

// Does what the test says.
class SteppedOperation final : public StreamOperation<Request, Response> {
 public:
  explicit SteppedOperation(const TakeStep& step) : step_(step) {}

  absl::StatusOr<size_t> Step(const CallContext& call, absl::Span<const Request* const> arrived,
                              std::vector<Response>& answers) override {
    return step_(call, arrived, answers);
  }

 private:
  const TakeStep& step_;
};

Request Item(int64_t item, size_t bytes = 0) {
  Request request;
  request.mutable_account()->set_item(item);
  request.mutable_account()->set_username(std::string(bytes, 'x'));
  return request;
}

// Answers each item by its number.
absl::StatusOr<size_t> Echo(absl::Span<const Request* const> arrived,
                            std::vector<Response>& answers, size_t bytes = 0) {
  for (const Request* request : arrived) {
    Response answer;
    answer.set_item(request->account().item());
    answer.set_message(std::string(bytes, 'y'));
    answers.push_back(std::move(answer));
  }
  return arrived.size();
}

class StreamCallTest : public ::testing::Test {
 protected:
  explicit StreamCallTest(StreamPatience patience = {}) : server_(patience) {}

  using Stream = grpc::ClientReaderWriter<Request, Response>;

  void Serve(TakeStep step) {
    step_ = std::move(step);
    server_.bridge().BindStream<Request, Response>(
        server_.lane(), [this] { return std::make_unique<SteppedOperation>(step_); });
    server_.Start();
    stub_ = v1::AccountService::NewStub(server_.channel());
    stream_ = stub_->ImportAccounts(&context_);
  }

  std::vector<int64_t> ReadAll() {
    std::vector<int64_t> items;
    for (Response answer; stream_->Read(&answer);) items.push_back(answer.item());
    return items;
  }

  static std::vector<int64_t> UpTo(int64_t last) {
    std::vector<int64_t> items;
    for (int64_t item = 1; item <= last; ++item) items.push_back(item);
    return items;
  }

  TakeStep step_;
  TestServer server_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::AccountService::Stub> stub_;
  std::unique_ptr<Stream> stream_;
};

TEST_F(StreamCallTest, EverythingIsAnsweredInOrderAndTheClientEndsIt) {
  Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  std::thread writer([&] {
    for (int64_t item = 1; item <= 5000; ++item) ASSERT_TRUE(stream_->Write(Item(item)));
    stream_->WritesDone();
  });
  EXPECT_EQ(ReadAll(), UpTo(5000));
  writer.join();
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(StreamCallTest, AnEmptyStreamEndsWell) {
  Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  stream_->WritesDone();
  EXPECT_EQ(ReadAll(), std::vector<int64_t>());
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(StreamCallTest, AStepTakesAllThatArrivedDuringTheOneBefore) {
  std::promise<void> open;
  const std::shared_future<void> opened = open.get_future().share();
  std::vector<size_t> sizes;
  Serve([&](const CallContext&, auto arrived, auto& answers) {
    if (sizes.empty()) opened.wait();
    sizes.push_back(arrived.size());
    return Echo(arrived, answers);
  });
  for (int64_t item = 1; item <= 200; ++item) ASSERT_TRUE(stream_->Write(Item(item)));
  stream_->WritesDone();
  open.set_value();
  EXPECT_EQ(ReadAll(), UpTo(200));
  EXPECT_TRUE(stream_->Finish().ok());
  EXPECT_LT(sizes.size(), 100U) << "steps grow with what waits";
}

TEST_F(StreamCallTest, WhatAStepLeavesComesAgainInOrder) {
  Serve([&](const CallContext&, auto arrived, auto& answers) {
    return Echo(arrived.subspan(0, 1), answers);
  });
  for (int64_t item = 1; item <= 300; ++item) ASSERT_TRUE(stream_->Write(Item(item)));
  stream_->WritesDone();
  EXPECT_EQ(ReadAll(), UpTo(300));
  EXPECT_TRUE(stream_->Finish().ok());
}

// Each answer is larger than what HTTP/2 lets pass unread.
TEST_F(StreamCallTest, AClientThatDoesNotReadIsNotReadFromEither) {
  constexpr size_t kAnswer = 64 << 10;
  constexpr int64_t kItems = 2500;
  std::atomic<int64_t> taken = 0;
  Serve([&](const CallContext&, auto arrived, auto& answers) {
    taken += static_cast<int64_t>(arrived.size());
    return Echo(arrived, answers, kAnswer);
  });
  std::atomic<int64_t> written = 0;
  std::thread writer([&] {
    for (int64_t item = 1; item <= kItems && stream_->Write(Item(item, 1 << 10)); ++item) {
      ++written;
    }
    stream_->WritesDone();
  });
  // Until nothing moves any more: the writer cannot go on.
  int64_t before = -1;
  harness::WaitUntil([&] {
    const int64_t now = written;
    return std::exchange(before, now) == now && now > 0;
  });
  EXPECT_LT(taken, 1000) << "answers wait for the client, and no step adds to them";
  EXPECT_EQ(ReadAll(), UpTo(kItems)) << "once it reads, all goes on";
  writer.join();
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(StreamCallTest, AnErrorEndsItAfterTheAnswersOfEarlierSteps) {
  Serve([&](const CallContext&, auto arrived, auto& answers) -> absl::StatusOr<size_t> {
    if (arrived.front()->account().item() > 3) return InvalidCredentials();
    return Echo(arrived.subspan(0, 1), answers);
  });
  for (int64_t item = 1; item <= 10; ++item) stream_->Write(Item(item));
  EXPECT_EQ(ReadAll(), UpTo(3));
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("INVALID_CREDENTIALS"));
}

TEST_F(StreamCallTest, EachStepHasAnInstantAndTenSecondsOfItsOwn) {
  std::vector<absl::Time> instants;
  Serve([&](const CallContext& call, auto arrived, auto& answers) {
    EXPECT_EQ(call.deadline - call.now, absl::Seconds(10));
    EXPECT_EQ(call.method, "ImportAccounts");
    EXPECT_EQ(call.caller, "local");
    instants.push_back(call.now);
    server_.clock().Advance(absl::Hours(1));
    return Echo(arrived, answers);
  });
  Response answer;
  ASSERT_TRUE(stream_->Write(Item(1)));
  ASSERT_TRUE(stream_->Read(&answer));
  ASSERT_TRUE(stream_->Write(Item(2)));
  ASSERT_TRUE(stream_->Read(&answer));
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
  ASSERT_EQ(instants.size(), 2U);
  EXPECT_EQ(instants[1] - instants[0], absl::Hours(1));
}

TEST_F(StreamCallTest, NoStepHasMoreTimeThanTheStream) {
  // Less than the ten seconds that a step has otherwise, and much for one step.
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(9));
  Serve([&](const CallContext& call, auto arrived, auto& answers) {
    EXPECT_LE(call.deadline - call.now, absl::Seconds(9));
    return Echo(arrived, answers);
  });
  Response answer;
  ASSERT_TRUE(stream_->Write(Item(1)));
  EXPECT_TRUE(stream_->Read(&answer));
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(StreamCallTest, AStreamWithNothingToDoEndsWhenTheServerStops) {
  Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  Response answer;
  ASSERT_TRUE(stream_->Write(Item(1)));
  ASSERT_TRUE(stream_->Read(&answer));
  server_.bridge().EndStreams();
  EXPECT_FALSE(stream_->Read(&answer));
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("SHUTTING_DOWN"));
}

TEST_F(StreamCallTest, AStreamThatBeginsWhenTheServerStopsIsEndedAtOnce) {
  Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  server_.bridge().EndStreams();
  grpc::ClientContext context;
  const auto late = stub_->ImportAccounts(&context);
  Response answer;
  EXPECT_FALSE(late->Read(&answer));
  EXPECT_THAT(late->Finish().error_message(), HasSubstr("SHUTTING_DOWN"));
}

TEST_F(StreamCallTest, AStepAtHandIsAnsweredBeforeTheServerStops) {
  std::promise<void> begun, open;
  Serve([&](const CallContext&, auto arrived, auto& answers) {
    begun.set_value();
    open.get_future().wait();
    return Echo(arrived, answers);
  });
  ASSERT_TRUE(stream_->Write(Item(1)));
  begun.get_future().wait();
  server_.bridge().EndStreams();
  open.set_value();
  EXPECT_EQ(ReadAll(), UpTo(1));
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(StreamCallTest, AClientThatGoesAwayIsNoticedAndLeavesNothingBehind) {
  std::promise<void> begun;
  std::atomic<bool> noticed = false;
  Serve([&](const CallContext& call, auto arrived, auto& answers) {
    begun.set_value();
    noticed = harness::WaitUntil([&] { return call.cancelled(); });
    return Echo(arrived, answers);
  });
  ASSERT_TRUE(stream_->Write(Item(1)));
  begun.get_future().wait();
  context_.TryCancel();
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server_.Stop(absl::Seconds(10));
  EXPECT_TRUE(noticed);
  EXPECT_THAT(server_.LogText(), HasSubstr("CANCELLED"));
}

TEST_F(StreamCallTest, ManyStreamsGoTheirWaySideBySide) {
  Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      grpc::ClientContext context;
      const auto stream = stub_->ImportAccounts(&context);
      Response answer;
      for (int64_t item = 1; item <= 50; ++item) {
        ASSERT_TRUE(stream->Write(Item(item)));
        ASSERT_TRUE(stream->Read(&answer));
        ASSERT_EQ(answer.item(), item);
      }
      stream->WritesDone();
      const grpc::Status status = stream->Finish();
      EXPECT_TRUE(status.ok()) << status.error_message();
    });
  }
  for (std::thread& client : clients) client.join();
}

// The clock of the server stands still until the test lets time pass; how often it looks follows
// from these bounds, by the machine's own clock.
class ImpatientStreamCallTest : public StreamCallTest {
 protected:
  static constexpr absl::Duration kFirst = absl::Milliseconds(20);
  static constexpr absl::Duration kBetween = absl::Milliseconds(40);

  ImpatientStreamCallTest() : StreamCallTest({.first = kFirst, .between = kBetween}) {}

  void ServeEcho() {
    Serve([](const CallContext&, auto arrived, auto& answers) { return Echo(arrived, answers); });
  }

  // How it ends while nothing but time passes.
  grpc::Status AwaitEnd(absl::Duration step) {
    auto ended = std::async(std::launch::async, [this] { return stream_->Finish(); });
    EXPECT_TRUE(harness::WaitUntil([&] {
      server_.clock().Advance(step);
      return ended.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }));
    return ended.get();
  }
};

TEST_F(ImpatientStreamCallTest, AStreamThatNeverSaysAnythingIsEnded) {
  ServeEcho();
  const grpc::Status status = AwaitEnd(kFirst);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("nothing was sent for 20ms"));
}

TEST_F(ImpatientStreamCallTest, AStreamThatFallsSilentIsEnded) {
  ServeEcho();
  Response answer;
  ASSERT_TRUE(stream_->Write(Item(1)));
  ASSERT_TRUE(stream_->Read(&answer));
  const grpc::Status status = AwaitEnd(kBetween);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("nothing was sent for 40ms"));
}

TEST_F(ImpatientStreamCallTest, TheTimeThatAStepTakesIsNotTheClients) {
  Serve([&](const CallContext&, auto arrived, auto& answers) {
    server_.clock().Advance(100 * kBetween);
    return Echo(arrived, answers);
  });
  Response answer;
  for (int64_t item = 1; item <= 20; ++item) {
    ASSERT_TRUE(stream_->Write(Item(item)));
    ASSERT_TRUE(stream_->Read(&answer));
  }
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
}

// More than HTTP/2 lets pass unread. Where an answer is on its way and stuck, no status could get
// through behind it, and the stream is broken off.
TEST_F(ImpatientStreamCallTest, AClientThatTakesNoAnswerIsEndedHoweverMuchItSends) {
  Serve([](const CallContext&, auto arrived, auto& answers) {
    return Echo(arrived, answers, 64 << 10);
  });
  std::atomic<int64_t> written = 0;
  auto writer = std::async(std::launch::async, [&] {
    while (stream_->Write(Item(written + 1, 1 << 10))) ++written;
  });
  int64_t before = -1;
  ASSERT_TRUE(harness::WaitUntil([&] {
    const int64_t now = written;
    return std::exchange(before, now) == now && now > 0;
  }));
  EXPECT_TRUE(harness::WaitUntil([&] {
    server_.clock().Advance(kBetween);
    return writer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }));
  for (Response answer; stream_->Read(&answer);) {
  }
  EXPECT_THAT(stream_->Finish().error_code(),
              AnyOf(grpc::StatusCode::CANCELLED, grpc::StatusCode::DEADLINE_EXCEEDED));
}

}  // namespace
}  // namespace gatehouse::server
