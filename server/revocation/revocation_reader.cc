#include "server/revocation/revocation_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr int kPageSize = 1000;
// Waiting threads look at the clock this often, since a lease ends without an event.
constexpr std::chrono::milliseconds kRecheck(10);

struct Page {
  storage::RevocationHead head;
  std::vector<storage::RevocationRecord> rows;
};

absl::StatusOr<Page> ReadPage(storage::AccountStore& store, const RevocationLog& log) {
  const std::string incarnation = log.incarnation();
  const std::int64_t position = log.position();
  Page page;
  GATEHOUSE_RETURN_IF_ERROR(store.Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(page.head, transaction.ReadRevocationHead());
    const std::int64_t after = page.head.incarnation == incarnation ? position : 0;
    GATEHOUSE_ASSIGN_OR_RETURN(page.rows, transaction.ReadRevocations(after, kPageSize));
    return absl::OkStatus();
  }));
  if (page.head.incarnation == incarnation && page.head.position < position) {
    return absl::FailedPreconditionError(absl::StrCat("the revocation log went back from ",
                                                      position, " to ", page.head.position,
                                                      ": run `gatehouse-server after-restore`"));
  }
  if (IncarnationPrefix(page.head.incarnation) == 0) {
    return absl::FailedPreconditionError("the revocation log has no usable incarnation");
  }
  return page;
}

}  // namespace

absl::Status ReadRevocationLog(storage::AccountStore& store, const Clock& clock, RevocationLog& log,
                               FollowHead follow) {
  for (;;) {
    const absl::Duration began = clock.Monotonic();
    GATEHOUSE_ASSIGN_OR_RETURN(const Page page, ReadPage(store, log));
    const bool reached_head = page.rows.size() < kPageSize;
    const absl::Status followed = reached_head ? follow(page.head) : absl::OkStatus();
    log.Apply({.head = page.head, .rows = page.rows, .began = began},
              reached_head && followed.ok());
    if (reached_head) return followed;
  }
}

std::optional<RevocationConfirmation> ConfirmRevocation(const RevocationLog& log,
                                                        std::int64_t position,
                                                        absl::Duration waited,
                                                        absl::Duration lease) {
  const bool confirmed = log.position() >= position;
  if (!confirmed && waited < lease) return std::nullopt;
  return RevocationConfirmation{.confirmed_servers = confirmed ? 1 : 0,
                                .silent_servers = confirmed ? 0 : 1,
                                .duration = waited};
}

RevocationReader::RevocationReader(storage::AccountStore& store, const Clock& clock,
                                   RevocationLog& log, Options options)
    : store_(store), clock_(clock), log_(log), options_(std::move(options)), thread_([this] {
        Run();
      }) {}

RevocationReader::~RevocationReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  nudged_.notify_all();
  thread_.join();
}

void RevocationReader::Nudge() {
  const std::lock_guard lock(mutex_);
  NudgeLocked();
}

void RevocationReader::NudgeLocked() {
  nudge_pending_ = true;
  nudged_.notify_all();
}

absl::StatusOr<RevocationConfirmation> RevocationReader::CatchUp(std::int64_t position,
                                                                 absl::Time deadline) {
  const absl::Duration began = clock_.Monotonic();
  std::unique_lock lock(mutex_);
  NudgeLocked();
  std::optional<RevocationConfirmation> confirmation;
  GATEHOUSE_RETURN_IF_ERROR(Await(lock, deadline, [&] {
    const absl::Duration waited = clock_.Monotonic() - began;
    confirmation = ConfirmRevocation(log_, position, waited, options_.lease);
    return confirmation.has_value();
  }));
  return *confirmation;
}

absl::Status RevocationReader::Refresh(absl::Time deadline) {
  const absl::Duration asked = clock_.Monotonic();
  std::unique_lock lock(mutex_);
  NudgeLocked();
  return Await(lock, deadline, [&] { return last_success_began_ >= asked; });
}

absl::Status RevocationReader::Await(std::unique_lock<std::mutex>& lock, absl::Time deadline,
                                     absl::FunctionRef<bool()> done) {
  while (!done()) {
    if (clock_.Now() >= deadline) {
      return absl::DeadlineExceededError("the revocation log was not read in time");
    }
    read_.wait_for(lock, kRecheck);
  }
  return absl::OkStatus();
}

absl::Status RevocationReader::CheckHealth() const {
  const std::lock_guard lock(mutex_);
  const absl::Duration age = clock_.Monotonic() - last_success_began_;
  if (age < options_.lease) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "the revocation log was last read ", absl::FormatDuration(age),
      " ago: ", last_status_.ok() ? "reading takes too long" : last_status_.message()));
}

void RevocationReader::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    nudge_pending_ = false;
    lock.unlock();
    const absl::Duration began = clock_.Monotonic();
    const absl::Status status = ReadRevocationLog(store_, clock_, log_, options_.follow);
    Note(status, began);
    lock.lock();
    nudged_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval),
                     [this] { return stopping_ || nudge_pending_; });
  }
}

void RevocationReader::Note(const absl::Status& status, absl::Duration began) {
  {
    const std::lock_guard lock(mutex_);
    last_status_ = status;
    if (status.ok()) last_success_began_ = began;
  }
  read_.notify_all();
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  options_.on_change(status);
}

}  // namespace gatehouse::server
