#include "policy/cel/checker.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "policy/cel/cost.h"
#include "policy/cel/inference.h"
#include "policy/cel/names.h"
#include "policy/cel/overload_check.h"
#include "policy/cel/suggestion.h"

namespace gatehouse::policy::cel {
namespace {

// Gives every node a type and a binding. A node that is wrong is reported once and becomes dyn,
// with which anything goes, so that one mistake is one diagnostic; where nothing is reported
// (permissive typing), that leaves the decision to the evaluation.
class Checker {
 public:
  Checker(const Ast& ast, const Environment& environment, const CheckOptions& options)
      : ast_(ast), environment_(environment), options_(options), infos_(ast.size()) {}

  void Run();

  std::vector<Diagnostic> TakeDiagnostics() { return std::move(diagnostics_); }
  std::vector<CheckedExpression::NodeInfo> TakeInfos() { return std::move(infos_); }
  Arena TakeConstants() { return std::move(constants_); }
  uint64_t cost() const { return cost_; }

 private:
  struct Local {
    absl::string_view name;
    Type type;
    uint32_t place;
  };

  Type Check(NodeId id);
  Type CheckNode(NodeId id, const Node& node);
  Type CheckLiteral(NodeId id, const Node& node);
  // `whole` is the chain of selections that the name begins, which is what a person sees as the
  // name.
  Type CheckName(NodeId id, NodeId whole);
  void ReportUndeclaredName(NodeId id, NodeId whole);
  Type CheckSelect(NodeId id, NodeId whole);
  Type CheckField(NodeId id, const Type& operand);
  bool BindName(NodeId id, Type& type);
  const Local* FindLocal(const DottedName& name) const;

  Type CheckCall(const Node& node);
  Type CheckLogic(const Node& node);
  Type CheckConditional(const Node& node);
  void CheckConstantArgument(const Node& node);

  Type CheckList(const Node& node);
  Type CheckMap(const Node& node);
  Type CheckComprehension(const Node& node);
  Type CheckBodies(const Node& node, const std::array<Type, 2>& keys_and_values);
  void ExpectBool(NodeId id, const Type& type);
  // The type of an element that joins those before it.
  Type Join(const Type& types_so_far, NodeId id, const Type& type);

  void CheckCost();
  // Whether a report would be of use: to be asked before one that takes time to make.
  bool Reports() const {
    return options_.typing != Typing::kPermissive &&
           diagnostics_.size() < options_.limits.diagnostics;
  }
  void Complain(const Node& call, Complaint complaint);
  void Report(SourceRange range, std::string message, std::string suggestion = "");
  // Also where types are not checked.
  void ReportAlways(SourceRange range, std::string message, std::string suggestion = "");
  void ReportMismatch(NodeId id, const Type& expected, const Type& got);

  const Ast& ast_;
  const Environment& environment_;
  const CheckOptions& options_;
  std::vector<CheckedExpression::NodeInfo> infos_;
  Arena constants_;
  Inference inference_;
  std::vector<Local> locals_;
  uint32_t depth_ = 0;  // of comprehensions
  uint64_t cost_ = 0;
  std::vector<Diagnostic> diagnostics_;
};

void Checker::Run() {
  const Type type = Check(ast_.root());
  if (options_.expected.has_value() && !inference_.Merge(*options_.expected, type).has_value()) {
    ReportMismatch(ast_.root(), *options_.expected, type);
  }
  for (CheckedExpression::NodeInfo& info : infos_) info.type = inference_.Close(info.type);
  if (diagnostics_.empty()) CheckCost();
}

Type Checker::Check(NodeId id) {
  const Type type = CheckNode(id, ast_.node(id));
  infos_[id].type = type;
  return inference_.Resolve(type);
}

Type Checker::CheckNode(NodeId id, const Node& node) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return CheckLiteral(id, node);
    case NodeKind::kIdentifier:
      return CheckName(id, id);
    case NodeKind::kSelect:
      return CheckSelect(id, id);
    case NodeKind::kHas:
      CheckSelect(id, id);
      return Type::Bool();
    case NodeKind::kCall:
      return CheckCall(node);
    case NodeKind::kList:
      return CheckList(node);
    case NodeKind::kMap:
      return CheckMap(node);
    case NodeKind::kComprehension:
      return CheckComprehension(node);
  }
  return Type::Dyn();
}

Type Checker::CheckLiteral(NodeId id, const Node& node) {
  infos_[id].binding = {Binding::Kind::kConstant, 0, node.literal};
  switch (node.literal.kind()) {
    case ValueKind::kBool:
      return Type::Bool();
    case ValueKind::kInt:
      return Type::Int();
    case ValueKind::kUint:
      return Type::Uint();
    case ValueKind::kDouble:
      return Type::Double();
    case ValueKind::kString:
      return Type::String();
    case ValueKind::kBytes:
      return Type::Bytes();
    default:
      return Type::Null();
  }
}

Type Checker::CheckName(NodeId id, NodeId whole) {
  Type type;
  if (BindName(id, type)) return type;
  if (Reports()) ReportUndeclaredName(id, whole);
  return Type::Dyn();
}

void Checker::ReportUndeclaredName(NodeId id, NodeId whole) {
  const std::string name = DottedNameOf(ast_, whole).text;
  const auto& variables = environment_.variables();
  const auto fact = std::find_if(variables.begin(), variables.end(), [&](const auto& variable) {
    return absl::StartsWith(variable.name, name + ".");
  });
  const SourceRange range = {ast_.node(id).range.begin, ast_.node(whole).mark.end};
  if (fact != variables.end()) {
    Report(range, absl::StrCat("'", name, "' is a group of facts and has no value of its own"),
           absl::StrCat("name one of its facts, such as ", fact->name));
    return;
  }
  Suggestion suggestion(name);
  suggestion.Offer(environment_.NearestName(name));
  for (const Local& local : locals_) suggestion.Offer(local.name);
  Report(range, absl::StrCat("undeclared name '", name, "'"), suggestion.Question());
}

Type Checker::CheckSelect(NodeId id, NodeId whole) {
  Type type;
  if (BindName(id, type)) return type;
  const NodeId operand = ast_.node(id).children[0];
  switch (ast_.node(operand).kind) {
    case NodeKind::kIdentifier:
      infos_[operand].type = CheckName(operand, whole);
      break;
    case NodeKind::kSelect:
      infos_[operand].type = CheckSelect(operand, whole);
      break;
    default:
      Check(operand);
      break;
  }
  return CheckField(id, inference_.Resolve(infos_[operand].type));
}

Type Checker::CheckField(NodeId id, const Type& operand) {
  const Node& node = ast_.node(id);
  switch (operand.kind()) {
    case Type::Kind::kMap:
      if (inference_.Merge(operand.key(), Type::String()).has_value()) return operand.value();
      ReportMismatch(id, operand.key(), Type::String());
      return Type::Dyn();
    case Type::Kind::kRecord: {
      const RecordType& record = operand.record_type();
      if (const std::optional<uint32_t> field = record.FindField(node.name)) {
        infos_[id].binding = {Binding::Kind::kField, *field, {}};
        return record.fields[*field].type;
      }
      Suggestion suggestion(node.name);
      for (const RecordType::Field& field : record.fields) suggestion.Offer(field.name);
      Report(node.mark, absl::StrCat(record.name, " has no field '", node.name, "'"),
             suggestion.Question());
      return Type::Dyn();
    }
    case Type::Kind::kDyn:
    case Type::Kind::kParameter:
      return Type::Dyn();
    default:
      Report(node.mark, absl::StrCat("expected a record or a map before '.", node.name, "', got ",
                                     operand.ToString()));
      return Type::Dyn();
  }
}

// Whether the node as a whole is one name; then `type` is its type.
bool Checker::BindName(NodeId id, Type& type) {
  const DottedName name = DottedNameOf(ast_, id);
  if (name.text.empty()) return false;
  Binding& binding = infos_[id].binding;
  if (const Local* local = FindLocal(name)) {
    if (ast_.node(id).kind != NodeKind::kIdentifier) return false;
    binding = {Binding::Kind::kLocal, local->place, {}};
    type = local->type;
    return true;
  }
  const std::optional<Meaning> meaning = FindMeaning(environment_, name.text, name.absolute);
  if (!meaning.has_value()) return false;
  type = meaning->type;
  if (meaning->variable == nullptr) {
    binding = {Binding::Kind::kConstant, 0, CopyTo(constants_, meaning->constant)};
    if (ast_.node(id).kind == NodeKind::kHas) binding.value = Value::Bool(true);
    return true;
  }
  binding = {Binding::Kind::kSlot, meaning->variable->slot, {}};
  if (type.is(Type::Kind::kDyn) && options_.typing == Typing::kStatic &&
      !meaning->variable->excused) {
    Report(ast_.node(id).mark, absl::StrCat("'", name.text, "' has no static type"));
  }
  return true;
}

const Checker::Local* Checker::FindLocal(const DottedName& name) const {
  if (name.absolute) return nullptr;
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(),
                                  [&](const Local& local) { return local.name == name.first; });
  return found == locals_.rend() ? nullptr : &*found;
}

Type Checker::CheckCall(const Node& node) {
  switch (node.function) {
    case Function::kAnd:
    case Function::kOr:
      return CheckLogic(node);
    case Function::kNot:
      ExpectBool(node.children[0], Check(node.children[0]));
      return Type::Bool();
    case Function::kConditional:
      return CheckConditional(node);
    default:
      break;
  }
  std::vector<Type> arguments;
  for (const NodeId child : node.children) arguments.push_back(Check(child));
  if (node.function == Function::kUndeclared) {
    if (Reports()) Complain(node, ExplainUndeclaredFunction(node));
    return Type::Dyn();
  }
  if (node.function == Function::kDyn && options_.typing == Typing::kStatic) {
    Report(node.mark, "dyn() is not available where every type is checked");
    return Type::Dyn();
  }
  if (options_.typing == Typing::kStatic) CheckConstantArgument(node);
  if (std::optional<Type> type = ResolveOverload(node, arguments, inference_)) return *type;
  if (Reports()) Complain(node, ExplainNoOverload(node, arguments, inference_));
  return Type::Dyn();
}

Type Checker::CheckLogic(const Node& node) {
  for (const NodeId operand : node.children) ExpectBool(operand, Check(operand));
  return Type::Bool();
}

Type Checker::CheckConditional(const Node& node) {
  ExpectBool(node.children[0], Check(node.children[0]));
  const Type if_true = Check(node.children[1]);
  return Join(if_true, node.children[2], Check(node.children[2]));
}

// Where types are checked, patterns, instants, durations and time zones are read beforehand. The
// cost of patterns and zones that are not constant has no bound.
void Checker::CheckConstantArgument(const Node& node) {
  const NodeId last = node.children.empty() ? kNoNode : node.children.back();
  if (last == kNoNode || !inference_.Resolve(infos_[last].type).is(Type::Kind::kString)) return;
  const SourceRange range = ast_.node(last).range;
  const Binding& binding = infos_[last].binding;
  if (binding.kind == Binding::Kind::kConstant) {
    const auto complaint = FindBadConstant(node.function, binding.value.string_value());
    if (complaint.has_value()) Report(range, complaint->message, complaint->suggestion);
  } else if (node.function == Function::kMatches) {
    Report(range, "expected a constant pattern, got an expression");
  } else if (node.function >= Function::kGetDate) {
    Report(range, "expected a constant time zone, got an expression");
  }
}

Type Checker::CheckList(const Node& node) {
  Type element = inference_.Fresh();
  for (const NodeId child : node.children) element = Join(element, child, Check(child));
  return Type::List(element);
}

Type Checker::CheckMap(const Node& node) {
  Type key = inference_.Fresh();
  Type value = inference_.Fresh();
  for (size_t i = 0; i < node.children.size(); i += 2) {
    const NodeId key_node = node.children[i];
    const NodeId value_node = node.children[i + 1];
    const Type key_type = Check(key_node);
    switch (key_type.kind()) {
      case Type::Kind::kBool:
      case Type::Kind::kInt:
      case Type::Kind::kEnum:
      case Type::Kind::kUint:
      case Type::Kind::kString:
      case Type::Kind::kDyn:
      case Type::Kind::kParameter:
        break;
      default:
        Report(
            ast_.node(key_node).range,
            absl::StrCat("expected bool, int, uint or string as a key, got ", key_type.ToString()));
    }
    key = Join(key, key_node, key_type);
    value = Join(value, value_node, Check(value_node));
  }
  return Type::Map(key, value);
}

Type Checker::CheckComprehension(const Node& node) {
  if (depth_ >= options_.limits.comprehensions) {
    ReportAlways(node.mark, absl::StrCat("more than ", options_.limits.comprehensions,
                                         " comprehensions within each other"));
    return Type::Dyn();
  }
  const NodeId range_node = node.range_node();
  const Type range = Check(range_node);
  const bool two = !node.variables[1].empty();
  switch (range.kind()) {
    case Type::Kind::kList:
      return CheckBodies(node, {two ? Type::Int() : range.element(), range.element()});
    case Type::Kind::kMap:
      return CheckBodies(node, {range.key(), range.value()});
    case Type::Kind::kDyn:
    case Type::Kind::kParameter:
      return CheckBodies(node, {Type::Dyn(), Type::Dyn()});
    default:
      Report(ast_.node(range_node).range,
             absl::StrCat("'", MacroName(node.macro), "' expected a list or a map, got ",
                          range.ToString()));
      return CheckBodies(node, {Type::Dyn(), Type::Dyn()});
  }
}

Type Checker::CheckBodies(const Node& node, const std::array<Type, 2>& keys_and_values) {
  const size_t locals_before = locals_.size();
  for (uint32_t i = 0; i < 2; ++i) {
    if (node.variables[i].empty()) continue;
    locals_.push_back({node.variables[i], keys_and_values[i], 2 * depth_ + i});
  }
  ++depth_;
  if (node.predicate() != kNoNode) ExpectBool(node.predicate(), Check(node.predicate()));
  const Type transformed = node.transform() != kNoNode ? Check(node.transform()) : Type::Dyn();
  --depth_;
  locals_.resize(locals_before);
  switch (node.macro) {
    case Macro::kAll:
    case Macro::kExists:
    case Macro::kExistsOne:
      return Type::Bool();
    case Macro::kFilter:
      return Type::List(keys_and_values[0]);
    case Macro::kMap:
    case Macro::kTransformList:
      return Type::List(transformed);
    case Macro::kTransformMap:
      return Type::Map(keys_and_values[0], transformed);
  }
  return Type::Dyn();
}

void Checker::ExpectBool(NodeId id, const Type& type) {
  if (!inference_.Merge(Type::Bool(), type).has_value()) ReportMismatch(id, Type::Bool(), type);
}

Type Checker::Join(const Type& types_so_far, NodeId id, const Type& type) {
  const Inference::Mark before = inference_.Save();
  if (std::optional<Type> joined = inference_.Merge(types_so_far, type)) return *joined;
  inference_.Restore(before);
  if (options_.typing == Typing::kStatic) {
    ReportMismatch(id, inference_.Resolve(types_so_far), type);
  }
  return Type::Dyn();
}

void Checker::CheckCost() {
  const CostEstimate estimate = EstimateCost(ast_, infos_, environment_);
  cost_ = estimate.steps;
  if (cost_ <= options_.limits.cost) return;
  if (estimate.unbounded != kNoNode) {
    ReportAlways(ast_.node(estimate.unbounded).range,
                 absl::StrCat("the cost cannot be bounded: ", ast_.Text(estimate.unbounded),
                              " may have any size"));
    return;
  }
  ReportAlways(ast_.node(ast_.root()).range,
               absl::StrCat("may take ", cost_, " steps, more than ", options_.limits.cost));
}

void Checker::Complain(const Node& call, Complaint complaint) {
  const SourceRange range = complaint.argument.has_value()
                                ? ast_.node(call.children[*complaint.argument]).range
                                : call.mark;
  Report(range, std::move(complaint.message), std::move(complaint.suggestion));
}

void Checker::Report(SourceRange range, std::string message, std::string suggestion) {
  if (Reports()) ReportAlways(range, std::move(message), std::move(suggestion));
}

void Checker::ReportAlways(SourceRange range, std::string message, std::string suggestion) {
  if (diagnostics_.size() >= options_.limits.diagnostics) return;
  diagnostics_.push_back(
      MakeDiagnostic(ast_.source(), range, std::move(message), std::move(suggestion)));
}

void Checker::ReportMismatch(NodeId id, const Type& expected, const Type& got) {
  Report(ast_.node(id).range,
         absl::StrCat("expected ", expected.ToString(), ", got ", got.ToString()));
}

}  // namespace

Outcome<CheckedExpression> Check(Ast ast, const Environment& environment,
                                 const CheckOptions& options) {
  Checker checker(ast, environment, options);
  checker.Run();
  std::vector<Diagnostic> diagnostics = checker.TakeDiagnostics();
  if (!diagnostics.empty()) return diagnostics;
  return CheckedExpression(std::move(ast), checker.TakeConstants(), checker.TakeInfos(),
                           checker.cost());
}

}  // namespace gatehouse::policy::cel
