// The account store: the port through which the story keeps what must last.
//
// Thread-safe; a Transaction belongs to the thread that runs its body and dies with it. The store
// owns no clock and no randomness: instants and ids are arguments. Errors are absl::Status:
//   NOT_FOUND          no such row (finders only)
//   ALREADY_EXISTS     a unique name or key is taken
//   ABORTED            a row changed since it was read (stale row_version)
//   UNAVAILABLE        the database cannot be reached, or the deadline passed while waiting for it
//   INTERNAL           anything else; its text never holds a bound value
// Every implementation passes tests/contract/account_store_contract.h.
#ifndef GATEHOUSE_STORAGE_ACCOUNT_STORE_H_
#define GATEHOUSE_STORAGE_ACCOUNT_STORE_H_

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

#include "storage/authentication_records.h"
#include "storage/hygiene_record.h"
#include "storage/identifiers.h"
#include "storage/import_record.h"
#include "storage/recognition_record.h"
#include "storage/records.h"
#include "storage/sealed_record.h"
#include "storage/timeline_record.h"

namespace gatehouse::storage {

class Transaction {
 public:
  virtual ~Transaction() = default;

  // --- Organisations and acceptable use policies ---

  virtual absl::StatusOr<OrganisationRecord> FindOrganisation(const OrganisationId& id) = 0;
  virtual absl::StatusOr<OrganisationRecord> FindOrganisationByName(absl::string_view name) = 0;
  // In order of name.
  virtual absl::StatusOr<std::vector<OrganisationRecord>> ListOrganisations(
      const OrganisationFilter& filter) = 0;
  // ALREADY_EXISTS when the name, whatever its case, is taken.
  virtual absl::Status InsertOrganisation(const OrganisationRecord& organisation) = 0;
  // ABORTED unless the stored row_version is `organisation.row_version`; stores it plus one.
  virtual absl::Status UpdateOrganisation(const OrganisationRecord& organisation) = 0;

  // The one published last; NOT_FOUND before the first.
  virtual absl::StatusOr<AcceptableUsePolicyRecord> CurrentAcceptableUsePolicy() = 0;
  virtual absl::StatusOr<AcceptableUsePolicyRecord> FindAcceptableUsePolicy(
      absl::string_view version) = 0;
  virtual absl::Status InsertAcceptableUsePolicy(const AcceptableUsePolicyRecord& aup) = 0;

  // --- Accounts ---

  virtual absl::StatusOr<AccountRecord> FindAccount(const AccountId& id) = 0;
  virtual absl::StatusOr<AccountRecord> FindAccountByUsername(absl::string_view username) = 0;
  // In order of username; without those that were erased.
  virtual absl::StatusOr<std::vector<AccountRecord>> ListAccounts(const AccountFilter& filter) = 0;
  // ALREADY_EXISTS when the username is taken, by whomever and whenever.
  virtual absl::Status CheckUsernameFree(absl::string_view username) = 0;
  // Roles included. ALREADY_EXISTS as CheckUsernameFree.
  virtual absl::Status InsertAccount(const AccountRecord& account) = 0;
  // ABORTED unless the stored row_version is `account.row_version`; stores it plus one. Roles
  // included: those stored become exactly those given.
  virtual absl::Status UpdateAccount(const AccountRecord& account) = 0;
  // Accounts with status PENDING or ACTIVE that hold `role`, counted up to `limit`.
  virtual absl::StatusOr<int> CountHolders(v1::Role role, int limit) = 0;
  // Use is kept to the day and is no change of the account: row_version stays.
  virtual absl::Status RecordUse(const AccountId& id, absl::Time at) = 0;

  // Newest first. `phc`: PHC strings of passwords that were replaced.
  virtual absl::StatusOr<std::vector<std::string>> PasswordHistory(const AccountId& id,
                                                                   int limit) = 0;
  virtual absl::Status AppendPasswordHistory(const AccountId& id, absl::string_view phc,
                                             absl::Time at) = 0;
  // Newest first. Slow keyed hashes of secrets that were replaced or reset, and of the present one.
  virtual absl::StatusOr<std::vector<std::string>> SecretHistory(const AccountId& id,
                                                                 int limit) = 0;
  virtual absl::Status AppendSecretHistory(const AccountId& id, absl::string_view hash,
                                           absl::Time at) = 0;

  // --- Wrong passwords ---

  // A subject never heard of has none.
  virtual absl::StatusOr<PasswordAttempts> FindPasswordAttempts(absl::string_view subject) = 0;
  virtual absl::Status ReservePasswordAttempt(absl::string_view subject,
                                              absl::string_view reservation_id, absl::Time at) = 0;
  // Forgets the reservation (if it is still there) and stores `failures`.
  virtual absl::Status SettlePasswordAttempt(absl::string_view subject,
                                             absl::string_view reservation_id,
                                             std::int64_t failures, absl::Time at) = 0;
  virtual absl::StatusOr<std::int64_t> CountSourceFailures(absl::string_view source,
                                                           absl::Time since) = 0;
  virtual absl::Status AppendSourceFailure(absl::string_view source, absl::Time at) = 0;

  // --- Authentication methods, and proofs by them ---

  // In the order in which they were registered. Empty for an account without any.
  virtual absl::StatusOr<std::vector<AuthenticationMethodRecord>> ListAuthenticationMethods(
      const AccountId& id) = 0;
  // Takes the place of one with the same id.
  virtual absl::Status PutAuthenticationMethod(const AuthenticationMethodRecord& method) = 0;
  // No error where there is none.
  virtual absl::Status DeleteAuthenticationMethod(const AccountId& id,
                                                  absl::string_view method_id) = 0;

  virtual absl::StatusOr<ProofRecord> FindProof(absl::string_view id) = 0;
  // Takes the place of one with the same id.
  virtual absl::Status PutProof(const ProofRecord& proof) = 0;
  virtual absl::Status DeleteProof(absl::string_view id) = 0;

  // Those from `since` on. A subject never heard of has none.
  virtual absl::StatusOr<CodeTally> TallyCodes(absl::string_view subject, ProofPurpose purpose,
                                               CodeEvent event, absl::Time since) = 0;
  virtual absl::Status CountCode(absl::string_view subject, ProofPurpose purpose, CodeEvent event,
                                 absl::Time at) = 0;
  virtual absl::Status ForgetCodes(absl::string_view subject, ProofPurpose purpose,
                                   CodeEvent event) = 0;

  // --- Recognising callers (product/domain.md, section 5) ---

  // NOT_FOUND where nobody has begun to.
  virtual absl::StatusOr<RecognitionRecord> FindRecognition(const AccountId& id) = 0;
  // Of those accounts where somebody has; in no particular order.
  virtual absl::StatusOr<std::vector<RecognitionRecord>> FindRecognitions(
      absl::Span<const AccountId> ids) = 0;
  // In place of the one that is there.
  virtual absl::Status PutRecognition(const RecognitionRecord& recognition) = 0;
  virtual absl::StatusOr<VerificationRecord> FindVerification(absl::string_view id) = 0;
  // The agent's open one of the account that expires last, unless that is at `now` or before;
  // NOT_FOUND where there is none.
  virtual absl::StatusOr<VerificationRecord> FindOpenVerification(const AccountId& id,
                                                                  const AccountId& agent_id,
                                                                  absl::Time now) = 0;
  virtual absl::Status InsertVerification(const VerificationRecord& verification) = 0;
  // Stores the state, the grant and the attempt. ABORTED unless the stored state is `former`.
  virtual absl::Status ChangeVerification(const VerificationRecord& verification,
                                          VerificationState former) = 0;
  // When the account's open verifications, begun at this version of its secret, expire: those
  // after `after` and not after `until`, the earliest first.
  virtual absl::StatusOr<std::vector<absl::Time>> ListExpiries(const AccountId& id,
                                                               std::int64_t secret_version,
                                                               absl::Time after, absl::Time until,
                                                               int limit) = 0;
  // The account's open ones that do not expire after `until` become abandoned.
  virtual absl::Status AbandonVerifications(const AccountId& id, absl::Time until) = 0;
  // The account's open and answered ones, whenever they expire, become abandoned.
  virtual absl::Status EndVerifications(const AccountId& id) = 0;

  // In order of their numbers; empty where there are none.
  virtual absl::StatusOr<std::vector<SecurityQuestionRecord>> FindSecurityQuestions(
      const AccountId& id) = 0;
  // In place of those that are there. That an account has any is AccountRecord's to say.
  virtual absl::Status PutSecurityQuestions(const AccountId& id,
                                            absl::Span<const SecurityQuestionRecord> questions) = 0;
  // With them go the verifications that put them to a caller: their words are the person's.
  virtual absl::Status RemoveSecurityQuestions(const AccountId& id) = 0;

  // --- Change of keys (storage/sealed_record.h) ---

  // Those under the key, in order of account and of what tells an account's own apart, that come
  // after `after`; from the start if that has no account.
  virtual absl::StatusOr<std::vector<SealedRecord>> ListSealed(SealedKind kind,
                                                               absl::string_view key_id,
                                                               const SealedRecord& after,
                                                               int limit) = 0;
  virtual absl::StatusOr<std::int64_t> CountSealed(SealedKind kind, absl::string_view key_id) = 0;
  // Puts the same value, sealed anew, in place of `former`; false, and nothing is changed, when
  // that is not what is there. No change of the account: row_version stays.
  virtual absl::StatusOr<bool> Reseal(const SealedRecord& former, absl::string_view ciphertext,
                                      absl::string_view key_id) = 0;
  // Reads whole tables.
  virtual absl::StatusOr<KeyUses> CountKeyUses(absl::string_view key_id) = 0;

  // --- Revocation log (design/revocation.md) ---

  virtual absl::StatusOr<RevocationHead> ReadRevocationHead() = 0;
  // Gives the row the head's next position and returns it. FAILED_PRECONDITION outside
  // AccountStore::TransactRevoking.
  virtual absl::StatusOr<std::int64_t> AppendRevocation(const RevocationRecord& revocation) = 0;
  // In order of position, those after `after`.
  virtual absl::StatusOr<std::vector<RevocationRecord>> ReadRevocations(std::int64_t after,
                                                                        int limit) = 0;
  // True iff the log ends the session: by its account's minimum epoch, by its own digest under its
  // account, by the emergency stop after `issued_position`, or because what stood there is
  // forgotten.
  virtual absl::StatusOr<bool> IsSessionRevoked(const AccountId& account_id,
                                                const SessionDigest& digest, std::int64_t epoch,
                                                std::int64_t issued_position) = 0;
  // True iff the emergency stop came after `position`, or what stood there is forgotten.
  virtual absl::StatusOr<bool> IsEverythingRevokedSince(std::int64_t position) = 0;
  // After a restore: every session issued under an earlier incarnation is over.
  virtual absl::Status StartIncarnation(absl::string_view incarnation) = 0;

  // --- Policies (design/policy.md) ---

  virtual absl::StatusOr<PolicyRevisionRecord> FindPolicyRevision(absl::string_view revision) = 0;
  // Those that ever were in force, the latest activation first, without their texts; from the start
  // if `before_activation` is 0.
  virtual absl::StatusOr<std::vector<PolicyRevisionRecord>> ListPolicyRevisions(
      std::int64_t before_activation, int limit) = 0;
  // One with `activated_at` gets the next activation number and replaces what is stored; one
  // without is stored unless it is known already.
  virtual absl::Status SavePolicyRevision(const PolicyRevisionRecord& revision) = 0;
  // Empty before the first.
  virtual absl::StatusOr<PolicyStateRecord> ReadPolicyState() = 0;
  // Takes the next position of the revocation log, by which every server learns of it, and returns
  // it. FAILED_PRECONDITION outside AccountStore::TransactRevoking.
  virtual absl::StatusOr<std::int64_t> ChangePolicyState(const PolicyStateRecord& state) = 0;

  // --- Audit, replays, outbox ---

  // The head of an organisation's log, held against every other transaction until this one ends.
  virtual absl::StatusOr<AuditHead> LockAuditHead(const OrganisationId& id) = 0;
  // `audit.sequence` must be the locked head's plus one; it becomes the head.
  virtual absl::Status AppendAudit(const AuditRecord& audit) = 0;
  // The latest first, of one organisation.
  virtual absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter) = 0;

  virtual absl::StatusOr<ReplayRecord> FindReplay(absl::string_view caller,
                                                  absl::string_view method,
                                                  absl::string_view request_id,
                                                  absl::string_view presenter) = 0;
  // Takes the place of an answer under the same key from `expired` or before; ALREADY_EXISTS when
  // there is a later one.
  virtual absl::Status PutReplay(const ReplayRecord& replay, absl::Time expired) = 0;

  virtual absl::Status AppendOutbox(const OutboxRecord& message) = 0;
  // The oldest living row of each account on the channel, those due at `now`, in order of creation.
  virtual absl::StatusOr<std::vector<OutboxRecord>> DueOutbox(OutboxChannel channel, absl::Time now,
                                                              int limit) = 0;
  virtual absl::Status DeleteOutbox(absl::string_view id) = 0;
  // A failed attempt more: to be tried again at `due_at`, ...
  virtual absl::Status PostponeOutbox(absl::string_view id, absl::Time due_at,
                                      absl::string_view error) = 0;
  // ... or not, until somebody revives it.
  virtual absl::Status BuryOutbox(absl::string_view id, absl::Time at, absl::string_view error) = 0;
  // As if it had never failed, before the later messages of its account. NOT_FOUND unless a dead
  // row has this id.
  virtual absl::Status ReviveOutbox(absl::string_view id, absl::Time due_at) = 0;
  // Of both channels, in order of creation.
  virtual absl::StatusOr<std::vector<OutboxRecord>> ListDeadOutbox(int limit) = 0;
  virtual absl::StatusOr<OutboxSummary> SummariseOutbox(OutboxChannel channel) = 0;

  // --- Imports ---

  // Those of the items in `range` that are in, in their order.
  virtual absl::StatusOr<std::vector<ImportedItemRecord>> ListImportedItems(
      const ImportRange& range) = 0;
  // Takes the place of one from `expired` or before; ALREADY_EXISTS when there is a later one.
  virtual absl::Status PutImportedItem(const ImportedItemRecord& item, absl::Time expired) = 0;

  // --- Timelines ---

  // The latest first.
  virtual absl::StatusOr<std::vector<AuditRecord>> ListTimeline(const TimelineFilter& filter) = 0;
  // Of one account, in order of action and cause.
  virtual absl::StatusOr<std::vector<RefusalRunRecord>> ListRefusalRuns(const AccountId& id) = 0;
  // Takes the place of the one with its account, action and cause.
  virtual absl::Status PutRefusalRun(const RefusalRunRecord& run) = 0;

  // --- Hygiene: what time has made of accounts is written down; row_version stays ---

  virtual absl::StatusOr<std::vector<AgedAccount>> ListAged(const AgeingFilter& filter) = 0;
  // The status that the account has had since then, whether it was written or not.
  virtual absl::Status SettleStatus(const AccountId& id, v1::AccountStatus status,
                                    absl::Time since) = 0;
  // How many notices were given of the present password; none of its next version.
  virtual absl::StatusOr<int> PasswordNotices(const AccountId& id) = 0;
  virtual absl::Status NotePassword(const AccountId& id, int notices) = 0;
  // Makes the account what storage/erasure.h leaves of it, forgets everything else that is kept of
  // the person, messages and remembered answers included, and never gives the username out again.
  // The audit log stays. Nothing happens to an account that was erased before.
  virtual absl::Status EraseAccount(const AccountId& id, absl::Time since) = 0;

  // --- Housekeeping: frees space, changes no answer ---

  // Deletes at most `limit` rows of those whose time was over before `before`, and answers how
  // many. Revocations go in order of position, up to the first that must still be kept, so that one
  // number tells what is missing: the head's `forgotten_before`. For them `before` must leave room
  // for clocks that differ, since no session may outlive what is forgotten; FAILED_PRECONDITION
  // outside AccountStore::TransactRevoking.
  virtual absl::StatusOr<std::int64_t> Tidy(Perishable what, absl::Time before, int limit) = 0;
};

using TransactionBody = absl::FunctionRef<absl::Status(Transaction&)>;

class AccountStore {
 public:
  virtual ~AccountStore() = default;

  // Runs `body` in a serializable read-write transaction and commits iff it returns OK; its status
  // is returned otherwise and nothing has happened. The body may run more than once (a conflict
  // with another transaction), each time from the beginning on fresh data: it must not do I/O,
  // hash, draw randomness, or add to what an earlier run left behind. A commit whose outcome is
  // unknown is returned as UNAVAILABLE and is never repeated by the store.
  virtual absl::Status Transact(TransactionBody body) = 0;

  // As Transact, with the head of the revocation log locked before the body's first statement, so
  // that positions become visible in order.
  virtual absl::Status TransactRevoking(TransactionBody body) = 0;

  // Runs `body` on one consistent, current snapshot. Writing in it is INTERNAL.
  virtual absl::Status Read(TransactionBody body) = 0;

  // OK iff the database answers and its schema is the one expected.
  virtual absl::Status CheckHealth() = 0;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_ACCOUNT_STORE_H_
