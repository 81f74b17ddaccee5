#include "server/secrets/hash_gate.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"

#include "server/secrets/argon2.h"

namespace gatehouse::server {
namespace {

// What a permit is taken to be held for until the first ones have come back.
constexpr absl::Duration kFirstGuess = absl::Milliseconds(25);
// The weight of the latest permit in the moving average.
constexpr double kWeight = 1.0 / 8;
// Waiting for an infinite deadline overflows the standard library's arithmetic.
constexpr absl::Duration kLongestSleep = absl::Hours(1);
// How long a hash may have the processor before others' turn comes: more than anybody else, so that
// what is woken up meanwhile, and asks for less, need not wait for the end of it.
constexpr std::uint64_t kTurn = 20'000'000;  // ns

// The beginning of the kernel's struct sched_attr, which the C library does not have.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = getpriority(PRIO_PROCESS, 0);
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // since Linux 6.12 the length of a turn, 0 for the usual one
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

// Of the calling thread. Its share of the processor stays what it was; only whoever asks little of
// it goes first. A wish: without it the hash is computed all the same.
void LetOthersGoFirst(bool others_first) {
  SchedulingAttributes attributes;
  if (others_first) {
    attributes.policy = SCHED_BATCH;
    attributes.runtime = kTurn;
  }
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

struct HashGate::Waiter {
  std::condition_variable turn;
  Argon2Workspace* workspace = nullptr;  // set when the turn has come
};

HashPermit::HashPermit(HashPermit&& other) noexcept
    : gate_(std::exchange(other.gate_, nullptr)),
      workspace_(other.workspace_),
      since_(other.since_) {}

HashPermit::~HashPermit() {
  if (gate_ == nullptr) return;
  LetOthersGoFirst(false);
  gate_->Release(workspace_, gate_->clock_.Monotonic() - since_);
}

HashGate::HashGate(Options options, const Clock& clock, LaneMetrics& metrics)
    : options_(options), clock_(clock), metrics_(metrics), typical_hold_(kFirstGuess) {
  for (int i = 0; i < options_.concurrent; ++i) {
    idle_.push_back(workspaces_.emplace_back(std::make_unique<Argon2Workspace>()).get());
  }
}

HashGate::~HashGate() = default;

absl::StatusOr<HashPermit> HashGate::Acquire(absl::Time deadline,
                                             absl::FunctionRef<bool()> cancelled) {
  std::unique_lock lock(mutex_);
  if (!idle_.empty()) {
    // Without regard to how long it may take: this is how a bad estimate is found out.
    const absl::Status worth = JudgeTurn(deadline, absl::ZeroDuration(), cancelled);
    if (!worth.ok()) return worth;
    return TakeIdle();
  }
  if (waiting_.size() >= options_.queue_limit ||
      clock_.Now() + ExpectedWaitLocked() + typical_hold_ > deadline) {
    metrics_.CountRejected();
    return absl::ResourceExhaustedError("too many passwords are being checked; try again later");
  }
  Waiter self;
  waiting_.push_back(&self);
  metrics_.SetDepth(waiting_.size());
  while (self.workspace == nullptr && clock_.Now() < deadline) {
    self.turn.wait_for(lock,
                       absl::ToChronoNanoseconds(std::min(deadline - clock_.Now(), kLongestSleep)));
  }
  if (self.workspace == nullptr) {
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &self));
    metrics_.SetDepth(waiting_.size());
    metrics_.CountDropped();
    return absl::DeadlineExceededError("the deadline passed while waiting to check a password");
  }
  const absl::Status worth = JudgeTurn(deadline, typical_hold_, cancelled);
  if (!worth.ok()) {
    metrics_.CountDropped();
    PassOn(self.workspace);
    return worth;
  }
  LetOthersGoFirst(true);
  return HashPermit(this, self.workspace, clock_.Monotonic());
}

HashPermit HashGate::TakeIdle() {
  Argon2Workspace* const workspace = idle_.back();
  idle_.pop_back();
  LetOthersGoFirst(true);
  return HashPermit(this, workspace, clock_.Monotonic());
}

absl::Status HashGate::JudgeTurn(absl::Time deadline, absl::Duration needed,
                                 absl::FunctionRef<bool()> cancelled) const {
  if (cancelled()) return absl::CancelledError("the caller has gone");
  if (clock_.Now() + needed >= deadline) {
    return absl::DeadlineExceededError("too little time was left to check a password");
  }
  return absl::OkStatus();
}

absl::Duration HashGate::ExpectedWait() const {
  const std::lock_guard lock(mutex_);
  return ExpectedWaitLocked();
}

absl::Duration HashGate::ExpectedWaitLocked() const {
  if (!idle_.empty()) return absl::ZeroDuration();
  return typical_hold_ * static_cast<double>(waiting_.size() + 1) / options_.concurrent;
}

void HashGate::Release(Argon2Workspace* workspace, absl::Duration held) {
  const std::lock_guard lock(mutex_);
  typical_hold_ += (held - typical_hold_) * kWeight;
  PassOn(workspace);
}

void HashGate::PassOn(Argon2Workspace* workspace) {
  if (waiting_.empty()) {
    idle_.push_back(workspace);
    return;
  }
  Waiter* const next = waiting_.front();
  waiting_.pop_front();
  metrics_.SetDepth(waiting_.size());
  next->workspace = workspace;
  next->turn.notify_one();
}

}  // namespace gatehouse::server
