#include "policy/facts.h"

#include <algorithm>
#include <cassert>

#include "absl/container/flat_hash_map.h"

namespace gatehouse::policy {
namespace {

using enum FactType;
using enum Recording;

constexpr FactInfo kTable[] = {
#define GATEHOUSE_FACT_INFO(enumerator, name, type, vocabulary, recording, mended_by, remark) \
  {Fact::enumerator, name, type, Vocabulary::vocabulary, recording, mended_by, remark},
    GATEHOUSE_POLICY_FACTS(GATEHOUSE_FACT_INFO)
#undef GATEHOUSE_FACT_INFO
};

constexpr cel::ValueKind KindOf(FactType type) {
  switch (type) {
    case kBool:
      return cel::ValueKind::kBool;
    case kInt:
      return cel::ValueKind::kInt;
    case kDouble:
      return cel::ValueKind::kDouble;
    case kText:
      return cel::ValueKind::kString;
    case kInstant:
    case kOptional:
      return cel::ValueKind::kTimestamp;
    case kInts:
    case kRoles:
      return cel::ValueKind::kList;
  }
  return cel::ValueKind::kUnknown;
}

bool Fits(FactType type, const cel::Value& value) {
  return value.is(KindOf(type)) || (type == kOptional && value.absent());
}

}  // namespace

const FactInfo& Describe(Fact fact) { return kTable[static_cast<size_t>(fact)]; }

absl::Span<const FactInfo> AllFacts() { return kTable; }

std::optional<Fact> FindFact(absl::string_view name) {
  static const auto* const by_name = [] {
    auto* facts = new absl::flat_hash_map<absl::string_view, Fact>();
    for (const FactInfo& info : kTable) facts->emplace(info.name, info.fact);
    return facts;
  }();
  const auto found = by_name->find(name);
  return found == by_name->end() ? std::nullopt : std::optional<Fact>(found->second);
}

void Facts::Put(Fact fact, FactType type, const cel::Value& value) {
  const bool fits = Describe(fact).type == type;
  assert(fits);
  slots_[Index(fact)] = fits ? value : cel::Value();
}

void Facts::Set(Fact fact, absl::Time instant) {
  Put(fact, Describe(fact).type == kOptional ? kOptional : kInstant,
      cel::Value::Timestamp(instant));
}

void Facts::Set(Fact fact, std::optional<absl::Time> instant) {
  Put(fact, kOptional,
      instant.has_value() ? cel::Value::Timestamp(*instant) : cel::Value::Absent());
}

void Facts::Set(Fact fact, absl::string_view text) {
  Put(fact, kText, cel::Value::String(arena_.CopyString(text)));
}

void Facts::Set(Fact fact, absl::Span<const int> words) {
  const absl::Span<cel::Value> list = arena_.AllocateArray<cel::Value>(words.size());
  std::transform(words.begin(), words.end(), list.begin(), cel::Value::Int);
  Put(fact, kInts, cel::Value::List(list));
}

void Facts::Set(Fact fact, absl::Span<const RoleGrantFact> roles) {
  const absl::Span<cel::Value> fields = arena_.AllocateArray<cel::Value>(2 * roles.size());
  const absl::Span<cel::Value> list = arena_.AllocateArray<cel::Value>(roles.size());
  for (size_t i = 0; i < roles.size(); ++i) {
    fields[2 * i] = cel::Value::Int(roles[i].role);
    fields[2 * i + 1] = cel::Value::String(arena_.CopyString(roles[i].organisation_id));
    list[i] = cel::Value::Record(fields.subspan(2 * i, 2));
  }
  Put(fact, kRoles, cel::Value::List(list));
  SetRankOf(fact, cel::Value::List(list));
}

void Facts::SetValue(Fact fact, const cel::Value& value) {
  const FactType type = Describe(fact).type;
  assert(Fits(type, value));
  if (!Fits(type, value)) return SetUnknown(fact);
  slots_[Index(fact)] = cel::CopyTo(arena_, value);
  if (type == kRoles) SetRankOf(fact, slots_[Index(fact)]);
}

void Facts::SetRankOf(Fact roles, const cel::Value& list) {
  int highest = 0;
  for (const cel::Value& grant : list.list_value()) {
    highest = std::max(highest, RankOf(static_cast<int>(grant.record_value()[0].int_value())));
  }
  Set(roles == Fact::kActorRoles ? Fact::kActorRank : Fact::kAccountRank, highest);
}

}  // namespace gatehouse::policy
