#include "policy/analysis/answers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/cel/format.h"

namespace gatehouse::policy::analysis {

std::string AnswerOf(const RequireRule& rule) {
  std::string answer = absl::StrCat(rule.reason, rule.before_permission ? " to anyone: " : ": ");
  for (const MessagePiece& piece : rule.message) {
    if (const std::string* text = std::get_if<std::string>(&piece)) {
      absl::StrAppend(&answer, *text);
      continue;
    }
    const MessageValue& value = std::get<MessageValue>(piece);
    const Fact* fact = std::get_if<Fact>(&value.value);
    absl::StrAppend(&answer, "{",
                    fact == nullptr ? cel::Format(std::get<cel::Value>(value.value), value.type)
                                    : std::string(Describe(*fact).name),
                    "}");
  }
  for (const MendRule& mend : rule.mends) {
    absl::StrAppend(&answer, "\n", mend.by, " ", mend.operation);
  }
  return answer;
}

bool AnswerAlike(const Decision& a, const Decision& b) {
  if (a.allowed != b.allowed || a.permitted != b.permitted) return false;
  if (a.allowed) return a.obligations == b.obligations;
  const auto told = [](const Decision& decision) {
    std::vector<std::string> all;
    for (const Violation& violation : decision.violations) {
      if (violation.reason == Reason::FACT_UNAVAILABLE) {
        std::vector<std::string> names;
        for (const auto& [name, value] : violation.observed) names.push_back(name);
        std::sort(names.begin(), names.end());
        all.push_back(absl::StrCat("missing ", absl::StrJoin(names, " ")));
        continue;
      }
      all.push_back(absl::StrCat(violation.reason, ": ", violation.message));
      for (const Mend& mend : violation.mends) {
        if (mend.by == MendBy::TIME) continue;
        all.push_back(absl::StrCat(mend.by, " ", mend.operation));
      }
    }
    return all;
  };
  return told(a) == told(b);
}

std::string InShort(const Decision& decision) {
  std::vector<absl::string_view> words;
  if (decision.allowed) {
    for (const RequiredAction::Value action : decision.obligations) {
      words.push_back(WordFor(Vocabulary::kRequiredAction, action));
    }
    return words.empty() ? "allowed" : absl::StrCat("allowed (", absl::StrJoin(words, ", "), ")");
  }
  for (const Violation& violation : decision.violations) {
    words.push_back(WordFor(Vocabulary::kReason, violation.reason));
  }
  if (words.empty()) return "not permitted";
  return absl::StrCat(decision.permitted ? "refused (" : "not permitted (",
                      absl::StrJoin(words, ", "), ")");
}

}  // namespace gatehouse::policy::analysis
