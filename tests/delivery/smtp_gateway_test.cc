// Mail, over a real wire to a real relay.

#include "server/delivery/smtp_gateway.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/delivery/sample_message.h"
#include "tests/harness/certificate_authority.h"
#include "tests/harness/message_peer.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using harness::MessagePeer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kSender[] = "no-reply@portal.example";

Peer Plain(const MessagePeer& relay) {
  return {.url = *ParseGatewayUrl(absl::StrCat("smtp://127.0.0.1:", relay.port()))};
}

TEST(SmtpGatewayTest, AMailArrivesAsItWasWritten) {
  const MessagePeer relay({.kind = MessagePeer::Kind::kSmtp});
  SmtpGateway gateway(Plain(relay), kSender, {});
  ASSERT_EQ(gateway.Deliver(SampleMessage("first")), absl::OkStatus());
  ASSERT_EQ(gateway.Deliver(SampleMessage("second")), absl::OkStatus());
  EXPECT_THAT(relay.Received(),
              ElementsAre(AllOf(HasSubstr("MAIL FROM no-reply@portal.example"),
                                HasSubstr("RCPT TO ['asha.patel@example.org']"),
                                HasSubstr("Message-ID: <first@portal.example>"),
                                HasSubstr("\r\nRGVhciBBc2hhIFBhdGVsLA0KDQouDQpGcm9tIGxpbmUg")),
                          HasSubstr("Message-ID: <second@portal.example>")));
}

struct Refusal {
  const char* behaviour;
  absl::StatusCode code;
};

TEST(SmtpGatewayTest, ARelaysNoIsForThisMailForNowOrForGoodOrForUs) {
  MessagePeer relay({.kind = MessagePeer::Kind::kSmtp});
  SmtpGateway gateway(Plain(relay), kSender, {});
  for (const Refusal& refusal :
       {Refusal{"550", absl::StatusCode::kInvalidArgument},
        Refusal{"450", absl::StatusCode::kAborted}, Refusal{"554", absl::StatusCode::kUnavailable},
        Refusal{"451", absl::StatusCode::kAborted}, Refusal{"530", absl::StatusCode::kUnavailable},
        Refusal{"535", absl::StatusCode::kUnavailable},
        Refusal{"sender-550", absl::StatusCode::kUnavailable},
        Refusal{"421", absl::StatusCode::kUnavailable}}) {
    relay.Behave(refusal.behaviour);
    const absl::Status status = gateway.Deliver(SampleMessage());
    EXPECT_EQ(status.code(), refusal.code) << refusal.behaviour << ": " << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("asha"))) << "no contact in a log";
  }
  EXPECT_THAT(relay.Received(), IsEmpty());
  relay.Behave("");
  EXPECT_EQ(gateway.Deliver(SampleMessage()), absl::OkStatus()) << "it goes on afterwards";
}

TEST(SmtpGatewayTest, ARelayThatIsSlowOrGoneIsUnavailableAndComesBack) {
  MessagePeer relay({.kind = MessagePeer::Kind::kSmtp});
  Peer peer = Plain(relay);
  peer.timeout = absl::Milliseconds(500);
  SmtpGateway impatient(peer, kSender, {});
  relay.Behave("keep-and-hang");
  EXPECT_TRUE(absl::IsUnavailable(impatient.Deliver(SampleMessage())));
  relay.Kill9();
  EXPECT_TRUE(absl::IsUnavailable(impatient.Deliver(SampleMessage())));
  const size_t before = relay.Received().size();  // whether it got so far in time is chance
  relay.Behave("");
  relay.Start();
  SmtpGateway patient(Plain(relay), kSender, {});
  EXPECT_EQ(patient.Deliver(SampleMessage()), absl::OkStatus());
  EXPECT_EQ(relay.Received().size(), before + 1) << "the same mail twice, rather than never";
}

class SmtpTlsTest : public testing::Test {
 protected:
  SmtpTlsTest() {
    authority_.Issue("relay", "DNS:localhost");
    chmod(credentials_.c_str(), 0600);
  }

  MessagePeer::Options Relay(std::vector<std::string> arguments) {
    arguments.push_back(
        absl::StrCat("--tls=", authority_.File("relay.pem"), ",", authority_.File("relay.key")));
    return {.kind = MessagePeer::Kind::kSmtp, .arguments = std::move(arguments)};
  }

  Peer PeerOf(const MessagePeer& relay, const std::string& host, WireSecurity security) {
    const std::string scheme = security == WireSecurity::kTls ? "smtps" : "smtp";
    return {.url = {.protocol = GatewayProtocol::kSmtp,
                    .security = security,
                    .url = absl::StrCat(scheme, "://", host, ":", relay.port())},
            .ca_file = authority_.File("ca.pem")};
  }

  harness::CertificateAuthority authority_;
  const harness::TemporaryDirectory directory_;
  const std::string credentials_ =
      directory_.Write("credentials", "gatehouse\nswordfish-27\n").string();
};

TEST_F(SmtpTlsTest, CredentialsAreToldOnceTheWireIsSafe) {
  const MessagePeer relay(Relay({"--starttls", "--user=gatehouse:swordfish-27"}));
  SmtpGateway known(PeerOf(relay, "localhost", WireSecurity::kStartTls), kSender,
                    *ReadUsernameAndPassword(credentials_));
  EXPECT_EQ(known.Deliver(SampleMessage()), absl::OkStatus());
  EXPECT_EQ(relay.Received().size(), 1u);
}

TEST_F(SmtpTlsTest, ARelayThatDoesNotKnowUsIsAskedAgainAndNoMailDiesOfIt) {
  const MessagePeer relay(Relay({"--starttls", "--user=gatehouse:another-word"}));
  SmtpGateway mistaken(PeerOf(relay, "localhost", WireSecurity::kStartTls), kSender,
                       *ReadUsernameAndPassword(credentials_));
  const absl::Status refused = mistaken.Deliver(SampleMessage());
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("535"), Not(HasSubstr("swordfish-27"))));
  SmtpGateway unknown(PeerOf(relay, "localhost", WireSecurity::kStartTls), kSender, {});
  const absl::Status unwelcome = unknown.Deliver(SampleMessage());
  EXPECT_TRUE(absl::IsUnavailable(unwelcome)) << unwelcome;
  EXPECT_THAT(std::string(unwelcome.message()), HasSubstr("530"));
  EXPECT_THAT(relay.Received(), IsEmpty());
}

TEST_F(SmtpTlsTest, TlsFromTheFirstByteOnWorksToo) {
  const MessagePeer relay(Relay({}));
  SmtpGateway gateway(PeerOf(relay, "localhost", WireSecurity::kTls), kSender, {});
  EXPECT_EQ(gateway.Deliver(SampleMessage()), absl::OkStatus());
}

TEST_F(SmtpTlsTest, ARelayThatIsNotWhoItSaysOrHasNoTlsIsToldNothing) {
  const MessagePeer other_name(Relay({}));
  SmtpGateway misled(PeerOf(other_name, "127.0.0.1", WireSecurity::kTls), kSender, {});
  EXPECT_TRUE(absl::IsUnavailable(misled.Deliver(SampleMessage())));

  Peer untrusted = PeerOf(other_name, "localhost", WireSecurity::kTls);
  untrusted.ca_file.clear();
  SmtpGateway distrustful(untrusted, kSender, {});
  EXPECT_TRUE(absl::IsUnavailable(distrustful.Deliver(SampleMessage())));
  EXPECT_EQ(other_name.Offered(), 0);

  const MessagePeer naked({.kind = MessagePeer::Kind::kSmtp});
  SmtpGateway downgraded(PeerOf(naked, "localhost", WireSecurity::kStartTls), kSender,
                         *ReadUsernameAndPassword(credentials_));
  EXPECT_TRUE(absl::IsUnavailable(downgraded.Deliver(SampleMessage())));
  EXPECT_EQ(naked.Offered(), 0);
}

TEST_F(SmtpTlsTest, CredentialsThatOthersCouldReadOrThatBreakLinesAreRefused) {
  const auto write = [&](const std::string& text, mode_t mode) {
    const std::string path = directory_.Write("bad", text).string();
    chmod(path.c_str(), mode);
    return path;
  };
  EXPECT_TRUE(absl::IsPermissionDenied(ReadToken(write("token\n", 0644)).status()));
  for (const char* text : {"", "\n", "one\ntwo\n", "to ken\n", "token\r\n", "tok\xff\n"}) {
    const auto token = ReadToken(write(text, 0600));
    EXPECT_TRUE(absl::IsInvalidArgument(token.status())) << text;
    EXPECT_THAT(std::string(token.status().message()), HasSubstr("bad"));
  }
  EXPECT_TRUE(absl::IsNotFound(ReadToken("/no/such/file").status()));
  EXPECT_EQ(ReadToken(write("token\n", 0600))->secret.Reveal(), "token");
}

}  // namespace
}  // namespace gatehouse::server
