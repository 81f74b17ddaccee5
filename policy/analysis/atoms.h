// What conditions ask of facts, each question as a variable of a decision diagram with every answer
// that it can have.
//
// A fact becomes as few variables as tell apart what conditions can tell apart: a flag is false,
// true or unknown; a difference of two instants is one of the intervals between the bounds that it
// is compared with; a list of roles is what is asked of it. So all facts there can be fall into
// finitely many cases, and a diagram over the atoms speaks of them all.
//
// What no atom interprets is opaque: its value is taken as free, and answers that rest on it are
// marked as possible only.
//
// Filled while conditions are read a first time; then the bounds and texts are frozen, and each
// atom is a variable of a diagram store. Not thread-safe while conditions are read; afterwards
// const methods are. Keeps pointers to programs and to the store, which outlive it.

#ifndef GATEHOUSE_POLICY_ANALYSIS_ATOMS_H_
#define GATEHOUSE_POLICY_ANALYSIS_ATOMS_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/analysis/diagram.h"
#include "policy/cel/program.h"
#include "policy/facts.h"
#include "policy/rule_set.h"
#include "policy/time_flips.h"

namespace gatehouse::policy::analysis {

// The numbers that a fact's vocabulary has words for, and 0; ascending.
absl::Span<const int64_t> WordsOf(Vocabulary vocabulary);

// What a fact of this vocabulary usually is: nothing out of the ordinary.
int64_t OrdinaryWord(Vocabulary vocabulary);

// Equal for expressions that come out alike whatever the facts are: the text, and what the policy's
// own names in it stand for.
std::string MeaningOf(const cel::Program& program, cel::NodeId node);

// An organisation that a role is held in, as conditions speak of it: in a fact, or by its name.
struct Scope {
  std::optional<Fact> fact;
  std::string name;  // without a fact

  friend auto operator<=>(const Scope&, const Scope&) = default;
};

// Kinds of grants: of which roles, and in which of a few scopes. The bit role * 2^scopes + mask
// stands for the role at an organisation that is in exactly the scopes of the mask.
struct GrantKinds {
  std::vector<Scope> scopes;  // ascending
  std::vector<bool> kinds;

  // Without scopes that make no difference.
  void Simplify();
  friend bool operator==(const GrantKinds&, const GrantKinds&) = default;
};

// Whether the fact is an instant, be it one that can be absent.
bool IsTime(Fact fact);

struct Atom {
  enum class Kind : uint8_t {
    kFlag,        // 0 false, 1 true, 2 unknown
    kPresence,    // 0 known, 1 unknown, 2 absent; of facts that other atoms say more about
    kWord,        // the index in WordsOf, behind them unknown
    kText,        // the index in texts(), behind them some other, behind that unknown
    kSameText,    // 0 two texts that are none of texts() differ, 1 they are the same
    kDistance,    // the interval of (fact - other), or of fact alone, between bounds
    kLevel,       // of a number with a fraction: below bound 0, at it, between 0 and 1, at 1, ...
    kSize,        // the interval of a list's size between bounds
    kListHas,     // 0 the list has no `word`, 1 it has
    kElement,     // the index in WordsOf of the list's element `position`
    kHoldsGrant,  // 0 the list has no grant of these kinds, 1 it has
    kOpaque,      // a Truth
  };

  Kind kind = Kind::kFlag;
  Fact fact = Fact::kNow;
  std::optional<Fact> other = std::nullopt;
  int64_t word = 0;        // of kListHas; of kElement the position
  GrantKinds grants = {};  // of kHoldsGrant
  // Ascending; the interval i lies from bound i - 1 up to but without bound i.
  std::vector<Nanoseconds> bounds = {};
  std::vector<double> levels = {};
  // Of kOpaque.
  const cel::Program* program = nullptr;
  cel::NodeId node = cel::kNoNode;
};

// The facts that it asks about.
std::vector<Fact> FactsOf(const Atom& atom);

class AtomTable {
 public:
  // Each of these finds the atom, or makes it.
  Variable Flag(Fact fact);
  Variable Presence(Fact fact);
  Variable Word(Fact fact);
  Variable Text(Fact fact);
  Variable SameText(Fact a, Fact b);
  // `other` nothing: the distance from zero, or from the epoch. Such a bound is told apart.
  Variable Distance(Fact fact, std::optional<Fact> other, Nanoseconds bound);
  Variable Level(Fact fact, double bound);
  Variable Size(Fact list, int64_t bound);
  Variable ListHas(Fact list, int64_t word);
  Variable Element(Fact list, int64_t position);
  Variable HoldsGrant(Fact roles, GrantKinds grants);
  Variable Opaque(const cel::Program& program, cel::NodeId node);
  // Texts that facts are compared with.
  void AddText(absl::string_view text);

  // No more bounds and texts from now on. Atoms, also those made later, are added to `diagrams`.
  void Freeze(DiagramStore& diagrams);
  bool frozen() const { return diagrams_ != nullptr; }

  const Atom& atom(Variable variable) const { return atoms_[variable]; }
  size_t size() const { return atoms_.size(); }
  absl::Span<const std::string> texts() const { return texts_; }
  uint32_t IndexOfText(absl::string_view text) const;
  uint32_t ValuesOf(Variable variable) const;

  // The atom's value for these facts.
  uint32_t ValueFor(Variable variable, Slots slots) const;
  // The literal as a person reads it: "24h <= now - account.joined_at < 48h".
  std::string ToText(const Literal& literal) const;
  // All literals; empty for an empty cube. That a fact is known goes without saying where another
  // literal asks about it.
  std::string ToText(const Cube& cube) const;

 private:
  Variable Find(std::string key, Atom atom);
  uint32_t ListValue(const Atom& atom, const cel::Value& list) const;
  uint32_t GrantValue(const Atom& atom, Slots slots) const;
  uint32_t OpaqueValue(const Atom& atom, Slots slots) const;
  bool GoesWithoutSaying(const Literal& literal, const Cube& cube) const;
  std::vector<std::string> NamesOf(const Atom& atom) const;
  std::string IntervalsToText(const Atom& atom, absl::Span<const uint32_t> intervals) const;
  std::string IntervalToText(const Atom& atom, uint32_t first, uint32_t last) const;

  DiagramStore* diagrams_ = nullptr;
  std::vector<Atom> atoms_;
  absl::flat_hash_map<std::string, Variable> by_key_;
  std::vector<std::string> texts_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_ATOMS_H_
