#include "server/rpc/stream_call.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"

#include "server/operations/errors.h"
#include "server/rpc/status_conversion.h"

namespace gatehouse::server {
namespace {

// Read ahead for the next step; one message more may be on its way. The largest message is 1 MiB.
constexpr size_t kMostArrived = 256;
constexpr size_t kMostArrivedBytes = size_t{1} << 20;
// Answers that wait for the client, before the next step adds its own.
constexpr size_t kMostAnswers = 256;
constexpr size_t kMostAnswersBytes = size_t{1} << 20;

absl::Status TooSilent(absl::Duration patience) {
  return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
               absl::StrCat("nothing was sent for ", absl::FormatDuration(patience),
                            "; what was answered is done, and the rest can be sent again"));
}

}  // namespace

StreamCall::StreamCall(const Parts& parts, CallContext call)
    : parts_(parts),
      started_(parts.clock.Monotonic()),
      deadline_(call.deadline),
      call_(std::move(call)),
      step_(parts.method.open ? parts.method.open() : nullptr),
      moved_(started_) {
  call_.cancelled = [this] { return cancelled_.load(std::memory_order_relaxed); };
}

void StreamCall::Start(const absl::Status& refusal) {
  self_ = shared_from_this();
  {
    const std::lock_guard lock(mutex_);
    if (refusal.ok()) {
      WatchIn(std::min(parts_.patience.first, parts_.patience.between));
    } else {
      EndLocked(refusal);
    }
  }
  Advance();
}

void StreamCall::End(const absl::Status& why) {
  {
    const std::lock_guard lock(mutex_);
    EndLocked(why);
  }
  Advance();
}

void StreamCall::NoteRead(MessagePtr message) {
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    heard_ = true;
    moved_ = parts_.clock.Monotonic();
    if (message == nullptr) {
      read_all_ = true;
    } else {
      arrived_bytes_ += message->ByteSizeLong();
      arrived_.push_back(std::move(message));
    }
  }
  Advance();
}

void StreamCall::NoteWritten(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    parts_.method.response_secrets.Wipe(*writing_);
    writing_.reset();
    moved_ = parts_.clock.Monotonic();
    if (!ok) NoteGone();
  }
  Advance();
}

void StreamCall::NoteCancelled() {
  cancelled_.store(true, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    NoteGone();
  }
  Advance();
}

void StreamCall::NoteDone() {
  const std::shared_ptr<StreamCall> last = std::move(self_);
  const std::lock_guard lock(mutex_);
  alarm_.reset();
  WipeAll();
}

absl::Duration StreamCall::PatienceLeft() const {
  const absl::Duration now = parts_.clock.Monotonic();
  // Whatever it sends meanwhile, an answer on its way has to be taken.
  if (writing_ != nullptr) return writing_since_ + parts_.patience.between - now;
  const absl::Duration patience = heard_ ? parts_.patience.between : parts_.patience.first;
  // Not its turn: it has as long again once it is.
  return stepping_ ? patience : moved_ + patience - now;
}

void StreamCall::WatchIn(absl::Duration time) {
  // A new alarm each time: the one whose call this may be cannot be set again while it lasts.
  alarm_ = std::make_unique<grpc::Alarm>();
  const gpr_timespec wait = gpr_time_from_micros(absl::ToInt64Microseconds(time), GPR_TIMESPAN);
  alarm_->Set(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), wait),
              [weak = weak_from_this()](bool rang) {
                if (!rang) return;
                if (const std::shared_ptr<StreamCall> stream = weak.lock()) stream->Watch();
              });
}

void StreamCall::Watch() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    if (const absl::Duration left = PatienceLeft(); left > absl::ZeroDuration()) {
      return WatchIn(left);
    }
    breaks_off_ = writing_ != nullptr;  // a status could not reach it either
    EndLocked(TooSilent(heard_ || breaks_off_ ? parts_.patience.between : parts_.patience.first));
  }
  Advance();
}

// Nobody is there to be answered.
void StreamCall::NoteGone() {
  EndLocked(absl::CancelledError());
  for (const MessagePtr& answer : answers_) parts_.method.response_secrets.Wipe(*answer);
  answers_.clear();
  answers_bytes_ = 0;
}

void StreamCall::EndLocked(const absl::Status& why) {
  if (!ending_.has_value()) ending_ = why;
}

bool StreamCall::HasRoom() const {
  return arrived_.size() < kMostArrived && arrived_bytes_ < kMostArrivedBytes;
}

void StreamCall::WipeAll() {
  for (const MessagePtr& message : arrived_) parts_.method.request_secrets.Wipe(*message);
  arrived_.clear();
}

StreamCall::Action StreamCall::NextAction() {
  if (finished_) return Action::kNone;
  if (std::exchange(breaks_off_, false)) return Action::kBreakOff;
  if (writing_ == nullptr && !answers_.empty()) {
    writing_ = std::move(answers_.front());
    answers_.pop_front();
    answers_bytes_ -= writing_->ByteSizeLong();
    writing_since_ = parts_.clock.Monotonic();
    return Action::kWrite;
  }
  if (!ending_.has_value() && read_all_ && arrived_.empty() && !stepping_) {
    EndLocked(absl::OkStatus());
  }
  if (ending_.has_value()) {
    if (stepping_ || writing_ != nullptr) return Action::kNone;
    finished_ = true;
    return Action::kFinish;
  }
  if (!stepping_ && !arrived_.empty() && answers_.size() < kMostAnswers &&
      answers_bytes_ < kMostAnswersBytes) {
    stepping_ = true;
    return Action::kStep;
  }
  if (!reading_ && !read_all_ && HasRoom()) {
    reading_ = true;
    return Action::kRead;
  }
  return Action::kNone;
}

void StreamCall::Advance() {
  std::unique_lock lock(mutex_);
  if (advancing_) return;  // who does will see what has changed
  advancing_ = true;
  for (Action action = NextAction(); action != Action::kNone; action = NextAction()) {
    lock.unlock();
    Perform(action);
    if (action == Action::kFinish) return;  // this may be gone
    lock.lock();
  }
  advancing_ = false;
}

void StreamCall::Perform(Action action) {
  switch (action) {
    case Action::kNone:
      return;
    case Action::kRead:
      return BeginRead();
    case Action::kWrite:
      return BeginWrite(*writing_);
    case Action::kStep:
      return SubmitStep();
    case Action::kBreakOff:
      return BreakOff();
    case Action::kFinish:
      return Finish(ToGrpcStatus(
          parts_.method.NoteEnd(call_, *ending_, parts_.clock.Monotonic() - started_, parts_.log)));
  }
}

void StreamCall::SubmitStep() {
  call_.now = parts_.clock.Now();
  call_.deadline = std::min(deadline_, call_.now + parts_.step_patience);
  const std::shared_ptr<StreamCall> self = shared_from_this();
  const absl::Status queued = parts_.method.lane->Submit({
      .deadline = call_.deadline,
      .cancelled = call_.cancelled,
      .run = [self] { self->RunStep(); },
      .on_dropped = [self](const absl::Status& why) { self->NoteStep(NotRun(why), {}); },
  });
  if (!queued.ok()) NoteStep(NotRun(queued), {});
}

void StreamCall::RunStep() {
  std::vector<MessagePtr> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.assign(std::make_move_iterator(arrived_.begin()),
                 std::make_move_iterator(arrived_.end()));
    arrived_.clear();
    arrived_bytes_ = 0;
  }
  std::vector<MessagePtr> answers;
  const absl::StatusOr<size_t> count = step_(call_, taken, answers);
  for (size_t i = 0; i < count.value_or(taken.size()); ++i) {
    parts_.method.request_secrets.Wipe(*taken[i]);
  }
  if (count.ok()) {
    const std::lock_guard lock(mutex_);
    for (size_t i = *count; i < taken.size(); ++i) arrived_bytes_ += taken[i]->ByteSizeLong();
    const auto left = taken.begin() + static_cast<std::ptrdiff_t>(*count);
    arrived_.insert(arrived_.begin(), std::make_move_iterator(left),
                    std::make_move_iterator(taken.end()));
  }
  NoteStep(count.status(), std::move(answers));
}

void StreamCall::NoteStep(const absl::Status& outcome, std::vector<MessagePtr> answers) {
  {
    const std::lock_guard lock(mutex_);
    stepping_ = false;
    moved_ = parts_.clock.Monotonic();
    if (!outcome.ok()) {
      EndLocked(outcome);
    } else if (!cancelled_.load(std::memory_order_relaxed)) {
      for (const MessagePtr& answer : answers) answers_bytes_ += answer->ByteSizeLong();
      std::ranges::move(answers, std::back_inserter(answers_));
      answers.clear();
    }
  }
  for (const MessagePtr& unsent : answers) parts_.method.response_secrets.Wipe(*unsent);
  Advance();
}

}  // namespace gatehouse::server
