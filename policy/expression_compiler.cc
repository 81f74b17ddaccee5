#include "policy/expression_compiler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/cel/limits.h"
#include "policy/cel/parser.h"
#include "policy/near_name.h"

namespace gatehouse::policy {
namespace {

// Parameters, and definitions: each may be defined by another, and they are followed one in
// another.
constexpr int kMostNamed = 2'000;

// Of all expressions together: a short text could put long definitions into many rules.
constexpr size_t kMostBytes = 4 << 20;

std::shared_ptr<const cel::EnumType> MakeEnum(Vocabulary vocabulary) {
  const google::protobuf::EnumDescriptor& words = *Describe(vocabulary);
  auto type = std::make_shared<cel::EnumType>();
  type->name = words.containing_type()->name();
  // Not the first: UNSPECIFIED is nothing that a rule should count on.
  for (int i = 1; i < words.value_count(); ++i) {
    type->values.emplace_back(words.value(i)->name(), words.value(i)->number());
  }
  return type;
}

// One shared definition a vocabulary, so that types made in different places are equal.
const std::shared_ptr<const cel::EnumType>& EnumOf(Vocabulary vocabulary) {
  static const auto* const enums = [] {
    auto* made = new absl::flat_hash_map<Vocabulary, std::shared_ptr<const cel::EnumType>>();
    for (const FactInfo& fact : AllFacts()) {
      if (fact.vocabulary == Vocabulary::kNone || made->contains(fact.vocabulary)) continue;
      made->emplace(fact.vocabulary, MakeEnum(fact.vocabulary));
    }
    return made;
  }();
  return enums->at(vocabulary);
}

const cel::Type& RoleGrantType() {
  static const auto* const type = [] {
    auto record = std::make_shared<cel::RecordType>();
    record->name = "RoleGrant";
    record->fields.push_back({"role", cel::Type::Enum(EnumOf(Vocabulary::kRole))});
    record->fields.push_back({"organisation_id", cel::Type::String()});
    return new cel::Type(cel::Type::Record(std::move(record)));
  }();
  return *type;
}

// The group of a dotted name: "account" of "account.locked".
absl::string_view GroupOf(absl::string_view name) { return name.substr(0, name.find('.')); }

// Whether facts already use the name, alone or as their group.
bool IsTaken(absl::string_view name) {
  const absl::Span<const FactInfo> facts = AllFacts();
  return std::any_of(facts.begin(), facts.end(),
                     [&](const FactInfo& fact) { return GroupOf(fact.name) == name; });
}

// Names in `expression` that `index` knows, with the places at which they stand, in the order of
// the text.
std::vector<std::pair<std::string, cel::SourceRange>> NamesUsed(
    absl::string_view expression, const absl::flat_hash_map<std::string, size_t>& index) {
  std::vector<std::pair<std::string, cel::SourceRange>> used;
  const std::optional<cel::Ast> ast = cel::ParseLeniently(expression).ast;
  if (!ast.has_value()) return used;
  for (const cel::Node& node : ast->nodes()) {
    if (node.kind != cel::NodeKind::kIdentifier || !index.contains(node.name)) continue;
    used.emplace_back(std::string(node.name), node.range);
  }
  std::sort(used.begin(), used.end(),
            [](const auto& a, const auto& b) { return a.second.begin < b.second.begin; });
  return used;
}

}  // namespace

cel::Type TypeOf(const FactInfo& fact) {
  const auto whole_number = [&] {
    return fact.vocabulary == Vocabulary::kNone ? cel::Type::Int()
                                                : cel::Type::Enum(EnumOf(fact.vocabulary));
  };
  switch (fact.type) {
    case FactType::kBool:
      return cel::Type::Bool();
    case FactType::kInt:
      return whole_number();
    case FactType::kDouble:
      return cel::Type::Double();
    case FactType::kText:
      return cel::Type::String();
    case FactType::kInstant:
    case FactType::kOptional:
      return cel::Type::Timestamp();
    case FactType::kInts:
      return cel::Type::List(whole_number());
    case FactType::kRoles:
      return cel::Type::List(RoleGrantType());
  }
  return cel::Type();
}

void DeclareWords(cel::Environment& environment) {
  absl::flat_hash_map<Vocabulary, bool> done;
  for (const FactInfo& fact : AllFacts()) {
    if (fact.vocabulary == Vocabulary::kNone || !done.emplace(fact.vocabulary, true).second) {
      continue;
    }
    environment.AddEnum(EnumOf(fact.vocabulary)).IgnoreError();
  }
}

ExpressionCompiler::ExpressionCompiler(PolicySource& source) : source_(source) {
  for (const FactInfo& fact : AllFacts()) {
    environment_.AddVariable(fact.name, TypeOf(fact)).IgnoreError();
  }
  const FactInfo& now = Describe(Fact::kNow);
  given_environment_.AddVariable(now.name, TypeOf(now)).IgnoreError();
  DeclareWords(environment_);
  DeclareWords(given_environment_);
}

void ExpressionCompiler::ReadParametersAndDefinitions() {
  const v1::Policy& policy = source_.proto();
  parameters_ = ReadNamed("parameters", policy.parameters_size(), parameter_index_);
  definitions_ = ReadNamed("define", policy.define_size(), definition_index_);
  for (size_t i = 0; i < parameters_.size(); ++i) ResolveParameter(i);
  for (size_t i = 0; i < definitions_.size(); ++i) ResolveDefinition(i);
}

std::vector<ExpressionCompiler::Named> ExpressionCompiler::ReadNamed(absl::string_view field,
                                                                     int count, NamedIndex& index) {
  std::vector<Named> all;
  if (count > kMostNamed) {
    GiveUp(source_.places().Field(field), absl::StrCat("more than ", kMostNamed));
    return all;
  }
  for (int i = 0; i < count; ++i) {
    const MessagePlaces places = source_.places().Nested(field, i);
    Named named;
    LocatedText name = places.Text("name");
    named.name_place =
        name.text.empty() ? places.own() : name.PlaceOf(0, static_cast<uint32_t>(name.text.size()));
    named.name = std::move(name.text);
    named.text = places.Text("value");
    named.unread = places.IsSpoiled("value");
    if (!named.name.empty() || !places.IsSpoiled("name")) CheckName(named, index, all.size());
    all.push_back(std::move(named));
  }
  // What each speaks of; mistakes are reported when it is compiled.
  for (Named& named : all) {
    for (auto& [name, range] : NamesUsed(named.text.text, index)) {
      named.uses.push_back(std::move(name));
    }
  }
  return all;
}

void ExpressionCompiler::GiveUp(Place place, absl::string_view why) {
  source_.Error(place, why);
  gave_up_ = true;
}

void ExpressionCompiler::CheckName(Named& named, NamedIndex& index, size_t position) {
  std::string fault;
  if (named.name.empty()) {
    fault = "it has no name";
  } else if (parameter_index_.contains(named.name) || !index.emplace(named.name, position).second) {
    fault = absl::StrCat("'", named.name, "' is defined twice");
  } else if (IsTaken(named.name)) {
    fault = absl::StrCat("'", named.name, "' is the name of facts");
  } else if (environment_.FindConstant(named.name) != nullptr) {
    fault = absl::StrCat("'", named.name, "' is a word of the language");
  }
  if (fault.empty()) return;
  named.wrong = true;
  source_.Error(named.name_place, fault);
}

bool ExpressionCompiler::Enter(Named& named, absl::string_view kind) {
  if (named.state == Named::State::kOpen) {
    source_.Error(named.name_place,
                  absl::StrCat(kind, " '", named.name, "' is defined by itself in a circle"));
    named.wrong = true;
    Excuse(named);
  }
  if (named.state != Named::State::kNew) return false;
  named.state = Named::State::kOpen;
  return true;
}

void ExpressionCompiler::ResolveParameter(size_t position) {
  if (!Enter(parameters_[position], "parameter")) return;
  Named& named = parameters_[position];
  for (const std::string& use : named.uses) {
    const size_t used = parameter_index_.at(use);
    ResolveParameter(used);
    named.wrong = named.wrong || parameters_[used].wrong;
  }
  named.state = Named::State::kDone;
  if (named.name.empty()) return;
  if (named.unread || !AddParameter(named)) {
    named.wrong = true;
    Excuse(named);
  }
}

bool ExpressionCompiler::AddParameter(const Named& named) {
  const std::optional<cel::Program> program = Compile(named.text, given_environment_, std::nullopt);
  if (named.wrong || !program.has_value()) return false;
  const cel::Value* value = program->constant();
  if (value == nullptr || value->failed()) {
    source_.Error(named.text.field, absl::StrCat("parameter '", named.name, "' has no value"),
                  "it must be a constant expression that can be computed");
    return false;
  }
  for (cel::Environment* environment : {&environment_, &given_environment_}) {
    const absl::Status added =
        environment->AddConstant(named.name, program->expression().type(), *value);
    if (!added.ok() && environment == &environment_) {
      source_.Error(named.name_place, absl::StrCat("'", named.name, "' cannot be a name here"));
      return false;
    }
  }
  return true;
}

void ExpressionCompiler::Excuse(const Named& named) {
  // An error here is one that has been reported: the name is taken, or is none.
  for (cel::Environment* environment : {&environment_, &given_environment_}) {
    environment->Excuse(named.name).IgnoreError();
  }
}

void ExpressionCompiler::ResolveDefinition(size_t position) {
  if (!Enter(definitions_[position], "definition")) return;
  Named& named = definitions_[position];
  for (const std::string& use : named.uses) ResolveDefinition(definition_index_.at(use));
  named.state = Named::State::kDone;
  if (named.unread || !AddDefinition(named)) Excuse(named);
}

bool ExpressionCompiler::AddDefinition(const Named& named) {
  std::optional<LocatedText> expanded = Expand(named.text);
  if (!expanded.has_value()) return false;
  if (!Compile(*expanded, environment_, std::nullopt).has_value()) return false;
  if (!named.wrong) expanded_.emplace(named.name, std::move(expanded->text));
  return !named.wrong;
}

std::optional<LocatedText> ExpressionCompiler::Expand(const LocatedText& expression) {
  if (gave_up_) return std::nullopt;
  LocatedText result;
  result.field = expression.field;
  uint32_t copied = 0;
  const auto copy_up_to = [&](uint32_t end) {
    result.text.append(expression.text, copied, end - copied);
    result.origins.insert(result.origins.end(), expression.origins.begin() + copied,
                          expression.origins.begin() + end);
    copied = end;
  };
  for (const auto& [name, range] : NamesUsed(expression.text, definition_index_)) {
    const auto body = expanded_.find(name);
    if (body == expanded_.end()) continue;  // its own error has been reported
    copy_up_to(range.begin);
    const std::string inserted = absl::StrCat("(", body->second, ")");
    if (result.text.size() + inserted.size() > cel::Limits().source_bytes) {
      source_.Error(expression.field, "too long when its definitions are put in");
      return std::nullopt;
    }
    result.text += inserted;
    result.origins.push_back(expression.origins[range.begin]);
    result.origins.insert(result.origins.end(), inserted.size() - 1,
                          expression.origins[range.end - 1]);
    copied = range.end;
  }
  copy_up_to(static_cast<uint32_t>(expression.text.size()));
  result.origins.push_back(expression.origins.back());
  return result;
}

std::optional<cel::Program> ExpressionCompiler::CompileRule(const LocatedText& expression,
                                                            const cel::Type& expected) {
  const std::optional<LocatedText> expanded = Expand(expression);
  if (!expanded.has_value()) return std::nullopt;
  return Compile(*expanded, environment_, expected);
}

std::optional<cel::Program> ExpressionCompiler::CompileGiven(const LocatedText& expression,
                                                             const cel::Type& expected) {
  return Compile(expression, given_environment_, expected);
}

std::optional<cel::Program> ExpressionCompiler::Compile(const LocatedText& expression,
                                                        const cel::Environment& environment,
                                                        const std::optional<cel::Type>& expected) {
  if (gave_up_) return std::nullopt;
  compiled_bytes_ += expression.text.size();
  if (compiled_bytes_ > kMostBytes) {
    GiveUp(expression.field, absl::StrCat("with those before it, more than ", kMostBytes,
                                          " bytes of expressions with definitions put in"));
    return std::nullopt;
  }
  cel::LenientParse parse = cel::ParseLeniently(expression.text);
  Report(expression, parse.mistakes);
  if (!parse.ast.has_value()) return std::nullopt;
  cel::CheckOptions options;
  if (parse.mistakes.empty()) options.expected = expected;
  cel::Outcome<cel::CheckedExpression> checked =
      cel::Check(*std::move(parse.ast), environment, options);
  Report(expression, checked.diagnostics());
  if (!parse.mistakes.empty() || !checked.ok()) return std::nullopt;
  const std::vector<cel::SlotId> slots = checked->Slots();
  const auto excused = [&](cel::SlotId slot) { return environment.variables()[slot].excused; };
  if (std::any_of(slots.begin(), slots.end(), excused)) return std::nullopt;
  return cel::Program(std::move(*checked));
}

void ExpressionCompiler::Report(const LocatedText& text,
                                absl::Span<const cel::Diagnostic> diagnostics) {
  for (const cel::Diagnostic& diagnostic : diagnostics) {
    source_.Error(text.PlaceOf(diagnostic.range.begin, diagnostic.range.end), diagnostic.message,
                  diagnostic.suggestion);
  }
}

bool ExpressionCompiler::MayDefine(absl::string_view parameter) const {
  return parameter_index_.contains(parameter) || source_.places().IsSpoiled("parameters") ||
         std::any_of(parameters_.begin(), parameters_.end(),
                     [](const Named& named) { return named.name.empty(); });
}

const cel::Environment::Constant* ExpressionCompiler::FindParameter(absl::string_view name) const {
  return parameter_index_.contains(name) ? environment_.FindConstant(name) : nullptr;
}

}  // namespace gatehouse::policy
