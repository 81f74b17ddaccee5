// The tables of the memory account store, and how changes to them are undone. Not thread-safe.
#ifndef GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TABLES_H_
#define GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TABLES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "storage/authentication_records.h"
#include "storage/import_record.h"
#include "storage/recognition_record.h"
#include "storage/records.h"
#include "storage/timeline_record.h"

namespace gatehouse::storage {

struct MemoryTables {
  struct SettledFailures {
    std::int64_t failures = 0;
    absl::Time settled_at;
  };
  using CodeKey = std::tuple<std::string, ProofPurpose, CodeEvent, absl::Time>;
  using ReplayKey = std::tuple<std::string, std::string, std::string, std::string>;

  std::map<OrganisationId, OrganisationRecord> organisations;
  std::map<std::string, OrganisationId> organisations_by_name;                // by its key
  std::map<std::int64_t, AcceptableUsePolicyRecord> acceptable_use_policies;  // as published
  std::map<AccountId, AccountRecord> accounts;
  std::map<std::string, AccountId> accounts_by_username;
  std::map<std::string, AccountId> retired_usernames;              // and whose they were
  std::map<AccountId, std::vector<std::string>> password_history;  // the oldest first
  std::map<AccountId, std::vector<std::string>> secret_history;    // the oldest first
  std::map<AccountId, int> password_notices;                       // 0 where there is none
  std::map<std::string, SettledFailures> password_attempts;
  std::map<std::pair<std::string, std::string>, absl::Time> reservations;  // by subject and id
  std::map<std::pair<std::string, absl::Time>, std::int64_t> source_failures;
  std::map<std::pair<AccountId, std::string>, AuthenticationMethodRecord> authentication_methods;
  std::map<std::string, ProofRecord> proofs;
  std::map<CodeKey, std::int64_t> code_events;
  std::map<AccountId, RecognitionRecord> recognitions;
  std::map<std::string, VerificationRecord> verifications;
  std::map<AccountId, std::vector<SecurityQuestionRecord>> security_questions;
  std::map<std::int64_t, RevocationRecord> revocations;
  std::map<OrganisationId, AuditHead> audit_heads;
  std::map<std::pair<OrganisationId, std::int64_t>, AuditRecord> audit;
  // By account, action and cause.
  std::map<std::tuple<AccountId, std::string, std::string>, RefusalRunRecord> refusal_runs;
  std::map<ReplayKey, ReplayRecord> replays;
  std::map<std::int64_t, OutboxRecord> outbox;  // in order of creation
  std::map<std::pair<std::string, std::int64_t>, ImportedItemRecord> imported_items;
  RevocationHead revocation_head;
  std::map<std::string, PolicyRevisionRecord> policy_revisions;
  PolicyStateRecord policy_state;
};

// What a transaction changed, to be put back.
class UndoLog {
 public:
  template <typename Key, typename Value>
  void Put(std::map<Key, Value>& table, const Key& key, Value value) {
    auto [row, is_new] = table.try_emplace(key);
    if (is_new) {
      steps_.push_back([&table, key] { table.erase(key); });
    } else {
      steps_.push_back([&table, key, old = row->second] { table[key] = old; });
    }
    row->second = std::move(value);
  }

  template <typename Key, typename Value>
  void Erase(std::map<Key, Value>& table, const Key& key) {
    const auto row = table.find(key);
    if (row == table.end()) return;
    steps_.push_back([&table, key, old = std::move(row->second)] { table[key] = old; });
    table.erase(row);
  }

  template <typename Value>
  void Set(Value& place, Value value) {
    steps_.push_back([&place, old = place] { place = old; });
    place = std::move(value);
  }

  void RollBack() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
    steps_.clear();
  }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TABLES_H_
