// Messages by HTTP, over a real wire to a real server.

#include "server/delivery/http_gateway.h"

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "nlohmann/json.hpp"
#include "tests/delivery/sample_message.h"
#include "tests/harness/certificate_authority.h"
#include "tests/harness/message_peer.h"
#include "tests/harness/wait.h"

namespace gatehouse::server {
namespace {

using harness::MessagePeer;
using testing::HasSubstr;

Peer Plain(const MessagePeer& peer, const std::string& path = "/messages") {
  return {.url = *ParseGatewayUrl(absl::StrCat("http://127.0.0.1:", peer.port(), path))};
}

TEST(HttpGatewayTest, AMessageIsOnePostThatCanBeRecognised) {
  const MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  HttpGateway gateway(Plain(peer), {.username = "", .secret = SecretString("t0ken")});
  ASSERT_EQ(gateway.Deliver(SampleMessage()), absl::OkStatus());
  ASSERT_EQ(gateway.Deliver(SampleMessage("next")), absl::OkStatus());
  ASSERT_EQ(peer.Received().size(), 2u);
  const auto request = nlohmann::json::parse(peer.Received()[0]);
  EXPECT_EQ(request["path"], "/messages");
  EXPECT_EQ(request["headers"]["Idempotency-Key"], "7Qm2");
  EXPECT_EQ(request["headers"]["Authorization"], "Bearer t0ken");
  EXPECT_EQ(request["headers"]["Content-Type"], "application/json");
  EXPECT_EQ(request["body"]["message_id"], "7Qm2");
  EXPECT_EQ(request["body"]["to"]["phone_number"], "+441134960000");
  EXPECT_EQ(request["body"]["text"]["short"], "Your account was secured.");
  EXPECT_EQ(request["body"]["time"], "2026-11-21T14:02:11Z");
}

struct Answer {
  int number;
  absl::StatusCode code;
};

TEST(HttpGatewayTest, AnAnswerIsAboutThisMessageOrAboutUs) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  HttpGateway gateway(Plain(peer), {});
  for (const Answer& answer :
       {Answer{202, absl::StatusCode::kOk}, Answer{400, absl::StatusCode::kInvalidArgument},
        Answer{401, absl::StatusCode::kUnavailable}, Answer{404, absl::StatusCode::kUnavailable},
        Answer{409, absl::StatusCode::kAborted}, Answer{413, absl::StatusCode::kInvalidArgument},
        Answer{422, absl::StatusCode::kInvalidArgument},
        Answer{429, absl::StatusCode::kUnavailable}, Answer{500, absl::StatusCode::kUnavailable},
        Answer{503, absl::StatusCode::kUnavailable}}) {
    peer.Behave(absl::StrCat(answer.number));
    const absl::Status status = gateway.Deliver(SampleMessage());
    EXPECT_EQ(status.code(), answer.code) << answer.number;
    if (!status.ok()) {
      EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(answer.number)));
    }
  }
}

TEST(HttpGatewayTest, ARedirectIsNotFollowed) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  peer.Behave("302");
  HttpGateway gateway(Plain(peer), {});
  EXPECT_TRUE(absl::IsUnavailable(gateway.Deliver(SampleMessage())));
  EXPECT_EQ(peer.Offered(), 1);
}

TEST(HttpGatewayTest, AnAnswerThatNeverComesOrNeverEndsIsCutOff) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  Peer impatient = Plain(peer);
  impatient.timeout = absl::Milliseconds(500);
  HttpGateway gateway(impatient, {});
  peer.Behave("keep-and-hang");
  EXPECT_TRUE(absl::IsUnavailable(gateway.Deliver(SampleMessage())));
  peer.Behave("endless");
  HttpGateway patient(Plain(peer), {});
  EXPECT_EQ(patient.Deliver(SampleMessage()), absl::OkStatus()) << "it said that it took it";
  peer.Behave("");
  EXPECT_EQ(patient.Deliver(SampleMessage()), absl::OkStatus());
}

TEST(HttpGatewayTest, OfALongAnswerOnlyTheNumberCounts) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  HttpGateway gateway(Plain(peer), {});
  for (const Answer& answer :
       {Answer{200, absl::StatusCode::kOk}, Answer{202, absl::StatusCode::kOk},
        Answer{422, absl::StatusCode::kInvalidArgument},
        Answer{503, absl::StatusCode::kUnavailable}}) {
    peer.Behave(absl::StrCat("long-", answer.number));
    EXPECT_EQ(gateway.Deliver(SampleMessage()).code(), answer.code) << answer.number;
  }
  peer.Behave("");
  EXPECT_EQ(gateway.Deliver(SampleMessage("next")), absl::OkStatus());
  EXPECT_EQ(peer.Received().size(), 1u) << "what was left of an answer is not taken for the next";
}

TEST(HttpGatewayTest, WhatIsBeingDeliveredIsBrokenOffByTheStop) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  peer.Behave("keep-and-hang");
  Peer patient = Plain(peer);
  patient.timeout = absl::Minutes(5);
  HttpGateway gateway(patient, {});
  std::thread delivery([&] { EXPECT_TRUE(absl::IsUnavailable(gateway.Deliver(SampleMessage()))); });
  EXPECT_TRUE(harness::WaitUntil([&] { return peer.Received().size() == 1; }));
  gateway.Stop();
  delivery.join();
  EXPECT_TRUE(absl::IsUnavailable(gateway.Deliver(SampleMessage()))) << "nor does another begin";
}

TEST(HttpGatewayTest, AServerThatIsGoneIsUnavailableAndComesBack) {
  MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  HttpGateway gateway(Plain(peer), {});
  ASSERT_EQ(gateway.Deliver(SampleMessage("before")), absl::OkStatus());
  peer.Kill9();
  EXPECT_TRUE(absl::IsUnavailable(gateway.Deliver(SampleMessage("lost"))));
  peer.Start();
  EXPECT_EQ(gateway.Deliver(SampleMessage("after")), absl::OkStatus());
}

TEST(HttpGatewayTest, AnIdThatWouldBreakOutOfAHeaderIsRefused) {
  const MessagePeer peer({.kind = MessagePeer::Kind::kHttp});
  HttpGateway gateway(Plain(peer), {});
  EXPECT_TRUE(absl::IsInvalidArgument(gateway.Deliver(SampleMessage("a\r\nX-Evil: 1"))));
  EXPECT_EQ(peer.Offered(), 0);
}

TEST(HttpGatewayTest, OnlyTheServerOfThatNameIsToldAnything) {
  harness::CertificateAuthority authority;
  authority.Issue("gateway", "DNS:localhost");
  const MessagePeer peer({.kind = MessagePeer::Kind::kHttp,
                          .arguments = {absl::StrCat("--tls=", authority.File("gateway.pem"), ",",
                                                     authority.File("gateway.key"))}});
  const auto deliver = [&](const std::string& host, const std::string& ca_file) {
    HttpGateway gateway(
        {.url = *ParseGatewayUrl(absl::StrCat("https://", host, ":", peer.port(), "/")),
         .ca_file = ca_file},
        {});
    return gateway.Deliver(SampleMessage());
  };
  EXPECT_TRUE(absl::IsUnavailable(deliver("127.0.0.1", authority.File("ca.pem"))));
  EXPECT_TRUE(absl::IsUnavailable(deliver("localhost", "")));
  EXPECT_EQ(peer.Offered(), 0);
  EXPECT_EQ(deliver("localhost", authority.File("ca.pem")), absl::OkStatus());
}

}  // namespace
}  // namespace gatehouse::server
