// The contract's conventions (design/api.md), held against every method and message by reflection.
#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/action.pb.h"
#include "gatehouse/v1/error_reason.pb.h"
#include "nlohmann/json.hpp"
#include "server/rpc/services.h"
#include "tests/rpc/contract_messages.h"
#include "tests/rpc/test_files.h"
#include "tests/rpc/test_server.h"

namespace gatehouse::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

bool Has(const Descriptor* type, const std::string& field) {
  return type->FindFieldByName(field) != nullptr;
}

// Those that only read, and CreateSession, which answers anew each time.
bool IsWithoutRequestId(const MethodDescriptor* method) {
  static const std::set<std::string> others = {
      "BatchCheckEligibility", "BatchValidateSessions", "CheckEligibility", "CreateSession",
      "DiffPolicies",          "ExplainDecision",       "ExportAuditLog",   "ReplayDecisions",
      "ValidatePolicy",        "ValidateSession",       "VerifyAuditLog",   "WatchRevocations"};
  return absl::StartsWith(method->name(), "Get") || absl::StartsWith(method->name(), "List") ||
         others.contains(method->name());
}

TEST(ContractTest, EveryMutationButCreateSessionTakesARequestIdAndSaysWhetherItWasReplayed) {
  for (const auto* method : Methods()) {
    if (method->client_streaming()) continue;  // an import's is in its first message
    EXPECT_EQ(Has(method->input_type(), "request_id"), !IsWithoutRequestId(method))
        << method->full_name();
    EXPECT_EQ(Has(method->output_type(), "replayed"), !IsWithoutRequestId(method))
        << method->full_name();
  }
}

TEST(ContractTest, EveryListIsPaged) {
  for (const auto* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List")) continue;
    EXPECT_TRUE(Has(method->input_type(), "page_size")) << method->full_name();
    EXPECT_TRUE(Has(method->input_type(), "page_token")) << method->full_name();
    EXPECT_TRUE(Has(method->output_type(), "next_page_token")) << method->full_name();
  }
}

TEST(ContractTest, WhatIsDoneToAnothersAccountTakesAReasonAnEtagAndATrialRun) {
  for (const char* name : {"ResecureAccount", "ResetPassword", "UnlockAccount", "DisableAccount",
                           "EnableAccount", "DeleteAccount", "RestoreAccount", "MarkLeaver",
                           "JoinOrganisation", "ResetAuthenticationMethods"}) {
    const auto methods = Methods();
    const auto method = std::find_if(methods.begin(), methods.end(),
                                     [name](const auto* m) { return m->name() == name; });
    ASSERT_NE(method, methods.end()) << name;
    for (const char* field : {"account_id", "reason", "etag", "validate_only"}) {
      EXPECT_TRUE(Has((*method)->input_type(), field)) << name << "." << field;
    }
  }
}

TEST(ContractTest, ThereIsOneActionForEachMethodAndOneForSigningIn) {
  std::set<std::string> expected = {"ACTION_UNSPECIFIED", "ACTION_SIGN_IN"};
  for (const auto* method : Methods()) {
    std::string name = "ACTION";
    for (const char c : method->name()) {
      if (absl::ascii_isupper(c)) name += '_';
      name += absl::ascii_toupper(c);
    }
    expected.insert(name);
  }
  std::set<std::string> found;
  for (int i = 0; i < v1::Action_descriptor()->value_count(); ++i) {
    found.insert(v1::Action_descriptor()->value(i)->name());
  }
  EXPECT_EQ(found, expected);
}

TEST(ContractTest, EveryReasonFitsIntoAnErrorInfo) {
  const auto* reasons = v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    EXPECT_LE(reasons->value(i)->name().size(), 63u) << reasons->value(i)->name();
  }
}

// A second answer would be a replay, whose token was told, or was never stored, before.
TEST(ContractTest, TheServiceConfigOfClientsRetriesUnavailabilityAloneAndNeverWhatGivesASession) {
  const auto config = nlohmann::json::parse(
      ReadFile(absl::StrCat(GATEHOUSE_SOURCE_DIR, "/proto/service_config.json")));
  // The most specific entry counts: a method's own, else its service's.
  std::map<std::string, nlohmann::json> by_name;
  for (const auto& entry : config["methodConfig"]) {
    for (const auto& name : entry["name"]) {
      by_name[absl::StrCat(name["service"].get<std::string>(), ".",
                           name.value("method", std::string()))] = entry;
    }
  }
  for (const auto* method : Methods()) {
    const std::string service = absl::StrCat(method->service()->full_name(), ".");
    const bool own = by_name.contains(method->full_name());
    ASSERT_TRUE(own || by_name.contains(service)) << method->full_name();
    const nlohmann::json entry = by_name[own ? method->full_name() : service];
    const bool streaming = method->client_streaming() || method->server_streaming();
    const bool repeatable = !streaming && !Has(method->output_type(), "session_token");
    EXPECT_EQ(entry.contains("retryPolicy"), repeatable) << method->full_name();
    if (repeatable) {
      EXPECT_EQ(entry["retryPolicy"]["retryableStatusCodes"], nlohmann::json({"UNAVAILABLE"}));
    }
    by_name[method->full_name()];
  }
  EXPECT_EQ(by_name.size(), Methods().size() + Services().size()) << "an unknown method is named";
}

// Whether the server has any method of this service.
bool Offers(TestServer& server, const std::string& method) {
  grpc::GenericStub stub(server.channel());
  grpc::ClientContext context;
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answer;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&answer](const grpc::Status& status) { answer.set_value(status); });
  return answer.get_future().get().error_code() != grpc::StatusCode::UNIMPLEMENTED;
}

TEST(ContractTest, ReflectionAndChannelzAreOfferedOnlyWhenAskedFor) {
  for (const bool introspection : {false, true}) {
    TestServer server;
    server.Start(introspection);
    EXPECT_EQ(Offers(server, "/grpc.channelz.v1.Channelz/GetServers"), introspection);
    EXPECT_EQ(Offers(server, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
              introspection);
  }
}

}  // namespace
}  // namespace gatehouse::server
