#include "server/runtime/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, CountsCallsByMethodAndCode) {
  Metrics metrics;
  CallMetrics& method = metrics.ForMethod("CreateSession");
  method.Record(absl::StatusCode::kOk, absl::Milliseconds(3));
  method.Record(absl::StatusCode::kOk, absl::Milliseconds(3));
  method.Record(absl::StatusCode::kUnauthenticated, absl::Milliseconds(30));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("gatehouse_rpc_total{code=\"OK\",method=\"CreateSession\"} 2"));
  EXPECT_THAT(
      text, HasSubstr("gatehouse_rpc_total{code=\"UNAUTHENTICATED\",method=\"CreateSession\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("gatehouse_rpc_seconds_bucket{method=\"CreateSession\",le=\"0.005\"} 2"));
  EXPECT_THAT(text, HasSubstr("gatehouse_rpc_seconds_count{method=\"CreateSession\"} 3"));
}

TEST(MetricsTest, OneNameIsOneInstrument) {
  Metrics metrics;
  EXPECT_EQ(&metrics.ForMethod("A"), &metrics.ForMethod("A"));
  EXPECT_NE(&metrics.ForMethod("A"), &metrics.ForMethod("B"));
  EXPECT_EQ(&metrics.ForLane("sign_in"), &metrics.ForLane("sign_in"));
  EXPECT_EQ(&metrics.ForCounter("gatehouse_x_total", "X"),
            &metrics.ForCounter("gatehouse_x_total", "X"));
}

TEST(MetricsTest, OneNameCountsSeveralKindsByLabel) {
  Metrics metrics;
  const auto counter = [&](const char* kind) -> Counter& {
    return metrics.ForCounter("gatehouse_x_total", "X", {{"kind", kind}});
  };
  EXPECT_EQ(&counter("a"), &counter("a"));
  counter("a").Increment(3);
  counter("b").Increment();
  EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_x_total{kind=\"a\"} 3"));
  EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_x_total{kind=\"b\"} 1"));
}

TEST(MetricsTest, TwoInstancesShareNothing) {
  Metrics one;
  Metrics other;
  one.ForGauge("gatehouse_lag_seconds", "Lag").Set(2.5);
  EXPECT_THAT(one.Text(), HasSubstr("gatehouse_lag_seconds 2.5"));
  EXPECT_THAT(other.Text(), Not(HasSubstr("gatehouse_lag_seconds")));
}

TEST(MetricsTest, ACodeOutsideTheListCountsAsUnknown) {
  Metrics metrics;
  metrics.ForMethod("M").Record(static_cast<absl::StatusCode>(99), absl::ZeroDuration());
  EXPECT_THAT(metrics.Text(), HasSubstr("gatehouse_rpc_total{code=\"UNKNOWN\",method=\"M\"} 1"));
}

// A listening socket on a port of the system's choice.
class TakenPort {
 public:
  TakenPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~TakenPort() { close(socket_); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  const int socket_;
  int port_ = 0;
};

TEST(MetricsTest, AnAddressInUseIsNamedInTheError) {
  const TakenPort taken;
  Metrics metrics;
  const absl::Status exposed = metrics.Expose(taken.address());
  EXPECT_EQ(exposed.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(exposed.message()), HasSubstr(taken.address()));
}

}  // namespace
}  // namespace gatehouse::server
