// Over generated expressions: what the checker accepts never fails on a type, and what it says of
// an expression holds.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "policy/cel/format.h"
#include "policy/cel/parser.h"
#include "tests/policy/cel/generator.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {
namespace {

constexpr uint32_t kSeeds = 8'000;

// What a wrong type, or a name that means nothing, would answer.
bool FailsOnType(const Value& value) {
  if (!value.is(ValueKind::kError)) return false;
  switch (value.error_code()) {
    case ErrorCode::kNoOverload:
    case ErrorCode::kNoSuchField:
    case ErrorCode::kUndeclared:
    case ErrorCode::kKeyType:
    case ErrorCode::kPattern:
    case ErrorCode::kTimeZone:
      return true;
    default:
      return false;
  }
}

class PropertyTest : public testing::Test {
 protected:
  // Some facts unknown, some absent, as the seed has it.
  std::vector<Value> SlotsFor(uint32_t seed) const {
    std::mt19937 random(seed);
    std::vector<Value> slots = facts_.slots();
    for (Value& slot : slots) {
      const auto chance = random() % 12;
      if (chance == 0) slot = Value();
      if (chance == 1) slot = Value::Absent();
    }
    return slots;
  }

  const Facts facts_;
};

TEST_F(PropertyTest, AcceptedExpressionsNeverFailOnATypeAndAreOfTheTypeTheyWereSaidToBe) {
  uint32_t accepted = 0;
  Arena arena;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    const std::string text = Generator(seed).Expression(1 + static_cast<int>(seed % 4));
    Outcome<Ast> ast = Parse(text);
    ASSERT_TRUE(ast.ok()) << "seed " << seed << ": " << text << "\n" << ToString(ast.diagnostics());
    Outcome<CheckedExpression> checked = Check(*std::move(ast), facts_.environment());
    if (!checked.ok()) continue;
    ++accepted;
    const Program program(*std::move(checked));
    const std::vector<Value> slots = SlotsFor(seed);
    arena.Reset();
    const Value value = program.Evaluate(slots, arena);
    ASSERT_FALSE(FailsOnType(value)) << "seed " << seed << ": " << text << "\n" << Format(value);
    Environment result;
    ASSERT_TRUE(result.AddVariable("result", program.expression().type()).ok());
    ASSERT_EQ(result.CheckSlots({&value, 1}), absl::OkStatus()) << "seed " << seed << ": " << text;
  }
  EXPECT_GT(accepted, kSeeds / 2);
}

TEST_F(PropertyTest, TypingChangesNoAnswer) {
  Arena arena;
  for (uint32_t seed = 0; seed < kSeeds / 4; ++seed) {
    const std::string text = Generator(seed).Expression(3);
    if (!facts_.Diagnose(text).empty()) continue;
    const std::vector<Value> slots = SlotsFor(seed);
    const std::string expected = Format(facts_.Compile(text).Evaluate(slots, arena));
    for (const Typing typing : {Typing::kGradual, Typing::kPermissive}) {
      EXPECT_EQ(Format(facts_.Compile(text, typing).Evaluate(slots, arena)), expected)
          << "seed " << seed << ": " << text;
    }
    arena.Reset();
  }
}

// Values are written so that they read back as themselves.
TEST_F(PropertyTest, FormattedValuesEvaluateToThemselves) {
  Arena arena;
  for (uint32_t seed = 0; seed < kSeeds / 4; ++seed) {
    const std::string text = Generator(seed).Expression(2);
    if (!facts_.Diagnose(text).empty()) continue;
    const Program program = facts_.Compile(text);
    const Value value = program.Evaluate(facts_.slots(), arena);
    if (value.failed()) continue;
    const std::string written = Format(value);
    EXPECT_EQ(facts_.Evaluate(written), written) << "seed " << seed << ": " << text;
    arena.Reset();
  }
}

TEST_F(PropertyTest, FactsThatAreNotReadChangeNothing) {
  Arena arena;
  for (uint32_t seed = 0; seed < kSeeds / 4; ++seed) {
    const std::string text = Generator(seed).Expression(2);
    if (!facts_.Diagnose(text).empty()) continue;
    const Program program = facts_.Compile(text);
    std::vector<Value> slots(facts_.slots().size());
    for (const SlotId slot : program.expression().Slots()) slots[slot] = facts_.slots()[slot];
    EXPECT_EQ(Format(program.Evaluate(slots, arena)),
              Format(program.Evaluate(facts_.slots(), arena)))
        << "seed " << seed << ": " << text;
    arena.Reset();
  }
}

}  // namespace
}  // namespace gatehouse::policy::cel
