// What one evaluation costs: typical rules over facts that are there, answers checked first.
//
//   build/release/bin/cel_bench
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "policy/cel/format.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {
namespace {

struct Rule {
  const char* name;
  const char* text;
  const char* answer;
};

constexpr Rule kRules[] = {
    {"fact", "account.aup_accepted", "true"},
    {"compare", "account.failures < 13", "true"},
    {"strings_equal", "account.organisation_id == 'org-1'", "true"},
    {"time", "now - account.joined_at >= organisation_hold", "false"},
    {"conjunction", "account.aup_accepted && account.failures < 13 && !has(account.locked_at)",
     "true"},
    {"membership", "account.failures in [1, 2, 3]", "true"},
    {"role",
     "actor.roles.exists(r, r.role == LOCAL_ADMIN && "
     "r.organisation_id == account.organisation_id)",
     "true"},
    {"pattern", "account.organisation_id.matches('^org-[0-9]+$')", "true"},
    {"map", "account.labels.ward == 'A'", "true"},
};

void Evaluate(benchmark::State& state, const Rule& rule) {
  const Facts facts;
  const Program program = facts.Compile(rule.text);
  Arena arena;
  if (Format(program.Evaluate(facts.slots(), arena)) != rule.answer) {
    std::fprintf(stderr, "%s: wrong answer\n", rule.name);
    std::abort();
  }
  for (auto _ : state) {
    arena.Reset();
    benchmark::DoNotOptimize(program.Evaluate(facts.slots(), arena));
  }
}

void Compile(benchmark::State& state) {
  const Facts facts;
  for (auto _ : state) benchmark::DoNotOptimize(facts.Compile(kRules[6].text));
}

}  // namespace
}  // namespace gatehouse::policy::cel

int main(int argc, char** argv) {
  using gatehouse::policy::cel::kRules;
  for (const auto& rule : kRules) {
    benchmark::RegisterBenchmark(rule.name, gatehouse::policy::cel::Evaluate, rule);
  }
  benchmark::RegisterBenchmark("parse_check_plan", gatehouse::policy::cel::Compile);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
