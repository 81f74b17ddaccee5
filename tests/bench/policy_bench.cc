// P7: what a decision costs. 100,000 varied requests against the shipped rules, each answer checked
// against the full explanation before anything is timed; the same with rules added until there are
// 10,000; refusals with explanation and eligible time; and how often a decision allocates.
//
// An operation decides on facts that it has just gathered, so they are at hand: each block of 256
// requests is asked 16 times before the next. "FromMemory" asks each once in turn, so that every
// decision also waits for its facts (130 MB in all).
//
// Run: build/release/bin/policy_bench [--benchmark_filter=...]. `limit` is what P7 asks for.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

#include "benchmark/benchmark.h"
#include "policy/policy.h"
#include "policy/policy_test_runner.h"
#include "policy/rule_set.h"

namespace {

std::atomic<size_t> allocations{0};

}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace gatehouse::policy {
namespace {

constexpr size_t kRequests = 100'000;
constexpr uint64_t kSeed = 20261121;

std::string ShippedText() {
  std::stringstream text;
  text << std::ifstream(GATEHOUSE_RULES_DIR "/nhsmail.textproto").rdbuf();
  return text.str();
}

std::shared_ptr<const Policy> CompileOrDie(const std::string& text) {
  const CompileResult result = Policy::Compile(text, "bench.textproto");
  if (result.policy == nullptr) {
    std::fprintf(stderr, "%s", Render(result.problems).c_str());
    std::exit(1);
  }
  return result.policy;
}

// Rules for organisations that the requests are not about, as many as make `total` of them.
std::string TextWithRules(size_t total) {
  std::string text = ShippedText();
  const RuleSet& rules = CompileOrDie(text)->rules();
  const size_t shipped = rules.permits.size() + rules.requires_.size() + rules.obliges.size();
  for (size_t i = shipped; i < total; ++i) {
    absl::StrAppendFormat(&text,
                          "require { id: 'local-%d' on_every_action: true\n"
                          "  when: \"account.organisation_id == 'organisation-%d'\"\n"
                          "  that: 'account.authentication_methods > 0'\n"
                          "  else { reason: AUTHENTICATION_METHOD_REQUIRED } }\n",
                          i, i);
  }
  return text;
}

struct Request {
  Action::Value action;
  Facts facts;
};

// Administrators of all ranks and people, on accounts in every state.
Request MakeRequest(std::mt19937_64& random) {
  const auto one_in = [&](uint64_t n) { return random() % n == 0; };
  const absl::Time now = absl::FromUnixSeconds(1'795'262'400);
  static constexpr Action::Value kActions[] = {
      Action::GET_ACCOUNT,     Action::RESECURE_ACCOUNT,
      Action::RESET_PASSWORD,  Action::UNLOCK_ACCOUNT,
      Action::SIGN_IN,         Action::DISABLE_ACCOUNT,
      Action::CHANGE_PASSWORD, Action::COMPLETE_PASSWORD_RESET,
      Action::GRANT_ROLE,      Action::LIST_SESSIONS};
  Request request{kActions[random() % std::size(kActions)], {}};
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

const std::vector<Request>& Requests() {
  static const std::vector<Request>* const requests = [] {
    auto* made = new std::vector<Request>();
    std::mt19937_64 random(kSeed);
    for (size_t i = 0; i < kRequests; ++i) made->push_back(MakeRequest(random));
    return made;
  }();
  return *requests;
}

// Every answer the same by both ways, and by the policy without the added rules.
void CheckAnswers(const Policy& policy, const Policy& reference) {
  size_t allowed = 0;
  for (const Request& request : Requests()) {
    const Decision decision = policy.Decide(request.action, request.facts);
    const bool agrees = policy.Allows(request.action, request.facts) == decision.allowed &&
                        reference.Allows(request.action, request.facts) == decision.allowed &&
                        decision.missing_facts.empty() &&
                        decision.allowed == (decision.permitted && decision.violations.empty());
    if (!agrees) {
      std::fprintf(stderr, "wrong answer on %s\n", Action::Value_Name(request.action).c_str());
      std::exit(1);
    }
    allowed += decision.allowed ? 1 : 0;
  }
  std::printf("%zu requests checked, %zu allowed\n", kRequests, allowed);
}

const Policy& PolicyOf(size_t rules) {
  static auto* const policies = new std::vector<std::pair<size_t, std::shared_ptr<const Policy>>>();
  for (const auto& [count, policy] : *policies) {
    if (count == rules) return *policy;
  }
  if (rules != 0) PolicyOf(0);  // the reference comes first
  policies->emplace_back(rules, CompileOrDie(rules == 0 ? ShippedText() : TextWithRules(rules)));
  CheckAnswers(*policies->back().second, *policies->front().second);
  return *policies->back().second;
}

constexpr size_t kBlock = 256;
constexpr int kRounds = 16;

template <typename Ask>
void Run(benchmark::State& state, const std::vector<const Request*>& requests, int rounds,
         const Ask& ask) {
  for (const Request* request : requests) ask(*request);
  size_t block = 0;
  size_t next = 0;
  int round = 0;
  const size_t before = allocations.load();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ask(*requests[next]));
    if (++next < std::min(block + kBlock, requests.size())) continue;
    if (++round == rounds) {
      round = 0;
      block = next == requests.size() ? 0 : next;
    }
    next = block;
  }
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(allocations.load() - before), benchmark::Counter::kAvgIterations);
}

std::vector<const Request*> Choose(const Policy& policy, bool allowed) {
  std::vector<const Request*> chosen;
  for (const Request& request : Requests()) {
    const Decision decision = policy.Decide(request.action, request.facts);
    if (allowed ? decision.allowed : !decision.violations.empty()) chosen.push_back(&request);
  }
  return chosen;
}

void RunAllows(benchmark::State& state, int rounds) {
  const Policy& policy = PolicyOf(static_cast<size_t>(state.range(0)));
  std::vector<const Request*> all;
  for (const Request& request : Requests()) all.push_back(&request);
  Run(state, all, rounds, [&](const Request& r) { return policy.Allows(r.action, r.facts); });
}

// The argument is the number of rules; 0: those shipped.
void BM_Allows(benchmark::State& state) { RunAllows(state, kRounds); }
BENCHMARK(BM_Allows)->Arg(0)->Arg(1000)->Arg(10000);

void BM_AllowsFromMemory(benchmark::State& state) { RunAllows(state, 1); }
BENCHMARK(BM_AllowsFromMemory)->Arg(0);

void BM_DecideAllowed(benchmark::State& state) {
  const Policy& policy = PolicyOf(0);
  Run(state, Choose(policy, true), kRounds,
      [&](const Request& r) { return policy.Decide(r.action, r.facts).allowed; });
}
BENCHMARK(BM_DecideAllowed);

void BM_DecideRefusedWithExplanation(benchmark::State& state) {
  const Policy& policy = PolicyOf(0);
  Run(state, Choose(policy, false), kRounds,
      [&](const Request& r) { return policy.Decide(r.action, r.facts).violations.size(); });
}
BENCHMARK(BM_DecideRefusedWithExplanation);

void BM_CompileShipped(benchmark::State& state) {
  const std::string text = ShippedText();
  for (auto _ : state) benchmark::DoNotOptimize(CompileOrDie(text));
}
BENCHMARK(BM_CompileShipped)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::policy

BENCHMARK_MAIN();
