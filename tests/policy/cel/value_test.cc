#include "policy/cel/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/time/time.h"

#include "policy/cel/arena.h"
#include "policy/cel/format.h"

namespace gatehouse::policy::cel {
namespace {

TEST(ValueTest, DefaultIsUnknownOfNoFact) {
  const Value value;
  EXPECT_TRUE(value.is(ValueKind::kUnknown));
  EXPECT_TRUE(value.failed());
  EXPECT_FALSE(value.holds());
  EXPECT_EQ(value.unknown_fact(), std::nullopt);
  EXPECT_EQ(Value::Unknown(0).unknown_fact(), 0u);
}

TEST(ValueTest, NumbersAreEqualAcrossKindsByValue) {
  EXPECT_TRUE(Equal(Value::Int(1), Value::Uint(1)));
  EXPECT_TRUE(Equal(Value::Int(1), Value::Double(1.0)));
  EXPECT_FALSE(Equal(Value::Int(-1), Value::Uint(std::numeric_limits<uint64_t>::max())));
  EXPECT_FALSE(Equal(Value::Double(NAN), Value::Double(NAN)));
  EXPECT_FALSE(Equal(Value::Int(1), Value::Bool(true)));
}

TEST(ValueTest, FailuresEqualNothingNotEvenThemselves) {
  EXPECT_FALSE(Equal(Value(), Value()));
  EXPECT_FALSE(Equal(Value::Absent(), Value::Absent()));
}

TEST(ValueTest, TimestampsBeyondTheirRangeAreTheNearestInRange) {
  EXPECT_EQ(Format(Value::Timestamp(absl::InfiniteFuture())),
            "timestamp('9999-12-31T23:59:59.999999999Z')");
  EXPECT_EQ(Format(Value::Timestamp(absl::InfinitePast())), "timestamp('0001-01-01T00:00:00Z')");
  EXPECT_EQ(Format(Value::Timestamp(absl::UnixEpoch() - absl::Nanoseconds(1))),
            "timestamp('1969-12-31T23:59:59.999999999Z')");
}

TEST(ValueTest, MapsRefuseDuplicateKeysAcrossNumbersAndKeysOfOtherKinds) {
  MapEntry twice[] = {{Value::Int(0), Value::Null()}, {Value::Uint(0), Value::Null()}};
  EXPECT_EQ(SortMapEntries(absl::MakeSpan(twice)), ErrorCode::kDuplicateKey);
  MapEntry real[] = {{Value::Double(0), Value::Null()}};
  EXPECT_EQ(SortMapEntries(absl::MakeSpan(real)), ErrorCode::kKeyType);
}

TEST(ValueTest, MapsAreFoundInByAnyNumberThatEqualsTheKey) {
  MapEntry entries[] = {{Value::String("a"), Value::Int(1)},
                        {Value::Uint(7), Value::Int(2)},
                        {Value::Bool(true), Value::Int(3)}};
  ASSERT_FALSE(SortMapEntries(absl::MakeSpan(entries)).has_value());
  EXPECT_EQ(FindInMap(entries, Value::Double(7))->int_value(), 2);
  EXPECT_EQ(FindInMap(entries, Value::Int(7))->int_value(), 2);
  EXPECT_EQ(FindInMap(entries, Value::String("a"))->int_value(), 1);
  EXPECT_EQ(FindInMap(entries, Value::Double(NAN)), nullptr);
  EXPECT_EQ(FindInMap(entries, Value::Null()), nullptr);
}

TEST(ValueTest, CopiesDependOnNothingButTheirArena) {
  Arena arena;
  Value copy;
  {
    Arena temporary;
    const Value inner[] = {Value::String(temporary.CopyString("text")), Value::Int(1)};
    const Value outer[] = {Value::Record(inner)};
    copy = CopyTo(arena, Value::List(outer));
  }
  EXPECT_EQ(Format(copy), "[record{'text', 1}]");
}

TEST(ArenaTest, KeepsItsMemoryOverAReset) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10'000; ++i) arena.CopyString("0123456789");
    arena.Reset();
  }
  const size_t capacity = arena.capacity();
  for (int i = 0; i < 10'000; ++i) arena.CopyString("0123456789");
  EXPECT_EQ(arena.capacity(), capacity);
}

TEST(ArenaTest, ContentsStayWhereTheyAreWhenItIsMoved) {
  Arena arena;
  const absl::string_view text = arena.CopyString("here");
  const Arena moved = std::move(arena);
  EXPECT_EQ(text, "here");
}

}  // namespace
}  // namespace gatehouse::policy::cel
