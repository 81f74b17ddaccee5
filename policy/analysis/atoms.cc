#include "policy/analysis/atoms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/cel/format.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr int kVocabularies = static_cast<int>(Vocabulary::kReason) + 1;

// Of sorted bounds, how many are not above the value: the interval that it lies in.
template <typename Number>
uint32_t IntervalOf(const std::vector<Number>& bounds, const Number& value) {
  return static_cast<uint32_t>(std::upper_bound(bounds.begin(), bounds.end(), value) -
                               bounds.begin());
}

template <typename Number>
void AddBound(std::vector<Number>& bounds, const Number& bound) {
  const auto place = std::lower_bound(bounds.begin(), bounds.end(), bound);
  if (place == bounds.end() || *place != bound) bounds.insert(place, bound);
}

const cel::Value& SlotOf(Slots slots, Fact fact) { return slots[static_cast<size_t>(fact)]; }

Nanoseconds NumberOf(const cel::Value& value) {
  return value.is(cel::ValueKind::kInt) ? Nanoseconds{value.int_value()} : ToNanoseconds(value);
}

uint32_t IdOf(Fact fact) { return static_cast<uint32_t>(fact); }

uint32_t IndexOfWord(Vocabulary vocabulary, int64_t word) {
  const absl::Span<const int64_t> words = WordsOf(vocabulary);
  const auto found = std::lower_bound(words.begin(), words.end(), word);
  return found == words.end() || *found != word ? 0 : static_cast<uint32_t>(found - words.begin());
}

}  // namespace

bool IsTime(Fact fact) {
  const FactType type = Describe(fact).type;
  return type == FactType::kInstant || type == FactType::kOptional;
}

absl::Span<const int64_t> WordsOf(Vocabulary vocabulary) {
  static const auto* const all = [] {
    auto* words = new std::array<std::vector<int64_t>, kVocabularies>();
    for (int i = 1; i < kVocabularies; ++i) {
      const auto* descriptor = Describe(static_cast<Vocabulary>(i));
      std::vector<int64_t>& numbers = (*words)[static_cast<size_t>(i)];
      for (int j = 0; j < descriptor->value_count(); ++j) {
        numbers.push_back(descriptor->value(j)->number());
      }
      std::sort(numbers.begin(), numbers.end());
    }
    return words;
  }();
  return (*all)[static_cast<size_t>(vocabulary)];
}

int64_t OrdinaryWord(Vocabulary vocabulary) {
  if (vocabulary == Vocabulary::kAccountStatus) return AccountStatus::ACTIVE;
  if (vocabulary == Vocabulary::kSessionLevel) return SessionLevel::FULL;
  return vocabulary == Vocabulary::kNone ? 0 : WordsOf(vocabulary)[1];
}

std::string MeaningOf(const cel::Program& program, cel::NodeId node) {
  const cel::CheckedExpression& expression = program.expression();
  std::string key(expression.ast().Text(node));
  for (const cel::NodeId part : expression.Reachable(node)) {
    if (expression.ast().node(part).kind != cel::NodeKind::kIdentifier) continue;
    const cel::Binding& binding = expression.binding(part);
    if (binding.kind != cel::Binding::Kind::kConstant) continue;
    absl::StrAppend(&key, "\n", cel::Format(binding.value, expression.type(part)));
  }
  return key;
}

void GrantKinds::Simplify() {
  for (size_t i = 0; i < scopes.size();) {
    const size_t bit = size_t{1} << i;
    bool matters = false;
    for (size_t kind = 0; kind < kinds.size(); ++kind) {
      matters = matters || kinds[kind] != kinds[kind ^ bit];
    }
    if (matters) {
      ++i;
      continue;
    }
    std::vector<bool> rest;
    for (size_t kind = 0; kind < kinds.size(); ++kind) {
      if ((kind & bit) == 0) rest.push_back(kinds[kind]);
    }
    kinds = std::move(rest);
    scopes.erase(scopes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::vector<Fact> FactsOf(const Atom& atom) {
  std::vector<Fact> facts;
  if (atom.kind == Atom::Kind::kOpaque) {
    for (const cel::NodeId part : atom.program->expression().Reachable(atom.node)) {
      const std::optional<cel::SlotId> slot = atom.program->expression().slot(part);
      if (slot.has_value()) facts.push_back(static_cast<Fact>(*slot));
    }
    return facts;
  }
  facts.push_back(atom.fact);
  if (atom.other.has_value()) facts.push_back(*atom.other);
  for (const Scope& scope : atom.grants.scopes) {
    if (scope.fact.has_value()) facts.push_back(*scope.fact);
  }
  return facts;
}

Variable AtomTable::Find(std::string key, Atom atom) {
  const auto [found, is_new] =
      by_key_.emplace(std::move(key), static_cast<Variable>(atoms_.size()));
  if (is_new) {
    atoms_.push_back(std::move(atom));
    if (frozen()) diagrams_->AddVariable(ValuesOf(found->second));
  }
  return found->second;
}

Variable AtomTable::Flag(Fact fact) {
  return Find(absl::StrCat("flag ", IdOf(fact)), {.kind = Atom::Kind::kFlag, .fact = fact});
}

Variable AtomTable::Presence(Fact fact) {
  return Find(absl::StrCat("presence ", IdOf(fact)), {.kind = Atom::Kind::kPresence, .fact = fact});
}

Variable AtomTable::Word(Fact fact) {
  return Find(absl::StrCat("word ", IdOf(fact)), {.kind = Atom::Kind::kWord, .fact = fact});
}

Variable AtomTable::Text(Fact fact) {
  return Find(absl::StrCat("text ", IdOf(fact)), {.kind = Atom::Kind::kText, .fact = fact});
}

Variable AtomTable::SameText(Fact a, Fact b) {
  if (b < a) std::swap(a, b);
  return Find(absl::StrCat("same ", IdOf(a), " ", IdOf(b)),
              {.kind = Atom::Kind::kSameText, .fact = a, .other = b});
}

Variable AtomTable::Distance(Fact fact, std::optional<Fact> other, Nanoseconds bound) {
  const std::string other_key =
      other.has_value() ? absl::StrCat(IdOf(*other)) : std::string("zero");
  const Variable variable = Find(absl::StrCat("distance ", IdOf(fact), " ", other_key),
                                 {.kind = Atom::Kind::kDistance, .fact = fact, .other = other});
  if (!frozen()) AddBound(atoms_[variable].bounds, bound);
  return variable;
}

Variable AtomTable::Level(Fact fact, double bound) {
  const Variable variable =
      Find(absl::StrCat("level ", IdOf(fact)), {.kind = Atom::Kind::kLevel, .fact = fact});
  if (!frozen()) AddBound(atoms_[variable].levels, bound);
  return variable;
}

Variable AtomTable::Size(Fact list, int64_t bound) {
  const Variable variable =
      Find(absl::StrCat("size ", IdOf(list)), {.kind = Atom::Kind::kSize, .fact = list});
  if (!frozen()) AddBound(atoms_[variable].bounds, Nanoseconds{bound});
  return variable;
}

Variable AtomTable::ListHas(Fact list, int64_t word) {
  return Find(absl::StrCat("list ", IdOf(list), " ", word),
              {.kind = Atom::Kind::kListHas, .fact = list, .word = word});
}

Variable AtomTable::Element(Fact list, int64_t position) {
  return Find(absl::StrCat("element ", IdOf(list), " ", position),
              {.kind = Atom::Kind::kElement, .fact = list, .word = position});
}

Variable AtomTable::HoldsGrant(Fact roles, GrantKinds grants) {
  std::string key = absl::StrCat("grant ", IdOf(roles), " ");
  for (const bool kind : grants.kinds) key.push_back(kind ? '1' : '0');
  for (const Scope& scope : grants.scopes) {
    if (scope.fact.has_value()) {
      absl::StrAppend(&key, " ", IdOf(*scope.fact));
    } else {
      absl::StrAppend(&key, " '", scope.name.size(), ":", scope.name);
    }
  }
  return Find(std::move(key),
              {.kind = Atom::Kind::kHoldsGrant, .fact = roles, .grants = std::move(grants)});
}

Variable AtomTable::Opaque(const cel::Program& program, cel::NodeId node) {
  return Find(absl::StrCat("opaque ", MeaningOf(program, node)),
              {.kind = Atom::Kind::kOpaque, .program = &program, .node = node});
}

void AtomTable::AddText(absl::string_view text) {
  if (!frozen()) texts_.emplace_back(text);
}

uint32_t AtomTable::IndexOfText(absl::string_view text) const {
  const auto found = std::lower_bound(texts_.begin(), texts_.end(), text);
  if (found == texts_.end() || *found != text) return static_cast<uint32_t>(texts_.size());
  return static_cast<uint32_t>(found - texts_.begin());
}

uint32_t AtomTable::ValuesOf(Variable variable) const {
  const Atom& atom = atoms_[variable];
  const Vocabulary vocabulary = Describe(atom.fact).vocabulary;
  switch (atom.kind) {
    case Atom::Kind::kFlag:
      return 3;
    case Atom::Kind::kPresence:
      return Describe(atom.fact).type == FactType::kOptional ? 3 : 2;
    case Atom::Kind::kWord:
      return static_cast<uint32_t>(WordsOf(vocabulary).size() + 1);
    case Atom::Kind::kElement:
      return static_cast<uint32_t>(WordsOf(vocabulary).size());
    case Atom::Kind::kText:
      return static_cast<uint32_t>(texts_.size() + 2);
    case Atom::Kind::kDistance:
    case Atom::Kind::kSize:
      return static_cast<uint32_t>(atom.bounds.size() + 1);
    case Atom::Kind::kLevel:
      return static_cast<uint32_t>(2 * atom.levels.size() + 1);
    case Atom::Kind::kSameText:
    case Atom::Kind::kListHas:
    case Atom::Kind::kHoldsGrant:
      return 2;
    case Atom::Kind::kOpaque:
      return 4;
  }
  return 1;
}

void AtomTable::Freeze(DiagramStore& diagrams) {
  std::sort(texts_.begin(), texts_.end());
  texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
  diagrams_ = &diagrams;
  for (Variable variable = 0; variable < atoms_.size(); ++variable) {
    diagrams.AddVariable(ValuesOf(variable));
  }
}

uint32_t AtomTable::ValueFor(Variable variable, Slots slots) const {
  const Atom& atom = atoms_[variable];
  if (atom.kind == Atom::Kind::kOpaque) return OpaqueValue(atom, slots);
  const cel::Value& value = SlotOf(slots, atom.fact);
  switch (atom.kind) {
    case Atom::Kind::kFlag:
      return value.ok() ? (value.bool_value() ? 1 : 0) : 2;
    case Atom::Kind::kPresence:
      return value.ok() ? 0 : value.absent() ? 2 : 1;
    case Atom::Kind::kWord:
      return value.ok() ? IndexOfWord(Describe(atom.fact).vocabulary, value.int_value())
                        : ValuesOf(variable) - 1;
    case Atom::Kind::kText:
      return value.ok() ? IndexOfText(value.string_value()) : ValuesOf(variable) - 1;
    default:
      break;
  }
  // The others matter only where all that they speak of is known.
  if (!value.ok() || (atom.other.has_value() && !SlotOf(slots, *atom.other).ok())) return 0;
  switch (atom.kind) {
    case Atom::Kind::kSameText:
      return value.string_value() == SlotOf(slots, *atom.other).string_value() ? 1 : 0;
    case Atom::Kind::kDistance: {
      const Nanoseconds from =
          atom.other.has_value() ? NumberOf(SlotOf(slots, *atom.other)) : Nanoseconds{0};
      return IntervalOf(atom.bounds, NumberOf(value) - from);
    }
    case Atom::Kind::kLevel: {
      const uint32_t interval = IntervalOf(atom.levels, value.double_value());
      const bool is_at = interval > 0 && atom.levels[interval - 1] == value.double_value();
      return 2 * interval - (is_at ? 1 : 0);
    }
    case Atom::Kind::kHoldsGrant:
      return GrantValue(atom, slots);
    default:
      return ListValue(atom, value);
  }
}

uint32_t AtomTable::ListValue(const Atom& atom, const cel::Value& value) const {
  const absl::Span<const cel::Value> list = value.list_value();
  if (atom.kind == Atom::Kind::kSize) {
    return IntervalOf(atom.bounds, static_cast<Nanoseconds>(list.size()));
  }
  if (atom.kind == Atom::Kind::kElement) {
    const auto position = static_cast<size_t>(atom.word);
    if (position >= list.size()) return 0;
    return IndexOfWord(Describe(atom.fact).vocabulary, list[position].int_value());
  }
  const bool has = std::any_of(list.begin(), list.end(), [&](const cel::Value& element) {
    return element.int_value() == atom.word;
  });
  return has ? 1 : 0;
}

uint32_t AtomTable::GrantValue(const Atom& atom, Slots slots) const {
  const std::vector<Scope>& scopes = atom.grants.scopes;
  for (const cel::Value& grant : SlotOf(slots, atom.fact).list_value()) {
    const absl::string_view organisation = grant.record_value()[1].string_value();
    size_t kind = IndexOfWord(Vocabulary::kRole, grant.record_value()[0].int_value())
                  << scopes.size();
    for (size_t i = 0; i < scopes.size(); ++i) {
      const cel::Value named = cel::Value::String(scopes[i].name);
      const cel::Value& scope = scopes[i].fact.has_value() ? SlotOf(slots, *scopes[i].fact) : named;
      if (scope.ok() && scope.string_value() == organisation) kind |= size_t{1} << i;
    }
    if (atom.grants.kinds[kind]) return 1;
  }
  return 0;
}

uint32_t AtomTable::OpaqueValue(const Atom& atom, Slots slots) const {
  cel::Arena arena;
  const cel::Value value = atom.program->EvaluateNode(atom.node, slots, arena);
  if (value.is(cel::ValueKind::kBool)) return value.bool_value() ? kTrue : kFalse;
  return value.is(cel::ValueKind::kUnknown) ? kUnknown : kFailed;
}

}  // namespace gatehouse::policy::analysis
