// What is under the keys of the ring, found and changed by its key.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"

#include "storage/memory/account_transaction.h"

namespace gatehouse::storage {
namespace {

// In order of account and version.
std::vector<SealedRecord> RowsOf(const MemoryTables& tables, SealedKind kind,
                                 absl::string_view key_id) {
  std::vector<SealedRecord> rows;
  const auto add = [&](const AccountId& id, std::int64_t version, const std::string& method_id,
                       const auto& row) {
    if (row.key_id.empty() || row.key_id != key_id) return;
    rows.push_back({kind, id, version, method_id, row.ciphertext, row.key_id});
  };
  switch (kind) {
    case SealedKind::kAccountSecret:
      for (const auto& [id, account] : tables.accounts) {
        add(id, account.secret.version, "", account.secret);
      }
      break;
    case SealedKind::kSecurityAnswer:
      for (const auto& [id, questions] : tables.security_questions) {
        for (const SecurityQuestionRecord& question : questions) {
          add(id, question.number, "", question);
        }
      }
      break;
    case SealedKind::kTotpSecret:
      for (const auto& [key, method] : tables.authentication_methods) {
        add(method.account_id, 0, method.id, method);
      }
      break;
  }
  return rows;
}

bool Comes(const SealedRecord& row, const SealedRecord& after) {
  return std::tie(row.account_id, row.version, row.method_id) >
         std::tie(after.account_id, after.version, after.method_id);
}

}  // namespace

absl::StatusOr<std::vector<SealedRecord>> MemoryTransaction::ListSealed(SealedKind kind,
                                                                        absl::string_view key_id,
                                                                        const SealedRecord& after,
                                                                        int limit) {
  std::vector<SealedRecord> rows = RowsOf(tables_, kind, key_id);
  std::erase_if(rows, [&after](const SealedRecord& row) { return !Comes(row, after); });
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(std::max(limit, 0))));
  return rows;
}

absl::StatusOr<std::int64_t> MemoryTransaction::CountSealed(SealedKind kind,
                                                            absl::string_view key_id) {
  return static_cast<std::int64_t>(RowsOf(tables_, kind, key_id).size());
}

absl::StatusOr<bool> MemoryTransaction::Reseal(const SealedRecord& former,
                                               absl::string_view ciphertext,
                                               absl::string_view key_id) {
  absl::Status status = CheckWrite({key_id});
  if (!status.ok()) return status;
  const auto is_former = [&former](std::int64_t version, const auto& row) {
    return version == former.version && row.ciphertext == former.ciphertext &&
           row.key_id == former.key_id;
  };
  const auto put = [&](auto& row) {
    row.ciphertext = std::string(ciphertext);
    row.key_id = std::string(key_id);
  };
  if (former.kind == SealedKind::kAccountSecret) {
    absl::StatusOr<AccountRecord> account = FindAccount(former.account_id);
    if (!account.ok() || !is_former(account->secret.version, account->secret)) return false;
    put(account->secret);
    Store(*account);
    return true;
  }
  if (former.kind == SealedKind::kTotpSecret) {
    const auto row = tables_.authentication_methods.find({former.account_id, former.method_id});
    if (row == tables_.authentication_methods.end() || !is_former(0, row->second)) return false;
    AuthenticationMethodRecord method = row->second;
    put(method);
    undo_.Put(tables_.authentication_methods, row->first, std::move(method));
    return true;
  }
  std::vector<SecurityQuestionRecord> questions = *FindSecurityQuestions(former.account_id);
  for (SecurityQuestionRecord& question : questions) {
    if (!is_former(question.number, question)) continue;
    put(question);
    undo_.Put(tables_.security_questions, former.account_id, std::move(questions));
    return true;
  }
  return false;
}

absl::StatusOr<KeyUses> MemoryTransaction::CountKeyUses(absl::string_view key_id) {
  KeyUses uses;
  for (const SealedKind kind : kSealedKinds) {
    uses.sealed += static_cast<std::int64_t>(RowsOf(tables_, kind, key_id).size());
  }
  const auto is_under = [key_id](const std::string& hash) {
    return absl::StartsWith(hash, key_id);
  };
  for (const auto& [id, method] : tables_.authentication_methods) {
    const bool needs_key = std::ranges::any_of(
        method.printed_codes,
        [key_id](const std::string& code) { return absl::StrContains(code, key_id); });
    uses.printed_codes += needs_key ? 1 : 0;
  }
  for (const auto& [id, history] : tables_.secret_history) {
    uses.secret_history += std::ranges::count_if(history, is_under);
  }
  for (const auto& [key, replay] : tables_.replays) uses.replays += is_under(replay.payload_mac);
  for (const auto& [key, item] : tables_.imported_items) {
    uses.replays += is_under(item.payload_mac);
  }
  return uses;
}

}  // namespace gatehouse::storage
