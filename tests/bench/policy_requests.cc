#include "tests/bench/policy_requests.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "policy/problem.h"
#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using policy::AccountStatus;
using policy::Action;
using policy::AttestationKind;
using policy::Fact;
using policy::Facts;
using policy::IdentityCheckKind;
using policy::Role;
using policy::RoleGrantFact;
using policy::SessionLevel;

constexpr size_t kRequests = 100'000;
constexpr uint64_t kSeed = 20261121;

PolicyRequest MakeRequest(std::mt19937_64& random) {
  const auto one_in = [&](uint64_t n) { return random() % n == 0; };
  const absl::Time now = absl::FromUnixSeconds(1'795'262'400);
  static constexpr Action::Value kActions[] = {
      Action::GET_ACCOUNT,     Action::RESECURE_ACCOUNT,
      Action::RESET_PASSWORD,  Action::UNLOCK_ACCOUNT,
      Action::SIGN_IN,         Action::DISABLE_ACCOUNT,
      Action::CHANGE_PASSWORD, Action::COMPLETE_PASSWORD_RESET,
      Action::GRANT_ROLE,      Action::LIST_SESSIONS};
  PolicyRequest request{kActions[random() % std::size(kActions)], {}};
  Facts& facts = request.facts;
  const std::string own = absl::StrCat("trust-", random() % 1000);
  const std::string other = one_in(10) ? absl::StrCat("trust-", random() % 1000) : own;
  facts.Set(Fact::kNow, now);
  facts.Set(Fact::kCallerName, "local");
  facts.Set(Fact::kSelf, one_in(4));
  facts.Set(Fact::kActorKnown, true);
  facts.Set(Fact::kActorAccountId, "actor");
  facts.Set(Fact::kActorOrganisationId, own);
  const std::vector<RoleGrantFact> actor_roles = {{static_cast<int>(random() % 6) + 1, own},
                                                  {static_cast<int>(random() % 6) + 1, own}};
  facts.Set(Fact::kActorRoles, absl::MakeConstSpan(actor_roles));
  facts.Set(Fact::kActorSessionLevel, one_in(20) ? SessionLevel::RESTRICTED : SessionLevel::FULL);
  facts.Set(Fact::kActorRequiredActions, std::vector<int>{});
  facts.Set(Fact::kAccountKnown, true);
  facts.Set(Fact::kAccountId, "account");
  facts.Set(Fact::kAccountOrganisationId, other);
  facts.Set(Fact::kAccountStatus, one_in(10) ? AccountStatus::DISABLED : AccountStatus::ACTIVE);
  facts.Set(Fact::kAccountStatusChangedAt, now - absl::Hours(2400));
  facts.Set(Fact::kAccountJoinedAt, now - absl::Minutes(static_cast<int64_t>(random() % 20000)));
  facts.Set(Fact::kAccountLocked, one_in(10));
  facts.Set(Fact::kAccountLockedAt, now);
  facts.Set(Fact::kAccountLeaver, one_in(50));
  facts.Set(Fact::kAccountLeaverAt, std::optional<absl::Time>());
  const std::vector<RoleGrantFact> account_roles = {{Role::LOCAL_HELPDESK, other}};
  facts.Set(Fact::kAccountRoles, absl::MakeConstSpan(account_roles).subspan(0, one_in(5) ? 1 : 0));
  facts.Set(Fact::kAccountLastOperator, false);
  facts.Set(Fact::kAccountLastNationalAdmin, false);
  facts.Set(Fact::kAccountAupAccepted, !one_in(10));
  facts.Set(Fact::kAccountAupCurrent, !one_in(5));
  facts.Set(Fact::kAccountHasSecret, true);
  facts.Set(Fact::kAccountHasSecurityQuestions, false);
  facts.Set(Fact::kAccountSecretOverheard, 0);
  facts.Set(Fact::kAccountResecurePending, one_in(20));
  facts.Set(Fact::kAccountPasswordChangedAt,
            now - absl::Hours(static_cast<int64_t>(random() % 9000)));
  facts.Set(Fact::kAccountPasswordTemporary, false);
  facts.Set(Fact::kAccountMustChangePassword, one_in(10));
  facts.Set(Fact::kAccountProfileConfirmed, true);
  facts.Set(Fact::kAccountAuthenticationMethods, 2);
  facts.Set(Fact::kOrganisationKnown, true);
  facts.Set(Fact::kOrganisationId, other);
  facts.Set(Fact::kOrganisationNasManaged, one_in(10));
  facts.Set(Fact::kRequestHypothetical, false);
  facts.Set(Fact::kRequestRole, Role::LOCAL_HELPDESK);
  facts.Set(Fact::kRequestRoleHeld, false);
  facts.Set(Fact::kRequestOrganisationId, other);
  facts.Set(Fact::kRequestOwnSession, true);
  facts.Set(Fact::kRequestPasswordVerified, true);
  facts.Set(Fact::kRequestMethodsVerified, 2);
  facts.Set(Fact::kIdentityCheckKind, IdentityCheckKind::ATTESTATION);
  facts.Set(Fact::kIdentityCheckAttestationKind, AttestationKind::KNOWN_IN_PERSON);
  facts.Set(Fact::kIdentityCheckHasReference, true);
  facts.Set(Fact::kPasswordGiven, false);
  facts.Set(Fact::kSecretGiven, false);
  return request;
}

}  // namespace

const std::vector<PolicyRequest>& Requests() {
  static const std::vector<PolicyRequest>* const requests = [] {
    auto* made = new std::vector<PolicyRequest>();
    std::mt19937_64 random(kSeed);
    for (size_t i = 0; i < kRequests; ++i) made->push_back(MakeRequest(random));
    return made;
  }();
  return *requests;
}

std::string ShippedText() { return harness::ReadFile(GATEHOUSE_RULES_DIR "/nhsmail.textproto"); }

std::shared_ptr<const policy::Policy> CompileOrDie(const std::string& text) {
  const policy::CompileResult result = policy::Policy::Compile(text, "bench.textproto");
  if (result.policy == nullptr) harness::Fatal(policy::Render(result.problems));
  return result.policy;
}

}  // namespace gatehouse::bench
