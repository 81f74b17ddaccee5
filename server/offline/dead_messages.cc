#include "server/offline/dead_messages.h"

#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "server/offline/open_store.h"
#include "server/operations/call/audit_trail.h"
#include "server/runtime/outbox/outbox_dispatcher.h"
#include "server/runtime/status_macros.h"
#include "storage/account_store.h"

namespace gatehouse::server {
namespace {

absl::StatusOr<std::vector<storage::OutboxRecord>> FindDead(storage::AccountStore& store) {
  std::vector<storage::OutboxRecord> dead;
  GATEHOUSE_RETURN_IF_ERROR(store.Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(dead, transaction.ListDeadOutbox(std::numeric_limits<int>::max()));
    return absl::OkStatus();
  }));
  return dead;
}

// Ids and kinds need no escapes, and an error is printable ASCII.
std::string LineOf(const storage::OutboxRecord& message) {
  const auto text = [](absl::Time instant) {
    return absl::FormatTime(absl::RFC3339_full, instant, absl::UTCTimeZone());
  };
  return absl::StrCat(
      R"({"message_id": ")", message.id, R"(", "account_id": ")", message.account_id.value(),
      R"(", "channel": ")", NameOf(message.channel), R"(", "kind": ")", message.kind,
      R"(", "created_time": ")", text(message.created_at), R"(", "dead_time": ")",
      text(*message.dead_at), R"(", "attempts": )", message.attempts, R"(, "error": ")",
      absl::StrReplaceAll(message.last_error, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"}\n");
}

}  // namespace

absl::StatusOr<std::string> ListDeadMessages(const ServerConfig& config,
                                             const Environment& environment) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  GATEHOUSE_ASSIGN_OR_RETURN(const auto dead, FindDead(*store));
  std::string lines;
  for (const storage::OutboxRecord& message : dead) absl::StrAppend(&lines, LineOf(message));
  return lines;
}

absl::StatusOr<int> RetryDeadMessages(const ServerConfig& config, const Environment& environment,
                                      absl::string_view message_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  const absl::Time now = environment.clock.Now();
  std::vector<std::string> ids = {std::string(message_id)};
  if (message_id.empty()) {
    GATEHOUSE_ASSIGN_OR_RETURN(const auto dead, FindDead(*store));
    ids.clear();
    for (const storage::OutboxRecord& message : dead) ids.push_back(message.id);
  }
  const absl::Status revived =
      store->Transact([&](storage::Transaction& transaction) -> absl::Status {
        for (const std::string& id : ids) {
          GATEHOUSE_RETURN_IF_ERROR(transaction.ReviveOutbox(id, now));
        }
        if (ids.empty()) return absl::OkStatus();
        return AppendAudit(transaction, {.time = now,
                                         .caller = "outbox-retry",
                                         .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                                         .details = {{"message_id", std::string(message_id)},
                                                     {"messages", absl::StrCat(ids.size())}}});
      });
  if (absl::IsNotFound(revived)) {
    return absl::NotFoundError(absl::StrCat("no dead message has the id ", message_id));
  }
  GATEHOUSE_RETURN_IF_ERROR(revived);
  return static_cast<int>(ids.size());
}

}  // namespace gatehouse::server
