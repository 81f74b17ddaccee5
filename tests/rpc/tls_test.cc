#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/health_service.h"
#include "server/rpc/listening.h"
#include "server/rpc/services.h"
#include "tests/harness/certificate_authority.h"
#include "tests/harness/fatal.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    authority_.Issue("server", "DNS:localhost");
    bridge_.Bind<v1::GetAccountRequest, v1::GetAccountResponse>(
        lane_, [](const CallContext& call, const v1::GetAccountRequest&) {
          v1::GetAccountResponse response;
          response.mutable_account()->set_username(call.caller);
          return response;
        });
    auto credentials = MakeCredentials(
        Transport::kMutualTls,
        {authority_.File("server.pem"), authority_.File("server.key"), authority_.File("ca.pem")});
    if (!credentials.ok()) harness::Fatal(credentials.status().ToString());
    services_ = MakeServices(bridge_);
    std::vector<grpc::Service*> services;
    for (const auto& service : services_) services.push_back(service.get());
    auto server = GrpcServer::Start(
        {.address = "localhost:0", .credentials = *std::move(credentials)}, services);
    if (!server.ok()) harness::Fatal(server.status().ToString());
    server_ = *std::move(server);
  }

  grpc::Status CallAs(const grpc::SslCredentialsOptions& client, std::string* caller) {
    const auto channel = grpc::CreateChannel(absl::StrCat("localhost:", server_->port()),
                                             grpc::SslCredentials(client));
    grpc::ClientContext context;
    v1::GetAccountResponse response;
    const grpc::Status status = v1::AccountService::NewStub(channel)->GetAccount(
        &context, v1::GetAccountRequest(), &response);
    *caller = response.account().username();
    return status;
  }
  grpc::SslCredentialsOptions Client(const std::string& name) {
    return {authority_.Read("ca.pem"), authority_.Read(name + ".key"),
            authority_.Read(name + ".pem")};
  }

  harness::CertificateAuthority authority_;
  SystemClock clock_;
  SystemEntropy entropy_;
  Metrics metrics_;
  Logger log_{LogLevel::kError};
  Lane lane_{{.threads = 1}, clock_, metrics_.ForLane("test")};
  AnswerQueue answers_;
  CallBridge bridge_{{.clock = clock_,
                      .entropy = entropy_,
                      .log = log_,
                      .metrics = metrics_,
                      .answers = answers_,
                      .transport = Transport::kMutualTls}};
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<GrpcServer> server_;
  std::string caller_;
};

TEST_F(TlsTest, ACallerIsKnownByTheUriOfItsCertificate) {
  authority_.Issue("portal", "DNS:portal.example,URI:spiffe://example.org/portal");
  EXPECT_TRUE(CallAs(Client("portal"), &caller_).ok());
  EXPECT_EQ(caller_, "spiffe://example.org/portal");
}

TEST_F(TlsTest, ACertificateWithoutAUriIsNobody) {
  authority_.Issue("nameless", "DNS:portal.example");
  const grpc::Status status = CallAs(Client("nameless"), &caller_);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("CALLER_UNKNOWN"));
}

TEST_F(TlsTest, AClientWithoutACertificateIsNotLetIn) {
  EXPECT_EQ(CallAs({.pem_root_certs = authority_.Read("ca.pem"),
                    .pem_private_key = "",
                    .pem_cert_chain = ""},
                   &caller_)
                .error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AClientWithAnotherAuthoritysCertificateIsNotLetIn) {
  harness::CertificateAuthority stranger;
  stranger.Issue("portal", "URI:spiffe://example.org/portal");
  EXPECT_EQ(
      CallAs({authority_.Read("ca.pem"), stranger.Read("portal.key"), stranger.Read("portal.pem")},
             &caller_)
          .error_code(),
      grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AKeyThatIsNotTheCertificatesIsFoundAtTheStart) {
  authority_.Issue("other", "DNS:localhost");
  const auto credentials = MakeCredentials(
      Transport::kMutualTls,
      {authority_.File("server.pem"), authority_.File("other.key"), authority_.File("ca.pem")});
  ASSERT_TRUE(credentials.ok());
  HealthService health;
  const auto server =
      GrpcServer::Start({.address = "localhost:0", .credentials = *credentials}, {&health});
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("belong together"));
}

}  // namespace
}  // namespace gatehouse::server
