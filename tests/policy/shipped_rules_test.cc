// The shipped rules: that they compile without a warning, that their own tests pass, and that no
// rule and no action is left untried by them.

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

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
  // Switched off by a parameter; tried below.
  const std::set<std::string> off = {"last-method-stays", "register-method"};
  for (const RuleCoverage& rule : MeasureCoverage(Shipped())) {
    if (off.contains(rule.rule_id)) continue;
    EXPECT_TRUE(rule.held) << rule.rule_id << " (line " << rule.line << ") never holds in a test";
    EXPECT_TRUE(rule.failed || always.contains(rule.rule_id))
        << rule.rule_id << " (line " << rule.line << ") never fails in a test";
  }
}

TEST(ShippedRules, DemandMethodsOfAdministratorsWhereTheParameterSaysSo) {
  const std::string off = "name: \"admins_need_method\" value: \"false\"";
  const std::string on = "name: \"admins_need_method\" value: \"true\"";
  std::string text = ShippedText();
  const size_t at = text.find(off);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, off.size(), on);
  text +=
      "tests { name: 'admins register' on: SIGN_IN from: 'asha'\n"
      "  given: \"account.roles = ['LOCAL_ADMIN@riverside']\"\n"
      "  given: 'account.authentication_methods = 0'\n"
      "  expect { allowed: true obliged: REGISTER_AUTHENTICATION_METHOD } }\n"
      "tests { name: 'others do not' on: SIGN_IN from: 'asha'\n"
      "  given: 'account.authentication_methods = 0'\n"
      "  expect { allowed: true } }\n"
      "tests { name: 'an admin keeps the last' on: REMOVE_AUTHENTICATION_METHOD from: 'herself'\n"
      "  given: \"account.roles = ['LOCAL_ADMIN@riverside']\"\n"
      "  given: 'request.method_counted = true'\n"
      "  expect { refused: AUTHENTICATION_METHOD_LAST } }\n"
      "tests { name: 'but not both' on: REMOVE_AUTHENTICATION_METHOD from: 'herself'\n"
      "  given: \"account.roles = ['LOCAL_ADMIN@riverside']\"\n"
      "  given: 'request.method_counted = true'\n"
      "  given: 'account.authentication_methods = 2'\n"
      "  expect { allowed: true } }\n";
  const CompileResult result = Policy::Compile(text, "changed.textproto");
  ASSERT_NE(result.policy, nullptr) << Render(result.problems);
  for (const TestResult& test : result.policy->RunTests()) {
    EXPECT_TRUE(test.passed) << test.name << ": " << test.difference;
  }
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
