#include "tests/policy/analysis/random_policy.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace gatehouse::policy::analysis {
namespace {

const std::vector<std::string>& Questions() {
  static const auto* const questions = new std::vector<std::string>{
      "self",
      "account.locked",
      "account.leaver",
      "actor.known",
      "account.locked == account.leaver",
      "account.status == ACTIVE",
      "account.status != DELETED",
      "account.status in [PENDING, INACTIVE]",
      "account.status < DISABLED",
      "request.role in [AUDITOR, LOCAL_ADMIN]",
      "actor.session_level == FULL",
      "now - account.joined_at >= duration('24h')",
      "now - account.joined_at < duration('48h')",
      "now > account.joined_at + duration('36h')",
      "account.joined_at < account.status_changed_at",
      "now - account.status_changed_at >= duration('48h')",
      "has(account.leaver_at)",
      "has(account.leaver_at) && now - account.leaver_at < duration('24h')",
      "now - account.leaver_at < duration('24h')",
      "account.leaver_at >= account.joined_at",
      "account.joined_at != account.status_changed_at",
      "account.verification_failures >= 3",
      "account.verification_failures == 4",
      "account.verification_failures < (account.locked ? 2 : 5)",
      "account.verification_failures > account.secret_overheard",
      "actor.rank > account.rank",
      "actor.rank >= 2",
      "account.rank == 0",
      "account.organisation_id == organisation.organisation_id",
      "actor.organisation_id != account.organisation_id",
      "actor.organisation_id == organisation.organisation_id",
      "account.organisation_id in ['riverside', 'lakeside']",
      "organisation.organisation_id == 'riverside'",
      "actor.roles.exists(r, r.role == LOCAL_ADMIN)",
      "actor.roles.exists(r, r.role == LOCAL_ADMIN && r.organisation_id == "
      "account.organisation_id)",
      "actor.roles.exists(r, r.role in [AUDITOR, LOCAL_ADMIN] && r.organisation_id == 'riverside')",
      "actor.roles.exists(r, r.role == request.role)",
      "actor.roles.all(r, r.organisation_id == organisation.organisation_id)",
      "actor.roles.exists(r, r.organisation_id != account.organisation_id)",
      "account.roles.exists(r, r.role in [OPERATOR, PRIMARY_LOCAL_ADMIN])",
      "CHANGE_PASSWORD in actor.required_actions",
      "UPDATE_PROFILE in actor.required_actions",
      "size(actor.required_actions) > 1",
      "size(actor.required_actions) > 0 && actor.required_actions[0] == UPDATE_PROFILE",
      "actor.required_actions[0] == CHANGE_PASSWORD",
      "actor.required_actions.exists(a, a != UPDATE_PROFILE)",
      "actor.required_actions.all(a, a in [CHANGE_PASSWORD, UPDATE_PROFILE])",
      "password.guesses_log10 >= 6.0",
      "password.guesses_log10 < 8.5",
      "[ACTIVE, DISABLED].exists(s, s == account.status)",
  };
  return *questions;
}

// In a line of a rule, the place of the expression between quotes.
const std::string& When() {
  static const auto* const when = new std::string(" when: \"");
  return *when;
}

}  // namespace

std::string RandomPolicies::Question() { return Pick(Questions()); }

std::string RandomPolicies::Expression(int depth) {
  if (depth == 0 || OneIn(4)) return Question();
  switch (Below(6)) {
    case 0:
      return absl::StrCat("!(", Expression(depth - 1), ")");
    case 1:
      return absl::StrCat("(", Expression(depth - 1), " ? ", Expression(depth - 1), " : ",
                          Expression(depth - 1), ")");
    case 2:
    case 3:
      return absl::StrCat("(", Expression(depth - 1), " || ", Expression(depth - 1), ")");
    default:
      return absl::StrCat("(", Expression(depth - 1), " && ", Expression(depth - 1), ")");
  }
}

std::string RandomPolicies::Rule(int number) {
  const std::string on = Pick<std::string>({"SIGN_IN", "GET_ACCOUNT", "[SIGN_IN, GET_ACCOUNT]"});
  const std::string head = absl::StrCat(" { id: 'rule-", number, "' on: ", on);
  const std::string when = absl::StrCat(When(), Expression(2), "\"");
  switch (Below(5)) {
    case 0:
    case 1:
      return absl::StrCat("permit", head, when, " }");
    case 2: {
      const std::string action = Pick<std::string>({"CHANGE_PASSWORD", "ACCEPT_AUP"});
      return absl::StrCat("oblige", head, when, " action: ", action, " }");
    }
    default: {
      const std::string reason = Pick<std::string>({"ACCOUNT_LOCKED", "RANK_TOO_LOW"});
      return absl::StrCat("require", head, OneIn(2) ? when : "", " that: \"", Expression(2),
                          "\" else { reason: ", reason, " } }");
    }
  }
}

std::string RandomPolicies::Text() {
  std::vector<std::string> rules;
  rules.push_back(absl::StrCat("permit { id: 'first' on: [SIGN_IN, GET_ACCOUNT]", When(),
                               Expression(1), "\" }"));
  const size_t count = 1 + Below(5);
  for (size_t i = 0; i < count; ++i) rules.push_back(Rule(static_cast<int>(i)));
  return absl::StrJoin(rules, "\n");
}

std::string RandomPolicies::Changed(const std::string& text) {
  std::vector<std::string> rules = absl::StrSplit(text, '\n');
  std::string& rule = rules[Below(rules.size())];
  const size_t when = rule.find(When());
  if (rules.size() > 1 && OneIn(6)) {
    rule.clear();
  } else if (when != std::string::npos) {
    const size_t begin = when + When().size();
    rule.replace(begin, rule.find('"', begin) - begin, Expression(2));
  }
  return absl::StrJoin(rules, "\n");
}

void RandomPolicies::SetRoles(Fact fact, Facts& facts) {
  std::vector<RoleGrantFact> roles;
  for (size_t i = Below(3); i > 0; --i) {
    roles.push_back({Pick<int>({Role::AUDITOR, Role::LOCAL_ADMIN, Role::PRIMARY_LOCAL_ADMIN,
                                Role::OPERATOR, Role::LOCAL_HELPDESK}),
                     Pick<absl::string_view>({"riverside", "lakeside", "hillside"})});
  }
  facts.Set(fact, roles);
}

void RandomPolicies::SetAny(const FactInfo& info, absl::Time now, Facts& facts) {
  const std::vector<absl::Duration> ages = {
      absl::ZeroDuration(), absl::Hours(24), absl::Hours(24) - absl::Nanoseconds(1),
      absl::Hours(36),      absl::Hours(48), absl::Hours(48) + absl::Nanoseconds(1),
      absl::Hours(23),      -absl::Hours(1)};
  switch (info.type) {
    case FactType::kBool:
      return facts.Set(info.fact, OneIn(2));
    case FactType::kInt: {
      const auto* words = Describe(info.vocabulary);
      const size_t number =
          words == nullptr
              ? Below(7)
              : static_cast<size_t>(
                    words->value(static_cast<int>(Below(static_cast<size_t>(words->value_count()))))
                        ->number());
      return facts.Set(info.fact, number);
    }
    case FactType::kDouble:
      return facts.Set(info.fact, Pick<double>({5.9, 6.0, 7.0, 8.5, 9.0}));
    case FactType::kText:
      return facts.Set(info.fact, Pick<absl::string_view>({"riverside", "lakeside", "hillside"}));
    case FactType::kOptional:
      if (OneIn(4)) return facts.Set(info.fact, std::optional<absl::Time>());
      [[fallthrough]];
    case FactType::kInstant:
      return facts.Set(info.fact, now - Pick(ages));
    case FactType::kInts: {
      std::vector<int> words;
      for (size_t i = Below(4); i > 0; --i) words.push_back(static_cast<int>(1 + Below(5)));
      return facts.Set(info.fact, words);
    }
    case FactType::kRoles:
      return SetRoles(info.fact, facts);
  }
}

Facts RandomPolicies::MakeFacts() {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  Facts facts;
  facts.Set(Fact::kNow, now);
  for (const FactInfo& info : AllFacts()) {
    if (info.fact == Fact::kNow || info.fact == Fact::kActorRank ||
        info.fact == Fact::kAccountRank || OneIn(12)) {
      continue;
    }
    SetAny(info, now, facts);
  }
  return facts;
}

}  // namespace gatehouse::policy::analysis
