#include "policy/analysis/refusal_diff.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/analysis/answers.h"

namespace gatehouse::policy::analysis {
namespace {

// The facts that the conditions ask for, ascending.
template <typename... Conditions>
std::vector<Fact> FactsIn(const Conditions&... conditions) {
  std::vector<Fact> facts;
  for (const Condition* condition : {conditions.get()...}) {
    if (condition == nullptr) continue;
    for (const cel::SlotId slot : condition->program.expression().Slots()) {
      facts.push_back(static_cast<Fact>(slot));
    }
  }
  std::sort(facts.begin(), facts.end());
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
  return facts;
}

}  // namespace

RefusalDiff::Sequence RefusalDiff::Read(const ActionRules* rules, const ActionCases& cases) {
  Sequence sequence;
  if (rules == nullptr) return sequence;
  const Diagram let_in = diagrams_.And(cases.may_ask, cases.permitted);
  for (size_t i = 0; i < cases.requires_.size(); ++i) {
    const RequireRule& rule = *rules->requires_[i];
    const Diagram told = rule.before_permission ? Diagram{kTrue} : let_in;
    const Diagram verdict = cases.requires_[i];
    const Diagram missing = diagrams_.Is(verdict, kUnknown);
    const Diagram violated = diagrams_.Not(diagrams_.Or(missing, diagrams_.Is(verdict, kTrue)));
    sequence.push_back({diagrams_.And(told, violated), AnswerOf(rule), cases.mends[i], {}});
    sequence.push_back({diagrams_.And(told, missing), "", {}, FactsIn(rule.when, rule.that)});
  }
  // Of the permits that cannot be told, the first is named.
  Diagram none_before = diagrams_.Without(cases.may_ask, cases.permitted);
  for (size_t i = 0; i < cases.permits.size(); ++i) {
    const Diagram open = diagrams_.Is(cases.permits[i], kUnknown);
    sequence.push_back(
        {diagrams_.And(none_before, open), "", {}, FactsIn(rules->permits[i]->when)});
    none_before = diagrams_.Without(none_before, open);
  }
  for (size_t i = 0; i < cases.obliges.size(); ++i) {
    const Diagram open = diagrams_.Is(cases.obliges[i], kUnknown);
    sequence.push_back({diagrams_.And(let_in, open), "", {}, FactsIn(rules->obliges[i]->when)});
  }
  return sequence;
}

Diagram RefusalDiff::SameOne(const Told& before, const Told& after) {
  if (before.words != after.words || before.mends.size() != after.mends.size()) return kFalse;
  Diagram same = kTrue;
  for (size_t i = 0; i < before.mends.size(); ++i) {
    same = diagrams_.And(same, diagrams_.Same(before.mends[i], after.mends[i]));
  }
  std::vector<Fact> named_by_one;
  std::set_symmetric_difference(before.may_miss.begin(), before.may_miss.end(),
                                after.may_miss.begin(), after.may_miss.end(),
                                std::back_inserter(named_by_one));
  for (const Fact fact : named_by_one) same = diagrams_.Without(same, IsUnknown(fact));
  return same;
}

Diagram RefusalDiff::IsUnknown(Fact fact) {
  if (fact == Fact::kActorRank) fact = Fact::kActorRoles;
  if (fact == Fact::kAccountRank) fact = Fact::kAccountRoles;
  const FactInfo& info = Describe(fact);
  const auto has_last = [&](Variable variable) {
    return diagrams_.Has(variable, atoms_.ValuesOf(variable) - 1);
  };
  if (info.type == FactType::kBool) return has_last(atoms_.Flag(fact));
  if (info.type == FactType::kText) return has_last(atoms_.Text(fact));
  if (info.vocabulary != Vocabulary::kNone && info.type == FactType::kInt) {
    return has_last(atoms_.Word(fact));
  }
  return diagrams_.Has(atoms_.Presence(fact), 1);
}

Diagram RefusalDiff::Same(Sequence before, Sequence after) {
  while (!before.empty() && !after.empty() && before.back() == after.back()) {
    before.pop_back();
    after.pop_back();
  }
  size_t begin = 0;
  while (begin < before.size() && begin < after.size() && before[begin] == after[begin]) ++begin;
  // same[j]: whether what is told from `i` and from `j` on is the same; from the end, row by row.
  std::vector<Diagram> same(after.size() + 1, kTrue);
  for (size_t j = after.size(); j-- > begin;) {
    same[j] = diagrams_.Without(same[j + 1], after[j].where);
  }
  for (size_t i = before.size(); i-- > begin;) {
    std::vector<Diagram> row(after.size() + 1, kTrue);
    row[after.size()] = diagrams_.Without(same[after.size()], before[i].where);
    for (size_t j = after.size(); j-- > begin;) {
      const Diagram both = diagrams_.And(SameOne(before[i], after[j]), same[j + 1]);
      row[j] = diagrams_.Choose(before[i].where, diagrams_.Choose(after[j].where, both, row[j + 1]),
                                diagrams_.Choose(after[j].where, same[j], same[j + 1]));
    }
    same = std::move(row);
  }
  return same[begin];
}

Diagram RefusalDiff::Compare(const ActionRules* rules_before, const ActionCases& before,
                             const ActionRules* rules_after, const ActionCases& after) {
  const Diagram both_refuse = diagrams_.Not(diagrams_.Or(before.allowed, after.allowed));
  const auto let_in = [this](const ActionCases& cases) {
    return diagrams_.And(cases.may_ask, cases.permitted);
  };
  const Diagram alike = diagrams_.And(diagrams_.Same(let_in(before), let_in(after)),
                                      Same(Read(rules_before, before), Read(rules_after, after)));
  return diagrams_.Without(both_refuse, alike);
}

}  // namespace gatehouse::policy::analysis
