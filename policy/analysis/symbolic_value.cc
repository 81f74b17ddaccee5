#include "policy/analysis/symbolic_value.h"

#include <algorithm>
#include <utility>

namespace gatehouse::policy::analysis {
namespace {

using cel::Function;
using Kind = SymbolicValue::Kind;

constexpr uint32_t kKnown = 0;
constexpr uint32_t kUnknownPresence = 1;
constexpr uint32_t kAbsentPresence = 2;
constexpr int kHighestRank = RankOf(Role::OPERATOR);

SymbolicValue Constant(const cel::Value& value) {
  return {.kind = value.failed() ? Kind::kFailure : Kind::kConstant, .constant = value};
}

bool IsNumber(const cel::Value& value) {
  return value.is(cel::ValueKind::kInt) || value.is(cel::ValueKind::kTimestamp) ||
         value.is(cel::ValueKind::kDuration);
}

// The value as a sum of facts and an offset; nothing if it is none.
std::optional<SymbolicValue> AsNumber(const SymbolicValue& value) {
  if (value.kind == Kind::kNumber) return value;
  if (value.kind != Kind::kConstant || !IsNumber(value.constant)) return std::nullopt;
  SymbolicValue number = {.kind = Kind::kNumber};
  number.offset = value.constant.is(cel::ValueKind::kInt) ? Nanoseconds{value.constant.int_value()}
                                                          : ToNanoseconds(value.constant);
  return number;
}

bool Reads(Function function, bool less, bool equal) {
  switch (function) {
    case Function::kEqual:
      return equal;
    case Function::kNotEqual:
      return !equal;
    case Function::kLess:
      return less;
    case Function::kLessOrEqual:
      return less || equal;
    case Function::kGreater:
      return !less && !equal;
    default:
      return !less;
  }
}

// The facts of an ordered sum once those that cancel each other are gone; nothing if more than one
// on a side is left.
struct FactSum {
  std::optional<Fact> plus;
  std::optional<Fact> minus;
};

std::optional<FactSum> Simplify(std::vector<Fact> plus, std::vector<Fact> minus) {
  for (auto fact = plus.begin(); fact != plus.end();) {
    const auto opposite = std::find(minus.begin(), minus.end(), *fact);
    if (opposite == minus.end()) {
      ++fact;
      continue;
    }
    minus.erase(opposite);
    fact = plus.erase(fact);
  }
  if (plus.size() > 1 || minus.size() > 1) return std::nullopt;
  FactSum sum;
  if (!plus.empty()) sum.plus = plus[0];
  if (!minus.empty()) sum.minus = minus[0];
  return sum;
}

}  // namespace

Diagram ValueReader::Has(Variable variable, absl::Span<const uint32_t> values) {
  return atoms_.frozen() ? diagrams_.Has(variable, values) : Diagram{kTrue};
}

Diagram ValueReader::IsKnown(Fact fact) { return Has(atoms_.Presence(fact), kKnown); }

Diagram ValueReader::IfKnown(Fact fact, Diagram then) {
  const Variable presence = atoms_.Presence(fact);
  const Diagram failed =
      diagrams_.Choose(Has(presence, kUnknownPresence), Diagram{kUnknown}, Diagram{kFailed});
  return diagrams_.Choose(IsKnown(fact), then, failed);
}

Cases ValueReader::WithFailures(Fact fact, Cases known) {
  const Variable presence = atoms_.Presence(fact);
  const Diagram is_known = IsKnown(fact);
  for (Case& one : known) one.guard = diagrams_.And(is_known, one.guard);
  known.push_back({Has(presence, kUnknownPresence), Constant(cel::Value())});
  if (Describe(fact).type == FactType::kOptional) {
    known.push_back({Has(presence, kAbsentPresence), Constant(cel::Value::Absent())});
  }
  return known;
}

Cases ValueReader::OfConstant(const cel::Value& value) {
  if (value.is(cel::ValueKind::kString)) atoms_.AddText(value.string_value());
  return {{kTrue, Constant(value)}};
}

std::optional<Cases> ValueReader::OfFact(Fact fact) {
  if (fact == Fact::kActorRank) return OfRank(Fact::kActorRoles);
  if (fact == Fact::kAccountRank) return OfRank(Fact::kAccountRoles);
  const FactInfo& info = Describe(fact);
  Cases cases;
  const auto add = [&](Variable variable, uint32_t value, SymbolicValue then) {
    cases.push_back({Has(variable, value), std::move(then)});
  };
  switch (info.type) {
    case FactType::kBool: {
      const Variable flag = atoms_.Flag(fact);
      add(flag, 0, Constant(cel::Value::Bool(false)));
      add(flag, 1, Constant(cel::Value::Bool(true)));
      add(flag, 2, Constant(cel::Value()));
      return cases;
    }
    case FactType::kInt: {
      if (info.vocabulary == Vocabulary::kNone) break;
      const Variable word = atoms_.Word(fact);
      const absl::Span<const int64_t> words = WordsOf(info.vocabulary);
      for (uint32_t i = 0; i < words.size(); ++i) {
        add(word, i, Constant(cel::Value::Int(words[i])));
      }
      add(word, static_cast<uint32_t>(words.size()), Constant(cel::Value()));
      return cases;
    }
    case FactType::kText: {
      const Variable text = atoms_.Text(fact);
      if (!atoms_.frozen()) return Cases{{kTrue, {.kind = Kind::kText, .plus = fact}}};
      const auto known = static_cast<uint32_t>(atoms_.texts().size());
      for (uint32_t i = 0; i < known && !diagrams_.exhausted(); ++i) {
        add(text, i, Constant(cel::Value::String(atoms_.texts()[i])));
      }
      add(text, known, {.kind = Kind::kText, .plus = fact});
      add(text, known + 1, Constant(cel::Value()));
      return cases;
    }
    case FactType::kDouble:
      return WithFailures(fact, {{kTrue, {.kind = Kind::kLevel, .plus = fact}}});
    case FactType::kInstant:
    case FactType::kOptional:
      break;
    case FactType::kInts:
    case FactType::kRoles:
      return std::nullopt;
  }
  return WithFailures(fact, {{kTrue, {.kind = Kind::kNumber, .plus = fact}}});
}

Cases ValueReader::OfSize(Fact list) {
  return WithFailures(list, {{kTrue, {.kind = Kind::kSize, .plus = list}}});
}

Cases ValueReader::OfElement(Fact list, int64_t position) {
  const Diagram exists = SizeIsAtLeast(list, position + 1);
  const Variable element = atoms_.Element(list, position);
  const absl::Span<const int64_t> words = WordsOf(Describe(list).vocabulary);
  Cases cases;
  for (uint32_t i = 0; i < words.size(); ++i) {
    cases.push_back({diagrams_.And(exists, Has(element, i)), Constant(cel::Value::Int(words[i]))});
  }
  cases.push_back({diagrams_.Not(exists), Constant(cel::Value::Error(cel::ErrorCode::kIndex))});
  return WithFailures(list, std::move(cases));
}

Diagram ValueReader::RankIsAtLeast(Fact roles, int rank) {
  GrantKinds grants;
  for (const int64_t role : WordsOf(Vocabulary::kRole)) {
    grants.kinds.push_back(RankOf(static_cast<int>(role)) >= rank);
  }
  return Has(atoms_.HoldsGrant(roles, std::move(grants)), 1);
}

Cases ValueReader::OfRank(Fact roles) {
  atoms_.Presence(roles);
  Cases cases;
  Diagram below = kTrue;
  for (int rank = kHighestRank; rank > 0; --rank) {
    const Diagram reached = RankIsAtLeast(roles, rank);
    cases.push_back({diagrams_.And(below, reached), Constant(cel::Value::Int(rank))});
    below = diagrams_.Without(below, reached);
  }
  cases.push_back({below, Constant(cel::Value::Int(0))});
  return WithFailures(roles, std::move(cases));
}

Diagram ValueReader::Above(Variable variable, absl::Span<const Nanoseconds> bounds,
                           Nanoseconds bound) {
  if (!atoms_.frozen()) return kTrue;
  std::vector<uint32_t> intervals;
  for (uint32_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i] >= bound) intervals.push_back(i + 1);
  }
  return Has(variable, intervals);
}

Diagram ValueReader::IsAtLeast(Fact fact, std::optional<Fact> other, Nanoseconds bound) {
  const Variable variable = atoms_.Distance(fact, other, bound);
  return Above(variable, atoms_.atom(variable).bounds, bound);
}

Diagram ValueReader::SizeIsAtLeast(Fact list, int64_t size) {
  if (size <= 0) return kTrue;
  const Variable variable = atoms_.Size(list, size);
  return Above(variable, atoms_.atom(variable).bounds, size);
}

std::optional<Diagram> ValueReader::Compare(Function function, const Cases& left,
                                            const Cases& right) {
  Diagram result = kFailed;
  for (const Case& a : left) {
    for (const Case& b : right) {
      const Diagram guard = diagrams_.And(a.guard, b.guard);
      if (atoms_.frozen() && guard == kFalse) continue;
      const std::optional<Diagram> compared = CompareValues(function, a.value, b.value);
      if (!compared.has_value()) return std::nullopt;
      result = diagrams_.Choose(guard, *compared, result);
    }
  }
  return result;
}

std::optional<Diagram> ValueReader::CompareValues(Function function, const SymbolicValue& left,
                                                  const SymbolicValue& right) {
  for (const SymbolicValue* side : {&left, &right}) {
    if (side->kind != Kind::kFailure) continue;
    return Diagram{side->constant.is(cel::ValueKind::kUnknown) ? kUnknown : kFailed};
  }
  if (left.kind == Kind::kConstant && right.kind == Kind::kConstant) {
    const bool equal = cel::Equal(left.constant, right.constant);
    if (function == Function::kEqual || function == Function::kNotEqual) {
      return Diagram{Reads(function, false, equal) ? kTrue : kFalse};
    }
    const std::optional<int> sign = cel::Compare(left.constant, right.constant);
    if (!sign.has_value()) return std::nullopt;
    return Diagram{Reads(function, *sign < 0, *sign == 0) ? kTrue : kFalse};
  }
  const bool has_text = left.kind == Kind::kText || right.kind == Kind::kText;
  if (has_text) return CompareTexts(function, left, right);
  const bool has_level = left.kind == Kind::kLevel || right.kind == Kind::kLevel;
  if (has_level) return CompareLevels(function, left, right);
  return CompareNumbers(function, left, right);
}

std::optional<Diagram> ValueReader::CompareTexts(Function function, const SymbolicValue& left,
                                                 const SymbolicValue& right) {
  if (function != Function::kEqual && function != Function::kNotEqual) return std::nullopt;
  const auto is_text = [](const SymbolicValue& side) {
    return side.kind == Kind::kText ||
           (side.kind == Kind::kConstant && side.constant.is(cel::ValueKind::kString));
  };
  if (!is_text(left) || !is_text(right)) return std::nullopt;
  Diagram equal = kFalse;  // the texts of facts are none of the constants
  if (left.kind == Kind::kText && right.kind == Kind::kText) {
    equal =
        left.plus == right.plus ? Diagram{kTrue} : Has(atoms_.SameText(*left.plus, *right.plus), 1);
  }
  return function == Function::kEqual ? equal : diagrams_.Not(equal);
}

std::optional<Diagram> ValueReader::CompareLevels(Function function, const SymbolicValue& left,
                                                  const SymbolicValue& right) {
  const bool level_is_left = left.kind == Kind::kLevel;
  const SymbolicValue& level = level_is_left ? left : right;
  const SymbolicValue& bound = level_is_left ? right : left;
  if (bound.kind != Kind::kConstant || !bound.constant.is(cel::ValueKind::kDouble)) {
    return std::nullopt;
  }
  const double number = bound.constant.double_value();
  const Variable variable = atoms_.Level(*level.plus, number);
  const std::vector<double>& levels = atoms_.atom(variable).levels;
  const auto at = static_cast<uint32_t>(
      2 * (std::lower_bound(levels.begin(), levels.end(), number) - levels.begin()) + 1);
  if (!atoms_.frozen()) return Diagram{kTrue};
  std::vector<uint32_t> intervals;
  for (uint32_t interval = 0; interval < atoms_.ValuesOf(variable); ++interval) {
    const bool below = interval < at;
    const bool less = interval != at && below == level_is_left;
    if (Reads(function, less, interval == at)) intervals.push_back(interval);
  }
  return Has(variable, intervals);
}

std::optional<Diagram> ValueReader::CompareNumbers(Function function, const SymbolicValue& left,
                                                   const SymbolicValue& right) {
  // size(list) is compared with constants only.
  if (left.kind == Kind::kSize || right.kind == Kind::kSize) {
    const bool size_is_left = left.kind == Kind::kSize;
    const std::optional<SymbolicValue> other = AsNumber(size_is_left ? right : left);
    const Fact list = size_is_left ? *left.plus : *right.plus;
    if (!other.has_value() || other->plus.has_value() || other->minus.has_value()) {
      return std::nullopt;
    }
    if (other->offset > INT32_MAX || other->offset < INT32_MIN) return std::nullopt;
    const auto bound = static_cast<int64_t>(other->offset);
    const Diagram at_least = SizeIsAtLeast(list, bound);
    const Diagram more = SizeIsAtLeast(list, bound + 1);
    const Diagram less = size_is_left ? diagrams_.Not(at_least) : more;
    const Diagram equal = diagrams_.Without(at_least, more);
    const Diagram unequal_holds =
        diagrams_.Choose(less, Diagram{Reads(function, true, false) ? kTrue : kFalse},
                         Diagram{Reads(function, false, false) ? kTrue : kFalse});
    return diagrams_.Choose(equal, Diagram{Reads(function, false, true) ? kTrue : kFalse},
                            unequal_holds);
  }
  const std::optional<SymbolicValue> a = AsNumber(left);
  const std::optional<SymbolicValue> b = AsNumber(right);
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  const std::optional<SymbolicValue> difference = AddValues(*a, *b, true);
  if (!difference.has_value()) return std::nullopt;
  const Nanoseconds offset = difference->offset;
  if (!difference->plus.has_value() && !difference->minus.has_value()) {
    return Diagram{Reads(function, offset < 0, offset == 0) ? kTrue : kFalse};
  }
  // Said of one order of the two facts only: `now` first, and what is first in the table.
  const bool flipped = !difference->plus.has_value() ||
                       (difference->minus.has_value() && *difference->minus < *difference->plus);
  const Fact fact = flipped ? *difference->minus : *difference->plus;
  const std::optional<Fact> other = flipped ? difference->plus : difference->minus;
  // fact - other, from which it equals the rest.
  const Nanoseconds zero = flipped ? offset : -offset;
  const Diagram at_least = IsAtLeast(fact, other, zero);
  const Diagram more = IsAtLeast(fact, other, zero + 1);
  const Diagram less = flipped ? more : diagrams_.Not(at_least);
  const Diagram equal = diagrams_.Without(at_least, more);
  switch (function) {
    case Function::kEqual:
      return equal;
    case Function::kNotEqual:
      return diagrams_.Not(equal);
    case Function::kLess:
      return less;
    case Function::kLessOrEqual:
      return diagrams_.Or(less, equal);
    case Function::kGreater:
      return diagrams_.Not(diagrams_.Or(less, equal));
    default:
      return diagrams_.Not(less);
  }
}

std::optional<SymbolicValue> ValueReader::AddValues(const SymbolicValue& left,
                                                    const SymbolicValue& right, bool subtract) {
  for (const SymbolicValue* side : {&left, &right}) {
    if (side->kind == Kind::kFailure) return *side;
  }
  const std::optional<SymbolicValue> a = AsNumber(left);
  const std::optional<SymbolicValue> b = AsNumber(right);
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  std::vector<Fact> plus;
  std::vector<Fact> minus;
  const auto collect = [](const std::optional<Fact>& fact, std::vector<Fact>& facts) {
    if (fact.has_value()) facts.push_back(*fact);
  };
  collect(a->plus, plus);
  collect(a->minus, minus);
  collect(b->plus, subtract ? minus : plus);
  collect(b->minus, subtract ? plus : minus);
  const std::optional<FactSum> sum = Simplify(std::move(plus), std::move(minus));
  if (!sum.has_value()) return std::nullopt;
  return SymbolicValue{.kind = Kind::kNumber,
                       .constant = {},
                       .plus = sum->plus,
                       .minus = sum->minus,
                       .offset = subtract ? a->offset - b->offset : a->offset + b->offset};
}

std::optional<Cases> ValueReader::Add(const Cases& left, const Cases& right, bool subtract) {
  Cases sums;
  for (const Case& a : left) {
    for (const Case& b : right) {
      std::optional<SymbolicValue> sum = AddValues(a.value, b.value, subtract);
      if (!sum.has_value()) return std::nullopt;
      const Diagram guard = diagrams_.And(a.guard, b.guard);
      if (atoms_.frozen() && guard == kFalse) continue;
      sums.push_back({guard, *std::move(sum)});
    }
  }
  return sums;
}

}  // namespace gatehouse::policy::analysis
