#include "server/rpc/listening.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;

TEST(ListeningTest, LoopbackIsWhatOnlyThisMachineReaches) {
  struct Case {
    std::string address;
    bool loopback;
  };
  for (const Case& c : std::vector<Case>{{"127.0.0.1:50051", true},
                                         {"127.8.9.10:1", true},
                                         {"localhost:50051", true},
                                         {"[::1]:50051", true},
                                         {"unix:/run/gatehouse.sock", true},
                                         {"0.0.0.0:50051", false},
                                         {"[::]:50051", false},
                                         {"10.0.0.1:50051", false},
                                         {"128.0.0.1:1", false},
                                         {"127.0.0.1.example.org:1", false},
                                         {"localhost.example.org:1", false},
                                         {"localhost", false},
                                         {"", false}}) {
    EXPECT_EQ(IsLoopback(c.address), c.loopback) << c.address;
  }
}

TEST(ListeningTest, AnAddressThatOthersReachIsRefusedWithoutTls) {
  EXPECT_TRUE(CheckListenAddress("127.0.0.1:0", Transport::kInsecureLoopback).ok());
  EXPECT_TRUE(CheckListenAddress("0.0.0.0:50051", Transport::kMutualTls).ok());
  const absl::Status refused = CheckListenAddress("0.0.0.0:50051", Transport::kInsecureLoopback);
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--tls_certificate"));
}

TEST(ListeningTest, WhatIsNoAddressIsRefused) {
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1",
                              "::1:5", "[::1:5", ":50051", "unix:"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckListenAddress(address, Transport::kMutualTls)))
        << address;
  }
}

TEST(ListeningTest, AFileThatIsNotWhatItShouldBeIsNamed) {
  const harness::TemporaryDirectory directory;
  const std::string certificate =
      directory.Write("server.pem", "-----BEGIN CERTIFICATE-----\n").string();
  const std::string key = directory.Write("server.key", "-----BEGIN PRIVATE KEY-----\n").string();
  const auto missing = MakeCredentials(Transport::kMutualTls,
                                       {certificate, key, (directory / "absent.pem").string()});
  EXPECT_THAT(std::string(missing.status().message()),
              testing::AllOf(HasSubstr("--tls_client_ca"), HasSubstr("absent.pem")));
  const auto swapped = MakeCredentials(Transport::kMutualTls, {certificate, certificate, key});
  EXPECT_THAT(std::string(swapped.status().message()), HasSubstr("--tls_key"));
}

}  // namespace
}  // namespace gatehouse::server
