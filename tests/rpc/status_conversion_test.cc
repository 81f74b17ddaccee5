#include "server/rpc/status_conversion.h"

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/decision.pb.h"
#include "server/operations/errors.h"

namespace gatehouse::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <typename Detail>
Detail Unpacked(const google::protobuf::Any& any) {
  Detail detail;
  EXPECT_TRUE(any.UnpackTo(&detail)) << any.type_url();
  return detail;
}

TEST(StatusConversionTest, AnErrorOfOursArrivesWithItsReasonAndDetailsMostUsefulFirst) {
  absl::Status status = Error(absl::StatusCode::kFailedPrecondition,
                              v1::ERROR_REASON_AUP_NOT_ACCEPTED, "not accepted yet");
  google::rpc::PreconditionFailure failure;
  failure.add_violations()->set_type("AUP_NOT_ACCEPTED");
  AttachDetail(status, failure);
  v1::Decision decision;
  decision.set_policy_revision("r1");
  AttachDetail(status, decision);

  const grpc::Status converted = ToGrpcStatus(Classify(status, "trace"));

  EXPECT_EQ(converted.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(converted.error_message(), "AUP_NOT_ACCEPTED: not accepted yet");
  const google::rpc::Status details = DetailsOf(converted);
  EXPECT_EQ(details.code(), static_cast<int>(grpc::StatusCode::FAILED_PRECONDITION));
  EXPECT_EQ(details.message(), converted.error_message());
  ASSERT_THAT(details.details(), SizeIs(3));
  const auto info = Unpacked<google::rpc::ErrorInfo>(details.details(0));
  EXPECT_EQ(info.reason(), "AUP_NOT_ACCEPTED");
  EXPECT_EQ(info.domain(), "gatehouse.v1");
  EXPECT_EQ(Unpacked<v1::Decision>(details.details(1)).policy_revision(), "r1");
  EXPECT_EQ(Unpacked<google::rpc::PreconditionFailure>(details.details(2)).violations(0).type(),
            "AUP_NOT_ACCEPTED");
}

TEST(StatusConversionTest, WhatIsNotOursIsToldByItsCodeAndNeverByItsText) {
  struct Case {
    absl::StatusCode from;
    grpc::StatusCode to;
    std::string reason;
  };
  for (const Case& c : std::vector<Case>{
           {absl::StatusCode::kDeadlineExceeded, grpc::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
           {absl::StatusCode::kCancelled, grpc::CANCELLED, "CANCELLED"},
           {absl::StatusCode::kResourceExhausted, grpc::RESOURCE_EXHAUSTED, "OVERLOADED"},
           {absl::StatusCode::kUnavailable, grpc::UNAVAILABLE, "STORE_UNAVAILABLE"},
           {absl::StatusCode::kAborted, grpc::ABORTED, "CONFLICT"},
           {absl::StatusCode::kInternal, grpc::INTERNAL, "INTERNAL"},
           {absl::StatusCode::kUnknown, grpc::INTERNAL, "INTERNAL"},
           {absl::StatusCode::kNotFound, grpc::INTERNAL, "INTERNAL"},
           {absl::StatusCode::kDataLoss, grpc::INTERNAL, "INTERNAL"},
           {absl::StatusCode::kInvalidArgument, grpc::INTERNAL, "INTERNAL"}}) {
    SCOPED_TRACE(absl::StatusCodeToString(c.from));
    const grpc::Status converted =
        ToGrpcStatus(Classify(absl::Status(c.from, "near \"s3cret\": syntax error"), "t-1"));
    EXPECT_EQ(converted.error_code(), c.to);
    EXPECT_THAT(converted.error_message(), Not(HasSubstr("s3cret")));
    EXPECT_THAT(converted.error_details(), Not(HasSubstr("s3cret")));
    const auto info = Unpacked<google::rpc::ErrorInfo>(DetailsOf(converted).details(0));
    EXPECT_EQ(info.reason(), c.reason);
  }
}

TEST(StatusConversionTest, AnInternalErrorNamesTheTraceThatFindsItsCause) {
  const grpc::Status converted = ToGrpcStatus(Classify(absl::InternalError("boom"), "t-42"));
  EXPECT_THAT(converted.error_message(), HasSubstr("t-42"));
  const auto info = Unpacked<google::rpc::ErrorInfo>(DetailsOf(converted).details(0));
  EXPECT_EQ(info.metadata().at("trace_id"), "t-42");
}

TEST(StatusConversionTest, WaitsSayWhenToTryAgain) {
  const grpc::Status converted =
      ToGrpcStatus(Classify(absl::ResourceExhaustedError("queue full"), "t"));
  const auto retry = Unpacked<google::rpc::RetryInfo>(DetailsOf(converted).details(1));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
}

TEST(StatusConversionTest, DetailsThatDoNotFitIntoATrailerAreLeftOutButNotTheReason) {
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_FIELDS_INVALID,
                              std::string(4000, 'm'));
  google::rpc::BadRequest bad;
  for (int i = 0; i < 1000; ++i) bad.add_field_violations()->set_description("far too long");
  AttachDetail(status, bad);
  const grpc::Status converted = ToGrpcStatus(status);
  EXPECT_LE(converted.error_details().size(), 5u * 1024);
  EXPECT_LE(converted.error_message().size(), 1024u);
  EXPECT_THAT(converted.error_message(), EndsWith("..."));
  const google::rpc::Status details = DetailsOf(converted);
  ASSERT_THAT(details.details(), SizeIs(1));
  EXPECT_EQ(Unpacked<google::rpc::ErrorInfo>(details.details(0)).reason(), "FIELDS_INVALID");
}

TEST(StatusConversionTest, AShortenedMessageEndsAtACodePoint) {
  std::string text;
  while (text.size() < 3000) text += "\u00e9\u4e16\U0001F511";
  const grpc::Status converted = ToGrpcStatus(
      Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_FIELDS_INVALID, text));
  google::rpc::Status details;
  // Protobuf refuses to parse a string that is not UTF-8.
  EXPECT_TRUE(details.ParseFromString(converted.error_details()));
}

TEST(StatusConversionTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(Classify(absl::OkStatus(), "t")).ok());
}

}  // namespace
}  // namespace gatehouse::server
