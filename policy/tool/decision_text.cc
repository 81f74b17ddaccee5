#include "policy/tool/decision_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "policy/tool/console.h"

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;

std::string InUtc(absl::Time instant) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", instant, absl::UTCTimeZone());
}

std::string Who(MendBy::Value by) {
  return by == MendBy::SELF
             ? "the person"
             : absl::StrReplaceAll(absl::AsciiStrToLower(WordFor(Vocabulary::kMendBy, by)),
                                   {{"_", " "}});
}

std::string ToText(const Mend& mend) {
  if (mend.by == MendBy::TIME) return absl::StrCat("wait until ", InUtc(*mend.satisfied_time));
  return absl::StrCat(Who(mend.by), ": ", mend.operation);
}

void AppendViolation(const Violation& violation, std::string& text) {
  absl::StrAppendFormat(&text, "  %s  %s\n",
                        Paint(Tone::kBad, WordFor(Vocabulary::kReason, violation.reason)),
                        violation.message);
  for (const auto& [expression, value] : violation.observed) {
    absl::StrAppendFormat(&text, "      %s\n",
                          Paint(Tone::kQuiet, absl::StrCat(expression, " = ", value)));
  }
  for (const Mend& mend : violation.mends) absl::StrAppend(&text, "      -> ", ToText(mend), "\n");
  absl::StrAppend(&text, "      ", Paint(Tone::kQuiet, absl::StrCat("rule ", violation.rule_id)),
                  "\n");
}

}  // namespace

std::string ToText(Action::Value action, const Decision& decision) {
  std::string text = absl::StrCat(WordFor(Vocabulary::kAction, action), ": ");
  if (decision.allowed) {
    absl::StrAppend(&text, Paint(Tone::kGood, "allowed"), "\n");
    for (const RequiredAction::Value obligation : decision.obligations) {
      absl::StrAppend(&text, "  but first ", WordFor(Vocabulary::kRequiredAction, obligation),
                      "\n");
    }
    return text;
  }
  if (!decision.permitted && decision.violations.empty()) {
    absl::StrAppend(&text, Paint(Tone::kBad, "not permitted"), ": no rule lets this actor in\n");
    return text;
  }
  const size_t against = decision.violations.size();
  absl::StrAppend(&text, Paint(Tone::kBad, "refused"), ": ", Count(against, "rule"), " stand",
                  against == 1 ? "s" : "", " against it\n");
  for (const Violation& violation : decision.violations) AppendViolation(violation, text);
  if (decision.eligible_time.has_value()) {
    absl::StrAppend(&text, "Allowed from ", InUtc(*decision.eligible_time),
                    " if nothing else changes.\n");
  }
  return text;
}

nlohmann::ordered_json ToJson(const Decision& decision) {
  Json violations = Json::array();
  for (const Violation& violation : decision.violations) {
    Json mends = Json::array();
    for (const Mend& mend : violation.mends) {
      Json json = {{"by", WordFor(Vocabulary::kMendBy, mend.by)}, {"operation", mend.operation}};
      if (mend.satisfied_time.has_value()) json["satisfied_time"] = InUtc(*mend.satisfied_time);
      mends.push_back(std::move(json));
    }
    Json observed = Json::object();
    for (const auto& [expression, value] : violation.observed) observed[expression] = value;
    violations.push_back({{"rule_id", violation.rule_id},
                          {"reason", WordFor(Vocabulary::kReason, violation.reason)},
                          {"message", violation.message},
                          {"observed", std::move(observed)},
                          {"mends", std::move(mends)}});
  }
  Json obligations = Json::array();
  for (const RequiredAction::Value obligation : decision.obligations) {
    obligations.push_back(std::string(WordFor(Vocabulary::kRequiredAction, obligation)));
  }
  Json json = {{"allowed", decision.allowed},
               {"permitted", decision.permitted},
               {"violations", std::move(violations)},
               {"obligations", std::move(obligations)}};
  if (decision.eligible_time.has_value()) json["eligible_time"] = InUtc(*decision.eligible_time);
  if (!decision.missing_facts.empty()) json["missing_facts"] = decision.missing_facts;
  json["policy_revision"] = decision.policy_revision.ToString();
  return json;
}

}  // namespace gatehouse::policy::tool
