#include "tests/bench/paired.h"

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"

namespace gatehouse::bench {
namespace {

constexpr int kResamples = 2000;
constexpr unsigned kSeed = 1;

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double CpuMicroseconds(clockid_t clock) {
  timespec used = {};
  clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

}  // namespace

Comparison Compare(const Slice& a, const Slice& b, int pairs, int warm_up) {
  std::vector<double> costs_a;
  std::vector<double> costs_b;
  std::vector<double> ratios;
  for (int pair = -warm_up; pair < pairs; ++pair) {
    const bool a_first = pair % 2 == 0;
    const double first = a_first ? a() : b();
    const double second = a_first ? b() : a();
    if (pair < 0) continue;
    costs_a.push_back(a_first ? first : second);
    costs_b.push_back(a_first ? second : first);
    ratios.push_back(costs_b.back() / costs_a.back());
  }
  return {.a = MedianWithInterval(costs_a),
          .b = MedianWithInterval(costs_b),
          .ratio = MedianWithInterval(ratios)};
}

Interval MedianWithInterval(const std::vector<double>& values) {
  if (values.empty()) return {};
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<size_t> any(0, values.size() - 1);
  std::vector<double> medians;
  for (int i = 0; i < kResamples; ++i) {
    std::vector<double> resample(values.size());
    for (double& value : resample) value = values[any(random)];
    medians.push_back(Median(std::move(resample)));
  }
  std::sort(medians.begin(), medians.end());
  return {.median = Median(values),
          .low = medians[kResamples * 25 / 1000],
          .high = medians[kResamples * 975 / 1000]};
}

std::string Format(const Interval& interval, int decimals) {
  return absl::StrFormat("%.*f [%.*f, %.*f]", decimals, interval.median, decimals, interval.low,
                         decimals, interval.high);
}

double ThreadCpuMicroseconds() { return CpuMicroseconds(CLOCK_THREAD_CPUTIME_ID); }

double ProcessCpuMicroseconds(pid_t process) {
  clockid_t clock;
  if (clock_getcpuclockid(process, &clock) != 0) return 0;
  return CpuMicroseconds(clock);
}

}  // namespace gatehouse::bench
