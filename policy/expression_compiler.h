// Expressions of a policy's text to programs, with every fault reported at its place in that text.
//
// Knows the facts, the words, the policy's parameters and its definitions. A definition is put into
// the expressions that name it before they are checked, so that explanation and analysis see
// through it. Used by one thread, while a policy is compiled.

#ifndef GATEHOUSE_POLICY_EXPRESSION_COMPILER_H_
#define GATEHOUSE_POLICY_EXPRESSION_COMPILER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

#include "policy/cel/environment.h"
#include "policy/cel/program.h"
#include "policy/facts.h"
#include "policy/policy_source.h"

namespace gatehouse::policy {

// The type of a fact in expressions; kRoles is a list of records {role, organisation_id}.
cel::Type TypeOf(const FactInfo& fact);

// Every word of every vocabulary that facts take values from, as a constant. The error is a fault
// of the vocabularies.
void DeclareWords(cel::Environment& environment);

class ExpressionCompiler {
 public:
  // `source` outlives this.
  explicit ExpressionCompiler(PolicySource& source);

  // Reads all parameters, then all definitions; call once, before anything else.
  void ReadParametersAndDefinitions();

  // A program of that type over facts and parameters, or nothing: it is wrong, or speaks of what
  // is, which has been reported.
  std::optional<cel::Program> CompileRule(const LocatedText& expression, const cel::Type& expected);
  // The same over parameters and `now` alone: what tests give for facts. `now` is slot 0.
  std::optional<cel::Program> CompileGiven(const LocatedText& expression,
                                           const cel::Type& expected);

  // Whether a parameter of that name is in the text, or may be meant by what could not be read.
  bool MayDefine(absl::string_view parameter) const;
  // A parameter's type and value; null if there is none of that name.
  const cel::Environment::Constant* FindParameter(absl::string_view name) const;

 private:
  struct Named {
    LocatedText text;
    std::string name;
    Place name_place;
    std::vector<std::string> uses;  // names of its own kind that it speaks of
    enum class State { kNew, kOpen, kDone } state = State::kNew;
    bool unread = false;  // its value could not be
    bool wrong = false;   // it, or what it is defined by
  };
  using NamedIndex = absl::flat_hash_map<std::string, size_t>;

  std::vector<Named> ReadNamed(absl::string_view field, int count, NamedIndex& index);
  void ResolveParameter(size_t position);
  void ResolveDefinition(size_t position);
  // Puts it into the index, unless it may not be called so, which is reported.
  void CheckName(Named& named, NamedIndex& index, size_t position);
  // Reports why nothing more is compiled.
  void GiveUp(Place place, absl::string_view why);
  // False, with the circle reported, if `named` is being resolved already.
  bool Enter(Named& named, absl::string_view kind);
  // False, with what is wrong with it reported.
  bool AddParameter(const Named& named);
  bool AddDefinition(const Named& named);
  // Lets expressions speak of a name whose meaning was wrong, so that what else is wrong with them
  // can be told.
  void Excuse(const Named& named);
  // The expression with definitions put in; nothing, with an error reported, if it becomes too
  // long.
  std::optional<LocatedText> Expand(const LocatedText& expression);
  std::optional<cel::Program> Compile(const LocatedText& expression,
                                      const cel::Environment& environment,
                                      const std::optional<cel::Type>& expected);
  void Report(const LocatedText& text, absl::Span<const cel::Diagnostic> diagnostics);

  PolicySource& source_;
  cel::Environment environment_;        // facts, words, parameters
  cel::Environment given_environment_;  // `now`, words, parameters
  std::vector<Named> parameters_;
  std::vector<Named> definitions_;
  NamedIndex parameter_index_;
  NamedIndex definition_index_;
  absl::flat_hash_map<std::string, std::string> expanded_;  // definitions, ready to be put in
  size_t compiled_bytes_ = 0;                               // of all expressions, put in or not
  bool gave_up_ = false;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_EXPRESSION_COMPILER_H_
