// The account store's statements in one transaction on one connection. Its methods are in one file
// a group of tables: organisations.cc, accounts.cc, account_pages.cc, attempts.cc,
// authentication_methods.cc, proofs.cc, recognition.cc, revocations.cc, policies.cc, audit.cc,
// replays.cc, outbox.cc, imports.cc; sealed.cc for all that is under keys, hygiene.cc and
// tidying.cc for all that age. Statements use the common dialect alone (storage/sql/dialect.h).
//
// Belongs to one thread. After an error of the engine the transaction is doomed: failure() tells
// it, and it must be rolled back whatever the body made of it.
#ifndef GATEHOUSE_STORAGE_SQL_SQL_TRANSACTION_H_
#define GATEHOUSE_STORAGE_SQL_SQL_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "storage/account_store.h"
#include "storage/sql/connection.h"
#include "storage/sql/values.h"

namespace gatehouse::storage {

class SqlTransaction final : public Transaction {
 public:
  enum class Mode { kReading, kWriting, kRevoking };

  // `connection` is in a transaction and outlives this.
  SqlTransaction(Connection& connection, Mode mode) : connection_(connection), mode_(mode) {}

  // OK until a statement fails.
  const absl::Status& failure() const { return failure_; }

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
  // Runs a statement that changes nothing, row by row.
  absl::Status Query(const Sql& sql, absl::Span<const Parameter> parameters,
                     absl::FunctionRef<void(Row&)> each_row);

  // All rows, each as `read` makes it of a Row.
  template <typename Record>
  absl::StatusOr<std::vector<Record>> QueryAll(const Sql& sql,
                                               absl::Span<const Parameter> parameters,
                                               Record (*read)(Row&)) {
    std::vector<Record> records;
    absl::Status status = Query(sql, parameters, [&](Row& row) { records.push_back(read(row)); });
    if (!status.ok()) return status;
    return records;
  }

  // The only row; NOT_FOUND without one.
  template <typename Record>
  absl::StatusOr<Record> QueryOne(const Sql& sql, absl::Span<const Parameter> parameters,
                                  Record (*read)(Row&)) {
    std::optional<Record> record;
    absl::Status status = Query(sql, parameters, [&](Row& row) { record = read(row); });
    if (!status.ok()) return status;
    if (!record.has_value()) return absl::NotFoundError("no such row");
    return *std::move(record);
  }

  absl::StatusOr<bool> HasRows(const Sql& sql, absl::Span<const Parameter> parameters);

  // How many rows were changed.
  absl::StatusOr<std::int64_t> Change(absl::string_view text,
                                      absl::Span<const Parameter> parameters);
  // As Change, where any number of rows will do.
  absl::Status Execute(absl::string_view text, absl::Span<const Parameter> parameters);
  // An INSERT with ON CONFLICT DO NOTHING: ALREADY_EXISTS, naming `what`, when it did nothing.
  absl::Status Insert(absl::string_view text, absl::Span<const Parameter> parameters,
                      absl::string_view what);
  // A change that answers with one row.
  template <typename Record>
  absl::StatusOr<Record> ChangeReturning(const Sql& sql, absl::Span<const Parameter> parameters,
                                         Record (*read)(Row&)) {
    if (absl::Status status = CheckWritable(); !status.ok()) return status;
    return QueryOne(sql, parameters, read);
  }

  absl::Status CheckWritable();
  absl::Status CheckRevoking();
  absl::StatusOr<std::int64_t> Run(const Sql& sql, absl::Span<const Parameter> parameters,
                                   absl::FunctionRef<void(Row&)> each_row);

  absl::StatusOr<std::vector<std::string>> History(const AccountId& id, std::int64_t kind,
                                                   int limit);
  absl::Status AppendHistory(const AccountId& id, std::int64_t kind, absl::string_view hash,
                             absl::Time at);

  absl::StatusOr<std::int64_t> ForgetRevocations(absl::Time before, int limit);

  absl::Status CheckNeverUsed(absl::string_view username);
  absl::Status CheckNotHeld(absl::string_view username);
  absl::Status CheckNone(const Sql& sql, absl::string_view username);
  absl::Status InsertRoles(const AccountRecord& account);
  absl::Status InsertNames(const AccountRecord& account);
  absl::Status AgeAccount(const AccountRecord& account);
  absl::Status WriteSecretKey(const AccountRecord& account);
  // The columns that no index is made of.
  absl::Status WriteRest(const AccountRecord& account, std::int64_t row_version);
  absl::Status WriteErased(const AccountRecord& left);
  absl::Status MoveAccount(const AccountRecord& account, absl::string_view stored_organisation_id,
                           absl::string_view stored_username, absl::string_view stored_roles);
  // Takes the account out of what finds it by name and by role.
  absl::Status Unlist(absl::string_view organisation_id, absl::string_view username,
                      absl::string_view roles);
  absl::Status RetireUsername(absl::string_view username);

  Connection& connection_;
  const Mode mode_;
  absl::Status failure_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_SQL_TRANSACTION_H_
