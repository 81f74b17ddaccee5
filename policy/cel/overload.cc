#include "policy/cel/overload.h"

#include <algorithm>
#include <cstddef>

#include "policy/cel/kind_match.h"

namespace gatehouse::policy::cel {
namespace {

constexpr size_t kMostArguments = 2;

// Sorted by function; within one, in order of declaration.
std::vector<Overload> MakeTable() {
  std::vector<Overload> table;
  AddArithmetic(table);
  AddComparisons(table);
  AddContainers(table);
  AddConversions(table);
  AddStrings(table);
  AddTime(table);
  std::stable_sort(table.begin(), table.end(),
                   [](const Overload& a, const Overload& b) { return a.function < b.function; });
  return table;
}

}  // namespace

absl::Span<const Overload> OverloadsOf(Function function) {
  static const auto* const table = new std::vector<Overload>(MakeTable());
  const auto before = [](const Overload& overload, Function sought) {
    return overload.function < sought;
  };
  const auto after = [](Function sought, const Overload& overload) {
    return sought < overload.function;
  };
  const auto begin = std::lower_bound(table->begin(), table->end(), function, before);
  const auto end = std::upper_bound(begin, table->end(), function, after);
  return absl::MakeConstSpan(table->data() + (begin - table->begin()),
                             static_cast<size_t>(end - begin));
}

Value EvaluateDynamicCall(const PlanNode& node, Frame& frame) {
  const Call call{node, frame};
  const size_t count = node.children.size();
  if (count > kMostArguments) return call.Fail(ErrorCode::kNoOverload);
  std::array<Value, kMostArguments> arguments;
  for (size_t i = 0; i < count; ++i) {
    arguments[i] = Evaluate(*node.children[i], frame);
    if (arguments[i].failed()) return arguments[i];
  }
  for (const Overload& overload : OverloadsOf(node.function)) {
    if (overload.receiver == node.receiver && overload.parameters.size() == count &&
        std::equal(overload.parameters.begin(), overload.parameters.end(), arguments.begin(),
                   MatchesKind)) {
      return overload.apply(call, arguments.data());
    }
  }
  return call.Fail(ErrorCode::kNoOverload);
}

}  // namespace gatehouse::policy::cel
