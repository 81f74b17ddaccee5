// The policy's words are the API's: operations pass numbers of one as numbers of the other.
#include "policy/vocabulary.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/action.pb.h"
#include "gatehouse/v1/decision.pb.h"
#include "gatehouse/v1/error_reason.pb.h"
#include "gatehouse/v1/identity_check.pb.h"
#include "gatehouse/v1/organisation.pb.h"
#include "gatehouse/v1/session.pb.h"

namespace gatehouse::server {
namespace {

using policy::Vocabulary;

struct Pair {
  Vocabulary vocabulary;
  const google::protobuf::EnumDescriptor* api;
  const char* prefix;
  bool is_whole;  // the policy knows every word of the API
};

template <typename Enum>
const google::protobuf::EnumDescriptor* ApiEnum() {
  return google::protobuf::GetEnumDescriptor<Enum>();
}

TEST(VocabularyTest, EveryWordHasTheNumberThatTheApiGivesIt) {
  const Pair pairs[] = {
      {Vocabulary::kAction, ApiEnum<v1::Action>(), "ACTION_", true},
      {Vocabulary::kRole, ApiEnum<v1::Role>(), "ROLE_", true},
      {Vocabulary::kAccountStatus, ApiEnum<v1::AccountStatus>(), "ACCOUNT_STATUS_", true},
      {Vocabulary::kSessionLevel, ApiEnum<v1::SessionLevel>(), "SESSION_LEVEL_", true},
      {Vocabulary::kRequiredAction, ApiEnum<v1::RequiredAction>(), "REQUIRED_ACTION_", true},
      {Vocabulary::kPasswordScope, ApiEnum<v1::PasswordScope>(), "PASSWORD_SCOPE_", true},
      {Vocabulary::kAttestationKind, ApiEnum<v1::AttestationKind>(), "ATTESTATION_KIND_", true},
      {Vocabulary::kMendBy, ApiEnum<v1::MendBy>(), "MEND_BY_", true},
      {Vocabulary::kReason, ApiEnum<v1::ErrorReason>(), "ERROR_REASON_", false},
  };
  for (const Pair& pair : pairs) {
    const auto* words = policy::Describe(pair.vocabulary);
    ASSERT_NE(words, nullptr);
    for (int i = 0; i < words->value_count(); ++i) {
      const auto* word = words->value(i);
      const auto* api = pair.api->FindValueByName(absl::StrCat(pair.prefix, word->name()));
      ASSERT_NE(api, nullptr) << pair.prefix << word->name();
      EXPECT_EQ(word->number(), api->number()) << pair.prefix << word->name();
    }
    if (pair.is_whole) {
      EXPECT_EQ(words->value_count(), pair.api->value_count()) << pair.prefix;
    }
  }
}

}  // namespace
}  // namespace gatehouse::server
