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
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "benchmark/benchmark.h"
#include "policy/policy.h"
#include "policy/rule_set.h"
#include "tests/bench/policy_requests.h"

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

namespace gatehouse::bench {
namespace {

using policy::Action;
using policy::Decision;
using policy::Policy;
using policy::RuleSet;

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

// Every answer the same by both ways, and by the policy without the added rules.
void CheckAnswers(const Policy& policy, const Policy& reference) {
  size_t allowed = 0;
  for (const PolicyRequest& request : Requests()) {
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
  std::printf("%zu requests checked, %zu allowed\n", Requests().size(), allowed);
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
void Run(benchmark::State& state, const std::vector<const PolicyRequest*>& requests, int rounds,
         const Ask& ask) {
  for (const PolicyRequest* request : requests) ask(*request);
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

std::vector<const PolicyRequest*> Choose(const Policy& policy, bool allowed) {
  std::vector<const PolicyRequest*> chosen;
  for (const PolicyRequest& request : Requests()) {
    const Decision decision = policy.Decide(request.action, request.facts);
    if (allowed ? decision.allowed : !decision.violations.empty()) chosen.push_back(&request);
  }
  return chosen;
}

void RunAllows(benchmark::State& state, int rounds) {
  const Policy& policy = PolicyOf(static_cast<size_t>(state.range(0)));
  std::vector<const PolicyRequest*> all;
  for (const PolicyRequest& request : Requests()) all.push_back(&request);
  Run(state, all, rounds, [&](const PolicyRequest& r) { return policy.Allows(r.action, r.facts); });
}

// The argument is the number of rules; 0: those shipped.
void BM_Allows(benchmark::State& state) { RunAllows(state, kRounds); }
BENCHMARK(BM_Allows)->Arg(0)->Arg(1000)->Arg(10000);

void BM_AllowsFromMemory(benchmark::State& state) { RunAllows(state, 1); }
BENCHMARK(BM_AllowsFromMemory)->Arg(0);

void BM_DecideAllowed(benchmark::State& state) {
  const Policy& policy = PolicyOf(0);
  Run(state, Choose(policy, true), kRounds,
      [&](const PolicyRequest& r) { return policy.Decide(r.action, r.facts).allowed; });
}
BENCHMARK(BM_DecideAllowed);

void BM_DecideRefusedWithExplanation(benchmark::State& state) {
  const Policy& policy = PolicyOf(0);
  Run(state, Choose(policy, false), kRounds,
      [&](const PolicyRequest& r) { return policy.Decide(r.action, r.facts).violations.size(); });
}
BENCHMARK(BM_DecideRefusedWithExplanation);

void BM_CompileShipped(benchmark::State& state) {
  const std::string text = ShippedText();
  for (auto _ : state) benchmark::DoNotOptimize(CompileOrDie(text));
}
BENCHMARK(BM_CompileShipped)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::bench

BENCHMARK_MAIN();
