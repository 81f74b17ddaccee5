#include "policy/analysis/case_finder.h"

#include <algorithm>
#include <numeric>

namespace gatehouse::policy::analysis {
namespace {

// What is known comes before what is not, and what is ordinary before the rest.
std::vector<uint32_t> Prefer(const Atom& atom, uint32_t values) {
  std::vector<uint32_t> order(values);
  std::iota(order.begin(), order.end(), 0u);
  const auto put_first = [&](uint32_t value) {
    const auto place = std::find(order.begin(), order.end(), value);
    std::rotate(order.begin(), place, place + 1);
  };
  switch (atom.kind) {
    case Atom::Kind::kPresence:
      if (values == 3) std::swap(order[1], order[2]);
      break;
    case Atom::Kind::kText:
      put_first(values - 2);
      break;
    case Atom::Kind::kWord: {
      const int64_t ordinary = OrdinaryWord(Describe(atom.fact).vocabulary);
      const absl::Span<const int64_t> words = WordsOf(Describe(atom.fact).vocabulary);
      std::rotate(order.begin(), order.begin() + 1, order.end() - 1);  // UNSPECIFIED
      put_first(
          static_cast<uint32_t>(std::find(words.begin(), words.end(), ordinary) - words.begin()));
      break;
    }
    case Atom::Kind::kOpaque:
      put_first(kTrue);
      break;
    default:
      break;
  }
  return order;
}

}  // namespace

const std::vector<uint32_t>& CaseFinder::PreferredValues(Variable variable) {
  if (preferred_.size() < atoms_.size()) preferred_.resize(atoms_.size());
  std::vector<uint32_t>& values = preferred_[variable];
  if (values.empty()) values = Prefer(atoms_.atom(variable), atoms_.ValuesOf(variable));
  return values;
}

std::optional<Answers> CaseFinder::Find(Diagram diagram) {
  while (true) {
    diagram = diagrams_.And(diagram, possible_);
    if (diagram == kFalse || diagrams_.exhausted()) return std::nullopt;
    Answers answers = diagrams_.PathToTrue(
        diagram, [&](Variable variable) { return absl::MakeConstSpan(PreferredValues(variable)); });
    const std::optional<Cube> conflict = theory_.FindConflict(answers);
    if (!conflict.has_value()) return answers;
    possible_ = diagrams_.Without(possible_, diagrams_.Of(*conflict));
  }
}

}  // namespace gatehouse::policy::analysis
