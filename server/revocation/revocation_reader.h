// Keeps the revocation log in memory up to date, and proves to revoking operations that it is.
//
// ReadRevocationLog() is one step: read what is new, from one snapshot. The RevocationReader takes
// that step on a thread of its own: when nudged, and at least every `interval`. Each complete read
// renews the server's lease; while the store fails, or tells a log that went back, none does, and
// validation stops by itself. Thread-safe. Instants are Clock::Monotonic().
#ifndef GATEHOUSE_SERVER_REVOCATION_REVOCATION_READER_H_
#define GATEHOUSE_SERVER_REVOCATION_REVOCATION_READER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/revocation/revocation_log.h"
#include "server/runtime/clock.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// What else has to keep up with the log: told the head that was reached, and only if it answers OK
// does the reading count as complete.
using FollowHead = absl::FunctionRef<absl::Status(const storage::RevocationHead&)>;

// Reads what is new, page by page, until the head is reached. On an error what was read so far
// counts and the lease is not renewed. FAILED_PRECONDITION when the log went back within its
// incarnation: the database was restored without `gatehouse-server after-restore`.
absl::Status ReadRevocationLog(
    storage::AccountStore& store, const Clock& clock, RevocationLog& log,
    FollowHead follow = [](const storage::RevocationHead&) { return absl::OkStatus(); });

// What a revoking call may tell about its own revocation.
struct RevocationConfirmation {
  std::int32_t confirmed_servers = 0;  // have read it
  std::int32_t silent_servers = 0;     // have not, and have stopped saying "valid" since
  absl::Duration duration;             // from the question to its answer
};

// Set once no validation that starts from now on can miss what stands at `position`, `waited` after
// its commit or longer: because the log was read up to there, or because it was not and every read
// from before the commit has outlived its lease.
std::optional<RevocationConfirmation> ConfirmRevocation(const RevocationLog& log,
                                                        std::int64_t position,
                                                        absl::Duration waited,
                                                        absl::Duration lease);

class RevocationReader {
 public:
  struct Options {
    absl::Duration lease = absl::Seconds(1);
    absl::Duration interval = absl::Milliseconds(100);
    // Told once when reading begins to fail, and once (OK) when it succeeds again, on the reader's
    // thread.
    std::function<void(const absl::Status&)> on_change = [](const absl::Status&) {};
    // On the reader's thread.
    std::function<absl::Status(const storage::RevocationHead&)> follow =
        [](const storage::RevocationHead&) { return absl::OkStatus(); };
  };

  // The thread starts at once; all three must outlive the reader.
  RevocationReader(storage::AccountStore& store, const Clock& clock, RevocationLog& log,
                   Options options);
  // Nobody may be waiting in it any more.
  ~RevocationReader();
  RevocationReader(const RevocationReader&) = delete;
  RevocationReader& operator=(const RevocationReader&) = delete;

  // There is something new.
  void Nudge();

  // For a revoking operation, after its commit and before its answer: nudges, and waits for
  // ConfirmRevocation(). DEADLINE_EXCEEDED when `deadline` came first: the revocation stands, but
  // is not proven.
  absl::StatusOr<RevocationConfirmation> CatchUp(std::int64_t position, absl::Time deadline);

  // For a caller who asks for fresher truth than there is: waits for a complete read that begins
  // now or later.
  absl::Status Refresh(absl::Time deadline);

  // OK iff the last read succeeded and began less than a lease ago.
  absl::Status CheckHealth() const;

 private:
  void Run();
  void Note(const absl::Status& status, absl::Duration began);
  void NudgeLocked();
  // Waits until `done` is true, and calls it with the lock held.
  absl::Status Await(std::unique_lock<std::mutex>& lock, absl::Time deadline,
                     absl::FunctionRef<bool()> done);

  storage::AccountStore& store_;
  const Clock& clock_;
  RevocationLog& log_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable nudged_;
  std::condition_variable read_;
  bool stopping_ = false;
  bool nudge_pending_ = false;
  absl::Status last_status_ = absl::UnavailableError("the revocation log was not read yet");
  absl::Duration last_success_began_ = -absl::InfiniteDuration();

  bool failing_ = false;  // the reader's thread's own

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_REVOCATION_REVOCATION_READER_H_
