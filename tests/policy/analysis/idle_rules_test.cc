// Which rules are told to be idle, and that those of the house are not.

#include "policy/analysis/idle_rules.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSelf[] = "permit { id: 'own' on: GET_ACCOUNT when: 'self' }\n";

std::vector<std::string> IdleIn(const std::string& rules) {
  std::vector<std::string> messages;
  for (const Problem& problem : FindIdleRules(*CompileOrDie(rules), "p")) {
    messages.push_back(absl::StrCat(problem.line, ": ", problem.message));
  }
  return messages;
}

TEST(IdleRules, PermitsThatNeverHold) {
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf,
                                  "permit { id: 'a' on: GET_ACCOUNT when: "
                                  "'account.status == ACTIVE && account.status == DISABLED' }")),
              ElementsAre("4: permit 'a' can never hold"));
}

TEST(IdleRules, PermitsInTheShadowOfOthers) {
  EXPECT_THAT(IdleIn(absl::StrCat(
                  kSelf, "permit { id: 'a' on: GET_ACCOUNT when: 'self && account.locked' }")),
              ElementsAre("4: permit 'a' never matters: 'own' permits whatever it permits"));
  // Of two alike, the later one.
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf, "permit { id: 'a' on: GET_ACCOUNT when: 'self' }")),
              ElementsAre("4: permit 'a' never matters: 'own' permits whatever it permits"));
  EXPECT_THAT(
      IdleIn("permit { id: 'a' on: GET_ACCOUNT when: 'account.locked && self' }\n"
             "permit { id: 'b' on: GET_ACCOUNT when: '!account.locked' }\n"
             "permit { id: 'c' on: GET_ACCOUNT when: 'self && (account.locked || account.leaver "
             "&& !account.locked)' }"),
      ElementsAre("5: permit 'c' never matters: others together permit whatever it permits"));
}

TEST(IdleRules, AreToldOnlyIfTheyAreIdleForEachOfTheirActions) {
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf,
                                  "permit { id: 'a' on: [GET_ACCOUNT, SIGN_IN] when: 'self && "
                                  "account.locked' }")),
              IsEmpty());
}

TEST(IdleRules, RequirementsThatNobodyCanViolate) {
  const char other[] = "' else { reason: ACCOUNT_LOCKED } }";
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf,
                                  "require { id: 'r' on: GET_ACCOUNT that: 'account.locked "
                                  "|| !account.locked",
                                  other)),
              ElementsAre("4: rule 'r' can never be violated"));
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf, "require { id: 'r' on: GET_ACCOUNT that: 'self", other)),
              ElementsAre("4: rule 'r' can never be violated: whoever is permitted fulfils it"));
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf, "require { id: 'r' on: GET_ACCOUNT that: '!account.locked",
                                  other)),
              IsEmpty());
}

TEST(IdleRules, ObligationsThatNeverApply) {
  EXPECT_THAT(IdleIn(absl::StrCat(kSelf,
                                  "oblige { id: 'o' on: GET_ACCOUNT when: '!self && self' action: "
                                  "CHANGE_PASSWORD }")),
              ElementsAre("4: rule 'o' can never oblige to anything"));
}

TEST(IdleRules, AreNoneOfTheShippedOnes) {
  std::ostringstream text;
  text << std::ifstream(absl::StrCat(GATEHOUSE_RULES_DIR, "/nhsmail.textproto")).rdbuf();
  const auto policy = Policy::Compile(text.str(), "nhsmail.textproto").policy;
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(Render(FindIdleRules(*policy, "nhsmail.textproto")), "");
}

}  // namespace
}  // namespace gatehouse::policy::analysis
