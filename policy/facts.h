// What a decision may know: a flat record with one slot for each fact of policy/fact_table.h.
//
//   Facts facts;
//   facts.Set(Fact::kNow, now);
//   facts.Set(Fact::kAccountLocked, account.locked());
//   facts.Set(Fact::kAccountLeaverAt, leaver_at);        // an optional: nullopt makes it absent
//   facts.Set(Fact::kActorRoles, grants);                // sets kActorRank with it
//   Decision decision = policy.Decide(Action::RESECURE_ACCOUNT, facts);
//
// Every fact is in one of three states. *Unknown*, the state in which it starts: it could not be
// had, and a decision that depends on it is refused with FACT_UNAVAILABLE. *Absent*, for optional
// instants only: it is known that there is none, and `has(account.leaver_at)` is false. *Known*.
// Setting a fact to a value of another type than the table gives is a fault of the program: it
// stops a debug build, and leaves the fact unknown, which refuses, in any other.
//
// A record owns copies of all text and lists. Move-only. Const methods are thread-safe.

#ifndef GATEHOUSE_POLICY_FACTS_H_
#define GATEHOUSE_POLICY_FACTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/value.h"
#include "policy/fact_table.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy {

enum class Fact : cel::SlotId {
#define GATEHOUSE_FACT_ENUMERATOR(enumerator, ...) enumerator,
  GATEHOUSE_POLICY_FACTS(GATEHOUSE_FACT_ENUMERATOR)
#undef GATEHOUSE_FACT_ENUMERATOR
};

#define GATEHOUSE_COUNT_FACT(...) +1
inline constexpr size_t kFactCount = 0 GATEHOUSE_POLICY_FACTS(GATEHOUSE_COUNT_FACT);
#undef GATEHOUSE_COUNT_FACT

enum class FactType {
  kBool,
  kInt,  // a number, or a word of the fact's vocabulary
  kDouble,
  kText,
  kInstant,
  kOptional,  // an instant, or absent
  kInts,      // a list of words of the fact's vocabulary
  kRoles,     // a list of {role, organisation_id}
};

// How a record of decisions keeps a fact.
enum class Recording {
  kPlain,
  kAlias,     // an identifier: replaced by a number that keeps equality within the record
  kWithheld,  // would tell something about a secret: left out, so unknown on replay
};

struct FactInfo {
  Fact fact;
  absl::string_view name;  // in policy text: "account.aup_accepted"
  FactType type;
  Vocabulary vocabulary;  // of kInt and kInts
  Recording recording;
  absl::string_view mended_by;  // the RPC that changes it for the better, or empty
  absl::string_view remark;
};

// The table's line for a fact.
const FactInfo& Describe(Fact fact);
// All lines, in slot order.
absl::Span<const FactInfo> AllFacts();
// The fact of that name in policy text, if there is one.
std::optional<Fact> FindFact(absl::string_view name);

// One role somebody holds; `organisation_id` is empty for roles whose scope is no organisation.
struct RoleGrantFact {
  int role = 0;
  absl::string_view organisation_id;
};

class Facts {
 public:
  Facts() = default;
  Facts(Facts&&) noexcept = default;
  Facts& operator=(Facts&&) noexcept = default;

  // bool for kBool; whole numbers and enums for kInt; numbers for kDouble.
  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void Set(Fact fact, T value) {
    if constexpr (std::is_same_v<T, bool>) {
      Put(fact, FactType::kBool, cel::Value::Bool(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      Put(fact, FactType::kDouble, cel::Value::Double(static_cast<double>(value)));
    } else {
      Put(fact, FactType::kInt, cel::Value::Int(static_cast<int64_t>(value)));
    }
  }
  void Set(Fact fact, absl::Time instant);
  void Set(Fact fact, std::optional<absl::Time> instant);
  void Set(Fact fact, absl::string_view text);
  void Set(Fact fact, const char* text) { Set(fact, absl::string_view(text)); }
  void Set(Fact fact, absl::Span<const int> words);
  // Also sets kActorRank or kAccountRank.
  void Set(Fact fact, absl::Span<const RoleGrantFact> roles);

  // A value of the fact's own type, such as an expression gives; copied.
  void SetValue(Fact fact, const cel::Value& value);
  void SetUnknown(Fact fact) { slots_[Index(fact)] = cel::Value(); }

  const cel::Value& Get(Fact fact) const { return slots_[Index(fact)]; }
  bool IsKnown(Fact fact) const { return Get(fact).ok() || Get(fact).absent(); }
  // One value a fact, in the order of the table.
  absl::Span<const cel::Value> slots() const { return slots_; }

 private:
  static constexpr size_t Index(Fact fact) { return static_cast<size_t>(fact); }
  void Put(Fact fact, FactType type, const cel::Value& value);
  void SetRankOf(Fact roles, const cel::Value& list);

  std::array<cel::Value, kFactCount> slots_;
  cel::Arena arena_;  // text and lists of slots_
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_FACTS_H_
