#include "policy/suppose.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/cel/arena.h"
#include "policy/cel/checker.h"
#include "policy/cel/environment.h"
#include "policy/cel/format.h"
#include "policy/cel/parser.h"
#include "policy/cel/program.h"
#include "policy/expression_compiler.h"
#include "policy/given_facts.h"
#include "policy/near_name.h"

namespace gatehouse::policy {
namespace {

absl::Status Refuse(absl::Span<const cel::Diagnostic> diagnostics) {
  return absl::InvalidArgumentError(cel::ToString(diagnostics));
}

absl::Status UnknownFact(absl::string_view name) {
  std::vector<std::string> names;
  for (const FactInfo& info : AllFacts()) names.emplace_back(info.name);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown fact '", name, "'; ", SuggestName(name, names)));
}

absl::Status SetEvaluated(const FactInfo& info, const cel::Value& value, Facts& facts) {
  if (value.failed()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value of '", info.name, "' cannot be computed"));
  }
  if (info.type != FactType::kRoles) {
    facts.SetValue(info.fact, value);
    return absl::OkStatus();
  }
  std::vector<std::string> texts;
  for (const cel::Value& text : value.list_value()) texts.emplace_back(text.string_value());
  return SetRoles(info.fact, texts, facts);
}

}  // namespace

absl::Status Suppose(absl::string_view name, absl::string_view expression, Facts& facts) {
  const std::optional<Fact> fact = FindFact(name);
  if (!fact.has_value()) return UnknownFact(name);
  const FactInfo& info = Describe(*fact);
  const absl::string_view word = absl::StripAsciiWhitespace(expression);
  if (word == "unknown") {
    facts.SetUnknown(*fact);
    return absl::OkStatus();
  }
  if (word == "null" && info.type == FactType::kOptional) {
    facts.Set(*fact, std::optional<absl::Time>());
    return absl::OkStatus();
  }
  cel::Environment words;
  DeclareWords(words);
  auto parsed = cel::Parse(expression);
  if (!parsed.ok()) return Refuse(parsed.diagnostics());
  auto checked =
      cel::Check(*std::move(parsed), words,
                 {.typing = cel::Typing::kStatic, .expected = GivenTypeOf(info), .limits = {}});
  if (!checked.ok()) return Refuse(checked.diagnostics());
  cel::Arena arena;
  return SetEvaluated(info, cel::Program(*std::move(checked)).Evaluate({}, arena), facts);
}

std::string ExpressionFor(Fact fact, const Facts& facts) {
  if (!facts.IsKnown(fact)) return "unknown";
  const FactInfo& info = Describe(fact);
  const cel::Value& value = facts.Get(fact);
  if (value.absent()) return "null";
  if (info.type != FactType::kRoles) return cel::Format(value, TypeOf(info));
  std::vector<std::string> grants;
  for (const cel::Value& grant : value.list_value()) {
    const auto fields = grant.record_value();
    const absl::string_view organisation = fields[1].string_value();
    const std::string text =
        absl::StrCat(WordFor(Vocabulary::kRole, static_cast<int>(fields[0].int_value())),
                     organisation.empty() ? "" : "@", organisation);
    grants.push_back(cel::Format(cel::Value::String(text)));
  }
  return absl::StrCat("[", absl::StrJoin(grants, ", "), "]");
}

}  // namespace gatehouse::policy
