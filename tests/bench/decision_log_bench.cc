// What it costs to have decisions on record: what whoever decides pays, which is handing a copy
// over, and what the journal's own thread does beside it, with and without a file. Requests are
// those of policy_bench; nothing is dropped.
//
//   build/release/bin/decision_log_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "server/policies/decision_journal.h"
#include "server/runtime/metrics.h"
#include "server/runtime/rotated_file.h"
#include "tests/bench/policy_requests.h"
#include "tests/harness/fatal.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::bench {
namespace {

// As many as the journal's queue takes.
constexpr size_t kBlock = 1024;
constexpr size_t kFileBytes = 64 << 20;

std::unique_ptr<server::RotatedFile> OpenFile(const std::string& path) {
  auto file = server::RotatedFile::Open(path, kFileBytes);
  if (!file.ok()) harness::Fatal(file.status().message());
  return *std::move(file);
}

enum class Of { kThisThread, kAllThreads };

// Blocks of decisions, each handled before the next. Waiting for that is no part of what this
// thread pays.
void Record(benchmark::State& state, bool with_file, Of of) {
  const harness::TemporaryDirectory directory;
  const auto file = with_file ? OpenFile(directory / "decisions.jsonl") : nullptr;
  server::Metrics metrics;
  server::DecisionJournal journal(metrics, {.queue_limit = kBlock, .file = file.get()});
  const auto policy = CompileOrDie(ShippedText());
  std::vector<policy::Decision> decisions;
  for (size_t i = 0; i < kBlock; ++i) {
    const PolicyRequest& request = Requests()[i];
    decisions.push_back(policy->Decide(request.action, request.facts));
  }
  for (auto _ : state) {
    for (size_t i = 0; i < kBlock; ++i) {
      const PolicyRequest& request = Requests()[i];
      journal.Record(request.action, request.facts, decisions[i]);
    }
    if (of == Of::kThisThread) state.PauseTiming();
    journal.Flush();
    if (of == Of::kThisThread) state.ResumeTiming();
  }
  if (journal.counts().dropped > 0) harness::Fatal("decisions were dropped");
  state.counters["a decision"] = benchmark::Counter(
      kBlock, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_WhoeverDecides(benchmark::State& state) {
  Record(state, state.range(0) != 0, Of::kThisThread);
}
BENCHMARK(BM_WhoeverDecides)->ArgName("file")->Arg(0)->Arg(1);

void BM_AllThreads(benchmark::State& state) { Record(state, state.range(0) != 0, Of::kAllThreads); }
BENCHMARK(BM_AllThreads)->ArgName("file")->Arg(0)->Arg(1)->MeasureProcessCPUTime();

}  // namespace
}  // namespace gatehouse::bench

BENCHMARK_MAIN();
