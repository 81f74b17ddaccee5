// What an account's timeline is made of: pages of audit events in order of time, and runs of
// refusals that the audit log tells once. Values, as in storage/records.h.
#ifndef GATEHOUSE_STORAGE_TIMELINE_RECORD_H_
#define GATEHOUSE_STORAGE_TIMELINE_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "storage/identifiers.h"

namespace gatehouse::storage {

// An event's place in order of time: events of the same instant stand as they were written.
struct TimelinePlace {
  absl::Time time;
  std::int64_t sequence = 0;
};

// Which events of one account, in one organisation's log, belong on a page; the latest first.
struct TimelineFilter {
  OrganisationId organisation_id;
  AccountId account_id;
  std::optional<absl::Time> start{};      // inclusive
  std::optional<absl::Time> end{};        // exclusive
  std::optional<TimelinePlace> before{};  // exclusive
  int limit = 0;
};

// Refusals of what nobody has to be signed in for, that changed nothing, alike, and in quick
// succession: the first is an audit event, these are the others, so that a flood of guesses cannot
// fill the log.
struct RefusalRunRecord {
  AccountId account_id{};  // empty: names that nobody has
  std::string action{};    // as the audit event tells it
  std::string cause{};     // as the audit event tells it
  absl::Time began_at{};   // when the audit event was written
  absl::Time last_at{};
  std::int64_t further = 0;  // besides the audit event
  std::string source{};      // of the last one
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_TIMELINE_RECORD_H_
