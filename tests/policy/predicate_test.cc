// A predicate never says anything else than the program that it was made from, whatever is known,
// unknown or absent; and where everything is known, it needs no help.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "policy/rule_set.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

constexpr int kFactsEach = 2'000;

// Tests of every kind that predicates have, alone and combined.
constexpr const char* kConditions[] = {
    "account.locked",
    "!account.locked",
    "has(account.leaver_at)",
    "account.status in [ACTIVE, INACTIVE]",
    "account.status == ACTIVE",
    "account.status != ACTIVE",
    "2 < account.authentication_methods",
    "account.authentication_methods >= 2",
    "account.authentication_methods <= 2",
    "actor.rank > account.rank",
    "actor.rank == account.rank",
    "actor.rank <= account.rank",
    "account.organisation_id == organisation.organisation_id",
    "account.organisation_id == 'a'",
    "'a' == account.organisation_id",
    "now >= account.leaver_at",
    "now - account.joined_at >= organisation_hold",
    "now - account.joined_at < organisation_hold",
    "now - account.joined_at == organisation_hold",
    "organisation_hold > now - account.joined_at",
    "CHANGE_PASSWORD in actor.required_actions",
    "actor.roles.exists(r, r.role == OPERATOR)",
    "actor.roles.exists(r, r.role in [LOCAL_ADMIN, AUDITOR])",
    "actor.roles.exists(r, r.role == LOCAL_ADMIN && "
    "r.organisation_id == account.organisation_id)",
    "actor.roles.exists(r, r.organisation_id == account.organisation_id)",
    "has(account.leaver_at) && now - account.leaver_at < organisation_hold",
    "account.locked && (self || account.status == ACTIVE) && !(actor.rank < account.rank)",
    "self || account.locked || actor.roles.exists(r, r.role == OPERATOR)",
    "!(self && account.locked) || now >= account.leaver_at",
};

// Left to the program, as a whole or in part.
constexpr const char* kOthers[] = {
    "size(actor.roles) > 1",
    "self ? account.locked : account.status == ACTIVE",
    "account.organisation_id.startsWith('a') && self",
    "actor.roles.all(r, r.role == OPERATOR)",
    "actor.roles.exists(r, r.role == OPERATOR || r.organisation_id == 'a')",
    "1 / account.authentication_methods == 1 || self",
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Facts Make(bool all_known) {
    Facts facts;
    const absl::Time now = absl::FromUnixSeconds(1'795'262'400);
    facts.Set(Fact::kNow, now);
    facts.Set(Fact::kSelf, Below(2) == 0);
    facts.Set(Fact::kAccountLocked, Below(2) == 0);
    facts.Set(Fact::kAccountStatus, Below(7));
    facts.Set(Fact::kAccountAuthenticationMethods, Below(4));
    facts.Set(Fact::kAccountOrganisationId, Organisation());
    facts.Set(Fact::kOrganisationId, Organisation());
    facts.Set(Fact::kAccountJoinedAt, now - absl::Minutes(30 * Below(4)));
    facts.Set(Fact::kAccountLeaverAt, std::optional(now + absl::Minutes(30 * (Below(5) - 2))));
    facts.Set(Fact::kActorRequiredActions, std::vector<int>{Below(3), Below(3)});
    SetRoles(Fact::kActorRoles, facts);
    SetRoles(Fact::kAccountRoles, facts);
    if (all_known) return facts;
    if (Below(2) == 0) facts.Set(Fact::kAccountLeaverAt, std::optional<absl::Time>());
    for (const FactInfo& info : AllFacts()) {
      if (Below(4) == 0) facts.SetUnknown(info.fact);
    }
    return facts;
  }

 private:
  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }
  std::string Organisation() { return Below(2) == 0 ? "a" : "b"; }
  void SetRoles(Fact fact, Facts& facts) {
    std::vector<RoleGrantFact> roles;
    for (int i = Below(3); i > 0; --i) roles.push_back({Below(6) + 1, Below(2) == 0 ? "a" : "b"});
    facts.Set(fact, absl::MakeConstSpan(roles));
  }

  std::mt19937_64 random_;
};

void ExpectSame(const std::string& text, bool needs_help) {
  SCOPED_TRACE(text);
  const auto policy =
      CompileOrDie(absl::StrCat("permit { id: 'p' on: GET_ACCOUNT when: \"", text, "\" }"));
  const Condition& condition = *policy->rules().permits[0]->when;
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Generator generator(seed);
  cel::Arena arena;
  for (int i = 0; i < kFactsEach; ++i) {
    const bool all_known = i % 2 == 0;
    const Facts facts = generator.Make(all_known);
    const Predicate::Verdict verdict = condition.predicate.Evaluate(facts.slots(), arena);
    const cel::Value value = condition.program.Evaluate(facts.slots(), arena);
    if (verdict == Predicate::Verdict::kAsk) {
      ASSERT_FALSE(all_known && !needs_help);
      continue;
    }
    ASSERT_TRUE(value.is(cel::ValueKind::kBool));
    ASSERT_EQ(value.bool_value(), verdict == Predicate::Verdict::kTrue);
  }
}

TEST(Predicate, SaysWhatItsProgramSays) {
  for (const char* text : kConditions) ExpectSame(text, false);
  for (const char* text : kOthers) ExpectSame(text, true);
}

TEST(Predicate, AgreesOnRandomCombinations) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const auto one = [&] { return kConditions[random() % std::size(kConditions)]; };
  for (int i = 0; i < 60; ++i) {
    const char* const joint = random() % 2 == 0 ? " && " : " || ";
    const char* const other_joint = random() % 2 == 0 ? " && " : " || ";
    ExpectSame(absl::StrCat("(", one(), joint, "!(", one(), "))", other_joint, "(", one(), ")"),
               false);
  }
}

// What the rules about an action say one by one: some permit holds, and every requirement.
bool SomePermits(const ActionRules& rules, const Facts& facts, cel::Arena& arena) {
  return std::any_of(rules.permits.begin(), rules.permits.end(), [&](const PermitRule* rule) {
    return rule->Evaluate(facts.slots(), arena).holds();
  });
}
bool AllAreFulfilled(const ActionRules& rules, const Facts& facts, cel::Arena& arena) {
  return std::all_of(rules.requires_.begin(), rules.requires_.end(), [&](const RequireRule* rule) {
    return rule->Evaluate(facts.slots(), arena).holds();
  });
}

void ExpectSame(Predicate::Verdict together, bool one_by_one, bool may_ask) {
  if (together == Predicate::Verdict::kAsk) {
    ASSERT_TRUE(may_ask);
  } else {
    ASSERT_EQ(together == Predicate::Verdict::kTrue, one_by_one);
  }
}

TEST(Predicate, SaysOfManyRulesWhatTheySayOneByOne) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const auto one = [&] { return kConditions[random() % std::size(kConditions)]; };
  Generator generator(seed);
  cel::Arena arena;
  for (int trial = 0; trial < 60; ++trial) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(&text, "permit { id: 'p", i, "' on: GET_ACCOUNT when: \"", one(), "\" }\n",
                      "require { id: 'r", i, "' on: GET_ACCOUNT when: \"", one(), "\" that: \"",
                      one(), "\" else { reason: ACCOUNT_LOCKED } }\n");
    }
    SCOPED_TRACE(text);
    const auto policy = CompileOrDie(text);
    const ActionRules& rules = *policy->rules().RulesFor(Action::GET_ACCOUNT);
    for (int i = 0; i < kFactsEach / 10; ++i) {
      const bool all_known = i % 2 == 0;
      const Facts facts = generator.Make(all_known);
      ExpectSame(rules.permitted.Evaluate(facts.slots(), arena), SomePermits(rules, facts, arena),
                 !all_known);
      ExpectSame(rules.fulfilled.Evaluate(facts.slots(), arena),
                 AllAreFulfilled(rules, facts, arena), !all_known);
    }
  }
}

}  // namespace
}  // namespace gatehouse::policy
