// Who may do what, in which state of the account: a policy as a table to look at.
//
// Not sampled either: what a cell says of somebody holds for all facts there can be that agree with
// it. Everything not said is known, but may be anything. Pure; thread-safe; bounded as a diff is.

#ifndef GATEHOUSE_POLICY_ANALYSIS_MATRIX_H_
#define GATEHOUSE_POLICY_ANALYSIS_MATRIX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/policy.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy::analysis {

enum class Access : uint8_t { kNever, kDepends, kAlways };

// Somebody who asks: nobody signed in, the person, or the holder of one role in the account's
// organisation.
struct Seat {
  std::string name;    // "LOCAL_ADMIN"
  std::string remark;  // "in the account's organisation"
};

// What the account is, for a row of questions.
struct AccountState {
  std::string name;    // "LOCKED"
  std::string remark;  // "active, and locked after wrong passwords"
};

// A requirement that can stand against somebody who is permitted.
struct Hurdle {
  std::string rule_id;
  Reason::Value reason = Reason::UNSPECIFIED;
  std::string stands_while;        // "now - account.joined_at < 24h"
  std::vector<std::string> mends;  // "LOCAL_ADMIN: UnlockAccount"
  bool waiting_helps = false;      // it can go away by the passing of time
};

// What holds in one state.
struct StateAccess {
  Access access = Access::kNever;
  std::vector<Reason::Value> against;  // that stand against it in every case
};

struct Cell {
  Access access = Access::kNever;
  std::vector<std::string> permits;  // the rules that may let somebody in
  std::vector<uint32_t> hurdles;     // of the row's
  std::vector<StateAccess> by_state;
};

struct MatrixRow {
  Action::Value action = Action::UNSPECIFIED;
  std::vector<Hurdle> hurdles;
  std::vector<Cell> cells;  // one a seat
  bool undecided = false;   // its rules were too much for the bounds; the cells say nothing
};

struct Matrix {
  std::vector<Seat> seats;
  std::vector<AccountState> states;
  std::vector<MatrixRow> rows;  // the actions that somebody is permitted, in their order
};

Matrix MakeMatrix(const Policy& policy);

// "yes", "if", "no".
absl::string_view NameOf(Access access);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_MATRIX_H_
