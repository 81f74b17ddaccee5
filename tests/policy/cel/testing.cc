#include "tests/policy/cel/testing.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"

#include "policy/cel/format.h"
#include "policy/cel/parser.h"

namespace gatehouse::policy::cel {
namespace {

Value Instant(int month, int day, int hour) {
  return Value::Timestamp(
      absl::FromCivil(absl::CivilSecond(2024, month, day, hour, 0, 0), absl::UTCTimeZone()));
}

}  // namespace

Facts::Facts() {
  const auto role = std::make_shared<const EnumType>(
      EnumType{"Role", {{"LOCAL_HELPDESK", kLocalHelpdesk}, {"LOCAL_ADMIN", kLocalAdmin}}});
  const auto action = std::make_shared<const EnumType>(
      EnumType{"Action", {{"SIGN_IN", 1}, {"RESECURE_ACCOUNT", 2}}});
  const auto grant = std::make_shared<const RecordType>(
      RecordType{"RoleGrant", {{"role", Type::Enum(role)}, {"organisation_id", Type::String()}}});
  EXPECT_TRUE(environment_.AddEnum(role).ok());
  EXPECT_TRUE(environment_.AddEnum(action).ok());
  EXPECT_TRUE(
      environment_
          .AddConstant("organisation_hold", Type::Duration(), Value::Duration(absl::Hours(24)))
          .ok());
  Add("now", Type::Timestamp(), Instant(3, 15, 12));
  Add("account.aup_accepted", Type::Bool(), Value::Bool(true));
  Add("account.joined_at", Type::Timestamp(), Instant(3, 14, 18));
  Add("account.locked_at", Type::Timestamp(), Value::Absent());
  Add("account.failures", Type::Int(), Value::Int(3));
  Add("account.organisation_id", Type::String(), Value::String("org-1"));
  Add("account.labels", Type::Map(Type::String(), Type::String()), Value());
  Add("actor.roles", Type::List(Type::Record(grant)), Value());
  Add("actor.notes", Type::List(Type::String()), Value(), {0, 0});
  role_ = {Value::Int(kLocalAdmin), Value::String("org-1")};
  roles_ = {Value::Record(role_)};
  labels_ = {{Value::String("ward"), Value::String("A")}};
  EXPECT_FALSE(SortMapEntries(absl::MakeSpan(labels_)).has_value());
  Set("account.labels", Value::Map(labels_));
  Set("actor.roles", Value::List(roles_));
  EXPECT_EQ(environment_.CheckSlots(slots_), absl::OkStatus());
}

void Facts::Add(absl::string_view name, Type type, const Value& value, SizeBound bound) {
  EXPECT_EQ(environment_.AddVariable(name, std::move(type), bound).value(), slots_.size());
  slots_.push_back(value);
}

Program Facts::Compile(absl::string_view text, Typing typing) const {
  CheckOptions options;
  options.typing = typing;
  Outcome<Ast> ast = Parse(text);
  EXPECT_TRUE(ast.ok()) << text << "\n" << ToString(ast.diagnostics());
  if (!ast.ok()) ast = Parse("false");
  Outcome<CheckedExpression> checked = Check(*std::move(ast), environment_, options);
  EXPECT_TRUE(checked.ok()) << text << "\n" << ToString(checked.diagnostics());
  if (!checked.ok()) checked = Check(*Parse("false"), environment_, options);
  return Program(*std::move(checked));
}

std::string Facts::Evaluate(absl::string_view text, Typing typing) const {
  const Program program = Compile(text, typing);
  Arena arena;
  return Format(program.Evaluate(slots_, arena), program.expression().type());
}

std::string Facts::Diagnose(absl::string_view text, const CheckOptions& options) const {
  Outcome<Ast> ast = Parse(text, options.limits);
  if (!ast.ok()) return ToString(ast.diagnostics());
  return ToString(Check(*std::move(ast), environment_, options).diagnostics());
}

}  // namespace gatehouse::policy::cel
