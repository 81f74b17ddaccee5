// Decisions as they are kept, to be made again by another policy: without what would tell something
// about a secret or about whom it was made, and how two decisions on the same facts differ.
//
// Pure functions; thread-safe.

#ifndef GATEHOUSE_POLICY_RECORDING_H_
#define GATEHOUSE_POLICY_RECORDING_H_

#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/policy.h"

namespace gatehouse::policy {

// All of the record, unknown and absent facts included.
Facts Copy(const Facts& facts);

// The facts as a record of decisions may keep them (Recording in facts.h): identifiers, those of
// the organisations that roles are held in included, become "#1", "#2" in the order in which they
// are met, equal ones alike; what is withheld becomes unknown.
Facts Normalise(const Facts& facts);

// The decision without its texts and observed values, which quote facts.
Decision WithoutQuotes(const Decision& decision);

// What another decision on the same facts makes of the first.
enum class Change {
  kNone,
  kWidens,   // what was refused is allowed
  kNarrows,  // what was allowed is refused
  kAlters,   // as before, for other reasons or with other obligations
};
Change Compare(const Decision& before, const Decision& after);

struct Replay {
  Decision decision;
  Change change = Change::kNone;
  // The decision rests on facts that were withheld: what it would have been cannot be told.
  bool undecided = false;
};

// Decides again what was decided on `facts`, which Normalise made.
Replay DecideAgain(const Policy& policy, Action::Value action, const Facts& facts,
                   const Decision& recorded);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_RECORDING_H_
