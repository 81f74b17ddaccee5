// Whether a session that was found may be used now: the one place that says "valid".
//
// JudgeSession() is pure: a record, what the log says of it, and two clock readings give a verdict.
// The SessionJudge takes those readings itself, at each judgement: a validation must never be
// judged by an instant that was read before it began. Thread-safe.
//
// The order of the questions matters only for what is told: what is over by its own instants is
// INVALID whether or not the log can be trusted; past the lease everything else is UNAVAILABLE.
#ifndef GATEHOUSE_SERVER_REVOCATION_SESSION_JUDGE_H_
#define GATEHOUSE_SERVER_REVOCATION_SESSION_JUDGE_H_

#include <cstdint>

#include "absl/time/time.h"

#include "server/revocation/revocation_log.h"
#include "server/runtime/clock.h"
#include "storage/session_store.h"

namespace gatehouse::server {

enum class SessionVerdict : std::uint8_t {
  kInvalid = 0,
  kUnavailable = 1,  // the truth cannot be had: the log was not read recently enough
  kValid = 2,
};

// Why a session is not valid: for metrics and tests, never for callers.
enum class SessionFault : std::uint8_t {
  kNone = 0,
  kMalformed,    // a record that no sign-in writes
  kExpired,      // the end of its life
  kIdle,         // unused for too long; true only of a last use that was just read
  kLease,        // the log's last complete read began a lease ago, or longer
  kIncarnation,  // issued before the database was restored
  kRevoked,      // the log ends it
};

struct SessionJudgement {
  SessionVerdict verdict = SessionVerdict::kInvalid;
  SessionFault fault = SessionFault::kMalformed;
  // Roles, organisation or state changed since issue: read them from SQL, not from the record.
  bool authorisation_is_behind = false;
  absl::Duration staleness = absl::InfiniteDuration();  // since the log's last complete read began
  std::int64_t log_position = 0;
};

struct JudgedAt {
  absl::Time now;
  absl::Duration monotonic;
};

// `lease` is the longest staleness that still says "valid": at it, or past it, UNAVAILABLE.
SessionJudgement JudgeSession(const storage::FoundSession& found, const RevocationFacts& facts,
                              const JudgedAt& at, absl::Duration lease);

class SessionJudge {
 public:
  // Both must outlive the judge.
  SessionJudge(const RevocationLog& log, const Clock& clock, absl::Duration lease)
      : log_(log), clock_(clock), lease_(lease) {}

  // A caller's `max_staleness` tightens the lease and never widens it.
  SessionJudgement Judge(const storage::FoundSession& found,
                         absl::Duration max_staleness = absl::InfiniteDuration()) const;

 private:
  const RevocationLog& log_;
  const Clock& clock_;
  const absl::Duration lease_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_REVOCATION_SESSION_JUDGE_H_
