#include "server/operations/passwords/password_verification.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "server/operations/call/actor.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/hashing.h"
#include "server/operations/sessions/new_session.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/password_strength.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;

// How long to wait before asking again whether an earlier attempt has been settled: this server
// hears of its own settlements at once, and of other servers' not at all.
constexpr absl::Duration kOthersPoll = absl::Milliseconds(20);

std::string SubjectOf(const storage::AccountId& id) {
  return absl::StrCat(storage::kAccountSubject, id.value());
}

struct Standing {
  int64_t failures = 0;  // those that nobody settled in time included
  int64_t pending = 0;
  std::vector<std::string> overdue{};  // reservations that nobody settled in time
};

// One that took so long has failed, whatever comes of it.
bool IsOverdue(absl::Time reserved_at, const policy::Policy& policy, absl::Time now) {
  return now - reserved_at >= policy.Duration(Parameter::kAttemptTimeout);
}

Standing StandingOf(const storage::PasswordAttempts& attempts, const policy::Policy& policy,
                    absl::Time now) {
  Standing standing{.failures = attempts.failures};
  for (const auto& reservation : attempts.pending) {
    if (IsOverdue(reservation.reserved_at, policy, now)) {
      ++standing.failures;
      standing.overdue.push_back(reservation.id);
    } else {
      ++standing.pending;
    }
  }
  return standing;
}

enum class Place {
  kReserved,  // to be compared
  kRefused,   // to be refused whatever it is; reserved all the same, so that it costs the same
  kTaken,     // as many as there may be are being compared: wait for them
};

// One try to get a place among the attempts that may be evaluated.
absl::StatusOr<Place> Reserve(const Dependencies& dependencies, const CallContext& call,
                              const policy::Policy& policy, const PasswordSubject& subject,
                              PasswordVerification& verification) {
  verification.reservation_id = NewId(dependencies.entropy);
  verification.reserved_at = dependencies.clock.Now();  // the wait for a turn was not free
  Place place = Place::kTaken;
  GATEHOUSE_RETURN_IF_ERROR(
      dependencies.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(CheckSource(transaction, policy, subject.source, call.now));
        auto account = subject.find(transaction);
        if (!account.ok() && !absl::IsNotFound(account.status())) return account.status();
        verification.subject =
            account.ok() ? SubjectOf(account->id)
                         : absl::StrCat(storage::kUnknownNameSubject, subject.unknown_name);
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::RevocationHead head,
                                   transaction.ReadRevocationHead());
        verification.position = head.position;
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PasswordAttempts attempts,
                                   transaction.FindPasswordAttempts(verification.subject));
        verification.account = account.ok() ? std::optional(*std::move(account)) : std::nullopt;
        const Standing standing = StandingOf(attempts, policy, verification.reserved_at);
        const int64_t limit = policy.Int(Parameter::kLockAfterFailures);
        const bool locked =
            verification.account.has_value() && verification.account->locked_at.has_value();
        place = Place::kReserved;
        if (locked || standing.failures >= limit) {
          place = Place::kRefused;
        } else if (standing.failures + standing.pending >= limit) {
          place = Place::kTaken;
          return absl::OkStatus();
        }
        return transaction.ReservePasswordAttempt(verification.subject, verification.reservation_id,
                                                  verification.reserved_at);
      }));
  return place;
}

void NoteFault(const Dependencies& dependencies, const absl::Status& computed) {
  if (computed.ok()) return;
  dependencies.log.Error("a password could not be compared or hashed",
                         {{"error", std::string(computed.message())}});
}

// Compares, or does what takes the same time where there is nothing to compare with. What cannot be
// computed is not right: an answer of its own would tell names that exist from others, and an
// attempt that nobody settles would take a place for as long as it is waited for.
void Evaluate(const Dependencies& dependencies, HashPermit& permit, const policy::Policy& policy,
              const SecretString& password, PasswordVerification& verification) {
  const Argon2Parameters cost = PasswordCost(policy);
  const auto normalized = NormalizePassword(password);
  const bool comparable = !verification.locked && verification.account.has_value() &&
                          !verification.account->password.phc.empty() && normalized.ok();
  if (!comparable) {
    NoteFault(dependencies, dependencies.hasher.VerifyDummy(
                                permit, normalized.ok() ? *normalized : password, cost));
    return;
  }
  const std::string& phc = verification.account->password.phc;
  const absl::StatusOr<bool> right = dependencies.hasher.Verify(permit, *normalized, phc);
  NoteFault(dependencies, right.status());
  verification.right = right.value_or(false);
  if (verification.right && PasswordHasher::NeedsRehash(phc, cost) &&
      PasswordHasher::CanRehash(phc, *normalized)) {
    absl::StatusOr<std::string> rehashed = dependencies.hasher.Hash(permit, *normalized, cost);
    NoteFault(dependencies, rehashed.status());
    if (rehashed.ok()) verification.rehashed = *std::move(rehashed);
  }
}

// One try; false when there was no place for it.
absl::StatusOr<bool> TryToVerify(const Dependencies& dependencies, const CallContext& call,
                                 const policy::Policy& policy, const PasswordSubject& subject,
                                 const SecretString& password, PasswordVerification& verification) {
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  const auto place = Reserve(dependencies, call, policy, subject, verification);
  if (!place.ok()) return FromStore(place.status());
  if (*place == Place::kTaken) return false;
  verification.locked = *place == Place::kRefused;
  Evaluate(dependencies, permit, policy, password, verification);
  return true;
}

// Since when, and by what, the account is locked.
absl::Status AuditLock(MutationScope scope, const PasswordVerification& verification,
                       const storage::AccountRecord& account) {
  scope.SetTarget(account);
  scope.Tell(kRefusalCause, kWrongPassword);
  scope.Tell(kRefusalSource, verification.source);
  scope.Tell(kRefusalLocked, "true");
  storage::AuditRecord audit = scope.audit();
  audit.time = *account.locked_at;
  audit.actor_id = account.id;
  audit.outcome = v1::AUDIT_OUTCOME_DENIED;
  audit.reasons = {ReasonName(v1::ERROR_REASON_PASSWORD_WRONG)};
  return AppendAudit(scope.transaction(), std::move(audit));
}

}  // namespace

absl::StatusOr<PasswordVerification> VerifyPassword(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const policy::Policy& policy,
                                                    const PasswordSubject& subject,
                                                    const SecretString& password) {
  PasswordVerification verification;
  verification.source = subject.source;
  while (true) {
    const std::uint64_t settled = dependencies.password_settled.rings();
    GATEHOUSE_ASSIGN_OR_RETURN(const bool verified, TryToVerify(dependencies, call, policy, subject,
                                                                password, verification));
    if (verified) return verification;
    if (dependencies.clock.Now() + kOthersPoll >= call.deadline) return DeadlineExceeded();
    dependencies.password_settled.WaitForMore(settled, kOthersPoll);
  }
}

absl::StatusOr<Settlement> SettlePassword(storage::Transaction& transaction,
                                          const policy::Policy& policy,
                                          const PasswordVerification& verification, absl::Time now,
                                          storage::AccountRecord* account) {
  if (!verification.right && !verification.source.empty()) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.AppendSourceFailure(verification.source, now));
  }
  if (IsOverdue(verification.reserved_at, policy, now)) return Settlement::kTooLate;
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::PasswordAttempts attempts,
                             transaction.FindPasswordAttempts(verification.subject));
  const Standing standing = StandingOf(attempts, policy, now);
  const int64_t counted = verification.locked ? 0 : 1;
  const int64_t failures = verification.right ? 0 : standing.failures + counted;
  for (const std::string& overdue : standing.overdue) {
    GATEHOUSE_RETURN_IF_ERROR(
        transaction.SettlePasswordAttempt(verification.subject, overdue, failures, now));
  }
  GATEHOUSE_RETURN_IF_ERROR(transaction.SettlePasswordAttempt(
      verification.subject, verification.reservation_id, failures, now));
  if (failures < policy.Int(Parameter::kLockAfterFailures) || account == nullptr ||
      account->locked_at.has_value()) {
    return Settlement::kCounted;
  }
  account->locked_at = now;
  GATEHOUSE_RETURN_IF_ERROR(transaction.UpdateAccount(*account));
  ++account->row_version;
  return Settlement::kLocked;
}

void OwnPassword::SetFacts(policy::Facts& facts, const storage::AccountRecord& account) const {
  facts.Set(policy::Fact::kRequestPasswordVerified, right && version == account.password.version);
}

absl::StatusOr<OwnPassword> VerifyOwnPassword(const Dependencies& dependencies,
                                              const CallContext& call, const MutationCore& mutation,
                                              policy::Action::Value action,
                                              const SecretString& password) {
  bool answered = false;
  const auto find =
      [&](storage::Transaction& transaction) -> absl::StatusOr<storage::AccountRecord> {
    GATEHOUSE_ASSIGN_OR_RETURN(answered, mutation.IsAnswered(transaction));
    if (answered) return Conflict();
    return RecheckActor(transaction, mutation.session());
  };
  const policy::Policy& policy = mutation.policy();
  const storage::ClientRecord client = ClientOfSession(dependencies, call, mutation.session().key);
  const auto verification = VerifyPassword(
      dependencies, call, policy,
      {.find = find, .unknown_name = {}, .source = SourceOf(client.ip_address)}, password);
  if (answered) return OwnPassword{};
  GATEHOUSE_RETURN_IF_ERROR(verification.status());
  auto settlement = Settlement::kTooLate;
  GATEHOUSE_RETURN_IF_ERROR(FromStore(
      dependencies.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord account,
                                   transaction.FindAccount(verification->account->id));
        GATEHOUSE_ASSIGN_OR_RETURN(settlement, SettlePassword(transaction, policy, *verification,
                                                              dependencies.clock.Now(), &account));
        if (settlement != Settlement::kLocked) return absl::OkStatus();
        return AuditLock({transaction, call, policy, dependencies.decision_journal, action},
                         *verification, account);
      })));
  dependencies.password_settled.Ring();
  if (settlement == Settlement::kTooLate) return DeadlineExceeded();
  return OwnPassword{.right = verification->right,
                     .version = verification->account->password.version};
}

absl::Status ClearPasswordAttempts(storage::Transaction& transaction,
                                   const storage::AccountId& account_id, absl::Time now) {
  const std::string subject = SubjectOf(account_id);
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::PasswordAttempts attempts,
                             transaction.FindPasswordAttempts(subject));
  for (const auto& reservation : attempts.pending) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.SettlePasswordAttempt(subject, reservation.id, 0, now));
  }
  return transaction.SettlePasswordAttempt(subject, "", 0, now);
}

absl::Status CheckSource(storage::Transaction& transaction, const policy::Policy& policy,
                         const std::string& source, absl::Time now) {
  if (source.empty()) return absl::OkStatus();
  const absl::Duration window = policy.Duration(Parameter::kSourceWindow);
  GATEHOUSE_ASSIGN_OR_RETURN(const int64_t failures,
                             transaction.CountSourceFailures(source, now - window));
  if (failures < policy.Int(Parameter::kSourceFailures)) return absl::OkStatus();
  return ErrorWithRetry(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_TOO_MANY_ATTEMPTS,
                        "too many wrong passwords or codes came from this address; wait and try "
                        "again",
                        window);
}

std::string SourceOf(const std::string& ip_address) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET6, ip_address.c_str(), address.data()) != 1) return ip_address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  in6_addr parsed;
  std::memcpy(&parsed, address.data(), sizeof(parsed));
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) {  // what a dual-stack socket calls an IPv4 client
    constexpr size_t kMappedPrefix = 12;
    inet_ntop(AF_INET, address.data() + kMappedPrefix, text.data(), text.size());
    return text.data();
  }
  std::fill(address.begin() + 8, address.end(), static_cast<unsigned char>(0));
  inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  return absl::StrCat(text.data(), "/64");
}

}  // namespace gatehouse::server
