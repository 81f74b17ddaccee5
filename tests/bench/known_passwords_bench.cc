// What it costs to ask whether a password is known, and to open the file that says so. The file has
// ten million keys, larger than any cache; the last benchmark includes the SHA-1 and the folding.
//
//   build/release/bin/known_passwords_bench

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "benchmark/benchmark.h"
#include "server/runtime/entropy.h"
#include "server/secrets/known/known_passwords.h"
#include "server/secrets/known/password_filter.h"
#include "server/secrets/known/password_filter_builder.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

constexpr size_t kKeys = 10'000'000;
constexpr size_t kProbes = 1 << 16;

std::vector<uint64_t> Draw(size_t count, uint64_t seed) {
  SeededEntropy entropy(seed);
  std::vector<uint64_t> keys(count);
  entropy.Fill({reinterpret_cast<uint8_t*>(keys.data()), count * sizeof(uint64_t)});
  return keys;
}

// Built once for all benchmarks, and gone with the process.
const std::string& FilterPath() {
  static const harness::TemporaryDirectory directory;
  static const std::string path = [] {
    std::string built = (directory / "breached.filter").string();
    SeededEntropy entropy(1);
    PasswordFilterBuilder builder(built, entropy);
    bool ok = true;
    for (const uint64_t key : Draw(kKeys, 2)) ok = ok && builder.Add(key).ok();
    if (!ok || !builder.Finish().ok()) std::abort();
    return built;
  }();
  return path;
}

void LookUp(benchmark::State& state, const std::vector<uint64_t>& probes) {
  const auto filter = *PasswordFilter::Open(FilterPath());
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(filter->Contains(probes[next++ % kProbes]));
  }
}

void LookUpKnown(benchmark::State& state) { LookUp(state, Draw(kProbes, 2)); }
BENCHMARK(LookUpKnown);

void LookUpUnknown(benchmark::State& state) { LookUp(state, Draw(kProbes, 3)); }
BENCHMARK(LookUpUnknown);

void AskAboutAPassword(benchmark::State& state) {
  const auto known = *KnownPasswords::Open(FilterPath());
  int next = 0;
  for (auto _ : state) {
    const SecretString password(absl::StrCat("granite-teapot-", next++));
    benchmark::DoNotOptimize(known->Contains(password));
  }
}
BENCHMARK(AskAboutAPassword);

void OpenAndCheck(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PasswordFilter::Open(FilterPath()).ok());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>((*PasswordFilter::Open(FilterPath()))->file_size()));
}
BENCHMARK(OpenAndCheck)->Unit(benchmark::kMillisecond);

void Build(benchmark::State& state) {
  const harness::TemporaryDirectory directory;
  const std::vector<uint64_t> keys = Draw(1'000'000, 2);
  SeededEntropy entropy(1);
  for (auto _ : state) {
    PasswordFilterBuilder builder((directory / "filter").string(), entropy);
    for (const uint64_t key : keys) benchmark::DoNotOptimize(builder.Add(key).ok());
    benchmark::DoNotOptimize(builder.Finish().ok());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys.size()));
}
BENCHMARK(Build)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::server

BENCHMARK_MAIN();
