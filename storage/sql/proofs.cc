// Proofs by second factors that are under way, and what is counted of their codes.
#include "storage/sql/lists.h"
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

ProofRecord ReadProof(Row& row) {
  ProofRecord proof;
  proof.id = row.Text();
  proof.purpose = row.Enumerator<ProofPurpose>();
  proof.subject = row.Text();
  proof.account_id = AccountId(row.Text());
  proof.epoch = row.Integer();
  proof.position = row.Integer();
  proof.wrong_codes = static_cast<int>(row.Integer());
  proof.proven_methods = ReadList(row.Text());
  SentCodeRecord code;
  code.method_id = row.Text();
  code.key_id = row.Text();
  code.hash = row.Bytes();
  if (const auto expires_at = row.OptionalInstant(); expires_at.has_value()) {
    code.expires_at = *expires_at;
    proof.code = std::move(code);
  }
  proof.created_at = row.Instant();
  proof.expires_at = row.Instant();
  proof.ip_address = row.Text();
  proof.user_agent = row.Text();
  proof.device_label = row.Text();
  return proof;
}

}  // namespace

absl::StatusOr<ProofRecord> SqlTransaction::FindProof(absl::string_view id) {
  return QueryOne({"SELECT id, purpose, subject, account_id, epoch, position, wrong_codes, "
                   "proven_methods, code_method_id, code_key_id, code_hash, code_expires_at, "
                   "created_at, expires_at, ip_address, user_agent, device_label "
                   "FROM proofs WHERE id = :id",
                   17},
                  {id}, ReadProof);
}

absl::Status SqlTransaction::PutProof(const ProofRecord& proof) {
  const SentCodeRecord code = proof.code.value_or(SentCodeRecord());
  const auto code_expires_at =
      proof.code.has_value() ? std::optional(code.expires_at) : std::nullopt;
  return Execute(
      "INSERT INTO proofs (id, purpose, subject, account_id, epoch, position, wrong_codes, "
      "proven_methods, code_method_id, code_key_id, code_hash, code_expires_at, created_at, "
      "expires_at, ip_address, user_agent, device_label) VALUES (:id, :purpose, :subject, "
      ":account_id, :epoch, :position, :wrong_codes, :proven_methods, :code_method_id, "
      ":code_key_id, :code_hash, :code_expires_at, :created_at, :expires_at, :ip_address, "
      ":user_agent, :device_label) "
      "ON CONFLICT (id) DO UPDATE SET purpose = excluded.purpose, subject = excluded.subject, "
      "account_id = excluded.account_id, epoch = excluded.epoch, position = excluded.position, "
      "wrong_codes = excluded.wrong_codes, proven_methods = excluded.proven_methods, "
      "code_method_id = excluded.code_method_id, code_key_id = excluded.code_key_id, "
      "code_hash = excluded.code_hash, code_expires_at = excluded.code_expires_at, "
      "created_at = excluded.created_at, expires_at = excluded.expires_at, "
      "ip_address = excluded.ip_address, user_agent = excluded.user_agent, "
      "device_label = excluded.device_label",
      {proof.id, proof.purpose, proof.subject, proof.account_id, proof.epoch, proof.position,
       proof.wrong_codes, WriteList(proof.proven_methods), code.method_id, code.key_id,
       Parameter::Bytes(code.hash), code_expires_at, proof.created_at, proof.expires_at,
       proof.ip_address, proof.user_agent, proof.device_label});
}

absl::Status SqlTransaction::DeleteProof(absl::string_view id) {
  return Execute("DELETE FROM proofs WHERE id = :id", {id});
}

absl::StatusOr<CodeTally> SqlTransaction::TallyCodes(absl::string_view subject,
                                                     ProofPurpose purpose, CodeEvent event,
                                                     absl::Time since) {
  return QueryOne<CodeTally>({"SELECT COALESCE(SUM(count), 0), MIN(happened_at) FROM code_events "
                              "WHERE subject = :subject AND purpose = :purpose AND event = :event "
                              "AND happened_at >= :since",
                              2},
                             {subject, purpose, event, since}, [](Row& row) {
                               CodeTally tally;
                               tally.count = row.Integer();
                               tally.oldest = row.OptionalInstant();
                               return tally;
                             });
}

absl::Status SqlTransaction::CountCode(absl::string_view subject, ProofPurpose purpose,
                                       CodeEvent event, absl::Time at) {
  return Execute(
      "INSERT INTO code_events (subject, purpose, event, happened_at, count) "
      "VALUES (:subject, :purpose, :event, :happened_at, 1) "
      "ON CONFLICT (subject, purpose, event, happened_at) "
      "DO UPDATE SET count = code_events.count + 1",
      {subject, purpose, event, at});
}

absl::Status SqlTransaction::ForgetCodes(absl::string_view subject, ProofPurpose purpose,
                                         CodeEvent event) {
  return Execute(
      "DELETE FROM code_events "
      "WHERE subject = :subject AND purpose = :purpose AND event = :event",
      {subject, purpose, event});
}

}  // namespace gatehouse::storage
