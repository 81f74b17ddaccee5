#include "server/delivery/gateway_url.h"

#include <string>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

struct Good {
  const char* url;
  GatewayProtocol protocol;
  WireSecurity security;
};

TEST(GatewayUrlTest, EveryWireIsSafeOrDoesNotLeaveTheMachine) {
  for (const Good& good : {
           Good{"smtp://relay.example", GatewayProtocol::kSmtp, WireSecurity::kStartTls},
           Good{"smtp://relay.example:587", GatewayProtocol::kSmtp, WireSecurity::kStartTls},
           Good{"smtps://[2001:db8::1]:465", GatewayProtocol::kSmtp, WireSecurity::kTls},
           Good{"smtp://127.0.0.1:25", GatewayProtocol::kSmtp, WireSecurity::kNone},
           Good{"smtp://[::1]:25", GatewayProtocol::kSmtp, WireSecurity::kNone},
           Good{"https://gateway.example/v1/messages?from=us", GatewayProtocol::kHttp,
                WireSecurity::kTls},
           Good{"http://localhost:8080/in", GatewayProtocol::kHttp, WireSecurity::kNone},
           Good{"smtp://127.0.0.1.example", GatewayProtocol::kSmtp, WireSecurity::kStartTls},
       }) {
    const auto parsed = ParseGatewayUrl(good.url);
    ASSERT_TRUE(parsed.ok()) << good.url << ": " << parsed.status();
    EXPECT_EQ(parsed->protocol, good.protocol) << good.url;
    EXPECT_EQ(parsed->security, good.security) << good.url;
    EXPECT_EQ(parsed->url, good.url);
  }
}

TEST(GatewayUrlTest, WhatCouldLeadElsewhereOrTellAPasswordIsRefusedAndNotRepeated) {
  for (const char* url :
       {"", "relay.example", "ftp://relay.example", "http://gateway.example/", "smtp://",
        "smtp://user:swordfish@relay.example", "https://token@gateway.example/",
        "https://gateway.example/\r\nX: y", "https://gateway.example/a b", "file:///etc/passwd",
        "smtp://relay.example/path", "https://gateway.example/#part", "https://gateway.example:x/",
        "https://gateway\xff.example/"}) {
    const auto parsed = ParseGatewayUrl(url);
    EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << url;
    EXPECT_EQ(parsed.status().message().find("swordfish"), std::string::npos);
  }
}

}  // namespace
}  // namespace gatehouse::server
