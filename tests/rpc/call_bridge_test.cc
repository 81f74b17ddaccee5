#include "server/rpc/call_bridge.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/support/client_callback.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "gatehouse/v1/session_service.grpc.pb.h"
#include "server/operations/errors.h"
#include "server/rpc/services.h"
#include "tests/rpc/contract_messages.h"
#include "tests/rpc/test_server.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  if (details.details().empty() || !details.details(0).UnpackTo(&info)) {
    ADD_FAILURE() << "no ErrorInfo in: " << status.error_message();
  }
  return info;
}

// A lane's thread that is busy until it is let go.
class Gate {
 public:
  void Pass() {
    ++begun_;
    opened_.wait();
  }
  void Open() { open_.set_value(); }
  int begun() const { return begun_; }

 private:
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
  std::atomic<int> begun_{0};
};

class CallBridgeTest : public ::testing::Test {
 protected:
  using Operation = gatehouse::server::Operation<v1::GetAccountRequest, v1::GetAccountResponse>;

  void BindGetAccount(Operation operation) {
    server_.bridge().Bind<v1::GetAccountRequest, v1::GetAccountResponse>(server_.lane(),
                                                                         std::move(operation));
    server_.Start();
    stub_ = v1::AccountService::NewStub(server_.channel());
  }
  // Answers OK, and notes the context for the test to look at.
  void BindNotingContext() {
    BindGetAccount([this](const CallContext& call, const v1::GetAccountRequest&) {
      token_ = std::string(call.token.Reveal());
      method_ = call.method;
      caller_ = call.caller;
      remaining_ = call.deadline - call.now;
      return v1::GetAccountResponse();
    });
  }
  grpc::Status GetAccount() { return stub_->GetAccount(&context_, request_, &response_); }

  std::string token_, method_, caller_;
  absl::Duration remaining_;
  v1::GetAccountRequest request_;
  v1::GetAccountResponse response_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::AccountService::Stub> stub_;
  TestServer server_;
};

TEST_F(CallBridgeTest, AnOperationGetsTheRequestAndItsAnswerArrives) {
  BindGetAccount([](const CallContext&, const v1::GetAccountRequest& request) {
    v1::GetAccountResponse response;
    response.mutable_account()->set_username(absl::StrCat("found ", request.username()));
    return response;
  });
  request_.set_username("asha.patel");
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_EQ(response_.account().username(), "found asha.patel");
}

TEST_F(CallBridgeTest, TheContextNamesMethodCallerAndActor) {
  BindNotingContext();
  context_.AddMetadata("authorization", "Bearer gh1_token");
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_EQ(token_, "gh1_token");
  EXPECT_EQ(method_, "GetAccount");
  EXPECT_EQ(caller_, "local");
}

TEST_F(CallBridgeTest, AnotherSchemeIsNoActor) {
  BindNotingContext();
  context_.AddMetadata("authorization", "Basic gh1_token");
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_EQ(token_, "");
}

TEST_F(CallBridgeTest, TwoTokensAreNoActor) {
  BindNotingContext();
  context_.AddMetadata("authorization", "Bearer one");
  context_.AddMetadata("authorization", "Bearer two");
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_EQ(token_, "");
}

TEST_F(CallBridgeTest, WithoutADeadlineThereAreTenSeconds) {
  BindNotingContext();
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_EQ(remaining_, absl::Seconds(10));
}

TEST_F(CallBridgeTest, TheCallersDeadlineHoldsOnTheServersClock) {
  BindNotingContext();
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(5));
  ASSERT_TRUE(GetAccount().ok());
  EXPECT_GT(remaining_, absl::Minutes(4));
  EXPECT_LE(remaining_, absl::Minutes(5) + absl::Seconds(5));  // gRPC rounds it up on the wire
}

TEST_F(CallBridgeTest, ARefusalArrivesWithItsReason) {
  BindGetAccount([](const CallContext&, const v1::GetAccountRequest&) { return NotPermitted(); });
  const grpc::Status status = GetAccount();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(InfoOf(status).reason(), "NOT_PERMITTED");
  server_.Stop(absl::Seconds(5));
  EXPECT_THAT(server_.LogText(), HasSubstr(R"("event":"call_refused")"));
  EXPECT_THAT(server_.LogText(), HasSubstr(R"("reason":"NOT_PERMITTED")"));
}

TEST_F(CallBridgeTest, AFaultIsToldToTheLogAndNotToTheCaller) {
  BindGetAccount([](const CallContext&, const v1::GetAccountRequest&) {
    return absl::InternalError("row 7 is torn");
  });
  const grpc::Status status = GetAccount();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), Not(HasSubstr("torn")));
  server_.Stop(absl::Seconds(5));
  EXPECT_THAT(server_.LogText(), HasSubstr("row 7 is torn"));
  EXPECT_THAT(server_.LogText(), HasSubstr(InfoOf(status).metadata().at("trace_id")));
}

TEST_F(CallBridgeTest, EveryCallIsCountedByMethodAndCode) {
  BindGetAccount([](const CallContext&, const v1::GetAccountRequest&) { return NotPermitted(); });
  EXPECT_FALSE(GetAccount().ok());
  server_.Stop(absl::Seconds(5));
  EXPECT_THAT(server_.metrics().Text(),
              testing::ContainsRegex(
                  R"(gatehouse_rpc_total\{code="PERMISSION_DENIED",method="GetAccount"\} 1)"));
}

TEST_F(CallBridgeTest, OverloadIsRefusedAtOnceWithAWait) {
  Gate gate;
  BindGetAccount([&gate](const CallContext&, const v1::GetAccountRequest&) {
    gate.Pass();
    return v1::GetAccountResponse();
  });
  std::vector<std::future<grpc::Status>> calls;
  const auto start = [&](int more) {
    for (int i = 0; i < more; ++i) {
      calls.push_back(std::async(std::launch::async, [this] {
        grpc::ClientContext context;
        v1::GetAccountResponse response;
        return stub_->GetAccount(&context, v1::GetAccountRequest(), &response);
      }));
    }
  };
  // Two run, four wait, and two are too many.
  start(2);
  while (gate.begun() < 2) std::this_thread::yield();
  start(6);
  const auto refused = [&] {
    return std::count_if(calls.begin(), calls.end(), [](auto& call) {
      return call.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
    });
  };
  while (refused() < 2) std::this_thread::yield();
  gate.Open();
  int ok = 0;
  for (auto& call : calls) {
    const grpc::Status status = call.get();
    if (status.ok()) {
      ++ok;
      continue;
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(InfoOf(status).reason(), "OVERLOADED");
  }
  EXPECT_EQ(ok, 6);
}

TEST_F(CallBridgeTest, AnOperationSeesThatItsCallerHasGone) {
  std::promise<void> begun, seen;
  BindGetAccount([&](const CallContext& call, const v1::GetAccountRequest&) {
    begun.set_value();
    while (!call.cancelled()) std::this_thread::yield();
    seen.set_value();
    return absl::CancelledError();
  });
  auto call = std::async(std::launch::async, [this] { return GetAccount(); });
  begun.get_future().wait();
  context_.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  seen.get_future().wait();
}

TEST_F(CallBridgeTest, AnAsynchronousOperationFinishesFromAnotherThread) {
  std::thread later;
  server_.bridge().BindAsync<v1::ValidateSessionRequest, v1::ValidateSessionResponse>(
      [&later](const CallContext&, const v1::ValidateSessionRequest& request,
               std::function<void(absl::StatusOr<v1::ValidateSessionResponse>)> done) {
        later = std::thread([&request, done = std::move(done)] {
          v1::ValidateSessionResponse response;
          response.set_organisation_id(request.session_token());
          done(std::move(response));
        });
      });
  server_.Start();
  grpc::ClientContext context;
  v1::ValidateSessionRequest request;
  request.set_session_token("gh1_x");
  v1::ValidateSessionResponse response;
  const auto stub = v1::SessionService::NewStub(server_.channel());
  EXPECT_TRUE(stub->ValidateSession(&context, request, &response).ok());
  EXPECT_EQ(response.organisation_id(), "gh1_x");
  later.join();
}

// Calls of ValidateSession whose operations have begun, and are answered by the test.
class HeldCalls {
 public:
  using Done = std::function<void(absl::StatusOr<v1::ValidateSessionResponse>)>;

  void Hold(const v1::ValidateSessionRequest& request, Done done) {
    const std::lock_guard lock(mutex_);
    held_.emplace(request.session_token(), std::move(done));
    changed_.notify_all();
  }
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() == count; });
  }
  // Each with its own token; "refused" with a refusal.
  void AnswerAll() {
    const std::lock_guard lock(mutex_);
    for (const auto& [token, done] : held_) {
      v1::ValidateSessionResponse response;
      response.set_organisation_id(token);
      if (token == "refused") {
        done(NotPermitted());
      } else {
        done(std::move(response));
      }
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Done> held_;
};

TEST_F(CallBridgeTest, AnswersThatAreGatheredEachReachTheirCaller) {
  HeldCalls calls;
  server_.bridge().BindAsync<v1::ValidateSessionRequest, v1::ValidateSessionResponse>(
      [&calls](const CallContext&, const v1::ValidateSessionRequest& request,
               HeldCalls::Done done) { calls.Hold(request, std::move(done)); });
  server_.Start();
  const auto stub = v1::SessionService::NewStub(server_.channel());
  const auto ask = [&stub](const std::string& token) {
    return std::async(std::launch::async, [&stub, token] {
      grpc::ClientContext context;
      v1::ValidateSessionRequest request;
      request.set_session_token(token);
      v1::ValidateSessionResponse response;
      const grpc::Status status = stub->ValidateSession(&context, request, &response);
      return std::pair(status.error_code(), response.organisation_id());
    });
  };
  std::map<std::string, std::future<std::pair<grpc::StatusCode, std::string>>> answers;
  for (int i = 0; i < 20; ++i) {
    const std::string token = absl::StrCat("token-", i);
    answers.emplace(token, ask(token));
  }
  answers.emplace("refused", ask("refused"));
  calls.WaitFor(answers.size());
  bool any_early = false;
  server_.answers().Gather([&] {
    calls.AnswerAll();
    for (const auto& [token, answer] : answers) {
      any_early |= answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
  });
  EXPECT_FALSE(any_early);
  for (auto& [token, answer] : answers) {
    const auto [code, organisation] = answer.get();
    EXPECT_EQ(code,
              token == "refused" ? grpc::StatusCode::PERMISSION_DENIED : grpc::StatusCode::OK);
    EXPECT_EQ(organisation, token == "refused" ? "" : token);
  }
}

TEST_F(CallBridgeTest, NoSecretOfACallReachesTheLogAtAnyLevel) {
  server_.bridge().Bind<v1::ChangePasswordRequest, v1::ChangePasswordResponse>(
      server_.lane(), [](const CallContext&, const v1::ChangePasswordRequest&) {
        v1::ChangePasswordResponse response;
        response.set_session_token(absl::StrCat(kSecretCanary, "-of-the-response"));
        return response;
      });
  server_.Start();
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", kSecretCanary, "-of-the-actor"));
  v1::ChangePasswordRequest request;
  request.set_new_password(absl::StrCat(kSecretCanary, "-of-the-request"));
  request.set_request_id("the-request-id");
  v1::ChangePasswordResponse response;
  const auto stub = v1::AccountService::NewStub(server_.channel());
  ASSERT_TRUE(stub->ChangePassword(&context, request, &response).ok());
  server_.Stop(absl::Seconds(5));
  EXPECT_THAT(response.session_token(), HasSubstr(kSecretCanary));
  EXPECT_THAT(server_.LogText(), HasSubstr("the-request-id"));
  EXPECT_THAT(server_.LogText(), Not(HasSubstr(kSecretCanary)));
}

TEST_F(CallBridgeTest, MethodsThatNothingIsBoundToSayThatTheyComeLater) {
  server_.Start();
  grpc::GenericStub stub(server_.channel());
  int methods = 0;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      SCOPED_TRACE(method->full_name());
      ++methods;
      grpc::ClientContext context;
      std::promise<grpc::Status> answer;
      if (method->client_streaming() || method->server_streaming()) {
        class Stream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
         public:
          explicit Stream(std::promise<grpc::Status>& answer) : answer_(answer) {}
          void OnDone(const grpc::Status& status) override { answer_.set_value(status); }

         private:
          std::promise<grpc::Status>& answer_;
        } stream(answer);
        stub.PrepareBidiStreamingCall(
            &context, absl::StrCat("/", service->full_name(), "/", method->name()), {}, &stream);
        grpc::ByteBuffer empty(nullptr, 0);
        if (!method->client_streaming()) stream.StartWriteLast(&empty, grpc::WriteOptions());
        stream.StartCall();
        const grpc::Status status = answer.get_future().get();
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
        EXPECT_EQ(InfoOf(status).reason(), "NOT_IMPLEMENTED");
        continue;
      }
      const grpc::ByteBuffer request(nullptr, 0);
      grpc::ByteBuffer response;
      stub.UnaryCall(&context, absl::StrCat("/", service->full_name(), "/", method->name()), {},
                     &request, &response,
                     [&answer](const grpc::Status& status) { answer.set_value(status); });
      const grpc::Status status = answer.get_future().get();
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
      EXPECT_EQ(InfoOf(status).reason(), "NOT_IMPLEMENTED");
    }
  }
  EXPECT_GE(methods, 55);
}

TEST_F(CallBridgeTest, AnOversizedOrUndecodableMessageIsGrpcsToRefuseAndTheServerGoesOn) {
  BindNotingContext();
  {
    grpc::ClientContext context;
    v1::GetAccountRequest request;
    request.set_username(std::string(2 << 20, 'a'));
    EXPECT_EQ(stub_->GetAccount(&context, request, &response_).error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  {
    grpc::ClientContext context;
    grpc::GenericStub stub(server_.channel());
    const grpc::Slice garbage("\xff\xff\xff\xff");
    const grpc::ByteBuffer request(&garbage, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> answer;
    stub.UnaryCall(&context, "/gatehouse.v1.AccountService/GetAccount", {}, &request, &response,
                   [&answer](const grpc::Status& status) { answer.set_value(status); });
    EXPECT_FALSE(answer.get_future().get().ok());
  }
  EXPECT_TRUE(GetAccount().ok());
}

TEST_F(CallBridgeTest, ShutdownLetsWhatIsRunningFinish) {
  Gate gate;
  BindGetAccount([&gate](const CallContext&, const v1::GetAccountRequest&) {
    gate.Pass();
    return v1::GetAccountResponse();
  });
  auto call = std::async(std::launch::async, [this] { return GetAccount(); });
  while (gate.begun() == 0) std::this_thread::yield();
  auto stop = std::async(std::launch::async, [this] { server_.Stop(absl::Seconds(60)); });
  gate.Open();
  EXPECT_TRUE(call.get().ok());
  stop.get();
}

}  // namespace
}  // namespace gatehouse::server
