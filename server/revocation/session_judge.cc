#include "server/revocation/session_judge.h"

#include <algorithm>

namespace gatehouse::server {
namespace {

SessionFault FindFault(const storage::FoundSession& found, const RevocationFacts& facts,
                       const JudgedAt& at, absl::Duration staleness, absl::Duration lease) {
  const storage::SessionRecord& session = found.record;
  if (session.level == v1::SESSION_LEVEL_UNSPECIFIED || session.incarnation == 0) {
    return SessionFault::kMalformed;
  }
  if (at.now >= session.expires_at) return SessionFault::kExpired;
  if (at.now >= found.last_used_at + session.idle_timeout) return SessionFault::kIdle;
  if (staleness >= lease) return SessionFault::kLease;
  if (session.incarnation != facts.incarnation) return SessionFault::kIncarnation;
  if (facts.ended) return SessionFault::kRevoked;
  return SessionFault::kNone;
}

SessionVerdict ToVerdict(SessionFault fault) {
  switch (fault) {
    case SessionFault::kNone:
      return SessionVerdict::kValid;
    case SessionFault::kLease:
      return SessionVerdict::kUnavailable;
    default:
      return SessionVerdict::kInvalid;
  }
}

}  // namespace

SessionJudgement JudgeSession(const storage::FoundSession& found, const RevocationFacts& facts,
                              const JudgedAt& at, absl::Duration lease) {
  SessionJudgement judgement;
  judgement.staleness = facts.loaded ? at.monotonic - facts.read_began : absl::InfiniteDuration();
  judgement.log_position = facts.position;
  judgement.fault = FindFault(found, facts, at, judgement.staleness, lease);
  judgement.verdict = ToVerdict(judgement.fault);
  judgement.authorisation_is_behind =
      found.record.authorisation_version < facts.authorisation_version;
  return judgement;
}

SessionJudgement SessionJudge::Judge(const storage::FoundSession& found,
                                     absl::Duration max_staleness) const {
  const RevocationFacts facts = log_.Look(found.record);
  return JudgeSession(found, facts, {.now = clock_.Now(), .monotonic = clock_.Monotonic()},
                      std::min(lease_, max_staleness));
}

}  // namespace gatehouse::server
