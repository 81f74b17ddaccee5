// What a change of policy does: the exact set of cases that two policies decide differently.
//
//   PolicyDiff diff = Diff(*active, *candidate);
//   for (const Difference& difference : diff.differences) ...
//   if (diff.MayWiden() && given_digest != diff.Digest()) return Refuse();
//
// Not sampled. What the rules of both policies ask of facts (comparisons with constants and with
// each other, memberships, roles, ages) is made into atoms with finitely many values each, and both
// decisions into decision diagrams over them; their difference is taken, and what no facts can give
// is taken out of it. So an action said to be the same decides alike for all facts that there can
// be, known, unknown and absent ones; and a difference comes with facts for which it was confirmed
// by deciding under both policies.
//
// What it takes for granted: ranks are those of the roles beside them, as Facts keeps them; words
// are of their vocabularies; instants lie within a century or so of each other, so that no sum of
// them overflows. An expression that it cannot interpret is taken as free: a difference that rests
// on one, and that no facts were found for, is marked as possible.
//
// Its work is bounded in steps, not in time, so that equal policies give equal diffs everywhere.
// What could not be decided within the bounds is listed, never left out. Pure; thread-safe.

#ifndef GATEHOUSE_POLICY_ANALYSIS_DIFF_H_
#define GATEHOUSE_POLICY_ANALYSIS_DIFF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/policy.h"
#include "policy/recording.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy::analysis {

struct DiffLimits {
  // Visits of nodes of decision diagrams: some ten million a second.
  uint64_t steps_per_action = 6'000'000;
  uint64_t steps = 30'000'000;
  // Conditions told for one way in which an action changes.
  uint32_t conditions = 100;
};

// What becomes of an action, or of all of them.
enum class Effect : uint8_t {
  kSame,
  kAlters,   // only answers change
  kNarrows,  // some cases are refused now, none allowed; answers may change
  kWidens,   // some are allowed now, none refused
  kChanges,  // both
};

// A set of cases that the two policies decide differently.
struct Difference {
  Action::Value action = Action::UNSPECIFIED;
  // Reasons and ways out are compared only for actions that are otherwise decided alike: elsewhere
  // their changes follow from the others.
  Change change = Change::kAlters;
  // For kAlters: somebody has less to do than before, which may give a session more rights.
  bool loosens = false;
  // The cases, on a line: "24h <= now - account.joined_at < 48h, and everything else that is needed
  // holds" (for the policy that allows, where one does).
  std::string condition;
  std::vector<Fact> asked;  // that the condition speaks of; may name one more than once
  // How the example is decided: "refused (ORGANISATION_HOLD)".
  std::string before;
  std::string after;
  // Refused as before and for the same reasons, but in other words or with other ways out.
  bool same_reasons = false;
  // One of the cases. Facts that do not matter are ordinary, those that no rule asks for unknown.
  Facts example;
  // It rests on an expression that could not be interpreted, and the example does not show it.
  bool possible = false;
};

// Of all these cases together.
Effect EffectOf(absl::Span<const Difference> differences);

struct ActionEffect {
  Action::Value action = Action::UNSPECIFIED;
  Effect effect = Effect::kSame;
};

// A number that operations read themselves, beside what rules make of it.
struct ParameterChange {
  std::string name;
  std::string before;
  std::string after;
  bool loosens = true;  // it is not known to be the stricter for the change
};

struct PolicyDiff {
  Revision before;
  Revision after;
  std::vector<ActionEffect> actions;        // all of them, in the order of the vocabulary
  std::vector<Difference> differences;      // by action; what widens first, what only alters last
  std::vector<ParameterChange> parameters;  // in the order of parameter_table.h
  std::vector<std::string> undecided;       // "RESECURE_ACCOUNT: ...": what, and why

  // Of all actions together.
  Effect effect() const;
  // Something is allowed, or need not be done any more, or could not be decided; or a parameter
  // loosens.
  bool MayWiden() const;
  // Stands for this diff: SHA-256, in base64url, of both revisions and all that it tells but the
  // examples. The same for the same two texts, on every machine, with the same limits.
  std::string Digest() const;
};

PolicyDiff Diff(const Policy& before, const Policy& after, const DiffLimits& limits = {});

// "WIDENS", "SAME", ...
absl::string_view NameOf(Change change);
absl::string_view NameOf(Effect effect);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_DIFF_H_
