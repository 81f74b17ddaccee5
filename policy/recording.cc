#include "policy/recording.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace gatehouse::policy {
namespace {

// What it answers stays where it is until it ends.
class Aliases {
 public:
  // Nobody's identifier, the empty one, stays what it is.
  const std::string& Of(absl::string_view identifier) {
    auto [entry, is_new] = names_.try_emplace(std::string(identifier));
    if (is_new && !identifier.empty()) entry->second = absl::StrCat("#", ++used_);
    return entry->second;
  }

 private:
  std::unordered_map<std::string, std::string> names_;
  int used_ = 0;
};

void SetAliasedRoles(Fact fact, const cel::Value& roles, Aliases& aliases, Facts& facts) {
  std::vector<RoleGrantFact> grants;
  for (const cel::Value& grant : roles.list_value()) {
    const auto fields = grant.record_value();
    grants.push_back({.role = static_cast<int>(fields[0].int_value()),
                      .organisation_id = aliases.Of(fields[1].string_value())});
  }
  facts.Set(fact, absl::MakeConstSpan(grants));
}

std::vector<Reason::Value> ReasonsOf(const Decision& decision) {
  std::vector<Reason::Value> reasons;
  for (const Violation& violation : decision.violations) reasons.push_back(violation.reason);
  return reasons;
}

bool RestsOnWithheldFacts(const Decision& decision) {
  return std::ranges::any_of(decision.missing_facts, [](const std::string& name) {
    const auto fact = FindFact(name);
    return fact.has_value() && Describe(*fact).recording == Recording::kWithheld;
  });
}

// Whatever the missing facts are.
bool IsRefusedAnyway(const Decision& decision) {
  return std::ranges::any_of(decision.violations, [](const Violation& violation) {
    return violation.reason != Reason::FACT_UNAVAILABLE;
  });
}

}  // namespace

Facts Copy(const Facts& facts) {
  Facts copy;
  for (const FactInfo& info : AllFacts()) {
    if (facts.IsKnown(info.fact)) copy.SetValue(info.fact, facts.Get(info.fact));
  }
  return copy;
}

Facts Normalise(const Facts& facts) {
  Facts normalised;
  Aliases aliases;
  for (const FactInfo& info : AllFacts()) {
    if (!facts.IsKnown(info.fact) || info.recording == Recording::kWithheld) continue;
    const cel::Value& value = facts.Get(info.fact);
    if (info.type == FactType::kRoles) {
      SetAliasedRoles(info.fact, value, aliases, normalised);
    } else if (info.recording == Recording::kAlias) {
      normalised.Set(info.fact, absl::string_view(aliases.Of(value.string_value())));
    } else {
      normalised.SetValue(info.fact, value);
    }
  }
  return normalised;
}

Decision WithoutQuotes(const Decision& decision) {
  Decision plain = decision;
  for (Violation& violation : plain.violations) {
    violation.message.clear();
    violation.observed.clear();
  }
  return plain;
}

Change Compare(const Decision& before, const Decision& after) {
  if (before.allowed != after.allowed) return after.allowed ? Change::kWidens : Change::kNarrows;
  const bool same =
      before.obligations == after.obligations && ReasonsOf(before) == ReasonsOf(after);
  return same ? Change::kNone : Change::kAlters;
}

Replay DecideAgain(const Policy& policy, Action::Value action, const Facts& facts,
                   const Decision& recorded) {
  Replay replay{.decision = policy.Decide(action, facts)};
  replay.change = Compare(recorded, replay.decision);
  if (!RestsOnWithheldFacts(replay.decision)) return replay;
  // Its reasons cannot be compared, but that it is refused can be certain all the same.
  const bool narrows = replay.change == Change::kNarrows && IsRefusedAnyway(replay.decision);
  replay.undecided = !narrows;
  if (!narrows) replay.change = Change::kNone;
  return replay;
}

}  // namespace gatehouse::policy
