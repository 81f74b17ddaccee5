// The names that expressions may use, and what they mean.
//
//   variables  facts. Names may be dotted ("account.aup_accepted"): a group of facts is a common
//              prefix, each fact has a slot of its own, in the order of declaration. The longest
//              declared name wins, as the language wants it.
//   constants  policy parameters and the like: typed values, folded into programs.
//   enums      types whose values are constants under their bare names (LOCAL_ADMIN) and under
//              Type.NAME (Role.LOCAL_ADMIN).
//
// Built once, then only read: const methods are thread-safe. Checked expressions and programs keep
// nothing of it alive and need it no more. Move-only; owns copies of all values.
#ifndef GATEHOUSE_POLICY_CEL_ENVIRONMENT_H_
#define GATEHOUSE_POLICY_CEL_ENVIRONMENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

// How large the values of a variable may get: what the estimate of an expression's cost rests on.
// It is the host's promise. Zero means that there is no bound: then no comprehension may range over
// the variable.
struct SizeBound {
  uint32_t elements = 64;  // of each list or map
  uint32_t bytes = 256;    // of each string or bytes
};

class Environment {
 public:
  struct Variable {
    std::string name;
    Type type;
    SlotId slot = 0;
    SizeBound bound;
    bool excused = false;
  };
  struct Constant {
    std::string name;
    Type type;
    Value value;
  };

  // Names are tried within the container first: in "a.b", `x` is a.b.x, else a.x, else x.
  explicit Environment(std::string container = "");
  Environment(Environment&&) = default;
  Environment& operator=(Environment&&) = default;

  // The variable's slot: 0, 1, 2, ... ALREADY_EXISTS if the name is taken, INVALID_ARGUMENT if it
  // is no (dotted) name.
  absl::StatusOr<SlotId> AddVariable(absl::string_view name, Type type, SizeBound bound = {});
  // A name whose meaning is wrong, which has been told: an expression that speaks of it is checked
  // for everything else, with any type for this. It is never to be evaluated. The same errors.
  absl::Status Excuse(absl::string_view name);
  // The value is copied. The same errors.
  absl::Status AddConstant(absl::string_view name, Type type, const Value& value);
  // The same errors, for every value's name.
  absl::Status AddEnum(std::shared_ptr<const EnumType> definition);

  absl::string_view container() const { return container_; }
  const Variable* FindVariable(absl::string_view name) const;
  const Constant* FindConstant(absl::string_view name) const;
  // All variables, by slot.
  absl::Span<const Variable> variables() const { return variables_; }
  absl::Span<const Constant> constants() const { return constants_; }
  // The declared name most like `name`; empty if none is near.
  std::string NearestName(absl::string_view name) const;

  // Whether `slots` may be given to programs of this environment: as many as there are variables,
  // each unknown, an error, or of its variable's type all the way down. For tests and tools;
  // evaluation trusts its host.
  absl::Status CheckSlots(absl::Span<const Value> slots) const;

 private:
  struct Entry {
    bool is_variable;
    uint32_t index;
  };

  absl::Status Declare(absl::string_view name, Entry entry);

  std::string container_;
  Arena arena_;  // the constants' values
  std::vector<Variable> variables_;
  std::vector<Constant> constants_;
  absl::flat_hash_map<std::string, Entry> names_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_ENVIRONMENT_H_
