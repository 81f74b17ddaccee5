#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"

#include "server/rpc/health_monitor.h"
#include "server/rpc/health_service.h"
#include "tests/rpc/test_server.h"

namespace gatehouse::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

class HealthTest : public ::testing::Test {
 protected:
  HealthTest() {
    server_.Start();
    stub_ = grpc::health::v1::Health::NewStub(server_.channel());
  }

  HealthCheckResponse::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = stub_->Check(&context, request, &response);
    return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
  }

  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> Watch(grpc::ClientContext& context,
                                                                 const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return stub_->Watch(&context, request);
  }

  static HealthCheckResponse::ServingStatus Next(grpc::ClientReader<HealthCheckResponse>& watch) {
    HealthCheckResponse response;
    return watch.Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
  }

  TestServer server_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

TEST_F(HealthTest, NothingServesUntilItIsSaid) {
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  server_.health().SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
}

TEST_F(HealthTest, EachServiceIsKnownByName) {
  server_.health().SetServing(true);
  for (const char* service : {"gatehouse.v1.AccountService", "gatehouse.v1.AuditService",
                              "gatehouse.v1.OrganisationService", "gatehouse.v1.PolicyService",
                              "gatehouse.v1.RecoveryService", "gatehouse.v1.SessionService"}) {
    EXPECT_EQ(Check(service), HealthCheckResponse::SERVING) << service;
  }
}

TEST_F(HealthTest, AnUnknownServiceIsNotFound) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("gatehouse.v1.TeaService");
  HealthCheckResponse response;
  EXPECT_EQ(stub_->Check(&context, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, AWatcherIsToldOfEveryChange) {
  grpc::ClientContext context;
  const auto watch = Watch(context, "gatehouse.v1.SessionService");
  EXPECT_EQ(Next(*watch), HealthCheckResponse::NOT_SERVING);
  server_.health().SetServing(true);
  EXPECT_EQ(Next(*watch), HealthCheckResponse::SERVING);
  server_.health().SetServing(false);
  EXPECT_EQ(Next(*watch), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
}

TEST_F(HealthTest, WhoWatchesAnUnknownServiceIsToldSo) {
  grpc::ClientContext context;
  const auto watch = Watch(context, "gatehouse.v1.TeaService");
  EXPECT_EQ(Next(*watch), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
}

TEST_F(HealthTest, StoppingTellsWatchersAndEndsTheirWatches) {
  server_.health().SetServing(true);
  grpc::ClientContext context;
  const auto watch = Watch(context, "");
  EXPECT_EQ(Next(*watch), HealthCheckResponse::SERVING);
  server_.health().Stop();
  EXPECT_EQ(Next(*watch), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  server_.health().SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
}

// A part whose state the test sets, and that says when it was checked.
class Part {
 public:
  absl::Status Check() {
    const std::lock_guard lock(mutex_);
    ++checks_;
    checked_.notify_all();
    return status_;
  }
  // Returns when the new state has been seen, and acted upon: the second check from now on begins
  // after the first one was.
  void Set(absl::Status status) {
    std::unique_lock lock(mutex_);
    status_ = std::move(status);
    const int until = checks_ + 2;
    checked_.wait(lock, [&] { return checks_ >= until; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable checked_;
  absl::Status status_;
  int checks_ = 0;
};

TEST(HealthMonitorTest, AtAStartNobodyWaitsForTheNextRound) {
  FakeClock clock(absl::UnixEpoch());
  std::ostringstream text;
  const Logger log(LogLevel::kDebug, text);
  Metrics metrics;
  HealthService health;
  std::promise<void> asked_again;
  const auto connecting = [&asked_again, checks = 0]() mutable {
    if (++checks == 1) return absl::UnavailableError("not connected yet");
    asked_again.set_value();
    return absl::OkStatus();
  };
  const HealthMonitor monitor({{.name = "redis", .check = connecting}}, absl::Hours(1), health,
                              clock, log, metrics);
  ASSERT_EQ(asked_again.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  while (!health.serving()) std::this_thread::yield();
}

TEST(HealthMonitorTest, APartThatIsNotEssentialIsShownWhileTheServerServesOn) {
  FakeClock clock(absl::UnixEpoch());
  std::ostringstream text;
  const Logger log(LogLevel::kDebug, text);
  Metrics metrics;
  HealthService health;
  Part file;
  {
    const HealthMonitor monitor(
        {{.name = "policy_file", .check = [&] { return file.Check(); }, .essential = false}},
        absl::Milliseconds(1), health, clock, log, metrics);
    file.Set(absl::InvalidArgumentError("line 3: unknown fact"));
    EXPECT_TRUE(health.serving());
    EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_policy_file_up 0"));
  }
  EXPECT_THAT(text.str(), HasSubstr(R"("part":"policy_file","cause":"line 3: unknown fact")"));
}

TEST(HealthMonitorTest, TheServerServesWhileAllItsPartsAreUsable) {
  FakeClock clock(absl::UnixEpoch());
  std::ostringstream text;
  const Logger log(LogLevel::kDebug, text);
  Metrics metrics;
  HealthService health;
  Part redis, database;
  {
    const HealthMonitor monitor({{.name = "redis", .check = [&] { return redis.Check(); }},
                                 {.name = "database", .check = [&] { return database.Check(); }}},
                                absl::Milliseconds(1), health, clock, log, metrics);
    redis.Set(absl::OkStatus());
    EXPECT_TRUE(health.serving());
    redis.Set(absl::UnavailableError("connection refused"));
    EXPECT_FALSE(health.serving());
    EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_redis_up 0"));
    EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_database_up 1"));
    clock.Advance(absl::Seconds(12));
    redis.Set(absl::OkStatus());
    EXPECT_TRUE(health.serving());
  }
  const std::string logged = text.str();
  EXPECT_THAT(logged,
              HasSubstr(R"("event":"part_down","part":"redis","cause":"connection refused")"));
  EXPECT_THAT(logged, HasSubstr(R"("event":"part_up_again","part":"redis","seconds":12)"));
  EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 2) << logged;
}

TEST(HealthMonitorTest, AWallClockThatIsSteppedBackIsToldAndStopsNothing) {
  FakeClock clock(absl::UnixEpoch());
  std::ostringstream text;
  const Logger log(LogLevel::kDebug, text);
  Metrics metrics;
  HealthService health;
  Part redis;
  {
    const HealthMonitor monitor({{.name = "redis", .check = [&] { return redis.Check(); }}},
                                absl::Milliseconds(1), health, clock, log, metrics);
    clock.StepTo(absl::UnixEpoch() - absl::Hours(1));
    redis.Set(absl::OkStatus());
    EXPECT_TRUE(health.serving());
    EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_clock_lead_seconds 3600"));
    clock.StepTo(absl::UnixEpoch());
    redis.Set(absl::OkStatus());
  }
  const std::string logged = text.str();
  EXPECT_THAT(logged, HasSubstr(R"("event":"wall_clock_stepped_back","seconds":3600)"));
  EXPECT_THAT(logged, HasSubstr(R"("event":"wall_clock_followed_again")"));
  EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 2) << logged;
}

}  // namespace
}  // namespace gatehouse::server
