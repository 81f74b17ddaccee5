#include "policy/analysis/theory.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "policy/analysis/differences.h"
#include "policy/cel/environment.h"

namespace gatehouse::policy::analysis {
namespace {

using Kind = Atom::Kind;

// More classes of texts than these are not tried in every way of being equal.
constexpr size_t kMostClasses = 6;

Literal Exactly(const std::pair<Variable, uint32_t>& answer) {
  return {answer.first, {answer.second}};
}

// What answers say of one list of grants, where facts have these texts. The grants asked about must
// outlive this.
class GrantsAsked {
 public:
  using Texts = absl::flat_hash_map<Fact, std::string>;

  explicit GrantsAsked(const Texts& texts) : texts_(texts) {}

  // At least one of these kinds is held, or none.
  void Add(const GrantKinds& kinds, bool held) {
    (held ? wanted_ : unwanted_).push_back(&kinds);
    for (const Scope& scope : kinds.scopes) {
      if (std::optional<std::string> place = PlaceOf(scope)) places_.push_back(*std::move(place));
    }
  }
  // An organisation beside those that the grants asked about are in.
  void AddPlace(std::string place) { places_.push_back(std::move(place)); }

  const std::vector<const GrantKinds*>& wanted() const { return wanted_; }

  // A role and its organisation, of the kinds wanted and of none that is not.
  std::optional<std::pair<int, std::string>> FindGrant(const GrantKinds& wanted) const {
    const absl::Span<const int64_t> words = WordsOf(Vocabulary::kRole);
    // From behind, so that UNSPECIFIED comes last.
    for (size_t i = 1; i <= words.size(); ++i) {
      const size_t role = i % words.size();
      for (const std::string& place : places_) {
        if (IsAmong(wanted, role, place) && !IsUnwanted(role, place)) {
          return std::pair(static_cast<int>(words[role]), place);
        }
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> PlaceOf(const Scope& scope) const {
    if (!scope.fact.has_value()) return scope.name;
    const auto text = texts_.find(*scope.fact);
    return text == texts_.end() ? std::nullopt : std::optional(text->second);
  }

  bool IsAmong(const GrantKinds& grants, size_t role, const std::string& place) const {
    size_t kind = role << grants.scopes.size();
    for (size_t i = 0; i < grants.scopes.size(); ++i) {
      if (PlaceOf(grants.scopes[i]) == place) kind |= size_t{1} << i;
    }
    return grants.kinds[kind];
  }

  bool IsUnwanted(size_t role, const std::string& place) const {
    return std::any_of(unwanted_.begin(), unwanted_.end(),
                       [&](const GrantKinds* grants) { return IsAmong(*grants, role, place); });
  }

  const Texts& texts_;
  std::vector<const GrantKinds*> wanted_;
  std::vector<const GrantKinds*> unwanted_;
  std::vector<std::string> places_;
};

// Sets of texts of which each is said to be one and the same.
class TextClasses {
 public:
  TextClasses(size_t names, size_t facts) : names_(names), parents_(names + facts) {
    std::iota(parents_.begin(), parents_.end(), size_t{0});
  }

  size_t Find(size_t text) const {
    while (parents_[text] != text) text = parents_[text];
    return text;
  }
  // Names stay roots.
  void Unite(size_t a, size_t b) {
    a = Find(a);
    b = Find(b);
    parents_[std::max(a, b)] = std::min(a, b);
    two_names_ = two_names_ || (a != b && std::max(a, b) < names_);
  }
  void Separate(size_t a, size_t b) { separate_.emplace_back(a, b); }
  // None of the names.
  void SeparateFromNames(size_t text) { nameless_.push_back(text); }

  bool IsPossible() const {
    const bool separated = std::all_of(separate_.begin(), separate_.end(), [&](const auto& pair) {
      return Find(pair.first) != Find(pair.second);
    });
    return separated && !two_names_ &&
           std::all_of(nameless_.begin(), nameless_.end(),
                       [&](size_t text) { return Find(text) >= names_; });
  }

 private:
  size_t names_;
  std::vector<size_t> parents_;
  std::vector<std::pair<size_t, size_t>> separate_;
  std::vector<size_t> nameless_;
  bool two_names_ = false;
};

// Calls `visit` with the classes as they are, then with every possible way of uniting some of the
// roots, until it answers true. Answers whether it did.
bool VisitUnions(const TextClasses& classes, absl::Span<const size_t> roots, size_t from,
                 absl::FunctionRef<bool(const TextClasses&)> visit) {
  if (!classes.IsPossible()) return false;
  if (from >= roots.size()) return visit(classes);
  if (VisitUnions(classes, roots, from + 1, visit)) return true;
  for (size_t earlier = 0; earlier < from; ++earlier) {
    if (classes.Find(roots[earlier]) == classes.Find(roots[from])) continue;
    TextClasses united = classes;
    united.Unite(roots[earlier], roots[from]);
    if (VisitUnions(united, roots, from + 1, visit)) return true;
  }
  return false;
}

// "organisation-1" for actor.organisation_id.
std::string NameFor(Fact fact, size_t number) {
  absl::string_view stem = Describe(fact).name;
  stem.remove_prefix(stem.rfind('.') + 1);
  absl::ConsumeSuffix(&stem, "_id");
  return absl::StrCat(stem, "-", number);
}

}  // namespace

std::optional<Cube> Theory::FindConflict(const Answers& answers) const {
  NumberNames names;
  const std::vector<uint32_t> reasons = names.BoundsOf(atoms_, answers).FindConflict();
  if (!reasons.empty()) {
    // Each bound alone is said by all intervals on its side.
    Cube conflict;
    for (const uint32_t reason : reasons) {
      const auto [variable, interval] = answers[reason / 2];
      Literal literal{variable, {}};
      const uint32_t all = atoms_.ValuesOf(variable);
      const bool is_upper = reason % 2 == 1;
      for (uint32_t value = is_upper ? 0 : interval; value < (is_upper ? interval + 1 : all);
           ++value) {
        literal.values.push_back(value);
      }
      conflict.push_back(std::move(literal));
    }
    return conflict;
  }
  if (std::optional<Cube> conflict = FindConflictOfTexts(answers)) return conflict;
  return FindConflictOfLists(answers);
}

Cube Theory::Minimize(Answers conflict, absl::FunctionRef<bool(const Answers&)> is_possible) const {
  for (size_t i = conflict.size(); i-- > 0;) {
    Answers without = conflict;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    if (!is_possible(without)) conflict = std::move(without);
  }
  Cube cube;
  for (const auto& answer : conflict) cube.push_back(Exactly(answer));
  return cube;
}

std::optional<Cube> Theory::FindConflictOfTexts(const Answers& answers) const {
  Answers relevant;
  for (const auto& answer : answers) {
    const Kind kind = atoms_.atom(answer.first).kind;
    if (kind == Kind::kText || kind == Kind::kSameText || kind == Kind::kHoldsGrant) {
      relevant.push_back(answer);
    }
  }
  const auto is_possible = [&](const Answers& some) { return SolveTexts(some).has_value(); };
  if (is_possible(relevant)) return std::nullopt;
  return Minimize(std::move(relevant), is_possible);
}

std::optional<Cube> Theory::FindConflictOfLists(const Answers& answers) const {
  absl::flat_hash_map<Fact, Answers> by_list;
  for (const auto& answer : answers) {
    const Atom& atom = atoms_.atom(answer.first);
    if (atom.kind == Kind::kListHas || atom.kind == Kind::kSize || atom.kind == Kind::kElement) {
      by_list[atom.fact].push_back(answer);
    }
  }
  for (const auto& [list, asked] : by_list) {
    const Fact fact = list;
    const auto is_possible = [&](const Answers& some) { return SolveList(fact, some).has_value(); };
    if (!is_possible(asked)) return Minimize(asked, is_possible);
  }
  return std::nullopt;
}

std::optional<Theory::Texts> Theory::SolveTexts(const Answers& answers) const {
  std::vector<Fact> facts;
  for (const Fact fact : FactsAsked()) {
    if (Describe(fact).type == FactType::kText) facts.push_back(fact);
  }
  const size_t names = atoms_.texts().size();
  const auto place_of = [&](Fact fact) {
    return names + static_cast<size_t>(std::find(facts.begin(), facts.end(), fact) - facts.begin());
  };
  TextClasses classes(names, facts.size());
  std::vector<Fact> lost;
  std::vector<size_t> roots;
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms_.atom(variable);
    if (atom.kind == Kind::kText) {
      if (value < names) classes.Unite(value, place_of(atom.fact));
      if (value == names) classes.SeparateFromNames(place_of(atom.fact));
      if (value > names) lost.push_back(atom.fact);
    } else if (atom.kind == Kind::kSameText) {
      const size_t a = place_of(atom.fact);
      const size_t b = place_of(*atom.other);
      value == 1 ? classes.Unite(a, b) : classes.Separate(a, b);
    } else if (atom.kind == Kind::kHoldsGrant) {
      for (const Scope& scope : atom.grants.scopes) {
        roots.push_back(scope.fact.has_value() ? place_of(*scope.fact)
                                               : atoms_.IndexOfText(scope.name));
      }
    }
  }
  for (size_t& root : roots) root = classes.Find(root);
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  if (roots.size() > kMostClasses) roots.clear();
  std::optional<Texts> solution;
  VisitUnions(classes, roots, 0, [&](const TextClasses& united) {
    Texts texts;
    absl::flat_hash_map<size_t, std::string> made;
    for (const Fact fact : facts) {
      if (std::find(lost.begin(), lost.end(), fact) != lost.end()) continue;
      const size_t root = united.Find(place_of(fact));
      if (root < names) {
        texts[fact] = atoms_.texts()[root];
        continue;
      }
      size_t number = made.size();
      std::string& text = made[root];
      while (text.empty() || atoms_.IndexOfText(text) < names) text = NameFor(fact, ++number);
      texts[fact] = text;
    }
    if (!CanHoldGrants(answers, texts)) return false;
    solution = std::move(texts);
    return true;
  });
  return solution;
}

bool Theory::CanHoldGrants(const Answers& answers, const Texts& texts) const {
  return SolveGrants(Fact::kActorRoles, answers, texts).has_value() &&
         SolveGrants(Fact::kAccountRoles, answers, texts).has_value();
}

std::optional<Theory::Grants> Theory::SolveGrants(Fact roles, const Answers& answers,
                                                  const Texts& texts) const {
  GrantsAsked asked(texts);
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms_.atom(variable);
    if (atom.kind == Kind::kHoldsGrant && atom.fact == roles) asked.Add(atom.grants, value == 1);
  }
  std::string elsewhere = "elsewhere";
  while (atoms_.IndexOfText(elsewhere) < atoms_.texts().size()) elsewhere += "-0";
  asked.AddPlace(std::move(elsewhere));
  Grants grants;
  for (const GrantKinds* kinds : asked.wanted()) {
    const auto grant = asked.FindGrant(*kinds);
    if (!grant.has_value()) return std::nullopt;
    if (std::find(grants.held.begin(), grants.held.end(), *grant) == grants.held.end()) {
      grants.held.push_back(*grant);
    }
  }
  return grants;
}

std::optional<std::vector<int>> Theory::SolveList(Fact list, const Answers& answers) const {
  Nanoseconds least = 0;
  std::optional<Nanoseconds> most;
  std::vector<int64_t> wanted;
  std::vector<int64_t> unwanted;
  absl::flat_hash_map<int64_t, int64_t> placed;
  const absl::Span<const int64_t> words = WordsOf(Describe(list).vocabulary);
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms_.atom(variable);
    if (atom.fact != list) continue;
    if (atom.kind == Kind::kListHas) (value == 1 ? wanted : unwanted).push_back(atom.word);
    if (atom.kind == Kind::kElement) placed[atom.word] = words[value];
    if (atom.kind == Kind::kSize) {
      if (value > 0) least = std::max(least, atom.bounds[value - 1]);
      if (value < atom.bounds.size()) most = atom.bounds[value] - 1;
    }
  }
  const auto is_in = [](const std::vector<int64_t>& some, int64_t word) {
    return std::find(some.begin(), some.end(), word) != some.end();
  };
  std::vector<int64_t> loose;
  for (const int64_t word : wanted) {
    const bool is_placed = std::any_of(placed.begin(), placed.end(),
                                       [&](const auto& one) { return one.second == word; });
    if (!is_placed) loose.push_back(word);
  }
  for (const auto& [position, word] : placed) {
    if (is_in(unwanted, word)) return std::nullopt;
    least = std::max(least, Nanoseconds{position + 1});
  }
  least = std::max(least, static_cast<Nanoseconds>(placed.size() + loose.size()));
  if (most.has_value() && *most < least) return std::nullopt;
  if (least > cel::SizeBound().elements) return std::nullopt;
  std::vector<int> solution;
  for (int64_t position = 0; position < least; ++position) {
    if (const auto word = placed.find(position); word != placed.end()) {
      solution.push_back(static_cast<int>(word->second));
      continue;
    }
    if (loose.empty()) {
      // Any word that may be there; UNSPECIFIED, the first, only if no other may.
      for (size_t i = 1; i <= words.size() && loose.empty(); ++i) {
        const int64_t word = words[i % words.size()];
        if (!is_in(unwanted, word)) loose.push_back(word);
      }
      if (loose.empty()) return std::nullopt;
    }
    solution.push_back(static_cast<int>(loose.back()));
    loose.pop_back();
  }
  return solution;
}

}  // namespace gatehouse::policy::analysis
