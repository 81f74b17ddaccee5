#include "policy/cel/names.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::policy::cel {
namespace {

std::optional<Type> FindTypeName(absl::string_view name) {
  const Type dyn = Type::Dyn();
  for (const Type& type : {Type::Bool(), Type::Int(), Type::Uint(), Type::Double(), Type::String(),
                           Type::Bytes(), Type::Null(), Type::Timestamp(), Type::Duration(),
                           Type::List(dyn), Type::Map(dyn, dyn), Type::TypeOf(dyn)}) {
    if (type.RuntimeName() == name) return type;
  }
  return std::nullopt;
}

std::optional<Meaning> FindExactly(const Environment& environment, absl::string_view name) {
  if (const Environment::Variable* variable = environment.FindVariable(name)) {
    return Meaning{variable, variable->type, {}};
  }
  if (const Environment::Constant* constant = environment.FindConstant(name)) {
    return Meaning{nullptr, constant->type, constant->value};
  }
  if (const std::optional<Type> type = FindTypeName(name)) {
    return Meaning{nullptr, Type::TypeOf(*type), Value::Type(type->RuntimeName())};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Meaning> FindMeaning(const Environment& environment, absl::string_view name,
                                   bool absolute) {
  absl::string_view container = absolute ? "" : environment.container();
  while (!container.empty()) {
    if (auto meaning = FindExactly(environment, absl::StrCat(container, ".", name))) {
      return meaning;
    }
    const size_t dot = container.rfind('.');
    container = container.substr(0, dot == absl::string_view::npos ? 0 : dot);
  }
  return FindExactly(environment, name);
}

DottedName DottedNameOf(const Ast& ast, NodeId id) {
  const Node& node = ast.node(id);
  if (node.kind == NodeKind::kIdentifier) {
    return {std::string(node.name), node.name, node.absolute};
  }
  if (node.kind != NodeKind::kSelect && node.kind != NodeKind::kHas) return {};
  DottedName name = DottedNameOf(ast, node.children[0]);
  if (!name.text.empty()) absl::StrAppend(&name.text, ".", node.name);
  return name;
}

}  // namespace gatehouse::policy::cel
