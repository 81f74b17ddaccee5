#include "policy/analysis/idle_rules.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "policy/analysis/action_cases.h"
#include "policy/analysis/case_finder.h"
#include "policy/rule_set.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr uint64_t kStepsPerAction = 4'000'000;

// Whether a parameter of type bool stands in the condition.
bool HasSwitch(const ConditionPtr& condition) {
  if (condition == nullptr) return false;
  const cel::CheckedExpression& expression = condition->program.expression();
  const std::vector<cel::NodeId> parts = expression.Reachable();
  return std::any_of(parts.begin(), parts.end(), [&](cel::NodeId part) {
    return expression.ast().node(part).kind == cel::NodeKind::kIdentifier &&
           expression.binding(part).kind == cel::Binding::Kind::kConstant &&
           expression.type(part).is(cel::Type::Kind::kBool);
  });
}

// What was found of a rule over the actions that it is about.
struct Finding {
  uint32_t line = 0;
  bool matters = false;  // for some action
  std::string why;       // it is idle for the last one
};
using Findings = absl::flat_hash_map<std::string, Finding>;

// One action's rules, each asked whether it can matter.
class ActionInspector {
 public:
  ActionInspector(const ActionRules& rules, Findings& findings)
      : rules_(rules), findings_(findings), diagrams_(kStepsPerAction), finder_(atoms_, diagrams_) {
    ExpressionReader reader(atoms_, diagrams_);
    ReadAction(&rules, reader, diagrams_);
    atoms_.Freeze(diagrams_);
    cases_ = ReadAction(&rules, reader, diagrams_);
  }

  void Inspect() {
    InspectPermits();
    for (size_t i = 0; i < cases_.requires_.size(); ++i) InspectRequire(i);
    for (size_t i = 0; i < cases_.obliges.size(); ++i) InspectOblige(i);
  }

 private:
  // Whether some facts make it true, or it could not be told.
  bool CanBe(Diagram diagram) { return finder_.Find(diagram).has_value() || diagrams_.exhausted(); }

  template <typename Rule>
  void Note(const Rule& rule, bool matters, std::string why) {
    Finding& finding = findings_[rule.id];
    finding.line = rule.line;
    finding.matters = finding.matters || matters;
    finding.why = std::move(why);
  }

  // Later rules give way to earlier ones, so that of two alike one remains.
  void InspectPermits() {
    std::vector<Diagram> holds;
    std::vector<Diagram> earlier = {kFalse};  // what the rules before each one permit
    for (const Diagram permit : cases_.permits) {
      holds.push_back(diagrams_.Is(permit, kTrue));
      earlier.push_back(diagrams_.Or(earlier.back(), holds.back()));
    }
    Diagram later = kFalse;
    for (size_t i = holds.size(); i-- > 0;) {
      const Diagram others = diagrams_.Or(earlier[i], later);
      if (InspectPermit(i, holds, others)) later = diagrams_.Or(later, holds[i]);
    }
  }

  // Whether it matters beside the others.
  bool InspectPermit(size_t i, absl::Span<const Diagram> holds, Diagram others) {
    const PermitRule& rule = *rules_.permits[i];
    if (HasSwitch(rule.when) || CanBe(diagrams_.Without(holds[i], others))) {
      Note(rule, true, "");
      return true;
    }
    Note(rule, false,
         CanBe(holds[i])
             ? absl::StrCat("permit '", rule.id, "' never matters: ", ShadowOf(i, holds),
                            " whatever it permits")
             : absl::StrCat("permit '", rule.id, "' can never hold"));
    return false;
  }

  std::string ShadowOf(size_t shadowed, absl::Span<const Diagram> holds) {
    for (size_t j = 0; j < holds.size() && !diagrams_.exhausted(); ++j) {
      if (j != shadowed && !CanBe(diagrams_.Without(holds[shadowed], holds[j]))) {
        return absl::StrCat("'", rules_.permits[j]->id, "' permits");
      }
    }
    return "others together permit";
  }

  void InspectRequire(size_t i) {
    const RequireRule& rule = *rules_.requires_[i];
    const Diagram verdict = cases_.requires_[i];
    const Diagram violated =
        diagrams_.Or(diagrams_.Is(verdict, kFalse), diagrams_.Is(verdict, kFailed));
    if (HasSwitch(rule.when) || HasSwitch(rule.that)) return Note(rule, true, "");
    if (!CanBe(violated)) {
      Note(rule, false, absl::StrCat("rule '", rule.id, "' can never be violated"));
      return;
    }
    const Diagram let_in = diagrams_.And(cases_.may_ask, cases_.permitted);
    const bool matters = rule.before_permission || CanBe(diagrams_.And(violated, let_in));
    Note(rule, matters,
         absl::StrCat("rule '", rule.id,
                      "' can never be violated: whoever is permitted fulfils it"));
  }

  void InspectOblige(size_t i) {
    const ObligeRule& rule = *rules_.obliges[i];
    const Diagram applies = diagrams_.Or(diagrams_.Is(cases_.obliges[i], kTrue),
                                         diagrams_.Is(cases_.obliges[i], kFailed));
    Note(rule, HasSwitch(rule.when) || CanBe(diagrams_.And(applies, cases_.allowed)),
         absl::StrCat("rule '", rule.id, "' can never oblige to anything"));
  }

  const ActionRules& rules_;
  Findings& findings_;
  AtomTable atoms_;
  DiagramStore diagrams_;
  CaseFinder finder_;
  ActionCases cases_;
};

}  // namespace

std::vector<Problem> FindIdleRules(const Policy& policy, absl::string_view file_name) {
  Findings findings;
  for (const ActionRules& rules : policy.rules().actions) {
    if (!rules.permits.empty()) ActionInspector(rules, findings).Inspect();
  }
  const std::vector<absl::string_view> lines = absl::StrSplit(policy.text(), '\n');
  std::vector<Problem> problems;
  for (const auto& [id, finding] : findings) {
    if (finding.matters) continue;
    Problem problem;
    problem.severity = Problem::Severity::kWarning;
    problem.file_name = std::string(file_name);
    problem.line = finding.line;
    problem.message = finding.why;
    if (finding.line >= 1 && finding.line <= lines.size()) {
      problem.excerpt = std::string(lines[finding.line - 1]);
    }
    problems.push_back(std::move(problem));
  }
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.message) < std::tie(b.line, b.message);
  });
  return problems;
}

}  // namespace gatehouse::policy::analysis
