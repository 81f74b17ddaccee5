// The shipped rules: that they compile without a warning, that their own tests pass, and that no
// rule and no action is left untried by them.

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

#include "policy/policy.h"
#include "policy/policy_test_runner.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {
namespace {

std::string ShippedText() {
  std::stringstream text;
  text << std::ifstream(GATEHOUSE_RULES_DIR "/nhsmail.textproto").rdbuf();
  return text.str();
}

const Policy& Shipped() {
  static const std::shared_ptr<const Policy> policy = [] {
    CompileResult result = Policy::Compile(ShippedText(), "nhsmail.textproto");
    EXPECT_EQ(Render(result.problems), "");
    return result.policy;
  }();
  if (policy == nullptr) std::abort();
  return *policy;
}

TEST(ShippedRules, CompileWithoutErrorsOrWarnings) { EXPECT_EQ(Shipped().name(), "nhsmail"); }

TEST(ShippedRules, PassTheirOwnTests) {
  const std::vector<TestResult> results = Shipped().RunTests();
  EXPECT_GT(results.size(), 100u);
  for (const TestResult& result : results) {
    EXPECT_TRUE(result.passed) << "line " << result.line << ", " << result.name << ", "
                               << Action::Value_Name(result.action) << ": " << result.difference;
  }
}

TEST(ShippedRules, AreEachTriedBothWays) {
  // These permit everybody: there is no other way.
  const std::set<std::string> always = {"signing-in-is-open", "services-validate",
                                        "recovery-is-open"};
  for (const RuleCoverage& rule : MeasureCoverage(Shipped())) {
    EXPECT_TRUE(rule.held) << rule.rule_id << " (line " << rule.line << ") never holds in a test";
    EXPECT_TRUE(rule.failed || always.contains(rule.rule_id))
        << rule.rule_id << " (line " << rule.line << ") never fails in a test";
  }
}

// The shipped rules under another value of a parameter, with these tests instead of their own.
void ExpectToPass(const std::string& parameter, const std::string& value,
                  const std::string& tests) {
  std::string text = ShippedText();
  text.resize(text.find("# --- Tests: who may"));
  const std::string before = absl::StrCat("name: \"", parameter, "\"");
  ASSERT_TRUE(RE2::Replace(&text, absl::StrCat(before, R"(\s+value: "[^"]*")"),
                           absl::StrCat(before, " value: \"", value, "\"")));
  const CompileResult result = Policy::Compile(text + tests, "changed.textproto");
  ASSERT_NE(result.policy, nullptr) << Render(result.problems);
  for (const TestResult& test : result.policy->RunTests()) {
    EXPECT_TRUE(test.passed) << parameter << ": " << test.name << ": " << test.difference;
  }
}

std::string SignInTest(const std::string& given, const std::string& expected) {
  return absl::StrCat("tests { name: 'a sign-in' on: SIGN_IN from: 'asha' given: \"", given,
                      "\" given: 'account.authentication_methods = 0' expect { allowed: true ",
                      expected, " } }\n");
}

TEST(ShippedRules, DemandMethodsOfWhomTheParametersSay) {
  const std::string admin = "account.roles = ['LOCAL_ADMIN@riverside']";
  const std::string helper = "account.roles = ['LOCAL_HELPDESK@riverside']";
  const std::string old = "account.created_at = timestamp('2026-11-20T23:59:59Z')";
  const std::string fresh = "account.created_at = timestamp('2026-11-21T00:00:00Z')";
  const std::string obliged = "obliged: REGISTER_AUTHENTICATION_METHOD";
  ExpectToPass("admins_need_method", "false", SignInTest(admin, ""));
  ExpectToPass("everyone_needs_method", "true", SignInTest(helper, obliged));
  ExpectToPass("new_accounts_need_method_from", "timestamp('2026-11-21T00:00:00Z')",
               SignInTest(old, "") + SignInTest(fresh, obliged));
}

TEST(ShippedRules, CanAskOnlyThoseForACodeWhoNeedAMethod) {
  const std::string test =
      "tests { name: 'the password alone' on: CREATE_SESSION from: 'asha' "
      "given: 'actor.known = false' given: 'request.methods_verified = 0' ";
  ExpectToPass("second_factor_wherever_registered", "false",
               absl::StrCat(test, "expect { allowed: true } }\n", test,
                            "given: \"account.roles = ['OPERATOR']\" expect { "
                            "refused: AUTHENTICATION_METHOD_REQUIRED } }\n"));
}

TEST(ShippedRules, AllowNothingOnUnknownFacts) {
  const Facts nothing{};
  const std::set<int> open = {Action::SIGN_IN,
                              Action::SEND_SECOND_FACTOR_CODE,
                              Action::ANSWER_SECOND_FACTOR,
                              Action::VALIDATE_SESSION,
                              Action::BATCH_VALIDATE_SESSIONS,
                              Action::WATCH_REVOCATIONS,
                              Action::START_PASSWORD_RESET,
                              Action::SEND_PASSWORD_RESET_CODE};
  for (int number = 0; number < Action::Value_ARRAYSIZE; ++number) {
    const auto action = static_cast<Action::Value>(number);
    const Decision decision = Shipped().Decide(action, nothing);
    const bool is_open = action != Action::SIGN_IN && open.contains(number);
    EXPECT_EQ(decision.allowed, is_open) << number;
    if (!is_open && Action::Value_IsValid(number) && action != Action::UNSPECIFIED) {
      EXPECT_FALSE(decision.missing_facts.empty()) << Action::Value_Name(action);
    }
  }
}

}  // namespace
}  // namespace gatehouse::policy
