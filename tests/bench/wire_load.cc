#include "tests/bench/wire_load.h"

#include <sched.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "tests/bench/paired.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

// Counts calls that are not answered yet.
class InFlight {
 public:
  void Begin() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void WaitForNone() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;  // guarded by mutex_
};

// One caller of a closed loop: asks again as soon as it was answered, until the end.
class Caller {
 public:
  Caller(const Ask& ask, absl::Time end, InFlight& running)
      : ask_(ask), end_(end), running_(running) {
    running_.Begin();
  }

  void Next() {
    if (absl::Now() >= end_) return running_.End();
    ask_([this](bool right) {
      if (!right) harness::Fatal("a wrong answer");
      ++answers_;
      Next();
    });
  }

  std::int64_t answers() const { return answers_; }

 private:
  const Ask& ask_;
  const absl::Time end_;
  InFlight& running_;
  std::int64_t answers_ = 0;
};

}  // namespace

void PinTo(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<size_t>(core), &cores);
  if (sched_setaffinity(0, sizeof(cores), &cores) != 0) {
    harness::Fatal(absl::StrCat("cannot keep to core ", core, "; two cores are needed"));
  }
}

PinnedSystem::PinnedSystem(harness::ServerProcess::Options options) {
  PinTo(kSystemCore);
  redis_ = std::make_unique<harness::RedisProcess>();
  options.redis = redis_->url();
  server_ = std::make_unique<harness::ServerProcess>(std::move(options));
  PinTo(kLoadCore);
}

void PinnedSystem::Start() {
  PinTo(kSystemCore);
  server_->StartUnready();
  PinTo(kLoadCore);
  server_->WaitUntilServing();
}

std::vector<std::shared_ptr<grpc::Channel>> PinnedSystem::Connect(int connections) const {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) channels.push_back(server_->NewChannel());
  return channels;
}

double PinnedSystem::CpuMicroseconds() {
  return ProcessCpuMicroseconds(server_->process().pid()) +
         ProcessCpuMicroseconds(redis_->process().pid());
}

ClosedLoopResult MeasureClosedLoop(PinnedSystem& system, const Ask& ask, int in_flight,
                                   absl::Duration duration) {
  const absl::Time start = absl::Now();
  const double cpu_before = system.CpuMicroseconds();
  InFlight running;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < in_flight; ++i) {
    callers.push_back(std::make_unique<Caller>(ask, start + duration, running));
  }
  for (const auto& caller : callers) caller->Next();
  running.WaitForNone();
  ClosedLoopResult result{.took = absl::Now() - start,
                          .cpu_microseconds = system.CpuMicroseconds() - cpu_before};
  for (const auto& caller : callers) result.answers += caller->answers();
  return result;
}

absl::Duration OpenLoopResult::Percentile(double share) const {
  if (latencies.empty()) return absl::InfiniteDuration();
  const auto last = static_cast<double>(latencies.size() - 1);
  return latencies[static_cast<size_t>(share * last)];
}

OpenLoopResult RunOpenLoop(const Ask& ask, double rate, absl::Duration duration) {
  OpenLoopResult result;
  std::mutex mutex;  // guards `result` while calls are in flight
  InFlight running;
  const absl::Time start = absl::Now();
  const auto total = static_cast<std::int64_t>(rate * absl::ToDoubleSeconds(duration));
  for (; result.asked < total; ++result.asked) {
    const absl::Time meant = start + absl::Seconds(static_cast<double>(result.asked) / rate);
    absl::SleepFor(meant - absl::Now());
    running.Begin();
    ask([&, meant](bool right) {
      const absl::Duration latency = absl::Now() - meant;
      if (right) {
        const std::lock_guard lock(mutex);
        ++result.right;
        result.latencies.push_back(latency);
      }
      running.End();
    });
  }
  running.WaitForNone();
  result.took = absl::Now() - start;
  std::sort(result.latencies.begin(), result.latencies.end());
  return result;
}

double MemoryMebibytes(pid_t process, const std::string& line) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  std::string name;
  double kibibytes = 0;
  while (status >> name) {
    if (name == line + ":") {
      status >> kibibytes;
      return kibibytes / 1024;
    }
  }
  harness::Fatal(absl::StrCat("process ", process, " has no ", line));
}

}  // namespace gatehouse::bench
