#include "policy/analysis/expression_reader.h"

#include <algorithm>
#include <utility>

namespace gatehouse::policy::analysis {
namespace {

using cel::Function;

// Beyond so many organisations told apart in one predicate over roles it is taken as opaque.
constexpr size_t kMostScopes = 3;
// The places of a grant's fields.
constexpr uint32_t kRoleField = 0;
constexpr uint32_t kOrganisationField = 1;

Diagram ConstantTruth(const cel::Value& value) {
  if (value.is(cel::ValueKind::kBool)) return value.bool_value() ? kTrue : kFalse;
  return value.is(cel::ValueKind::kUnknown) ? kUnknown : kFailed;
}

}  // namespace

Diagram ExpressionReader::Read(const cel::Program& program) {
  if (diagrams_.exhausted()) return kFailed;
  program_ = &program;
  locals_.clear();
  return TruthOf(program.expression().ast().root()).value_or(kFailed);
}

std::optional<Fact> ExpressionReader::FactOf(cel::NodeId id) const {
  const std::optional<cel::SlotId> slot = expression().slot(id);
  if (!slot.has_value() || NodeOf(id).kind == cel::NodeKind::kHas) return std::nullopt;
  return static_cast<Fact>(*slot);
}

bool ExpressionReader::SpeaksOfLocals(cel::NodeId id) const {
  if (depth_ == 0) return false;
  const std::vector<cel::NodeId> parts = expression().Reachable(id);
  return std::any_of(parts.begin(), parts.end(), [&](cel::NodeId part) {
    return expression().binding(part).kind == cel::Binding::Kind::kLocal;
  });
}

const ExpressionReader::Local* ExpressionReader::LocalOf(cel::NodeId id) const {
  const cel::Binding& binding = expression().binding(id);
  if (binding.kind != cel::Binding::Kind::kLocal) return nullptr;
  const auto local = locals_.find(binding.index);
  return local == locals_.end() ? nullptr : &local->second;
}

const ExpressionReader::Grant* ExpressionReader::GrantOfField(cel::NodeId id,
                                                              uint32_t field) const {
  const cel::Binding& binding = expression().binding(id);
  const cel::Node& node = NodeOf(id);
  if (node.kind != cel::NodeKind::kSelect || binding.kind != cel::Binding::Kind::kField ||
      binding.index != field) {
    return nullptr;
  }
  const Local* local = LocalOf(node.children[0]);
  return local == nullptr || !local->grant.has_value() ? nullptr : &*local->grant;
}

std::optional<Diagram> ExpressionReader::TruthOf(cel::NodeId id) {
  if (const cel::Value* constant = program_->constant(id)) return ConstantTruth(*constant);
  const std::optional<Diagram> truth = Interpret(id);
  if (truth.has_value() || SpeaksOfLocals(id)) return truth;
  const Variable opaque = atoms_.Opaque(*program_, id);
  Diagram value = values_.Has(opaque, kTrue);
  for (const Truth other : {kUnknown, kFailed}) {
    value = diagrams_.Choose(values_.Has(opaque, other), Diagram{other}, value);
  }
  return value;
}

std::optional<Diagram> ExpressionReader::Interpret(cel::NodeId id) {
  const cel::Node& node = NodeOf(id);
  const std::optional<cel::SlotId> slot = expression().slot(id);
  if (slot.has_value() && node.kind == cel::NodeKind::kHas) {
    const auto fact = static_cast<Fact>(*slot);
    const std::optional<Cases> value =
        Describe(fact).type == FactType::kOptional ? std::nullopt : values_.OfFact(fact);
    if (value.has_value()) return values_.Compare(Function::kEqual, *value, *value);
    const Diagram present = values_.IfKnown(fact, kTrue);
    return diagrams_.Choose(diagrams_.Is(present, kFailed), kFalse, present);
  }
  switch (node.kind) {
    case cel::NodeKind::kCall:
      return InterpretCall(node);
    case cel::NodeKind::kComprehension:
      return InterpretComprehension(node);
    default:
      break;
  }
  const std::optional<Cases> value = ValueOf(id);
  if (!value.has_value()) return std::nullopt;
  return values_.Compare(Function::kEqual, *value, values_.OfConstant(cel::Value::Bool(true)));
}

std::optional<Diagram> ExpressionReader::InterpretCall(const cel::Node& node) {
  switch (node.function) {
    case Function::kNot: {
      const std::optional<Diagram> operand = TruthOf(node.children[0]);
      if (!operand.has_value()) return std::nullopt;
      return diagrams_.Not(*operand);
    }
    case Function::kAnd:
    case Function::kOr:
    case Function::kConditional:
      return InterpretLogic(node);
    case Function::kIn:
      return InterpretMembership(node);
    default:
      return cel::IsComparison(node.function) ? InterpretComparison(node) : std::nullopt;
  }
}

std::optional<Diagram> ExpressionReader::InterpretLogic(const cel::Node& node) {
  std::vector<Diagram> operands;
  for (const cel::NodeId child : node.children) {
    const std::optional<Diagram> operand = TruthOf(child);
    if (!operand.has_value()) return std::nullopt;
    operands.push_back(*operand);
  }
  if (node.function == Function::kConditional) {
    return diagrams_.Choose(operands[0], operands[1], operands[2]);
  }
  const bool is_and = node.function == Function::kAnd;
  Diagram result = is_and ? kTrue : kFalse;
  for (const Diagram operand : operands) {
    result = is_and ? diagrams_.And(result, operand) : diagrams_.Or(result, operand);
  }
  return result;
}

std::optional<Diagram> ExpressionReader::InterpretComparison(const cel::Node& node) {
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const Grant* grant = GrantOfField(node.children[side], kOrganisationField);
    if (grant == nullptr) continue;
    const bool negated = node.function == Function::kNotEqual;
    if (node.function != Function::kEqual && !negated) return std::nullopt;
    const std::optional<Diagram> is_at = GrantIsAt(*grant, node.children[1 - side]);
    if (!is_at.has_value()) return std::nullopt;
    return negated ? diagrams_.Not(*is_at) : *is_at;
  }
  const std::optional<Cases> left = ValueOf(node.children[0]);
  if (!left.has_value()) return std::nullopt;
  const std::optional<Cases> right = ValueOf(node.children[1]);
  if (!right.has_value()) return std::nullopt;
  return values_.Compare(node.function, *left, *right);
}

std::optional<Diagram> ExpressionReader::GrantIsAt(const Grant& grant, cel::NodeId organisation) {
  Scope scope;
  const cel::Value* name = program_->constant(organisation);
  if (name != nullptr && name->is(cel::ValueKind::kString)) {
    scope.name = std::string(name->string_value());
    atoms_.AddText(scope.name);
  } else if (const std::optional<Fact> fact = FactOf(organisation);
             fact.has_value() && Describe(*fact).type == FactType::kText) {
    scope.fact = fact;
  } else {
    return std::nullopt;
  }
  const auto known = std::lower_bound(grant.scopes->begin(), grant.scopes->end(), scope);
  if (known == grant.scopes->end() || *known != scope) {
    grant.scopes->insert(known, scope);
    return Diagram{kTrue};  // asked again, once all scopes are known
  }
  const bool is_at = ((grant.mask >> (known - grant.scopes->begin())) & 1) != 0;
  const Diagram truth = is_at ? kTrue : kFalse;
  if (!scope.fact.has_value()) return truth;
  const Variable text = atoms_.Text(*scope.fact);
  const auto unknown = static_cast<uint32_t>(atoms_.texts().size() + 1);
  return diagrams_.Choose(values_.Has(text, unknown), Diagram{kUnknown}, truth);
}

std::optional<Diagram> ExpressionReader::InterpretMembership(const cel::Node& node) {
  const cel::NodeId list = node.children[1];
  const std::optional<Cases> word = ValueOf(node.children[0]);
  if (!word.has_value()) return std::nullopt;
  // What is sought is asked for first: if it fails, that is what comes out.
  const std::optional<Diagram> is_known = values_.Compare(Function::kEqual, *word, *word);
  if (!is_known.has_value()) return std::nullopt;
  const auto among = [&](absl::Span<const cel::Value> elements,
                         auto&& holds) -> std::optional<Diagram> {
    Diagram any = kFalse;
    for (const cel::Value& element : elements) {
      const std::optional<Diagram> same =
          values_.Compare(Function::kEqual, *word, values_.OfConstant(element));
      if (!same.has_value()) return std::nullopt;
      any = diagrams_.Or(any, diagrams_.And(*same, holds(element)));
    }
    return diagrams_.Choose(*is_known, any, kFalse);
  };
  if (const cel::Value* constant = program_->constant(list)) {
    if (!constant->is(cel::ValueKind::kList)) return std::nullopt;
    return among(constant->list_value(), [](const cel::Value&) { return Diagram{kTrue}; });
  }
  const std::optional<Fact> fact = FactOf(list);
  if (!fact.has_value() || Describe(*fact).type != FactType::kInts) return std::nullopt;
  std::vector<cel::Value> words;
  for (const int64_t one : WordsOf(Describe(*fact).vocabulary)) {
    words.push_back(cel::Value::Int(one));
  }
  atoms_.Presence(*fact);
  const std::optional<Diagram> has = among(words, [&](const cel::Value& element) {
    return values_.Has(atoms_.ListHas(*fact, element.int_value()), 1);
  });
  if (!has.has_value()) return std::nullopt;
  return diagrams_.Choose(*is_known, values_.IfKnown(*fact, *has), kFalse);
}

std::optional<Diagram> ExpressionReader::InterpretComprehension(const cel::Node& node) {
  if (node.macro != cel::Macro::kExists && node.macro != cel::Macro::kAll) return std::nullopt;
  if (!node.variables[1].empty()) return std::nullopt;
  std::optional<Diagram> found;
  if (const cel::Value* constant = program_->constant(node.range_node())) {
    if (!constant->is(cel::ValueKind::kList)) return std::nullopt;
    found = OverConstants(node, *constant);
  } else if (const std::optional<Fact> list = FactOf(node.range_node())) {
    if (Describe(*list).type == FactType::kInts) found = OverWords(node, *list);
    if (Describe(*list).type == FactType::kRoles) found = OverRoles(node, *list);
    if (found.has_value()) found = values_.IfKnown(*list, *found);
  }
  if (!found.has_value() || node.macro == cel::Macro::kExists) return found;
  return diagrams_.Not(*found);
}

std::optional<Diagram> ExpressionReader::PredicateFor(const cel::Node& node, const Local& element) {
  // The comprehension's variable is the only local that its predicate speaks of and that no outer
  // comprehension has set.
  std::optional<uint32_t> place;
  for (const cel::NodeId part : expression().Reachable(node.predicate())) {
    const cel::Binding& binding = expression().binding(part);
    if (binding.kind != cel::Binding::Kind::kLocal || NodeOf(part).name != node.variables[0]) {
      continue;
    }
    place = binding.index;
    break;
  }
  std::optional<Local> outer;
  if (place.has_value()) {
    if (const auto known = locals_.find(*place); known != locals_.end()) outer = known->second;
    locals_[*place] = element;
  }
  ++depth_;
  const std::optional<Diagram> holds = TruthOf(node.predicate());
  --depth_;
  if (place.has_value()) {
    locals_.erase(*place);
    if (outer.has_value()) locals_[*place] = *outer;
  }
  if (!holds.has_value() || node.macro == cel::Macro::kExists) return holds;
  return diagrams_.Not(*holds);
}

std::optional<Diagram> ExpressionReader::OverConstants(const cel::Node& node,
                                                       const cel::Value& list) {
  Diagram found = kFalse;
  for (const cel::Value& element : list.list_value()) {
    const std::optional<Diagram> holds = PredicateFor(node, {.constant = element, .grant = {}});
    if (!holds.has_value()) return std::nullopt;
    found = diagrams_.Or(found, *holds);
  }
  return found;
}

std::optional<Diagram> ExpressionReader::OverWords(const cel::Node& node, Fact list) {
  atoms_.Presence(list);
  Diagram found = kFalse;
  for (const int64_t word : WordsOf(Describe(list).vocabulary)) {
    const std::optional<Diagram> holds =
        PredicateFor(node, {.constant = cel::Value::Int(word), .grant = {}});
    if (!holds.has_value()) return std::nullopt;
    if (*holds == kFalse && atoms_.frozen()) continue;
    const Diagram has = values_.Has(atoms_.ListHas(list, word), 1);
    found = diagrams_.Or(found, diagrams_.Choose(has, *holds, kFalse));
  }
  return found;
}

std::optional<Diagram> ExpressionReader::OverRoles(const cel::Node& node, Fact roles) {
  atoms_.Presence(roles);
  std::vector<Scope> scopes;
  if (!PredicateFor(node, {.constant = {}, .grant = Grant{0, 0, &scopes}}).has_value()) {
    return std::nullopt;
  }
  if (scopes.size() > kMostScopes) return std::nullopt;
  const size_t places = size_t{1} << scopes.size();
  const absl::Span<const int64_t> words = WordsOf(Vocabulary::kRole);
  // The kinds of grants for which the predicate comes out alike are asked about together.
  std::vector<std::pair<Diagram, GrantKinds>> alike;
  for (size_t kind = 0; kind < words.size() * places; ++kind) {
    const Grant grant = {words[kind / places], kind % places, &scopes};
    const std::optional<Diagram> holds = PredicateFor(node, {.constant = {}, .grant = grant});
    if (!holds.has_value()) return std::nullopt;
    if (*holds == kFalse) continue;
    auto group = std::find_if(alike.begin(), alike.end(),
                              [&](const auto& one) { return one.first == *holds; });
    if (group == alike.end()) {
      alike.push_back({*holds, {scopes, std::vector<bool>(words.size() * places)}});
      group = alike.end() - 1;
    }
    group->second.kinds[kind] = true;
  }
  Diagram found = kFalse;
  if (!atoms_.frozen()) return found;  // which are alike is told by diagrams
  for (auto& [holds, grants] : alike) {
    grants.Simplify();
    const Diagram has = values_.Has(atoms_.HoldsGrant(roles, std::move(grants)), 1);
    found = diagrams_.Or(found, diagrams_.Choose(has, holds, kFalse));
  }
  return found;
}

std::optional<Cases> ExpressionReader::ValueOf(cel::NodeId id) {
  if (const cel::Value* constant = program_->constant(id)) return values_.OfConstant(*constant);
  if (const std::optional<Fact> fact = FactOf(id)) return values_.OfFact(*fact);
  const cel::Node& node = NodeOf(id);
  if (const Local* local = LocalOf(id)) {
    return local->constant.has_value() ? std::optional(values_.OfConstant(*local->constant))
                                       : std::nullopt;
  }
  if (const Grant* grant = GrantOfField(id, kRoleField)) {
    return values_.OfConstant(cel::Value::Int(grant->role));
  }
  if (node.kind == cel::NodeKind::kCall) return ValueOfCall(node);
  return std::nullopt;
}

std::optional<Cases> ExpressionReader::ValueOfCall(const cel::Node& node) {
  switch (node.function) {
    case Function::kAdd:
    case Function::kSubtract: {
      const std::optional<Cases> left = ValueOf(node.children[0]);
      const std::optional<Cases> right = ValueOf(node.children[1]);
      if (!left.has_value() || !right.has_value()) return std::nullopt;
      return values_.Add(*left, *right, node.function == Function::kSubtract);
    }
    case Function::kNegate: {
      const std::optional<Cases> operand = ValueOf(node.children[0]);
      if (!operand.has_value()) return std::nullopt;
      return values_.Add(values_.OfConstant(cel::Value::Int(0)), *operand, true);
    }
    case Function::kConditional:
      return ValueOfChoice(node);
    case Function::kSize: {
      const std::optional<Fact> list = FactOf(node.children[0]);
      if (!list.has_value() || Describe(*list).type != FactType::kInts) return std::nullopt;
      return values_.OfSize(*list);
    }
    case Function::kIndex:
      return ElementOf(node);
    default:
      return std::nullopt;
  }
}

std::optional<Cases> ExpressionReader::ElementOf(const cel::Node& node) {
  const std::optional<Fact> list = FactOf(node.children[0]);
  const cel::Value* position = program_->constant(node.children[1]);
  if (!list.has_value() || Describe(*list).type != FactType::kInts) return std::nullopt;
  if (position == nullptr || !position->is(cel::ValueKind::kInt)) return std::nullopt;
  if (position->int_value() < 0 || position->int_value() > INT32_MAX) return std::nullopt;
  return values_.OfElement(*list, position->int_value());
}

std::optional<Cases> ExpressionReader::ValueOfChoice(const cel::Node& node) {
  const std::optional<Diagram> condition = TruthOf(node.children[0]);
  if (!condition.has_value()) return std::nullopt;
  Cases all;
  for (const Truth truth : {kTrue, kFalse}) {
    const std::optional<Cases> branch = ValueOf(node.children[truth == kTrue ? 1 : 2]);
    if (!branch.has_value()) return std::nullopt;
    const Diagram taken = diagrams_.Is(*condition, truth);
    for (const Case& one : *branch) all.push_back({diagrams_.And(taken, one.guard), one.value});
  }
  for (const Truth truth : {kUnknown, kFailed}) {
    SymbolicValue failure = {.kind = SymbolicValue::Kind::kFailure};
    if (truth == kFailed) failure.constant = cel::Value::Error(cel::ErrorCode::kAbsent);
    all.push_back({diagrams_.Is(*condition, truth), failure});
  }
  return all;
}

}  // namespace gatehouse::policy::analysis
