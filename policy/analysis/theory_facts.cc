// Facts that give the answers asked for.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/time/civil_time.h"

#include "policy/analysis/theory.h"

namespace gatehouse::policy::analysis {
namespace {

using Kind = Atom::Kind;

// The instant of all examples, and when whatever is not asked about happened.
absl::Time ExampleNow() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 21, 12, 0, 0), absl::UTCTimeZone());
}
absl::Time LongBefore() { return ExampleNow() - absl::Hours(24 * 90); }

void SetOrdinary(const FactInfo& info, Facts& facts) {
  switch (info.type) {
    case FactType::kBool:
      return facts.Set(info.fact, absl::EndsWith(info.name, ".known"));
    case FactType::kInt:
      return facts.Set(info.fact, OrdinaryWord(info.vocabulary));
    case FactType::kDouble:
      return facts.Set(info.fact, 0.0);
    case FactType::kText:
      return;  // by the texts solved
    case FactType::kInstant:
      return facts.Set(info.fact, info.fact == Fact::kNow ? ExampleNow() : LongBefore());
    case FactType::kOptional:
      return facts.Set(info.fact, std::optional<absl::Time>());
    case FactType::kInts:
      return facts.Set(info.fact, absl::Span<const int>());
    case FactType::kRoles:
      return facts.Set(info.fact, absl::Span<const RoleGrantFact>());
  }
}

// A number well within the interval: its lower bound, or what is simple below the upper one.
Nanoseconds Within(const Atom& atom, uint32_t interval) {
  if (interval > 0) return atom.bounds[interval - 1];
  if (atom.bounds[0] > 0) return 0;
  return atom.bounds[0] - (IsTime(atom.fact) ? absl::ToInt64Nanoseconds(absl::Hours(1)) : 1);
}

double LevelWithin(const Atom& atom, uint32_t interval) {
  const std::vector<double>& levels = atom.levels;
  const size_t above = interval / 2;
  if (interval % 2 == 1) return levels[above];
  if (interval == 0) return levels[0] - 1;
  return above == levels.size() ? levels.back() + 1 : (levels[above - 1] + levels[above]) / 2;
}

}  // namespace

uint32_t NumberNames::Of(Fact fact) {
  const auto place = std::find(facts_.begin(), facts_.end(), fact);
  const auto number = static_cast<uint32_t>(place - facts_.begin() + 1);
  if (place == facts_.end()) facts_.push_back(fact);
  return number;
}

Differences NumberNames::BoundsOf(const AtomTable& atoms, const Answers& answers) {
  Differences differences;
  for (uint32_t i = 0; i < answers.size(); ++i) {
    const Atom& atom = atoms.atom(answers[i].first);
    if (atom.kind != Kind::kDistance) continue;
    const uint32_t above = Of(atom.fact);
    const uint32_t below = atom.other.has_value() ? Of(*atom.other) : Differences::kZero;
    const uint32_t interval = answers[i].second;
    if (interval > 0) differences.AtMost(below, above, -atom.bounds[interval - 1], 2 * i);
    if (interval < atom.bounds.size()) {
      differences.AtMost(above, below, atom.bounds[interval] - 1, 2 * i + 1);
    }
  }
  return differences;
}

std::vector<Fact> Theory::FactsAsked() const {
  std::vector<Fact> facts;
  for (Variable variable = 0; variable < atoms_.size(); ++variable) {
    const std::vector<Fact> asked = FactsOf(atoms_.atom(variable));
    facts.insert(facts.end(), asked.begin(), asked.end());
  }
  std::sort(facts.begin(), facts.end());
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
  return facts;
}

Facts Theory::MakeFacts(const Answers& answers) const {
  Facts facts;
  for (const Fact fact : FactsAsked()) {
    // Ranks are set together with roles.
    if (fact != Fact::kActorRank && fact != Fact::kAccountRank) SetOrdinary(Describe(fact), facts);
  }
  SetNumbers(answers, facts);
  const Texts texts = SolveTexts(answers).value_or(Texts());
  for (const auto& [fact, text] : texts) facts.Set(fact, text);
  SetLists(answers, texts, facts);
  SetAnswered(answers, facts);
  return facts;
}

void Theory::SetNumbers(const Answers& answers, Facts& facts) const {
  NumberNames names;
  Differences differences = names.BoundsOf(atoms_, answers);
  differences.Prefer(names.Of(Fact::kNow), Differences::kZero, absl::ToUnixNanos(ExampleNow()));
  for (const auto& [variable, interval] : answers) {
    const Atom& atom = atoms_.atom(variable);
    if (atom.kind != Kind::kDistance) continue;
    const uint32_t below = atom.other.has_value() ? names.Of(*atom.other) : Differences::kZero;
    differences.Prefer(names.Of(atom.fact), below, Within(atom, interval));
  }
  for (const Fact fact : names.facts()) {
    const Nanoseconds ordinary = IsTime(fact) ? absl::ToUnixNanos(LongBefore()) : 0;
    differences.Prefer(names.Of(fact), Differences::kZero, ordinary);
  }
  const std::vector<Nanoseconds> numbers = differences.Solve();
  for (const Fact fact : names.facts()) {
    const Nanoseconds number = numbers[names.Of(fact)];
    if (!IsTime(fact)) {
      facts.Set(fact, static_cast<int64_t>(number));
    } else if (const std::optional<cel::Value> instant = ToInstant(number)) {
      facts.SetValue(fact, *instant);
    }
  }
}

void Theory::SetLists(const Answers& answers, const Texts& texts, Facts& facts) const {
  for (const Fact fact : FactsAsked()) {
    const FactType type = Describe(fact).type;
    if (type == FactType::kInts) {
      facts.Set(fact, SolveList(fact, answers).value_or(std::vector<int>()));
    } else if (type == FactType::kRoles) {
      const Grants grants = SolveGrants(fact, answers, texts).value_or(Grants());
      std::vector<RoleGrantFact> held;
      for (const auto& [role, organisation] : grants.held) held.push_back({role, organisation});
      facts.Set(fact, held);
    }
  }
}

void Theory::SetAnswered(const Answers& answers, Facts& facts) const {
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms_.atom(variable);
    const uint32_t last = atoms_.ValuesOf(variable) - 1;
    switch (atom.kind) {
      case Kind::kFlag:
        value == last ? facts.SetUnknown(atom.fact) : facts.Set(atom.fact, value == 1);
        break;
      case Kind::kWord:
        if (value == last) {
          facts.SetUnknown(atom.fact);
        } else {
          facts.Set(atom.fact, WordsOf(Describe(atom.fact).vocabulary)[value]);
        }
        break;
      case Kind::kLevel:
        facts.Set(atom.fact, LevelWithin(atom, value));
        break;
      default:
        break;
    }
  }
  // Last, since what is lost has no other answers.
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms_.atom(variable);
    if (atom.kind != Kind::kPresence) continue;
    if (value == 0) {
      if (facts.Get(atom.fact).absent()) facts.Set(atom.fact, LongBefore());
      continue;
    }
    if (value == 2) {
      facts.Set(atom.fact, std::optional<absl::Time>());
      continue;
    }
    facts.SetUnknown(atom.fact);
    if (atom.fact == Fact::kActorRoles) facts.SetUnknown(Fact::kActorRank);
    if (atom.fact == Fact::kAccountRoles) facts.SetUnknown(Fact::kAccountRank);
  }
}

}  // namespace gatehouse::policy::analysis
