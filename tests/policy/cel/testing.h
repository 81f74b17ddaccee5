// A small world of facts for tests of the expression language, and short ways through it.
#ifndef GATEHOUSE_TESTS_POLICY_CEL_TESTING_H_
#define GATEHOUSE_TESTS_POLICY_CEL_TESTING_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/cel/checker.h"
#include "policy/cel/environment.h"
#include "policy/cel/program.h"

namespace gatehouse::policy::cel {

inline constexpr int64_t kLocalHelpdesk = 1;
inline constexpr int64_t kLocalAdmin = 2;

// Facts about an account and an actor at noon of 15 March 2024.
class Facts {
 public:
  Facts();

  const Environment& environment() const { return environment_; }
  const std::vector<Value>& slots() const { return slots_; }
  SlotId slot(absl::string_view name) const { return environment_.FindVariable(name)->slot; }
  void Set(absl::string_view name, const Value& value) { slots_[slot(name)] = value; }

  // A program over these facts; fails the test, and answers a program for `false`, if there is
  // none.
  Program Compile(absl::string_view text, Typing typing = Typing::kStatic) const;
  // What an expression evaluates to, as Format() writes it.
  std::string Evaluate(absl::string_view text, Typing typing = Typing::kStatic) const;
  // The diagnostics of parser or checker, a line each; empty if there are none.
  std::string Diagnose(absl::string_view text, const CheckOptions& options = {}) const;

 private:
  void Add(absl::string_view name, Type type, const Value& value, SizeBound bound = {});

  Environment environment_;
  std::vector<Value> slots_;
  std::vector<Value> role_;
  std::vector<Value> roles_;
  std::vector<MapEntry> labels_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_TESTS_POLICY_CEL_TESTING_H_
