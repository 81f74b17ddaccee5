#include "policy/analysis/action_diff.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/analysis/answers.h"
#include "policy/analysis/examples.h"
#include "policy/analysis/refusal_diff.h"

namespace gatehouse::policy::analysis {
namespace {

// Of the budget, what deciding may use; the rest is for telling.
constexpr uint64_t kShareOfTelling = 3;

}  // namespace

ActionDiff::ActionDiff(const Policy& before, const Policy& after, Action::Value action,
                       uint64_t budget, uint32_t most_conditions)
    : before_(before),
      after_(after),
      action_(action),
      budget_for_telling_(budget / kShareOfTelling),
      most_conditions_(most_conditions),
      diagrams_(budget - budget / kShareOfTelling),
      finder_(atoms_, diagrams_) {
  ExpressionReader reader(atoms_, diagrams_);
  const ActionRules* rules_before = before.rules().RulesFor(action);
  const ActionRules* rules_after = after.rules().RulesFor(action);
  ReadAction(rules_before, reader, diagrams_);
  ReadAction(rules_after, reader, diagrams_);
  atoms_.Freeze(diagrams_);
  cases_before_ = ReadAction(rules_before, reader, diagrams_);
  cases_after_ = ReadAction(rules_after, reader, diagrams_);
}

void ActionDiff::AddTo(PolicyDiff& diff) {
  const absl::string_view name = WordFor(Vocabulary::kAction, action_);
  const std::vector<Cases> all = FindCases();
  if (!diagrams_.exhausted()) diagrams_.AddBudget(budget_for_telling_);
  std::vector<absl::string_view> open;
  for (const Cases& cases : all) {
    const absl::string_view change = NameOf(cases.change);
    const bool is_open = !Tell(cases, diff);
    if (is_open && (open.empty() || open.back() != change)) open.push_back(change);
  }
  if (open.empty()) return;
  diff.undecided.push_back(absl::StrCat(
      name, ": whether it ", absl::StrJoin(open, " or "), "; its rules ask ", atoms_.size(),
      " things of facts, in more combinations than could be told apart"));
}

// What both policies need alike: it goes without saying.
Diagram ActionDiff::NeededByBoth() {
  Diagram needed = kTrue;
  if (cases_before_.permitted == cases_after_.permitted) needed = cases_before_.permitted;
  const std::vector<Diagram>& others = cases_after_.requires_;
  for (const Diagram verdict : cases_before_.requires_) {
    if (std::find(others.begin(), others.end(), verdict) == others.end()) continue;
    needed = diagrams_.And(needed, diagrams_.Is(verdict, kTrue));
  }
  return needed;
}

std::vector<ActionDiff::Cases> ActionDiff::FindCases() {
  std::vector<Cases> all;
  const Diagram before = cases_before_.allowed;
  const Diagram after = cases_after_.allowed;
  const Diagram needed = NeededByBoth();
  for (const Change change : {Change::kWidens, Change::kNarrows}) {
    const bool widens = change == Change::kWidens;
    all.push_back(
        {.change = change,
         .cases = widens ? diagrams_.Without(after, before) : diagrams_.Without(before, after),
         .among = needed,
         .among_text = "everything else that is needed holds",
         .remark = {}});
  }
  AddObligations(all);
  // Where decisions change, so do the reasons of many that are refused as before: that says no
  // more.
  if (!finder_.Find(all[0].cases).has_value() && !finder_.Find(all[1].cases).has_value()) {
    AddRefusals(all);
  }
  return all;
}

void ActionDiff::AddRefusals(std::vector<Cases>& all) {
  const Diagram differ = RefusalDiff(atoms_, diagrams_)
                             .Compare(before_.rules().RulesFor(action_), cases_before_,
                                      after_.rules().RulesFor(action_), cases_after_);
  all.push_back({.cases = differ,
                 .among = diagrams_.Not(diagrams_.Or(cases_before_.allowed, cases_after_.allowed)),
                 .among_text = "it is refused",
                 .remark = {}});
}

Diagram ActionDiff::Obliged(const ActionRules* rules, const ActionCases& cases,
                            RequiredAction::Value action) {
  Diagram obliged = kFalse;
  for (size_t i = 0; i < cases.obliges.size(); ++i) {
    if (rules->obliges[i]->action != action) continue;
    obliged = diagrams_.Or(obliged, diagrams_.Not(diagrams_.Is(cases.obliges[i], kFalse)));
  }
  return obliged;
}

void ActionDiff::AddObligations(std::vector<Cases>& all) {
  const Diagram both = diagrams_.And(cases_before_.allowed, cases_after_.allowed);
  for (const int64_t word : WordsOf(Vocabulary::kRequiredAction)) {
    const auto action = static_cast<RequiredAction::Value>(word);
    const Diagram before = Obliged(before_.rules().RulesFor(action_), cases_before_, action);
    const Diagram after = Obliged(after_.rules().RulesFor(action_), cases_after_, action);
    const auto add = [&](bool loosens, Diagram had, Diagram has, absl::string_view remark) {
      all.push_back({.loosens = loosens,
                     .cases = diagrams_.Without(diagrams_.And(both, had), has),
                     .among = both,
                     .among_text = "it is allowed",
                     .remark = absl::StrCat(RequiredAction::Value_Name(action), remark)});
    };
    add(true, before, after, " is obliged to no more");
    add(false, after, before, " is obliged to now");
  }
}

bool ActionDiff::Tell(const Cases& cases, PolicyDiff& diff) {
  const std::optional<Answers> found = finder_.Find(cases.cases);
  if (!found.has_value()) return !diagrams_.exhausted();
  const Diagram lower = diagrams_.And(cases.cases, finder_.possible());
  const Diagram outside = diagrams_.Not(diagrams_.And(cases.among, finder_.possible()));
  std::vector<Cube> cubes;
  const size_t known = diff.differences.size();
  const bool complete =
      !diagrams_.exhausted() &&
      diagrams_.Cover(lower, diagrams_.Or(cases.cases, outside), most_conditions_, cubes);
  TellCubes(cases, cubes, diff);
  if (complete && !diagrams_.exhausted() && diff.differences.size() > known) return true;
  const bool some = diff.differences.size() > known;
  diff.differences.push_back(MakeDifference(
      cases,
      some ? "in further combinations, too many to tell" : "in combinations too many to tell",
      *found));
  return true;
}

void ActionDiff::TellCubes(const Cases& cases, const std::vector<Cube>& cubes, PolicyDiff& diff) {
  for (const Cube& cube : cubes) {
    const Diagram within = diagrams_.And(cases.cases, diagrams_.Of(cube));
    const std::optional<Answers> answers = finder_.Find(within);
    if (!answers.has_value()) continue;  // no facts can be so
    std::string condition = ConditionText(cases, cube);
    if (diagrams_.exhausted()) return;
    diff.differences.push_back(MakeDifference(cases, std::move(condition), *answers));
    for (const Literal& literal : cube) {
      const std::vector<Fact> asked = FactsOf(atoms_.atom(literal.variable));
      std::vector<Fact>& all = diff.differences.back().asked;
      all.insert(all.end(), asked.begin(), asked.end());
    }
  }
}

std::string ActionDiff::ConditionText(const Cases& cases, const Cube& cube) {
  std::string text = atoms_.ToText(cube);
  const Diagram said = diagrams_.And(diagrams_.Of(cube), finder_.possible());
  if (diagrams_.Without(said, cases.cases) != kFalse) {
    absl::StrAppend(&text, text.empty() ? "" : ", and ", cases.among_text);
  }
  if (text.empty()) text = "always";
  return cases.remark.empty() ? text : absl::StrCat(cases.remark, ": ", text);
}

bool ActionDiff::IsShown(const Cases& cases, const Facts& facts) const {
  const Decision before = before_.Decide(action_, facts);
  const Decision after = after_.Decide(action_, facts);
  if (cases.change == Change::kAlters) {
    return before.allowed == after.allowed && !AnswerAlike(before, after);
  }
  return before.allowed == (cases.change == Change::kNarrows) &&
         after.allowed == (cases.change == Change::kWidens);
}

Difference ActionDiff::MakeDifference(const Cases& cases, std::string condition,
                                      const Answers& answers) {
  Difference difference;
  difference.action = action_;
  difference.change = cases.change;
  difference.loosens = cases.loosens;
  difference.condition = std::move(condition);
  Facts facts = finder_.MakeFacts(answers);
  std::optional<Facts> shown =
      FindVariant(atoms_, answers, facts, [&](const Facts& some) { return IsShown(cases, some); });
  difference.possible = !shown.has_value();
  difference.example = shown.has_value() ? *std::move(shown) : std::move(facts);
  difference.before = InShort(before_.Decide(action_, difference.example));
  difference.after = InShort(after_.Decide(action_, difference.example));
  difference.same_reasons = difference.before == difference.after && !difference.possible;
  if (difference.same_reasons) {
    difference.after += " in other words, or with other ways out";
  }
  return difference;
}

}  // namespace gatehouse::policy::analysis
