// A condition to a diagram of what it comes out as, over the atoms of all facts there can be.
//
// Follows the evaluation exactly: how unknown facts, absent ones and failures are absorbed, and
// what is asked first. Instants and whole numbers are taken not to overflow when they are added or
// subtracted: those of a real deployment lie within a few lifetimes of each other.
//
// Reads twice: the first time fills the atom table, the second builds diagrams over it. Not
// thread-safe; the table and the store outlive it.

#ifndef GATEHOUSE_POLICY_ANALYSIS_EXPRESSION_READER_H_
#define GATEHOUSE_POLICY_ANALYSIS_EXPRESSION_READER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "policy/analysis/atoms.h"
#include "policy/analysis/diagram.h"
#include "policy/analysis/symbolic_value.h"
#include "policy/cel/program.h"

namespace gatehouse::policy::analysis {

class ExpressionReader {
 public:
  ExpressionReader(AtomTable& atoms, DiagramStore& diagrams)
      : atoms_(atoms), values_(atoms, diagrams), diagrams_(diagrams) {}

  // What a program of type bool comes out as. While the table is being filled the answer means
  // nothing.
  Diagram Read(const cel::Program& program);

 private:
  // A grant that a comprehension over roles looks at: some role, at an organisation that is in
  // those of the scopes that the mask tells.
  struct Grant {
    int64_t role = 0;
    size_t mask = 0;
    std::vector<Scope>* scopes = nullptr;
  };
  struct Local {
    std::optional<cel::Value> constant;
    std::optional<Grant> grant;
  };

  // Nothing: it cannot be interpreted, nor taken as opaque, since it speaks of a comprehension's
  // element.
  std::optional<Diagram> TruthOf(cel::NodeId id);
  std::optional<Diagram> Interpret(cel::NodeId id);
  std::optional<Diagram> InterpretCall(const cel::Node& node);
  std::optional<Diagram> InterpretLogic(const cel::Node& node);
  std::optional<Diagram> InterpretComparison(const cel::Node& node);
  std::optional<Diagram> InterpretMembership(const cel::Node& node);
  std::optional<Diagram> InterpretComprehension(const cel::Node& node);
  std::optional<Diagram> OverWords(const cel::Node& node, Fact list);
  std::optional<Diagram> OverRoles(const cel::Node& node, Fact roles);
  std::optional<Diagram> OverConstants(const cel::Node& node, const cel::Value& list);
  // The predicate for one element, so that a decisive one is true: negated for all().
  std::optional<Diagram> PredicateFor(const cel::Node& node, const Local& element);
  // Whether the grant at hand is at the organisation that the other node tells.
  std::optional<Diagram> GrantIsAt(const Grant& grant, cel::NodeId organisation);

  std::optional<Cases> ValueOf(cel::NodeId id);
  std::optional<Cases> ValueOfCall(const cel::Node& node);
  std::optional<Cases> ValueOfChoice(const cel::Node& node);
  std::optional<Cases> ElementOf(const cel::Node& node);
  // The element's field, if the node is one of a grant at hand.
  const Grant* GrantOfField(cel::NodeId id, uint32_t field) const;
  const Local* LocalOf(cel::NodeId id) const;
  bool SpeaksOfLocals(cel::NodeId id) const;

  const cel::CheckedExpression& expression() const { return program_->expression(); }
  const cel::Node& NodeOf(cel::NodeId id) const { return expression().ast().node(id); }
  std::optional<Fact> FactOf(cel::NodeId id) const;

  AtomTable& atoms_;
  ValueReader values_;
  DiagramStore& diagrams_;
  const cel::Program* program_ = nullptr;
  absl::flat_hash_map<uint32_t, Local> locals_;  // by their places
  int depth_ = 0;                                // of comprehensions
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_EXPRESSION_READER_H_
