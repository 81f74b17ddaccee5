#include "policy/cel/program.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "policy/cel/format.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {
namespace {

TEST(ProgramTest, EvaluatesRulesOverFacts) {
  const Facts facts;
  const std::pair<const char*, const char*> kCases[] = {
      {"account.aup_accepted", "true"},
      {"now - account.joined_at", "duration('18h')"},
      {"now - account.joined_at >= organisation_hold", "false"},
      {"actor.roles.exists(r, r.role == LOCAL_ADMIN && "
       "r.organisation_id == account.organisation_id)",
       "true"},
      {"actor.roles[0]", "RoleGrant{role: LOCAL_ADMIN, organisation_id: 'org-1'}"},
      {"actor.roles.map(r, r.role)", "[LOCAL_ADMIN]"},
      {"LOCAL_ADMIN in actor.roles.map(r, r.role)", "true"},
      {"Role.LOCAL_ADMIN > LOCAL_HELPDESK", "true"},
      {"account.labels.ward + account.labels['ward']", "'AA'"},
      {"has(account.labels.bed) || has(account.labels.ward)", "true"},
      {"account.labels.all(k, v, size(k) > size(v))", "true"},
      {"account.organisation_id.matches('^org-[0-9]+$')", "true"},
      {"now.getHours('Asia/Kathmandu')", "17"},
      {"now.getDayOfWeek()", "5"},
      {"string(organisation_hold)", "'86400s'"},
      {"string(duration('-1500ms'))", "'-1.5s'"},
      {"string(now)", "'2024-03-15T12:00:00Z'"},
      {"int('12') + int(2.9)", "14"},
      {"{'b': 2, 'a': 1}", "{'a': 1, 'b': 2}"},
      {"[1, 2, 3].transformMap(i, v, v > 1, v * v)", "{1: 4, 2: 9}"},
      {"b'a\\xff'", "b'a\\xff'"},
      {"1.0 / 3.0 > 0.33 ? 1e100 : 2.0", "1e+100"},
  };
  for (const auto& [text, result] : kCases) EXPECT_EQ(facts.Evaluate(text), result) << text;
}

TEST(ProgramTest, UnknownFactsAreNamedByTheirSlot) {
  Facts facts;
  facts.Set("account.failures", Value());
  const Program program = facts.Compile("account.failures + 1 > 2");
  Arena arena;
  const Value value = program.Evaluate(facts.slots(), arena);
  ASSERT_TRUE(value.is(ValueKind::kUnknown));
  EXPECT_EQ(value.unknown_fact(), facts.slot("account.failures"));
}

TEST(ProgramTest, FailuresAreAbsorbedWhereTheOthersDecide) {
  Facts facts;
  facts.Set("account.failures", Value());
  const std::pair<const char*, const char*> kCases[] = {
      {"account.failures > 1 && false", "false"},
      {"account.failures > 1 || true", "true"},
      {"account.failures > 1 && true", "unknown"},
      {"1 / 0 > 1 && false", "false"},
      {"1 / 0 > 1 || false", "error: division by zero"},
      {"1 / 0 > 1 || account.failures > 1", "unknown"},
      {"account.failures > 1 || 1 / 0 > 1", "unknown"},
      {"[0, 1].exists(x, 1 / x == 1)", "true"},
      {"[0, 1].all(x, 1 / x == 2)", "false"},
      {"[0, 1].all(x, 1 / x == 1)", "error: division by zero"},
      {"[0, 1].exists_one(x, 1 / x == 1)", "error: division by zero"},
      {"account.failures > 1 ? true : true", "unknown"},
      {"[account.failures] == [1]", "unknown"},
  };
  for (const auto& [text, result] : kCases) EXPECT_EQ(facts.Evaluate(text), result) << text;
}

TEST(ProgramTest, AbsentFactsAreAskedForWithHas) {
  Facts facts;
  EXPECT_EQ(facts.Evaluate("has(account.locked_at)"), "false");
  EXPECT_EQ(facts.Evaluate("has(account.joined_at)"), "true");
  EXPECT_EQ(facts.Evaluate("account.locked_at < now"), "absent");
  EXPECT_EQ(facts.Evaluate("!has(account.locked_at) || account.locked_at < now"), "true");
  facts.Set("account.locked_at", Value());
  EXPECT_EQ(facts.Evaluate("has(account.locked_at)"), "unknown");
}

TEST(ProgramTest, ErrorsPointToTheirNode) {
  const Facts facts;
  const Program program = facts.Compile("account.failures > 2 && 10 / (account.failures - 3) > 1");
  Arena arena;
  const Value value = program.Evaluate(facts.slots(), arena);
  ASSERT_TRUE(value.is(ValueKind::kError));
  EXPECT_EQ(program.expression().ast().Text(value.error_node()), "10 / (account.failures - 3)");
}

TEST(ProgramTest, EveryNodeCanBeObserved) {
  const Facts facts;
  const Program program = facts.Compile(
      "now - account.joined_at >= organisation_hold || actor.roles.exists(r, r.role == SIGN_IN)",
      Typing::kPermissive);
  const CheckedExpression& checked = program.expression();
  Arena arena;
  std::map<std::string, std::string> observed;
  for (const NodeId id : checked.Reachable()) {
    observed[std::string(checked.ast().Text(id))] =
        Format(program.EvaluateNode(id, facts.slots(), arena), checked.type(id));
  }
  EXPECT_EQ(observed["now - account.joined_at"], "duration('18h')");
  EXPECT_EQ(observed["organisation_hold"], "duration('24h')");
  EXPECT_EQ(observed["now - account.joined_at >= organisation_hold"], "false");
  EXPECT_EQ(observed["actor.roles.exists(r, r.role == SIGN_IN)"], "false");
  EXPECT_EQ(observed["r.role == SIGN_IN"], "error: undeclared name");
}

TEST(ProgramTest, ConstantPartsAreFolded) {
  const Facts facts;
  const Program constant = facts.Compile("[1, 2, 3].map(x, x * 2).exists(x, x == 6)");
  ASSERT_NE(constant.constant(), nullptr);
  EXPECT_TRUE(constant.constant()->holds());
  const Program program = facts.Compile(
      "now > timestamp('2024-01-01T00:00:00Z') + "
      "organisation_hold");
  EXPECT_EQ(program.constant(), nullptr);
  const CheckedExpression& checked = program.expression();
  const NodeId bound = checked.Children(checked.ast().root())[1];
  ASSERT_NE(program.constant(bound), nullptr);
  EXPECT_EQ(Format(*program.constant(bound)), "timestamp('2024-01-02T00:00:00Z')");
}

TEST(ProgramTest, ErrorsAreNotFoldedAwayNorIn) {
  const Facts facts;
  EXPECT_EQ(facts.Compile("1 / 0 == 1").constant(), nullptr);
  EXPECT_EQ(facts.Evaluate("1 / 0 == 1 || account.aup_accepted"), "true");
}

TEST(ProgramTest, NeedsNothingOfItsEnvironment) {
  Arena arena;
  const Program program = [] {
    const Facts facts;
    return facts.Compile("account.organisation_id + '-' + string(organisation_hold)");
  }();
  const Facts facts;
  EXPECT_EQ(Format(program.Evaluate(facts.slots(), arena)), "'org-1-86400s'");
}

TEST(ProgramTest, PermissiveTypingLeavesMistakesToTheEvaluation) {
  const Facts facts;
  EXPECT_EQ(facts.Evaluate("nobody || true", Typing::kPermissive), "true");
  EXPECT_EQ(facts.Evaluate("account.failures.startsWith('a')", Typing::kPermissive),
            "error: no such overload");
  EXPECT_EQ(facts.Evaluate("account.failures == '3'", Typing::kPermissive), "false");
}

TEST(ProgramTest, DynamicValuesNeverPassForStaticOnes) {
  const Facts facts;
  const std::pair<const char*, const char*> kCases[] = {
      {"[1, dyn('x')].exists(e, e == 1)", "true"},
      {"[1, dyn('x')].map(e, e + 1)", "error: no such overload"},
      {"([1] + dyn(['x']))[1] + 1", "error: no such overload"},
      {"(true ? dyn('x') : 1) + 1", "error: no such overload"},
      {"{'a': 1, 'b': dyn('x')}.b + 1", "error: no such overload"},
      {"[[1], dyn(['x'])][1][0] + 1", "error: no such overload"},
  };
  for (const auto& [text, result] : kCases) {
    EXPECT_EQ(facts.Evaluate(text, Typing::kGradual), result) << text;
  }
}

}  // namespace
}  // namespace gatehouse::policy::cel
