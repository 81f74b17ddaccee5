// What names mean to an expression: variables, constants and types, within a container.
// Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_NAMES_H_
#define GATEHOUSE_POLICY_CEL_NAMES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "policy/cel/ast.h"
#include "policy/cel/environment.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

struct Meaning {
  const Environment::Variable* variable = nullptr;  // null: a constant
  Type type;
  Value constant;
};

// Tries `name` within the environment's container first, then outwards; only as it is if
// `absolute`.
std::optional<Meaning> FindMeaning(const Environment& environment, absl::string_view name,
                                   bool absolute);

// A chain of selections that may be one dotted name: a.b.c, or has(a.b.c).
struct DottedName {
  std::string text;  // empty if the node is no such chain
  absl::string_view first;
  bool absolute = false;
};

DottedName DottedNameOf(const Ast& ast, NodeId id);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_NAMES_H_
