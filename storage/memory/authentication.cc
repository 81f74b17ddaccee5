// Second factors, proofs by them that are under way, and what is counted of their codes.
#include <algorithm>
#include <tuple>
#include <utility>

#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {

absl::StatusOr<std::vector<AuthenticationMethodRecord>>
MemoryTransaction::ListAuthenticationMethods(const AccountId& id) {
  std::vector<AuthenticationMethodRecord> methods;
  for (auto row = tables_.authentication_methods.lower_bound({id, ""});
       row != tables_.authentication_methods.end() && row->first.first == id; ++row) {
    methods.push_back(row->second);
  }
  std::ranges::stable_sort(methods, {}, &AuthenticationMethodRecord::created_at);
  return methods;
}

absl::Status MemoryTransaction::PutAuthenticationMethod(const AuthenticationMethodRecord& method) {
  absl::Status status = CheckWrite(
      {method.account_id.value(), method.id, method.label, method.phone_number, method.key_id});
  if (!status.ok()) return status;
  undo_.Put(tables_.authentication_methods, {method.account_id, method.id}, Stored(method));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::DeleteAuthenticationMethod(const AccountId& id,
                                                           absl::string_view method_id) {
  absl::Status status = CheckWrite({id.value(), method_id});
  if (!status.ok()) return status;
  undo_.Erase(tables_.authentication_methods, {id, std::string(method_id)});
  return absl::OkStatus();
}

absl::StatusOr<ProofRecord> MemoryTransaction::FindProof(absl::string_view id) {
  const auto row = tables_.proofs.find(std::string(id));
  if (row == tables_.proofs.end()) return absl::NotFoundError("no such row");
  return row->second;
}

absl::Status MemoryTransaction::PutProof(const ProofRecord& proof) {
  absl::Status status = CheckWrite({proof.id, proof.subject, proof.account_id.value(),
                                    proof.ip_address, proof.user_agent, proof.device_label});
  if (!status.ok()) return status;
  undo_.Put(tables_.proofs, proof.id, Stored(proof));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::DeleteProof(absl::string_view id) {
  absl::Status status = CheckWrite({id});
  if (!status.ok()) return status;
  undo_.Erase(tables_.proofs, std::string(id));
  return absl::OkStatus();
}

absl::StatusOr<CodeTally> MemoryTransaction::TallyCodes(absl::string_view subject,
                                                        ProofPurpose purpose, CodeEvent event,
                                                        absl::Time since) {
  CodeTally tally;
  const std::string name(subject);
  for (auto row = tables_.code_events.lower_bound({name, purpose, event, since});
       row != tables_.code_events.end(); ++row) {
    const auto& [row_subject, row_purpose, row_event, happened_at] = row->first;
    if (std::tie(row_subject, row_purpose, row_event) != std::tie(name, purpose, event)) break;
    if (!tally.oldest.has_value()) tally.oldest = happened_at;
    tally.count += row->second;
  }
  return tally;
}

absl::Status MemoryTransaction::CountCode(absl::string_view subject, ProofPurpose purpose,
                                          CodeEvent event, absl::Time at) {
  absl::Status status = CheckWrite({subject});
  if (!status.ok()) return status;
  const MemoryTables::CodeKey key{std::string(subject), purpose, event, Stored(at)};
  const auto row = tables_.code_events.find(key);
  undo_.Put(tables_.code_events, key, row == tables_.code_events.end() ? 1 : row->second + 1);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ForgetCodes(absl::string_view subject, ProofPurpose purpose,
                                            CodeEvent event) {
  absl::Status status = CheckWrite({subject});
  if (!status.ok()) return status;
  std::vector<MemoryTables::CodeKey> keys;
  for (const auto& [key, count] : tables_.code_events) {
    if (std::get<0>(key) == subject && std::get<ProofPurpose>(key) == purpose &&
        std::get<CodeEvent>(key) == event) {
      keys.push_back(key);
    }
  }
  for (const MemoryTables::CodeKey& key : keys) undo_.Erase(tables_.code_events, key);
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
