#include <iostream>

#include "absl/strings/str_cat.h"

#include "policy/cel/checker.h"
#include "policy/cel/environment.h"
#include "policy/cel/parser.h"
#include "policy/cel/program.h"
#include "policy/expression_compiler.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include "policy/tool/value_json.h"

namespace gatehouse::policy::tool {
namespace {

void Complain(absl::string_view expression, absl::Span<const cel::Diagnostic> diagnostics) {
  for (const cel::Diagnostic& diagnostic : diagnostics) {
    std::cerr << diagnostic.ToStringWithExcerpt(expression) << "\n";
  }
}

// Declares the variable of "NAME=JSON", and adds its value; false with a complaint if it is none.
bool Bind(const std::string& binding, cel::Environment& environment, cel::Arena& arena,
          std::vector<cel::Value>& slots) {
  const size_t sign = binding.find('=');
  if (sign == std::string::npos) {
    std::cerr << "--bind " << binding << ": expected NAME=JSON\n";
    return false;
  }
  const nlohmann::json json = nlohmann::json::parse(binding.substr(sign + 1), nullptr, false);
  const absl::StatusOr<cel::Value> value =
      json.is_discarded() ? absl::InvalidArgumentError("not JSON") : ValueFromJson(json, arena);
  const absl::Status declared =
      environment.AddVariable(binding.substr(0, sign), cel::Type::Dyn()).status();
  if (!value.ok() || !declared.ok()) {
    const absl::Status& fault = value.ok() ? declared : value.status();
    std::cerr << "--bind " << binding << ": " << fault.message() << "\n";
    return false;
  }
  slots.push_back(*value);
  return true;
}

}  // namespace

int RunEval(const std::string& expression, const std::vector<std::string>& bindings) {
  cel::Environment environment;
  cel::Arena arena;
  std::vector<cel::Value> slots;
  for (const std::string& binding : bindings) {
    if (!Bind(binding, environment, arena, slots)) return kUsage;
  }
  DeclareWords(environment);
  cel::Outcome<cel::Ast> ast = cel::Parse(expression);
  if (!ast.ok()) {
    Complain(expression, ast.diagnostics());
    return kEvalError;
  }
  cel::CheckOptions options;
  options.typing = cel::Typing::kGradual;
  cel::Outcome<cel::CheckedExpression> checked = cel::Check(std::move(*ast), environment, options);
  if (!checked.ok()) {
    Complain(expression, checked.diagnostics());
    return kEvalError;
  }
  const cel::Program program(std::move(*checked));
  const cel::Value value = program.Evaluate(slots, arena);
  std::cout << ValueToJson(value).dump() << "\n";
  return value.ok() ? kOk : kEvalError;
}

}  // namespace gatehouse::policy::tool
