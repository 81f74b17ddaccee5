// Messages to the outside that wait for delivery, and those that nobody would take.
#include <algorithm>
#include <utility>

#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {
namespace {

void SortByAge(std::vector<OutboxRecord>& messages, int limit) {
  std::stable_sort(messages.begin(), messages.end(),
                   [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
  const auto most = static_cast<std::size_t>(std::max(limit, 0));
  if (messages.size() > most) messages.resize(most);
}

}  // namespace

absl::Status MemoryTransaction::ChangeOutbox(absl::string_view id,
                                             absl::FunctionRef<bool(OutboxRecord&)> change) {
  for (const auto& [sequence, message] : tables_.outbox) {
    if (message.id != id) continue;
    OutboxRecord changed = message;
    if (!change(changed)) break;
    undo_.Put(tables_.outbox, sequence, Stored(std::move(changed)));
    return absl::OkStatus();
  }
  return absl::NotFoundError("no such row");
}

absl::Status MemoryTransaction::AppendOutbox(const OutboxRecord& message) {
  absl::Status status =
      CheckWrite({message.id, message.account_id.value(), message.kind, message.last_error});
  if (!status.ok()) return status;
  for (const auto& [sequence, other] : tables_.outbox) {
    if (other.id == message.id) return absl::AlreadyExistsError("the message's id is taken");
  }
  const std::int64_t sequence = tables_.outbox.empty() ? 1 : tables_.outbox.rbegin()->first + 1;
  undo_.Put(tables_.outbox, sequence, Stored(message));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OutboxRecord>> MemoryTransaction::DueOutbox(OutboxChannel channel,
                                                                       absl::Time now, int limit) {
  std::map<AccountId, const OutboxRecord*> oldest;
  for (const auto& [sequence, message] : tables_.outbox) {
    if (message.channel == channel && !message.dead_at.has_value()) {
      oldest.try_emplace(message.account_id, &message);
    }
  }
  std::vector<OutboxRecord> due;
  for (const auto& [account_id, message] : oldest) {
    if (message->due_at <= now) due.push_back(*message);
  }
  SortByAge(due, limit);
  return due;
}

absl::Status MemoryTransaction::DeleteOutbox(absl::string_view id) {
  absl::Status status = CheckWrite({id});
  if (!status.ok()) return status;
  for (const auto& [sequence, message] : tables_.outbox) {
    if (message.id != id) continue;
    undo_.Erase(tables_.outbox, std::int64_t{sequence});
    break;
  }
  return absl::OkStatus();
}

absl::Status MemoryTransaction::PostponeOutbox(absl::string_view id, absl::Time due_at,
                                               absl::string_view error) {
  absl::Status status = CheckWrite({id, error});
  if (!status.ok()) return status;
  ChangeOutbox(id, [&](OutboxRecord& message) {
    message.due_at = due_at;
    message.last_error = std::string(error);
    ++message.attempts;
    return true;
  }).IgnoreError();  // as a database changes no row
  return absl::OkStatus();
}

absl::Status MemoryTransaction::BuryOutbox(absl::string_view id, absl::Time at,
                                           absl::string_view error) {
  absl::Status status = CheckWrite({id, error});
  if (!status.ok()) return status;
  ChangeOutbox(id, [&](OutboxRecord& message) {
    message.dead_at = at;
    message.last_error = std::string(error);
    ++message.attempts;
    return true;
  }).IgnoreError();  // as a database changes no row
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ReviveOutbox(absl::string_view id, absl::Time due_at) {
  absl::Status status = CheckWrite({id});
  if (!status.ok()) return status;
  return ChangeOutbox(id, [&](OutboxRecord& message) {
    if (!message.dead_at.has_value()) return false;
    message.dead_at.reset();
    message.due_at = due_at;
    message.last_error.clear();
    message.attempts = 0;
    return true;
  });
}

absl::StatusOr<std::vector<OutboxRecord>> MemoryTransaction::ListDeadOutbox(int limit) {
  std::vector<OutboxRecord> dead;
  for (const auto& [sequence, message] : tables_.outbox) {
    if (message.dead_at.has_value()) dead.push_back(message);
  }
  std::sort(dead.begin(), dead.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  SortByAge(dead, limit);
  return dead;
}

absl::StatusOr<OutboxSummary> MemoryTransaction::SummariseOutbox(OutboxChannel channel) {
  OutboxSummary summary;
  for (const auto& [sequence, message] : tables_.outbox) {
    if (message.channel != channel) continue;
    if (message.dead_at.has_value()) {
      ++summary.dead;
    } else {
      ++summary.waiting;
      if (message.attempts > 0) ++summary.failing;
    }
  }
  return summary;
}

}  // namespace gatehouse::storage
