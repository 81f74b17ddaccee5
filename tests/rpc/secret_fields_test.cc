#include "server/operations/call/secret_fields.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/options.pb.h"
#include "tests/rpc/contract_messages.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(SecretFieldsTest, NoSecretOfAnyMessageOfTheContractReachesTheLog) {
  int secrets_seen = 0;
  for (const auto* type : ContractMessages()) {
    SCOPED_TRACE(type->full_name());
    const auto message = Filled(type);
    if (absl::StrContains(message->ShortDebugString(), kSecretCanary)) ++secrets_seen;
    EXPECT_THAT(SecretFields(type).Redacted(*message), Not(HasSubstr(kSecretCanary)));
    EXPECT_EQ(message->ByteSizeLong(), Filled(type)->ByteSizeLong()) << "redacting changed it";
  }
  EXPECT_GE(secrets_seen, 20) << "the canaries do not reach the secret fields";
}

TEST(SecretFieldsTest, ALogShowsWhatIsNotSecretAndThatThereWasASecret) {
  v1::ChangePasswordRequest request;
  request.set_current_password("swordfish");
  request.set_request_id("f81d4fae");
  EXPECT_EQ(SecretFields(request.GetDescriptor()).Redacted(request),
            R"(current_password: "[secret]" request_id: "f81d4fae")");
}

TEST(SecretFieldsTest, WipingLeavesNoSecretAndEverythingElse) {
  for (const auto* type : ContractMessages()) {
    SCOPED_TRACE(type->full_name());
    const auto message = Filled(type);
    SecretFields(type).Wipe(*message);
    EXPECT_THAT(message->ShortDebugString(), Not(HasSubstr(kSecretCanary)));
  }
  v1::AnswerIdentityVerificationRequest request;
  request.set_verification_id("v");
  request.add_letters("A");
  request.add_letters("B");
  SecretFields(request.GetDescriptor()).Wipe(request);
  EXPECT_THAT(request.letters(), IsEmpty());
  EXPECT_EQ(request.verification_id(), "v");
}

TEST(SecretFieldsTest, WipingOverwritesTheMemoryOfTheSecret) {
  v1::ChangePasswordRequest request;
  request.set_new_password(std::string(64, 'x'));
  // The string keeps its buffer when it is cleared.
  const char* const memory = request.new_password().data();
  SecretFields(request.GetDescriptor()).Wipe(request);
  for (int i = 0; i < 64; ++i) ASSERT_NE(memory[i], 'x') << "at " << i;
}

TEST(SecretFieldsTest, EverySecretIsAStringAndNoMessageContainsItself) {
  for (const auto* type : ContractMessages()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->options().GetExtension(v1::secret)) {
        EXPECT_EQ(field->cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_STRING)
            << field->full_name();
      }
      EXPECT_NE(field->message_type(), type) << field->full_name();
    }
  }
}

TEST(SecretFieldsTest, FieldsNamedLikeSecretsAreMarkedAsSuch) {
  const std::vector<std::string> telling = {"password",       "session_token", "account_secret",
                                            "letters",        "code",          "answer",
                                            "recovery_codes", "otpauth_uri",   "password_hash",
                                            "challenge_id",   "reset_id",      "session_tokens"};
  for (const auto* type : ContractMessages()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
      for (const std::string& name : telling) {
        if (field->name() == name || absl::EndsWith(field->name(), absl::StrCat("_", name))) {
          EXPECT_TRUE(field->options().GetExtension(v1::secret)) << field->full_name();
        }
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::server
