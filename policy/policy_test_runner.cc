#include "policy/policy_test_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "policy/cel/time_text.h"
#include "policy/cel/value.h"
#include "policy/given_facts.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {
namespace {

template <typename Words>
std::string JoinWords(Vocabulary vocabulary, const Words& words) {
  return absl::StrCat("[",
                      absl::StrJoin(words, ", ",
                                    [&](std::string* out, int word) {
                                      absl::StrAppend(out, WordFor(vocabulary, word));
                                    }),
                      "]");
}

std::vector<int> ReasonsOf(const Decision& decision) {
  std::vector<int> reasons;
  for (const Violation& violation : decision.violations) reasons.push_back(violation.reason);
  return reasons;
}

std::string Outcome(const Decision& decision) {
  if (decision.allowed) return "allowed";
  if (!decision.permitted && decision.violations.empty()) return "not_permitted";
  return absl::StrCat("refused ", JoinWords(Vocabulary::kReason, ReasonsOf(decision)));
}

std::string Outcome(const v1::Expectation& expect) {
  if (expect.allowed()) return "allowed";
  if (expect.not_permitted()) return "not_permitted";
  return absl::StrCat("refused ", JoinWords(Vocabulary::kReason, expect.refused()));
}

std::string EligibleAt(const Decision& decision) {
  return decision.eligible_time.has_value()
             ? cel::TimestampText(cel::Value::Timestamp(*decision.eligible_time))
             : "never";
}

bool IsTold(const Decision& decision, const std::string& mend) {
  for (const Violation& violation : decision.violations) {
    for (const Mend& told : violation.mends) {
      if (absl::StrCat(WordFor(Vocabulary::kMendBy, told.by), ":", told.operation) == mend) {
        return true;
      }
    }
  }
  return false;
}

// Empty if the decision is as expected.
std::string Difference(const v1::Expectation& expect, const Decision& decision) {
  std::vector<std::string> differences;
  const auto compare = [&](absl::string_view what, const std::string& expected,
                           const std::string& got) {
    if (expected == got) return;
    differences.push_back(absl::StrCat("expected ", what, expected, ", got ", got));
  };
  compare("", Outcome(expect), Outcome(decision));
  if (decision.allowed) {
    compare("obligations ", JoinWords(Vocabulary::kRequiredAction, expect.obliged()),
            JoinWords(Vocabulary::kRequiredAction, decision.obligations));
  }
  if (!expect.eligible_at().empty()) {
    absl::Time instant;
    const bool is_instant =
        absl::ParseTime(absl::RFC3339_full, expect.eligible_at(), &instant, nullptr);
    if (!is_instant || decision.eligible_time != instant) {
      compare("eligible_at ", expect.eligible_at(), EligibleAt(decision));
    }
  }
  for (const std::string& mend : expect.mends()) {
    if (!IsTold(decision, mend)) differences.push_back(absl::StrCat("mend ", mend, " is not told"));
  }
  return absl::StrJoin(differences, "; ");
}

void Note(const cel::Value& verdict, RuleCoverage& coverage) {
  if (verdict.is(cel::ValueKind::kUnknown)) return;
  (verdict.holds() ? coverage.held : coverage.failed) = true;
}

template <typename Rule>
void Cover(const std::vector<std::unique_ptr<const Rule>>& all,
           const std::vector<const Rule*>& asked, const Facts& facts,
           absl::Span<RuleCoverage> coverage) {
  cel::Arena arena;
  for (size_t i = 0; i < all.size(); ++i) {
    if (std::find(asked.begin(), asked.end(), all[i].get()) == asked.end()) continue;
    Note(all[i]->Evaluate(facts.slots(), arena), coverage[i]);
  }
}

}  // namespace

std::vector<TestResult> RunPolicyTests(const Policy& policy) {
  std::vector<TestResult> results;
  for (const PolicyTest& test : policy.rules().tests) {
    const Facts facts = FactsOf(test);
    for (const Action::Value action : test.on) {
      TestResult result;
      result.name = test.name;
      result.action = action;
      result.line = test.line;
      result.difference = Difference(test.expect, policy.Decide(action, facts));
      result.passed = result.difference.empty();
      results.push_back(std::move(result));
    }
  }
  return results;
}

std::vector<RuleCoverage> MeasureCoverage(const Policy& policy) {
  const RuleSet& rules = policy.rules();
  std::vector<RuleCoverage> coverage;
  for (const auto& rule : rules.permits) coverage.push_back({rule->id, rule->line});
  for (const auto& rule : rules.requires_) coverage.push_back({rule->id, rule->line});
  for (const auto& rule : rules.obliges) coverage.push_back({rule->id, rule->line});
  const absl::Span<RuleCoverage> all = absl::MakeSpan(coverage);
  for (const PolicyTest& test : rules.tests) {
    const Facts facts = FactsOf(test);
    for (const Action::Value action : test.on) {
      const ActionRules& asked = rules.actions[static_cast<size_t>(action)];
      Cover(rules.permits, asked.permits, facts, all);
      Cover(rules.requires_, asked.requires_, facts, all.subspan(rules.permits.size()));
      Cover(rules.obliges, asked.obliges, facts,
            all.subspan(rules.permits.size() + rules.requires_.size()));
    }
  }
  return coverage;
}

}  // namespace gatehouse::policy
