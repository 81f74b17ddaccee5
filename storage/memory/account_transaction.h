// One transaction of the memory account store. Not thread-safe: the store lets one writer at a time
// have the tables, and readers share them.
#ifndef GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TRANSACTION_H_
#define GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TRANSACTION_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "storage/account_store.h"
#include "storage/memory/account_tables.h"

namespace gatehouse::storage {

class MemoryTransaction final : public Transaction {
 public:
  enum class Mode { kReading, kWriting, kRevoking };

  MemoryTransaction(MemoryTables& tables, Mode mode) : tables_(tables), mode_(mode) {}

  // OK until something fails that would break a database's transaction too.
  const absl::Status& failure() const { return failure_; }

  void RollBack() { undo_.RollBack(); }

  absl::StatusOr<OrganisationRecord> FindOrganisation(const OrganisationId& id) override;
  absl::StatusOr<OrganisationRecord> FindOrganisationByName(absl::string_view name) override;
  absl::StatusOr<std::vector<OrganisationRecord>> ListOrganisations(
      const OrganisationFilter& filter) override;
  absl::Status InsertOrganisation(const OrganisationRecord& organisation) override;
  absl::Status UpdateOrganisation(const OrganisationRecord& organisation) override;
  absl::StatusOr<AcceptableUsePolicyRecord> CurrentAcceptableUsePolicy() override;
  absl::StatusOr<AcceptableUsePolicyRecord> FindAcceptableUsePolicy(
      absl::string_view version) override;
  absl::Status InsertAcceptableUsePolicy(const AcceptableUsePolicyRecord& aup) override;

  absl::StatusOr<AccountRecord> FindAccount(const AccountId& id) override;
  absl::StatusOr<AccountRecord> FindAccountByUsername(absl::string_view username) override;
  absl::StatusOr<std::vector<AccountRecord>> ListAccounts(const AccountFilter& filter) override;
  absl::Status CheckUsernameFree(absl::string_view username) override;
  absl::Status InsertAccount(const AccountRecord& account) override;
  absl::Status UpdateAccount(const AccountRecord& account) override;
  absl::StatusOr<int> CountHolders(v1::Role role, int limit) override;
  absl::Status RecordUse(const AccountId& id, absl::Time at) override;
  absl::StatusOr<std::vector<std::string>> PasswordHistory(const AccountId& id, int limit) override;
  absl::Status AppendPasswordHistory(const AccountId& id, absl::string_view phc,
                                     absl::Time at) override;
  absl::StatusOr<std::vector<std::string>> SecretHistory(const AccountId& id, int limit) override;
  absl::Status AppendSecretHistory(const AccountId& id, absl::string_view hash,
                                   absl::Time at) override;
  absl::StatusOr<PasswordAttempts> FindPasswordAttempts(absl::string_view subject) override;
  absl::Status ReservePasswordAttempt(absl::string_view subject, absl::string_view reservation_id,
                                      absl::Time at) override;
  absl::Status SettlePasswordAttempt(absl::string_view subject, absl::string_view reservation_id,
                                     std::int64_t failures, absl::Time at) override;
  absl::StatusOr<std::int64_t> CountSourceFailures(absl::string_view source,
                                                   absl::Time since) override;
  absl::Status AppendSourceFailure(absl::string_view source, absl::Time at) override;

  absl::StatusOr<std::vector<AuthenticationMethodRecord>> ListAuthenticationMethods(
      const AccountId& id) override;
  absl::Status PutAuthenticationMethod(const AuthenticationMethodRecord& method) override;
  absl::Status DeleteAuthenticationMethod(const AccountId& id,
                                          absl::string_view method_id) override;
  absl::StatusOr<ProofRecord> FindProof(absl::string_view id) override;
  absl::Status PutProof(const ProofRecord& proof) override;
  absl::Status DeleteProof(absl::string_view id) override;
  absl::StatusOr<CodeTally> TallyCodes(absl::string_view subject, ProofPurpose purpose,
                                       CodeEvent event, absl::Time since) override;
  absl::Status CountCode(absl::string_view subject, ProofPurpose purpose, CodeEvent event,
                         absl::Time at) override;
  absl::Status ForgetCodes(absl::string_view subject, ProofPurpose purpose,
                           CodeEvent event) override;

  absl::StatusOr<RecognitionRecord> FindRecognition(const AccountId& id) override;
  absl::StatusOr<std::vector<RecognitionRecord>> FindRecognitions(
      absl::Span<const AccountId> ids) override;
  absl::Status PutRecognition(const RecognitionRecord& recognition) override;
  absl::StatusOr<VerificationRecord> FindVerification(absl::string_view id) override;
  absl::StatusOr<VerificationRecord> FindOpenVerification(const AccountId& id,
                                                          const AccountId& agent_id,
                                                          absl::Time now) override;
  absl::Status InsertVerification(const VerificationRecord& verification) override;
  absl::Status ChangeVerification(const VerificationRecord& verification,
                                  VerificationState former) override;
  absl::StatusOr<std::vector<absl::Time>> ListExpiries(const AccountId& id,
                                                       std::int64_t secret_version,
                                                       absl::Time after, absl::Time until,
                                                       int limit) override;
  absl::Status AbandonVerifications(const AccountId& id, absl::Time until) override;
  absl::Status EndVerifications(const AccountId& id) override;
  absl::StatusOr<std::vector<SecurityQuestionRecord>> FindSecurityQuestions(
      const AccountId& id) override;
  absl::Status PutSecurityQuestions(const AccountId& id,
                                    absl::Span<const SecurityQuestionRecord> questions) override;
  absl::Status RemoveSecurityQuestions(const AccountId& id) override;

  absl::StatusOr<std::vector<SealedRecord>> ListSealed(SealedKind kind, absl::string_view key_id,
                                                       const SealedRecord& after,
                                                       int limit) override;
  absl::StatusOr<std::int64_t> CountSealed(SealedKind kind, absl::string_view key_id) override;
  absl::StatusOr<bool> Reseal(const SealedRecord& former, absl::string_view ciphertext,
                              absl::string_view key_id) override;
  absl::StatusOr<KeyUses> CountKeyUses(absl::string_view key_id) override;

  absl::StatusOr<RevocationHead> ReadRevocationHead() override;
  absl::StatusOr<std::int64_t> AppendRevocation(const RevocationRecord& revocation) override;
  absl::StatusOr<std::vector<RevocationRecord>> ReadRevocations(std::int64_t after,
                                                                int limit) override;
  absl::StatusOr<bool> IsSessionRevoked(const AccountId& account_id, const SessionDigest& digest,
                                        std::int64_t epoch, std::int64_t issued_position) override;
  absl::StatusOr<bool> IsEverythingRevokedSince(std::int64_t position) override;
  absl::Status StartIncarnation(absl::string_view incarnation) override;

  absl::StatusOr<PolicyRevisionRecord> FindPolicyRevision(absl::string_view revision) override;
  absl::StatusOr<std::vector<PolicyRevisionRecord>> ListPolicyRevisions(
      std::int64_t before_activation, int limit) override;
  absl::Status SavePolicyRevision(const PolicyRevisionRecord& revision) override;
  absl::StatusOr<PolicyStateRecord> ReadPolicyState() override;
  absl::StatusOr<std::int64_t> ChangePolicyState(const PolicyStateRecord& state) override;

  absl::StatusOr<AuditHead> LockAuditHead(const OrganisationId& id) override;
  absl::Status AppendAudit(const AuditRecord& audit) override;
  absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter) override;

  absl::StatusOr<ReplayRecord> FindReplay(absl::string_view caller, absl::string_view method,
                                          absl::string_view request_id,
                                          absl::string_view presenter) override;
  absl::Status PutReplay(const ReplayRecord& replay, absl::Time expired) override;

  absl::Status AppendOutbox(const OutboxRecord& message) override;
  absl::StatusOr<std::vector<OutboxRecord>> DueOutbox(OutboxChannel channel, absl::Time now,
                                                      int limit) override;
  absl::Status DeleteOutbox(absl::string_view id) override;
  absl::Status PostponeOutbox(absl::string_view id, absl::Time due_at,
                              absl::string_view error) override;
  absl::Status BuryOutbox(absl::string_view id, absl::Time at, absl::string_view error) override;
  absl::Status ReviveOutbox(absl::string_view id, absl::Time due_at) override;
  absl::StatusOr<std::vector<OutboxRecord>> ListDeadOutbox(int limit) override;
  absl::StatusOr<OutboxSummary> SummariseOutbox(OutboxChannel channel) override;

  absl::StatusOr<std::vector<ImportedItemRecord>> ListImportedItems(
      const ImportRange& range) override;
  absl::Status PutImportedItem(const ImportedItemRecord& item, absl::Time expired) override;

  absl::StatusOr<std::vector<AuditRecord>> ListTimeline(const TimelineFilter& filter) override;
  absl::StatusOr<std::vector<RefusalRunRecord>> ListRefusalRuns(const AccountId& id) override;
  absl::Status PutRefusalRun(const RefusalRunRecord& run) override;
  absl::StatusOr<std::vector<AgedAccount>> ListAged(const AgeingFilter& filter) override;
  absl::Status SettleStatus(const AccountId& id, v1::AccountStatus status,
                            absl::Time since) override;
  absl::StatusOr<int> PasswordNotices(const AccountId& id) override;
  absl::Status NotePassword(const AccountId& id, int notices) override;
  absl::Status EraseAccount(const AccountId& id, absl::Time since) override;
  absl::StatusOr<std::int64_t> Tidy(Perishable what, absl::Time before, int limit) override;

 private:
  // INTERNAL while reading; INVALID_ARGUMENT unless all `texts` can be kept.
  absl::Status CheckWrite(std::initializer_list<absl::string_view> texts);
  absl::Status Abandon(absl::FunctionRef<bool(const VerificationRecord&)> ends);
  absl::Status CheckAccount(const AccountRecord& account);
  void Store(const AccountRecord& account);
  absl::Status AppendHistory(std::map<AccountId, std::vector<std::string>>& table,
                             const AccountId& id, absl::string_view hash);
  // NOT_FOUND where there is no such row, or `change` will not have it.
  absl::Status ChangeOutbox(absl::string_view id, absl::FunctionRef<bool(OutboxRecord&)> change);
  absl::Status CheckRevoking() const;
  absl::StatusOr<std::int64_t> ForgetRevocations(absl::Time before, int limit);
  // Erases at most `limit` of the rows for which `is_over`, and answers how many.
  template <typename Key, typename Value, typename Predicate>
  std::int64_t Sweep(std::map<Key, Value>& table, int limit, Predicate is_over);

  MemoryTables& tables_;
  const Mode mode_;
  UndoLog undo_;
  absl::Status failure_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_MEMORY_ACCOUNT_TRANSACTION_H_
