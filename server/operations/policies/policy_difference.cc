#include "server/operations/policies/policy_difference.h"

#include "policy/suppose.h"

namespace gatehouse::server {
namespace {

namespace analysis = policy::analysis;

v1::PolicyDifference ToMessage(const analysis::Difference& difference) {
  v1::PolicyDifference message;
  message.set_action(static_cast<v1::Action>(difference.action));
  message.set_change(ToPolicyChange(difference.change));
  message.set_condition(difference.condition);
  message.set_before(difference.before);
  message.set_after(difference.after);
  for (const policy::FactInfo& info : policy::AllFacts()) {
    if (!difference.example.IsKnown(info.fact)) continue;
    v1::SupposedFact& fact = *message.add_example();
    fact.set_name(std::string(info.name));
    fact.set_value(policy::ExpressionFor(info.fact, difference.example));
  }
  message.set_possible(difference.possible);
  message.set_loosens(difference.loosens);
  return message;
}

}  // namespace

v1::PolicyChange ToPolicyChange(policy::Change change) {
  switch (change) {
    case policy::Change::kNone:
      return v1::POLICY_CHANGE_UNSPECIFIED;
    case policy::Change::kWidens:
      return v1::POLICY_CHANGE_WIDENS;
    case policy::Change::kNarrows:
      return v1::POLICY_CHANGE_NARROWS;
    case policy::Change::kAlters:
      return v1::POLICY_CHANGE_ALTERS;
  }
  return v1::POLICY_CHANGE_UNSPECIFIED;
}

v1::DiffPoliciesResponse ToMessage(const analysis::PolicyDiff& diff) {
  v1::DiffPoliciesResponse message;
  for (const analysis::Difference& difference : diff.differences) {
    *message.add_differences() = ToMessage(difference);
  }
  for (const analysis::ParameterChange& parameter : diff.parameters) {
    v1::PolicyParameterChange& change = *message.add_parameters();
    change.set_name(parameter.name);
    change.set_before(parameter.before);
    change.set_after(parameter.after);
  }
  for (const std::string& undecided : diff.undecided) message.add_undecided(undecided);
  message.set_diff_digest(diff.Digest());
  return message;
}

}  // namespace gatehouse::server
