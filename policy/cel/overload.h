// The overloads of the functions: their signatures, for the checker, and their code, for plans.
//
// An implementation is a plain function of a Call and one to three values that are neither failures
// nor of other kinds than the signature says. The templates below make evaluators of it: strict, so
// that the first failed argument is the answer.
#ifndef GATEHOUSE_POLICY_CEL_OVERLOAD_H_
#define GATEHOUSE_POLICY_CEL_OVERLOAD_H_

#include <array>
#include <utility>
#include <vector>

#include "absl/types/span.h"

#include "policy/cel/function.h"
#include "policy/cel/plan.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

// What an implementation knows about where it was called.
struct Call {
  const PlanNode& node;
  Frame& frame;

  Arena& arena() const { return *frame.arena; }
  Value Fail(ErrorCode code) const { return Value::Error(code, node.id); }
};

struct Overload {
  Function function;
  bool receiver = false;      // x.f(y) rather than f(x, y)
  bool runtime_only = false;  // for operands that only dynamic typing brings about
  std::vector<Type> parameters;
  Type result;
  // Evaluates the node's children and calls the implementation.
  EvaluateFunction evaluate = nullptr;
  // Calls the implementation on values at hand, as many as there are parameters.
  Value (*apply)(const Call&, const Value*) = nullptr;
};

// All overloads of a function, in the order in which they are to be tried.
absl::Span<const Overload> OverloadsOf(Function function);

// The evaluator of a call whose overload only the operands' kinds at run time decide.
Value EvaluateDynamicCall(const PlanNode& node, Frame& frame);

// For == and != of operands whose types are known; null if there is nothing special about them.
EvaluateFunction EqualityOf(Function function, const Type& left, const Type& right);

template <auto kImplementation>
struct Unary {
  static Value Apply(const Call& call, const Value* arguments) {
    return kImplementation(call, arguments[0]);
  }
  static Value Evaluate(const PlanNode& node, Frame& frame) {
    const Value argument = cel::Evaluate(*node.children[0], frame);
    if (ABSL_PREDICT_FALSE(argument.failed())) return argument;
    return kImplementation(Call{node, frame}, argument);
  }
};

template <auto kImplementation>
struct Binary {
  static Value Apply(const Call& call, const Value* arguments) {
    return kImplementation(call, arguments[0], arguments[1]);
  }
  static Value Evaluate(const PlanNode& node, Frame& frame) {
    const Value left = cel::Evaluate(*node.children[0], frame);
    if (ABSL_PREDICT_FALSE(left.failed())) return left;
    const Value right = cel::Evaluate(*node.children[1], frame);
    if (ABSL_PREDICT_FALSE(right.failed())) return right;
    return kImplementation(Call{node, frame}, left, right);
  }
};

// f(x)
template <auto kImplementation>
Overload UnaryOverload(Function function, Type parameter, Type result) {
  using Code = Unary<kImplementation>;
  return {function,          false,           false,       {std::move(parameter)},
          std::move(result), &Code::Evaluate, &Code::Apply};
}

// f(x, y)
template <auto kImplementation>
Overload BinaryOverload(Function function, Type left, Type right, Type result) {
  using Code = Binary<kImplementation>;
  return {function,          false,           false,       {std::move(left), std::move(right)},
          std::move(result), &Code::Evaluate, &Code::Apply};
}

// x.f() of f(x), x.f(y) of f(x, y).
inline Overload AsReceiver(Overload overload) {
  overload.receiver = true;
  return overload;
}

inline Overload AtRuntimeOnly(Overload overload) {
  overload.runtime_only = true;
  return overload;
}

// The parts of the library, each in a file of its own.
void AddArithmetic(std::vector<Overload>& overloads);
void AddComparisons(std::vector<Overload>& overloads);
void AddContainers(std::vector<Overload>& overloads);
void AddConversions(std::vector<Overload>& overloads);
void AddStrings(std::vector<Overload>& overloads);
void AddTime(std::vector<Overload>& overloads);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_OVERLOAD_H_
