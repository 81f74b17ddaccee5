// The static side of calls: which overload arguments fit, and what to say if none does.
// Pure apart from what they infer; thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_OVERLOAD_CHECK_H_
#define GATEHOUSE_POLICY_CEL_OVERLOAD_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/cel/ast.h"
#include "policy/cel/inference.h"
#include "policy/cel/type.h"

namespace gatehouse::policy::cel {

struct Complaint {
  std::optional<size_t> argument;  // that it is about; nothing: the call itself
  std::string message;
  std::string suggestion;
};

// The type of the call's result; nothing if no overload takes the arguments. Several overloads fit
// only where an argument's type is open or dyn; then it is what they agree upon, and the evaluation
// chooses.
std::optional<Type> ResolveOverload(const Node& call, const std::vector<Type>& arguments,
                                    Inference& inference);

// Why ResolveOverload answered nothing. Leaves `inference` as it is.
Complaint ExplainNoOverload(const Node& call, const std::vector<Type>& arguments,
                            Inference& inference);

// A call by a name that the language does not have.
Complaint ExplainUndeclaredFunction(const Node& call);

// What can only be wrong at run time is told beforehand where it is written out as a constant: the
// patterns, instants, durations and time zones that `function` takes as `text`.
std::optional<Complaint> FindBadConstant(Function function, absl::string_view text);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_OVERLOAD_CHECK_H_
