#include "clients/cli/views/refusal.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/views/json.h"
#include "nlohmann/json.hpp"
#include "tests/cli/fixtures.h"

namespace gatehouse::cli {
namespace {

using ::testing::HasSubstr;

const RefusalContext kAboutAsha{.username = "asha.patel", .server = "127.0.0.1:50051"};

grpc::Status StatusWith(grpc::StatusCode code, const std::string& message,
                        const std::vector<const google::protobuf::Message*>& details) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  for (const auto* detail : details) status.add_details()->PackFrom(*detail);
  return {code, message, status.SerializeAsString()};
}

google::rpc::ErrorInfo Because(const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("gatehouse.v1");
  return info;
}

TEST(RefusalTest, TellsEveryRuleItsMendsAndTheCommandsThatMend) {
  const auto info = Because("AUP_NOT_ACCEPTED");
  const auto decision = Parse<v1::Decision>(R"(
    violations {
      reason: ERROR_REASON_AUP_NOT_ACCEPTED
      message: "the acceptable use policy has not been accepted since it was reset"
      mends { by: MEND_BY_SELF operation: "CompleteRequiredActions" }
      mends { by: MEND_BY_LOCAL_HELPDESK operation: "ResetPassword" }
    }
    violations {
      reason: ERROR_REASON_ACCOUNT_LOCKED
      message: "13 wrong passwords"
      mends { by: MEND_BY_LOCAL_HELPDESK operation: "UnlockAccount" }
    }
    policy_revision: "3f9a2c1d4b5e6f70")");
  const Refusal refusal = DecodeRefusal(
      StatusWith(grpc::StatusCode::FAILED_PRECONDITION, "refused", {&info, &decision}));
  EXPECT_EQ(refusal.reason, "AUP_NOT_ACCEPTED");
  EXPECT_EQ(ExitCodeOf(refusal), ExitCode::kRefused);
  EXPECT_EQ(RenderRefusal(refusal, kAboutAsha, AtDesk()),
            R"(Not now: 2 rules stand against it.
  AUP_NOT_ACCEPTED      the acceptable use policy has not been accepted since it was reset
                        -> the person completes the required actions at the next sign-in
                        -> the helpdesk or a local administrator resets the password:
                           gatehousectl account reset-password asha.patel
  ACCOUNT_LOCKED        13 wrong passwords
                        -> the helpdesk or a local administrator unlocks the account:
                           gatehousectl account unlock asha.patel
(policy 3f9a2c1d4b5e; gatehousectl account eligibility asha.patel shows every operation)
)");
}

TEST(RefusalTest, NamesTheAccountOnlyInCommandsThatAreAboutIt) {
  const auto decision = Parse<v1::Decision>(R"(
    violations {
      reason: ERROR_REASON_LAST_HOLDER
      message: "the account is the last NATIONAL_ADMIN"
      mends { by: MEND_BY_OPERATOR operation: "GrantRole" }
    }
    violations {
      reason: ERROR_REASON_AUP_NOT_PUBLISHED
      message: "none has been published"
      mends { by: MEND_BY_OPERATOR operation: "PublishAcceptableUsePolicy" }
    }
    violations {
      reason: ERROR_REASON_ACCOUNT_LOCKED
      message: "13 wrong passwords"
      mends { by: MEND_BY_PRIMARY_LOCAL_ADMIN operation: "UnlockAccount" }
    })");
  EXPECT_EQ(RenderViolations(decision, "asha.patel", AtDesk()),
            R"(  LAST_HOLDER           the account is the last NATIONAL_ADMIN
                        -> an operator grants the role to another account:
                           gatehousectl account grant-role ANOTHER_USERNAME ROLE
  AUP_NOT_PUBLISHED     none has been published
                        -> an operator publishes the policy:
                           gatehousectl organisation publish-aup VERSION --uri URI --sha256 DIGEST
  ACCOUNT_LOCKED        13 wrong passwords
                        -> a primary local administrator unlocks the account:
                           gatehousectl account unlock asha.patel
)");
}

TEST(RefusalTest, TellsFromWhenOnWhereTimeMends) {
  const auto decision = Parse<v1::Decision>(absl::StrCat(R"(
    violations {
      reason: ERROR_REASON_ORGANISATION_HOLD
      message: "you joined less than 24 hours ago"
      mends { by: MEND_BY_TIME satisfied_time )",
                                                         kAtTwo, R"( }
    }
    eligible_time )",
                                                         kAtTwo, R"(
    policy_revision: "r1")"));
  const Refusal refusal =
      DecodeRefusal(StatusWith(grpc::StatusCode::FAILED_PRECONDITION, "refused", {&decision}));
  EXPECT_EQ(RenderRefusal(refusal, {}, AtDesk()),
            R"(Not yet: 1 rule stands against it.
  ORGANISATION_HOLD     you joined less than 24 hours ago
                        -> time does: from 14:02:11
  Possible from 14:02:11 on, if nothing else changes.
(policy r1)
)");
}

TEST(RefusalTest, TellsAllWrongFieldsAtOnce) {
  const auto info = Because("FIELDS_INVALID");
  const auto fields = Parse<google::rpc::BadRequest>(R"(
    field_violations { field: "username" description: "is too short" }
    field_violations { field: "profile.given_name" description: "is needed" })");
  const Refusal refusal =
      DecodeRefusal(StatusWith(grpc::StatusCode::INVALID_ARGUMENT, "2 fields", {&info, &fields}));
  EXPECT_EQ(ExitCodeOf(refusal), ExitCode::kUsage);
  EXPECT_EQ(RenderRefusal(refusal, {}, AtDesk()),
            R"(Not understood: 2 fields are wrong.
  username            is too short
  profile.given_name  is needed
)");
}

TEST(RefusalTest, SendsADeadSessionToSignInAndARestrictedOneToItsActions) {
  const auto dead = Because("SESSION_INVALID");
  EXPECT_EQ(RenderRefusal(DecodeRefusal(StatusWith(
                              grpc::StatusCode::UNAUTHENTICATED,
                              "SESSION_INVALID: there is no session, or it is over", {&dead})),
                          {}, AtDesk()),
            R"(Refused: there is no session, or it is over
  SESSION_INVALID
  -> gatehousectl sign-in USERNAME
)");
  const auto restricted = Because("SESSION_RESTRICTED");
  EXPECT_THAT(RenderRefusal(DecodeRefusal(StatusWith(grpc::StatusCode::FAILED_PRECONDITION, "first",
                                                     {&restricted})),
                            {}, AtDesk()),
              HasSubstr("-> gatehousectl account complete\n"));
}

TEST(RefusalTest, SaysWhenToTryAgain) {
  const auto info = Because("HASHING_BUSY");
  const auto retry = Parse<google::rpc::RetryInfo>("retry_delay { seconds: 2 }");
  EXPECT_THAT(RenderRefusal(DecodeRefusal(StatusWith(grpc::StatusCode::RESOURCE_EXHAUSTED, "busy",
                                                     {&info, &retry})),
                            {}, AtDesk()),
              HasSubstr("  Try again in 2 s.\n"));
}

TEST(RefusalTest, WhatIsDoneAndOnlyNotProvenIsNotCalledRefusedNorToBeTriedAgain) {
  const auto info = Because("REVOCATION_NOT_PROVEN");
  const auto retry = Parse<google::rpc::RetryInfo>("retry_delay { seconds: 1 }");
  const grpc::Status status = StatusWith(grpc::StatusCode::UNAVAILABLE,
                                         "REVOCATION_NOT_PROVEN: it is done", {&info, &retry});
  EXPECT_TRUE(IsDoneButNotProven(status));
  EXPECT_EQ(ExitCodeOf(DecodeRefusal(status)), ExitCode::kUnavailable);
  EXPECT_EQ(RenderRefusal(DecodeRefusal(status), kAboutAsha, AtDesk()),
            R"(Done, but not proven: it is done
  REVOCATION_NOT_PROVEN
  -> a temporary password that was not shown is replaced by: gatehousectl account reset-password asha.patel
)");
  const auto busy = Because("STORE_UNAVAILABLE");
  EXPECT_FALSE(
      IsDoneButNotProven(StatusWith(grpc::StatusCode::UNAVAILABLE, "no database", {&busy})));
}

TEST(RefusalTest, AnUnreachableServerIsNamed) {
  const Refusal refusal = DecodeRefusal({grpc::StatusCode::UNAVAILABLE, "connection refused"});
  EXPECT_EQ(ExitCodeOf(refusal), ExitCode::kUnavailable);
  EXPECT_EQ(RenderRefusal(refusal, kAboutAsha, AtDesk()),
            R"(No answer: connection refused
  -> is gatehouse-server listening on 127.0.0.1:50051? Another address: --server, or GATEHOUSE_SERVER
)");
}

TEST(RefusalTest, AServersTextCannotCommandTheTerminal) {
  EXPECT_THAT(
      RenderRefusal(DecodeRefusal({grpc::StatusCode::INTERNAL, "\x1b[2Jgone"}), {}, AtDesk()),
      HasSubstr("?[2Jgone"));
}

TEST(RefusalTest, EveryCodeHasItsExitCode) {
  const std::vector<std::pair<grpc::StatusCode, ExitCode>> table = {
      {grpc::StatusCode::OK, ExitCode::kOk},
      {grpc::StatusCode::CANCELLED, ExitCode::kFault},
      {grpc::StatusCode::UNKNOWN, ExitCode::kFault},
      {grpc::StatusCode::INVALID_ARGUMENT, ExitCode::kUsage},
      {grpc::StatusCode::DEADLINE_EXCEEDED, ExitCode::kUnavailable},
      {grpc::StatusCode::NOT_FOUND, ExitCode::kNotPermitted},
      {grpc::StatusCode::ALREADY_EXISTS, ExitCode::kConflict},
      {grpc::StatusCode::PERMISSION_DENIED, ExitCode::kNotPermitted},
      {grpc::StatusCode::UNAUTHENTICATED, ExitCode::kNotSignedIn},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, ExitCode::kUnavailable},
      {grpc::StatusCode::FAILED_PRECONDITION, ExitCode::kRefused},
      {grpc::StatusCode::ABORTED, ExitCode::kConflict},
      {grpc::StatusCode::OUT_OF_RANGE, ExitCode::kUsage},
      {grpc::StatusCode::UNIMPLEMENTED, ExitCode::kUnavailable},
      {grpc::StatusCode::INTERNAL, ExitCode::kFault},
      {grpc::StatusCode::UNAVAILABLE, ExitCode::kUnavailable},
      {grpc::StatusCode::DATA_LOSS, ExitCode::kFault},
  };
  for (const auto& [code, exit_code] : table) {
    Refusal refusal;
    refusal.code = code;
    EXPECT_EQ(ExitCodeOf(refusal), exit_code) << code;
  }
}

TEST(RefusalTest, ProgramsGetEveryDetailDecoded) {
  const auto info = Because("AUP_NOT_ACCEPTED");
  const auto decision = Parse<v1::Decision>(
      absl::StrCat("violations { reason: ERROR_REASON_AUP_NOT_ACCEPTED } eligible_time ", kAtTwo));
  const auto json = nlohmann::json::parse(ToJson(DecodeRefusal(
      StatusWith(grpc::StatusCode::FAILED_PRECONDITION, "not now", {&info, &decision}))));
  EXPECT_EQ(json["code"], "FAILED_PRECONDITION");
  EXPECT_EQ(json["reason"], "AUP_NOT_ACCEPTED");
  EXPECT_EQ(json["details"][0]["domain"], "gatehouse.v1");
  EXPECT_EQ(json["details"][1]["violations"][0]["reason"], "ERROR_REASON_AUP_NOT_ACCEPTED");
  EXPECT_EQ(json["details"][1]["eligible_time"], "2026-11-21T13:02:11.402Z");
}

TEST(JsonTest, WhatHasNoFormInJsonIsAFaultAndNoJson) {
  v1::Account account;
  account.set_username("asha.patel");
  account.mutable_joined_time()->set_seconds(int64_t{1} << 60);
  for (const JsonForm form : {JsonForm::kIndented, JsonForm::kLine}) {
    EXPECT_TRUE(absl::IsInternal(ToJson(account, form).status()));
  }
  account.mutable_joined_time()->set_seconds(0);
  EXPECT_EQ(*ToJson(account, JsonForm::kLine),
            "{\"username\":\"asha.patel\",\"joined_time\":\"1970-01-01T00:00:00Z\"}\n");
}

TEST(RefusalTest, AServersTextNeedNotBeUtf8) {
  const auto json =
      nlohmann::json::parse(ToJson(DecodeRefusal({grpc::StatusCode::INTERNAL, "a\xFF"})));
  EXPECT_EQ(json["message"], "a\xEF\xBF\xBD");
}

TEST(RefusalTest, ADetailNewerThanThisProgramIsNamedInsteadOfLost) {
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::ABORTED);
  auto* detail = status.add_details();
  detail->set_type_url("type.googleapis.com/gatehouse.v9.Later");
  detail->set_value("12345");
  const auto json = nlohmann::json::parse(
      ToJson(DecodeRefusal({grpc::StatusCode::ABORTED, "", status.SerializeAsString()})));
  EXPECT_EQ(json["details"][0]["@type"], "type.googleapis.com/gatehouse.v9.Later");
  EXPECT_EQ(json["details"][0]["undecoded_bytes"], 5);
}

}  // namespace
}  // namespace gatehouse::cli
