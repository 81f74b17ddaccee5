// What the policy answers: allowed with obligations, or refused with every rule that stands against
// it, how each can be mended, and from when time alone is enough.
//
// A default Decision refuses. Plain data that owns all it holds and may outlive the policy it came
// from. An allowed decision holds no heap memory.

#ifndef GATEHOUSE_POLICY_DECISION_H_
#define GATEHOUSE_POLICY_DECISION_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"

#include "policy/vocabulary.h"

namespace gatehouse::policy {

// Which policy decided: the SHA-256 of its text.
struct Revision {
  std::array<uint8_t, 32> digest{};

  // Base64url without padding, as in audit rows and answers.
  std::string ToString() const;
  friend bool operator==(const Revision&, const Revision&) = default;
};

// One way out of a violation.
struct Mend {
  MendBy::Value by = MendBy::UNSPECIFIED;
  std::string operation;  // an RPC's name; empty for TIME
  // For TIME: the first instant at which this rule holds, all else equal.
  std::optional<absl::Time> satisfied_time;

  friend bool operator==(const Mend&, const Mend&) = default;
};

// A rule that stands against the action.
struct Violation {
  std::string rule_id;
  Reason::Value reason = Reason::UNSPECIFIED;
  std::string message;  // for a person
  // The sub-expressions that made it so, as written, and the values they had; rule order.
  std::vector<std::pair<std::string, std::string>> observed;
  std::vector<Mend> mends;
};

struct Decision {
  bool allowed = false;
  // No rule marked before_permission stood against asking, and some permit rule let the actor in.
  // Else `violations` tells of the former at most; with none, the answer is NOT_PERMITTED alone.
  bool permitted = false;
  std::vector<Violation> violations;  // in rule order; FACT_UNAVAILABLE where facts were missing
  // Required actions, in rule order. SIGN_IN decides the session's level by them.
  absl::InlinedVector<RequiredAction::Value, 5> obligations;
  // The first instant after `now` at which the decision is allowed, all other facts equal. Absent
  // if it is allowed already, or if no passing of time helps.
  std::optional<absl::Time> eligible_time;
  Revision policy_revision;
  // Names of the facts that the decision depended on and that could not be had.
  std::vector<std::string> missing_facts;

  // The reason to answer with: that of the first violation, NOT_PERMITTED if there is none;
  // UNSPECIFIED if allowed.
  Reason::Value FirstReason() const;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_DECISION_H_
