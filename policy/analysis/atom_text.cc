// Atoms as a person reads them.

#include <algorithm>
#include <climits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "policy/analysis/atoms.h"
#include "policy/explain.h"

namespace gatehouse::policy::analysis {
namespace {

bool Contains(absl::Span<const uint32_t> values, uint32_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Bounds of time are whole nanoseconds; "more than 24h" is one more than 24h.
bool IsJustAbove(const Atom& atom, Nanoseconds bound) {
  return IsTime(atom.fact) && bound % 1000 == 1;
}

std::string BoundToText(const Atom& atom, Nanoseconds bound) {
  if (!IsTime(atom.fact)) return absl::StrCat(static_cast<int64_t>(bound));
  if (atom.other.has_value()) {
    return PlainText(cel::Value::DurationNanoseconds(static_cast<int64_t>(bound)),
                     cel::Type::Duration());
  }
  const std::optional<cel::Value> instant = ToInstant(bound);
  return instant.has_value() ? PlainText(*instant, cel::Type::Timestamp())
                             : "an impossible instant";
}

std::string Quantity(const Atom& atom) {
  const absl::string_view name = Describe(atom.fact).name;
  if (atom.kind == Atom::Kind::kSize) return absl::StrCat("size(", name, ")");
  if (!atom.other.has_value()) return std::string(name);
  return absl::StrCat(name, " - ", Describe(*atom.other).name);
}

// Some of a few names, "x is one of them" said in the shortest way.
std::string ChoiceToText(absl::string_view name, absl::Span<const std::string> names,
                         absl::Span<const uint32_t> chosen, bool has_other) {
  std::vector<absl::string_view> among;
  std::vector<absl::string_view> except;
  for (uint32_t i = 0; i < names.size(); ++i) {
    (Contains(chosen, i) ? among : except).push_back(names[i]);
  }
  const auto all = static_cast<uint32_t>(names.size());
  const bool other_chosen = has_other && Contains(chosen, all);
  if (except.empty() && (other_chosen || !has_other)) return absl::StrCat(name, " is known");
  const bool say_except = has_other ? other_chosen : except.size() < among.size();
  const std::vector<absl::string_view>& said = say_except ? except : among;
  if (said.size() == 1) return absl::StrCat(name, say_except ? " != " : " == ", said[0]);
  const std::string list = absl::StrCat(name, " in [", absl::StrJoin(said, ", "), "]");
  return say_except ? absl::StrCat("!(", list, ")") : list;
}

std::string WithUnknown(const std::string& known, bool any_known, absl::string_view name,
                        bool unknown) {
  if (!unknown) return known;
  if (!any_known) return absl::StrCat(name, " is unknown");
  return absl::StrCat("(", known, " or it is unknown)");
}

std::string FlagToText(absl::string_view name, absl::Span<const uint32_t> values) {
  const bool can_be_false = Contains(values, 0);
  const bool can_be_true = Contains(values, 1);
  const bool can_be_unknown = Contains(values, 2);
  if (can_be_false && can_be_true) return absl::StrCat(name, " is known");
  if (can_be_unknown && can_be_false) return absl::StrCat(name, " is not true");
  if (can_be_unknown && can_be_true) return absl::StrCat(name, " is not false");
  if (can_be_unknown) return absl::StrCat(name, " is unknown");
  return absl::StrCat(can_be_true ? "" : "!", name);
}

std::string PresenceToText(const FactInfo& info, absl::Span<const uint32_t> values) {
  const bool optional = info.type == FactType::kOptional;
  std::vector<std::string> parts;
  if (Contains(values, 0)) {
    parts.push_back(optional ? absl::StrCat("has(", info.name, ")")
                             : absl::StrCat(info.name, " is known"));
  }
  if (Contains(values, 2)) parts.push_back(absl::StrCat("!has(", info.name, ")"));
  if (Contains(values, 1)) parts.push_back(absl::StrCat(info.name, " is unknown"));
  const std::string text = absl::StrJoin(parts, " or ");
  return parts.size() > 1 ? absl::StrCat("(", text, ")") : text;
}

std::string ScopeToText(const Scope& scope) {
  return scope.fact.has_value() ? std::string(Describe(*scope.fact).name)
                                : absl::StrCat("'", scope.name, "'");
}

// Where a role is held, of the places in the mask and outside the others.
std::string PlaceToText(const std::vector<Scope>& scopes, size_t mask) {
  std::string text;
  for (size_t i = 0; i < scopes.size(); ++i) {
    const bool inside = ((mask >> i) & 1) != 0;
    absl::StrAppend(&text, text.empty() ? "" : " and", inside ? " at " : " outside ",
                    ScopeToText(scopes[i]));
  }
  return text;
}

// The rank that holders of these grants and nobody else reach; nothing if there is none such, or if
// one role alone does, which says more.
std::optional<int> RankOfGrants(const GrantKinds& grants) {
  if (!grants.scopes.empty()) return std::nullopt;
  const absl::Span<const int64_t> roles = WordsOf(Vocabulary::kRole);
  int least = INT_MAX;
  size_t count = 0;
  for (size_t i = 0; i < roles.size(); ++i) {
    if (!grants.kinds[i]) continue;
    least = std::min(least, RankOf(static_cast<int>(roles[i])));
    ++count;
  }
  for (size_t i = 0; i < roles.size(); ++i) {
    const bool reaches = RankOf(static_cast<int>(roles[i])) >= least;
    if (reaches != grants.kinds[i]) return std::nullopt;
  }
  return count < 2 || least == 0 ? std::nullopt : std::optional(least);
}

std::string GrantsToText(const Atom& atom, bool holds) {
  if (const std::optional<int> rank = RankOfGrants(atom.grants)) {
    return absl::StrCat(
        Describe(atom.fact == Fact::kActorRoles ? Fact::kActorRank : Fact::kAccountRank).name,
        holds ? " >= " : " < ", *rank);
  }
  const absl::Span<const int64_t> roles = WordsOf(Vocabulary::kRole);
  const size_t places = size_t{1} << atom.grants.scopes.size();
  std::vector<std::string> parts;
  for (size_t mask = 0; mask < places; ++mask) {
    std::vector<absl::string_view> names;
    size_t named = 0;
    for (size_t role = 0; role < roles.size(); ++role) {
      if (!atom.grants.kinds[role * places + mask]) continue;
      ++named;
      if (roles[role] != 0) {
        names.push_back(WordFor(Vocabulary::kRole, static_cast<int>(roles[role])));
      }
    }
    if (named == 0) continue;
    const std::string which = named == roles.size() ? "role" : absl::StrJoin(names, " or ");
    parts.push_back(absl::StrCat(which, PlaceToText(atom.grants.scopes, mask)));
  }
  return absl::StrCat(Describe(atom.fact).name, holds ? " has " : " has no ",
                      absl::StrJoin(parts, ", or "));
}

std::string OpaqueToText(const Atom& atom, absl::Span<const uint32_t> values) {
  const absl::string_view text = atom.program->expression().ast().Text(atom.node);
  std::vector<std::string> parts;
  for (const uint32_t value : values) {
    switch (static_cast<Truth>(value)) {
      case kFalse:
        parts.push_back(absl::StrCat("!(", text, ")"));
        break;
      case kTrue:
        parts.push_back(absl::StrCat("(", text, ")"));
        break;
      case kUnknown:
        parts.push_back(absl::StrCat("(", text, ") is unknown"));
        break;
      case kFailed:
        parts.push_back(absl::StrCat("(", text, ") fails"));
        break;
    }
  }
  const std::string joined = absl::StrJoin(parts, " or ");
  return parts.size() > 1 ? absl::StrCat("(", joined, ")") : joined;
}

std::string LevelToText(const Atom& atom, uint32_t first, uint32_t last) {
  const absl::string_view name = Describe(atom.fact).name;
  std::vector<std::string> parts;
  if (first > 0) {
    parts.push_back(absl::StrFormat("%s %s %g", name, first % 2 == 1 ? ">=" : ">",
                                    atom.levels[(first - 1) / 2]));
  }
  if (last < 2 * atom.levels.size()) {
    parts.push_back(
        absl::StrFormat("%s %s %g", name, last % 2 == 1 ? "<=" : "<", atom.levels[last / 2]));
  }
  return absl::StrJoin(parts, " && ");
}

}  // namespace

std::vector<std::string> AtomTable::NamesOf(const Atom& atom) const {
  std::vector<std::string> names;
  if (atom.kind == Atom::Kind::kText) {
    for (const std::string& text : texts_) names.push_back(absl::StrCat("'", text, "'"));
    return names;
  }
  const Vocabulary vocabulary = Describe(atom.fact).vocabulary;
  for (const int64_t word : WordsOf(vocabulary)) {
    names.emplace_back(WordFor(vocabulary, static_cast<int>(word)));
  }
  return names;
}

std::string AtomTable::IntervalToText(const Atom& atom, uint32_t first, uint32_t last) const {
  if (atom.kind == Atom::Kind::kLevel) return LevelToText(atom, first, last);
  const bool has_low = first > 0;
  const bool has_high = last < atom.bounds.size();
  const Nanoseconds low = has_low ? atom.bounds[first - 1] : 0;
  const Nanoseconds high = has_high ? atom.bounds[last] : 0;
  const std::string quantity = Quantity(atom);
  if (atom.other.has_value()) {
    const absl::string_view left = Describe(atom.fact).name;
    const absl::string_view right = Describe(*atom.other).name;
    const auto compared = [&](absl::string_view sign) {
      return absl::StrCat(left, " ", sign, " ", right);
    };
    if (has_low && has_high && low == 0 && high == 1) return compared("==");
    if (has_low && !has_high && low >= 0 && low <= 1) return compared(low == 0 ? ">=" : ">");
    if (!has_low && has_high && high >= 0 && high <= 1) return compared(high == 0 ? "<" : "<=");
  }
  if (has_low && has_high && high == low + 1) {
    return absl::StrCat(quantity, " == ", BoundToText(atom, low));
  }
  const bool above = has_low && IsJustAbove(atom, low);
  const bool up_to = has_high && IsJustAbove(atom, high);
  const std::string low_text = has_low ? BoundToText(atom, above ? low - 1 : low) : "";
  const std::string high_text = has_high ? BoundToText(atom, up_to ? high - 1 : high) : "";
  if (!has_high) return absl::StrCat(quantity, above ? " > " : " >= ", low_text);
  const std::string upper = absl::StrCat(quantity, up_to ? " <= " : " < ", high_text);
  return has_low ? absl::StrCat(low_text, above ? " < " : " <= ", upper) : upper;
}

std::string AtomTable::IntervalsToText(const Atom& atom,
                                       absl::Span<const uint32_t> intervals) const {
  std::vector<std::string> parts;
  for (size_t i = 0; i < intervals.size();) {
    size_t end = i + 1;
    while (end < intervals.size() && intervals[end] == intervals[end - 1] + 1) ++end;
    parts.push_back(IntervalToText(atom, intervals[i], intervals[end - 1]));
    i = end;
  }
  const std::string text = absl::StrJoin(parts, " or ");
  return parts.size() > 1 ? absl::StrCat("(", text, ")") : text;
}

bool AtomTable::GoesWithoutSaying(const Literal& literal, const Cube& cube) const {
  const Atom& atom = atoms_[literal.variable];
  const bool says_known =
      (atom.kind == Atom::Kind::kPresence && literal.values == std::vector<uint32_t>{0}) ||
      (atom.kind == Atom::Kind::kText && literal.values.size() == texts_.size() + 1 &&
       literal.values.back() == texts_.size());
  return says_known && std::any_of(cube.begin(), cube.end(), [&](const Literal& other) {
           const std::vector<Fact> asked = FactsOf(atoms_[other.variable]);
           return other.variable != literal.variable &&
                  std::find(asked.begin(), asked.end(), atom.fact) != asked.end();
         });
}

std::string AtomTable::ToText(const Cube& cube) const {
  std::vector<std::string> parts;
  for (const Literal& literal : cube) {
    if (!GoesWithoutSaying(literal, cube)) parts.push_back(ToText(literal));
  }
  return absl::StrJoin(parts, " && ");
}

std::string AtomTable::ToText(const Literal& literal) const {
  const Atom& atom = atoms_[literal.variable];
  const FactInfo& info = Describe(atom.fact);
  const absl::Span<const uint32_t> values = literal.values;
  switch (atom.kind) {
    case Atom::Kind::kFlag:
      return FlagToText(info.name, values);
    case Atom::Kind::kPresence:
      return PresenceToText(info, values);
    case Atom::Kind::kWord:
    case Atom::Kind::kText: {
      const uint32_t unknown = ValuesOf(literal.variable) - 1;
      const bool can_be_unknown = Contains(values, unknown);
      const std::string known =
          ChoiceToText(info.name, NamesOf(atom), values, atom.kind == Atom::Kind::kText);
      return WithUnknown(known, values.size() > (can_be_unknown ? 1 : 0), info.name,
                         can_be_unknown);
    }
    case Atom::Kind::kElement:
      return ChoiceToText(absl::StrCat(info.name, "[", atom.word, "]"), NamesOf(atom), values,
                          false);
    case Atom::Kind::kSameText:
      return absl::StrCat(info.name, values[0] == 1 ? " == " : " != ", Describe(*atom.other).name);
    case Atom::Kind::kDistance:
    case Atom::Kind::kLevel:
    case Atom::Kind::kSize:
      return IntervalsToText(atom, values);
    case Atom::Kind::kListHas: {
      const std::string has =
          absl::StrCat(WordFor(info.vocabulary, static_cast<int>(atom.word)), " in ", info.name);
      return values[0] == 1 ? has : absl::StrCat("!(", has, ")");
    }
    case Atom::Kind::kHoldsGrant:
      return GrantsToText(atom, values[0] == 1);
    case Atom::Kind::kOpaque:
      return OpaqueToText(atom, values);
  }
  return {};
}

}  // namespace gatehouse::policy::analysis
