// An account's timeline: why somebody cannot get in, in one list, the latest first
// (design/experience.md). It is made of the audit events of the account in its organisation's log,
// of refusals that were only counted, and of what time has made of the account and nobody has
// written down yet, so that it reads the same whether a sweep has run or not. Belongs to one call.
#ifndef GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_H_
#define GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account_service.pb.h"
#include "server/operations/call/scope.h"
#include "storage/account_store.h"

namespace gatehouse::server {

struct TimelineQuestion {
  // Whose, as it is stored.
  storage::AccountRecord account;
  std::optional<absl::Time> start{};  // inclusive
  std::optional<absl::Time> end{};    // exclusive
  std::optional<storage::TimelinePlace> before{};
  int size = 0;
  // Asked by the account's owner, who is told of no device but those they signed in at.
  bool own = false;
};

class Timeline {
 public:
  Timeline(Scope& scope, TimelineQuestion question);

  // Alike refusals in a row are one entry. `next`: where the next page begins, if there is one.
  absl::StatusOr<std::vector<v1::TimelineEntry>> Read(std::optional<storage::TimelinePlace>& next);

 private:
  // One or more alike things that happened, as the event of the latest; without a sequence where
  // the log does not have it.
  struct Run {
    storage::AuditRecord audit;
    int count = 1;
    storage::TimelinePlace first{};  // the earliest of them
  };

  absl::Status ReadRuns();
  // What the log does not have, the latest first.
  absl::StatusOr<std::vector<Run>> Unwritten();
  Run UnwrittenAt(absl::Time time) const;
  bool IsAskedFor(const Run& run) const;
  void Add(Run run);
  absl::StatusOr<v1::TimelineEntry> Describe(const Run& run);
  // The name of who acted, unless it is the owner.
  absl::StatusOr<std::string> NameOfActor(const storage::AuditRecord& audit);

  Scope& scope_;
  const TimelineQuestion question_;
  std::vector<Run> runs_;
  std::map<storage::AccountId, std::string> names_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_H_
