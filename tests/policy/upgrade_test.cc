// A policy of operators' own follows a newer one without losing what they changed.
#include "policy/upgrade.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "policy/rule_set.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kPrintedCodes[] = "parameters { name: 'printed_codes' value: \"7\" }";

// As it came with the newer server; operators of the former one wrote what `Former` gives.
std::string Newer() {
  return PolicyText(
      "define { name: 'self_service' value: 'self' }  # no help\n"
      "permit { id: 'own' on: GET_ACCOUNT when: 'self_service' }\n"
      "permit {\n  id: 'export'  # {new}\n  on: EXPORT_AUDIT_LOG when: 'self_service'\n}\n"
      "require { id: 'open' on: GET_ACCOUNT that: '!account.locked'\n"
      "  else { reason: ACCOUNT_LOCKED } }\n");
}

std::string Former() {
  const std::string text = PolicyText(
      "# Ours\n"
      "permit { id: 'own' on: GET_ACCOUNT when: 'self && request.hypothetical' }");
  return absl::StrReplaceAll(
      text, {{kPrintedCodes, ""},
             {"'password_history' value: \"7\"", "'password_history' value: \"9\""}});
}

TEST(UpgradeText, AddsWhatDecidesNothingByItselfAndChangesNothing) {
  ASSERT_EQ(Policy::Compile(Former(), "former").policy, nullptr);
  const Upgrade upgrade = UpgradeText(Former(), Newer(), "newer", NewRules::kLeaveOut);
  EXPECT_THAT(upgrade.added, ElementsAre("parameters printed_codes", "define self_service"));
  EXPECT_THAT(upgrade.left_out, ElementsAre("permit export", "require open"));
  EXPECT_THAT(upgrade.text, StartsWith(Former()));
  EXPECT_EQ(upgrade.text.substr(Former().size()),
            absl::StrCat("\n\n# Added from newer\n", kPrintedCodes,
                         "\ndefine { name: 'self_service' value: 'self' }  # no help\n"));
  const CompileResult compiled = Policy::Compile(upgrade.text, "upgraded");
  ASSERT_NE(compiled.policy, nullptr) << Render(compiled.problems);
  EXPECT_EQ(compiled.policy->Int(Parameter::kPrintedCodes), 7);
  EXPECT_EQ(compiled.policy->Int(Parameter::kPasswordHistory), 9) << "the operators' own";
}

TEST(UpgradeText, AddsRulesWordByWordWhereThatIsAskedFor) {
  const Upgrade upgrade = UpgradeText(Former(), Newer(), "newer", NewRules::kAdd);
  EXPECT_THAT(upgrade.added, ElementsAre("parameters printed_codes", "define self_service",
                                         "permit export", "require open"));
  EXPECT_THAT(upgrade.left_out, IsEmpty());
  EXPECT_THAT(upgrade.text, HasSubstr("permit {\n  id: 'export'  # {new}\n  on: EXPORT_AUDIT_LOG"));
  EXPECT_THAT(upgrade.text, HasSubstr("request.hypothetical")) << "a rule of theirs stays";
  const CompileResult compiled = Policy::Compile(upgrade.text, "upgraded");
  ASSERT_NE(compiled.policy, nullptr) << Render(compiled.problems);
  EXPECT_EQ(compiled.policy->rules().permits.size(), 2);
}

TEST(UpgradeText, LeavesATextAsItIsThatLacksNothing) {
  const Upgrade upgrade = UpgradeText(Newer(), Newer(), "newer", NewRules::kAdd);
  EXPECT_EQ(upgrade.text, Newer());
  EXPECT_THAT(upgrade.added, IsEmpty());
  EXPECT_THAT(upgrade.left_out, IsEmpty());
}

TEST(UpgradeText, TakesNoTextForAPolicyThatLacksEverything) {
  const Upgrade upgrade = UpgradeText("\xff", Newer(), "newer", NewRules::kLeaveOut);
  EXPECT_EQ(upgrade.added.size(), AllParameters().size() + 1);
  EXPECT_EQ(Policy::Compile(upgrade.text, "upgraded").policy, nullptr);
}

}  // namespace
}  // namespace gatehouse::policy
