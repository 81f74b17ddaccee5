#include "policy/cel/checker.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/cel/parser.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {
namespace {

TEST(CheckerTest, MistakesSayWhatWasExpectedAndWhatWasMeant) {
  const Facts facts;
  const std::pair<const char*, const char*> kCases[] = {
      {"account.aup_acepted",
       "1:1: undeclared name 'account.aup_acepted'; did you mean account.aup_accepted?"},
      {"actor.roles.exists(r, r.roel == LOCAL_ADMIN)",
       "1:25: RoleGrant has no field 'roel'; did you mean role?"},
      {"account.joined_at.getHour()",
       "1:19: undeclared function 'getHour'; did you mean getHours?"},
      {"now - account.joined_at >= now", "1:28: '>=' expected duration, got timestamp"},
      {"account.failures + 'a' == 1", "1:20: '+' expected int, got string"},
      {"account == now",
       "1:1: 'account' is a group of facts and has no value of its own; name one of its facts, "
       "such as account.aup_accepted"},
      {"account.locked_at == null",
       "1:22: '==' expected timestamp, got null; whether a fact is there is asked with has()"},
      {"actor.roles.exists(r, r.role == SIGN_IN)", "1:33: '==' expected Role, got Action"},
      {"account.failures && true", "1:1: expected bool, got int"},
      {"account.aup_accepted ? 1 : 'a'", "1:28: expected int, got string"},
      {"[1, 'a'] == []", "1:5: expected int, got string"},
      {"dyn(1) == 1", "1:1: dyn() is not available where every type is checked"},
      {"account.organisation_id.matches('(')", "1:33: expected a regular expression: missing ): ("},
      {"account.organisation_id.matches(account.organisation_id)",
       "1:33: expected a constant pattern, got an expression"},
      {"now > timestamp('2024-02-30T00:00:00Z')",
       "1:17: expected an instant between the years 1 and 9999; such as '2024-01-31T12:00:00Z'"},
      {"duration('1 day') == organisation_hold",
       "1:10: expected a duration of at most about 292 years; such as '24h' or '1h30m'"},
      {"now.getHours('Europe/Lundon') == 1",
       "1:14: unknown time zone 'Europe/Lundon'; such as 'Europe/London' or '+01:00'"},
      {"account.failures.exists(x, true)", "1:1: 'exists' expected a list or a map, got int"},
      {"contains('a', 'b')", "1:1: 'contains' cannot be called like this; write x.contains()"},
      {"{1.5: 2} == {}", "1:2: expected bool, int, uint or string as a key, got double"},
      {"account.organisation_id.startsWith()", "1:25: 'startsWith' expected 1 argument, got 0"},
  };
  for (const auto& [text, mistake] : kCases) EXPECT_EQ(facts.Diagnose(text), mistake) << text;
}

TEST(CheckerTest, ReportsEveryMistakeOnceUpToALimit) {
  const Facts facts;
  EXPECT_EQ(facts.Diagnose("nobody && nothing.at(all) == 1"),
            "1:1: undeclared name 'nobody'\n"
            "1:11: undeclared name 'nothing'\n"
            "1:22: undeclared name 'all'\n"
            "1:19: undeclared function 'at'");
}

TEST(CheckerTest, ExpectedTypeIsHeldTo) {
  const Facts facts;
  CheckOptions options;
  options.expected = Type::Bool();
  EXPECT_EQ(facts.Diagnose("account.failures", options), "1:1: expected bool, got int");
  EXPECT_EQ(facts.Diagnose("account.failures > 1", options), "");
}

TEST(CheckerTest, TypesAreInferredThroughEmptyListsAndMacros) {
  const Facts facts;
  const std::pair<const char*, const char*> kCases[] = {
      {"[[], [1]]", "list(list(int))"},
      {"actor.roles.map(r, r.role)", "list(Role)"},
      {"actor.roles.filter(r, r.role == LOCAL_ADMIN)", "list(RoleGrant)"},
      {"account.labels.transformMap(k, v, size(v))", "map(string, int)"},
      {"[LOCAL_ADMIN, 3]", "list(int)"},
      {"now - organisation_hold", "timestamp"},
      {"account.aup_accepted ? [] : ['a']", "list(string)"},
  };
  for (const auto& [text, type] : kCases) {
    EXPECT_EQ(facts.Compile(text).expression().type().ToString(), type) << text;
  }
}

TEST(CheckerTest, CostIsBoundedBeforehand) {
  const Facts facts;
  EXPECT_EQ(facts.Diagnose("actor.notes.exists(n, n == 'x')"),
            "1:1: the cost cannot be bounded: actor.notes may have any size");
  CheckOptions options;
  options.limits.cost = 1000;
  const std::string nested = facts.Diagnose(
      "actor.roles.all(a, actor.roles.all(b, actor.roles.all(c, a.role == b.role)))", options);
  EXPECT_NE(nested.find("steps, more than 1000"), std::string::npos) << nested;
  EXPECT_EQ(facts.Diagnose("actor.roles.all(a, a.role == LOCAL_ADMIN)", options), "");
}

TEST(CheckerTest, StringsThatWouldGrowExponentiallyAreRefused) {
  const Facts facts;
  std::string text = "[account.organisation_id]";
  for (int i = 0; i < 30; ++i) text += ".map(x, x + x)";
  EXPECT_NE(facts.Diagnose(text).find("steps, more than"), std::string::npos);
}

TEST(CheckerTest, ComprehensionsNestOnlySoDeep) {
  const Facts facts;
  std::string text = "true";
  for (int i = 0; i < 9; ++i) text = "[1].all(x, " + text + ")";
  EXPECT_NE(facts.Diagnose(text).find("comprehensions within each other"), std::string::npos);
}

TEST(CheckerTest, NamesResolveWithinTheContainerFirst) {
  Environment environment("a.b");
  ASSERT_TRUE(environment.AddVariable("a.b.x", Type::Int()).ok());
  ASSERT_TRUE(environment.AddVariable("a.y", Type::Int()).ok());
  ASSERT_TRUE(environment.AddVariable("x", Type::Int()).ok());
  const auto slot = [&](absl::string_view text) {
    const auto checked = Check(*Parse(text), environment);
    return checked->slot(checked->ast().root()).value();
  };
  EXPECT_EQ(slot("x"), 0u);
  EXPECT_EQ(slot("y"), 1u);
  EXPECT_EQ(slot(".x"), 2u);
}

TEST(CheckerTest, DependenceIsWhatEvaluationReads) {
  const Facts facts;
  const Program program = facts.Compile(
      "now - account.joined_at >= organisation_hold || "
      "account.failures > 1");
  const CheckedExpression& checked = program.expression();
  EXPECT_EQ(checked.Slots(),
            (std::vector<SlotId>{facts.slot("now"), facts.slot("account.joined_at"),
                                 facts.slot("account.failures")}));
  const std::vector<NodeId> operands = checked.Children(checked.ast().root());
  ASSERT_EQ(operands.size(), 2u);
  EXPECT_TRUE(checked.DependsOn(operands[0], facts.slot("now")));
  EXPECT_FALSE(checked.DependsOn(operands[1], facts.slot("now")));
}

TEST(EnvironmentTest, RefusesNamesThatAreTakenOrNone) {
  Environment environment;
  EXPECT_TRUE(environment.AddVariable("a.b", Type::Int()).ok());
  EXPECT_EQ(environment.AddVariable("a.b", Type::Int()).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(environment.AddConstant("a.b", Type::Int(), Value::Int(1)).code(),
            absl::StatusCode::kAlreadyExists);
  for (const char* name : {"", "a.", ".a", "1a", "true", "a b", "for"}) {
    EXPECT_EQ(environment.AddVariable(name, Type::Int()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_EQ(environment.AddConstant("c", Type::Int(), Value::Bool(true)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(EnvironmentTest, FindsOutSlotsOfTheWrongType) {
  const Facts facts;
  std::vector<Value> slots = facts.slots();
  slots[facts.slot("account.failures")] = Value::String("3");
  EXPECT_EQ(facts.environment().CheckSlots(slots).message(),
            "account.failures: expected int, got string");
}

}  // namespace
}  // namespace gatehouse::policy::cel
