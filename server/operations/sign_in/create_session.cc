// Signing in: one answer for an unknown name, a wrong password and a locked account; everything
// else is told only to who had the right password (product/domain.md, section 7). Where the policy
// wants a second factor, the right password alone gives a challenge, and no session.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"

#include "server/operations/call/audit_trail.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/session_operations.h"
#include "server/operations/sessions/new_session.h"
#include "server/operations/sign_in/sign_in.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using policy::Action;

// Longer than any username or password may be; what matters is that it is bounded.
constexpr int64_t kLongestTyped = 1024;

absl::Status CheckFields(const v1::CreateSessionRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Text("username", request.username(), kLongestTyped, Presence::kRequired);
  if (request.password().empty()) check.Fault("password", "must be given");
  if (request.password().size() > kLongestTyped) check.Fault("password", "is too long");
  check.Client(request.client());
  return check.status();
}

std::string UnknownName(const KeyRing& keys, const std::string& username) {
  return absl::WebSafeBase64Escape(keys.Mac(KeyPurpose::kAttemptName, username).bytes);
}

// One attempt from its verification to its end.
class SignIn {
 public:
  SignIn(const CallContext& call, const policy::Policy& policy, DecisionJournal& journal,
         const PasswordVerification& verification, const storage::ClientRecord& client,
         const ProofName& challenge, std::optional<NewSession>& session)
      : call_(call),
        policy_(policy),
        journal_(journal),
        verification_(verification),
        client_(client),
        challenge_(challenge),
        session_(session) {}

  // OK when it is settled, whichever way; outcome() tells which.
  absl::Status Settle(storage::Transaction& transaction, absl::Time now) {
    MutationScope scope(transaction, call_, policy_, journal_, Action::SIGN_IN);
    scope.Tell(kRefusalSource, verification_.source);
    std::optional<storage::AccountRecord> account;
    if (verification_.account.has_value()) {
      GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(verification_.account->id));
      scope.SetTarget(*account);
    }
    GATEHOUSE_ASSIGN_OR_RETURN(const Settlement settlement,
                               SettlePassword(transaction, policy_, verification_, now,
                                              account.has_value() ? &*account : nullptr));
    if (settlement == Settlement::kLocked) scope.Tell(kRefusalLocked, "true");
    outcome_ = Refusal(scope, account, settlement);
    if (outcome_.ok()) GATEHOUSE_RETURN_IF_ERROR(Admit(scope, *account));
    return Audit(scope);
  }

  const absl::Status& outcome() const { return outcome_; }
  // Not empty where the outcome is the challenge: those that would do.
  const std::vector<storage::AuthenticationMethodRecord>& methods() const { return methods_; }

 private:
  // What must not be told apart, told apart for the audit log only.
  absl::Status Refusal(MutationScope& scope, const std::optional<storage::AccountRecord>& account,
                       Settlement settlement) {
    if (settlement == Settlement::kTooLate) {
      scope.Tell(kRefusalCause, "took too long");
      return scope.Refuse(DeadlineExceeded());
    }
    changed_nothing_ = !account.has_value() || verification_.locked;
    if (!account.has_value()) {
      scope.Tell(kRefusalCause, "unknown username");
    } else if (verification_.locked) {
      scope.Tell(kRefusalCause, "locked");
    } else if (!verification_.right) {
      scope.Tell(kRefusalCause, kWrongPassword);
    } else if (account->locked_at.has_value() ||
               account->password.version != verification_.account->password.version) {
      scope.Tell(kRefusalCause, "locked or reset meanwhile");
    } else {
      return absl::OkStatus();
    }
    return scope.Refuse(InvalidCredentials());
  }

  // The password was right: what stands against signing in may be told now.
  absl::Status Admit(MutationScope& scope, storage::AccountRecord& account) {
    GATEHOUSE_ASSIGN_OR_RETURN(
        const bool stopped, scope.transaction().IsEverythingRevokedSince(verification_.position));
    if (stopped || account.epoch != verification_.account->epoch) {
      // What began before a revocation opens nothing after it.
      scope.Tell(kRefusalCause, "sessions ended meanwhile");
      outcome_ = scope.Refuse(Conflict());
      return absl::OkStatus();
    }
    GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision decision, scope.DecideSignIn(account));
    if (!decision.allowed) return RefuseBy(scope, decision);
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts,
                               scope.FactsAbout(account, Action::CREATE_SESSION));
    facts.Set(policy::Fact::kRequestMethodsVerified, 0);
    const policy::Decision by_password = scope.Ask(Action::CREATE_SESSION, facts);
    if (by_password.allowed) {
      return OpenSession(scope, *session_, account, decision, verification_.rehashed);
    }
    GATEHOUSE_ASSIGN_OR_RETURN(methods_, MethodsFor(scope.transaction(), account.id,
                                                    storage::ProofPurpose::kSecondFactor));
    if (!methods_.empty()) return Challenge(scope, account);
    return RefuseBy(scope, by_password);
  }

  absl::Status RefuseBy(MutationScope& scope, const policy::Decision& decision) {
    outcome_ = scope.Refuse(decision);
    scope.Tell(kRefusalCause, absl::StrJoin(scope.refusal_reasons(), ", "));
    changed_nothing_ = true;
    return absl::OkStatus();
  }

  // The password was right, and that is not enough.
  absl::Status Challenge(MutationScope& scope, storage::AccountRecord& account) {
    scope.Tell("second_factor", "asked");
    if (!verification_.rehashed.empty()) {
      account.password.phc = verification_.rehashed;
      GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    }
    return scope.transaction().PutProof(
        {.id = challenge_.digest,
         .purpose = storage::ProofPurpose::kSecondFactor,
         .subject = account.id.value(),
         .account_id = account.id,
         .epoch = account.epoch,
         .position = verification_.position,
         .created_at = call_.now,
         .expires_at = call_.now + policy_.Duration(policy::Parameter::kSecondFactorLifetime),
         .ip_address = client_.ip_address,
         .user_agent = client_.user_agent,
         .device_label = client_.device_label});
  }

  absl::Status Audit(const MutationScope& scope) {
    storage::AuditRecord audit = scope.audit();
    audit.outcome = outcome_.ok() ? v1::AUDIT_OUTCOME_SUCCEEDED : v1::AUDIT_OUTCOME_DENIED;
    audit.reasons = scope.refusal_reasons();
    if (changed_nothing_) return AuditRefusal(scope.transaction(), policy_, std::move(audit));
    return AppendAudit(scope.transaction(), std::move(audit));
  }

  const CallContext& call_;
  const policy::Policy& policy_;
  DecisionJournal& journal_;
  const PasswordVerification& verification_;
  const storage::ClientRecord& client_;
  const ProofName& challenge_;
  std::optional<NewSession>& session_;
  absl::Status outcome_;
  std::vector<storage::AuthenticationMethodRecord> methods_;
  bool changed_nothing_ = false;  // but was refused, and perhaps for the hundredth time
};

// Whoever is held up is told nothing of the account; those who look after it are, by its timeline.
// Counted alike for names that nobody has, so that no time tells them.
absl::Status CountHeldUp(const Dependencies& dependencies, const CallContext& call,
                         const policy::Policy& policy, const PasswordSubject& subject) {
  return dependencies.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
    MutationScope scope(transaction, call, policy, dependencies.decision_journal, Action::SIGN_IN);
    scope.Tell(kRefusalCause, kHeldUp);
    scope.Tell(kRefusalSource, subject.source);
    const auto account = subject.find(transaction);
    if (account.ok()) scope.SetTarget(*account);
    if (!account.ok() && !absl::IsNotFound(account.status())) return account.status();
    return CountRefusal(transaction, policy, scope.audit());
  });
}

}  // namespace

absl::StatusOr<v1::CreateSessionResponse> CreateSession(const Dependencies& dependencies,
                                                        const CallContext& call,
                                                        const v1::CreateSessionRequest& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  const std::string username = FoldUsername(request.username());
  const auto find = [&](storage::Transaction& transaction) {
    return FindByUsername(transaction, username, *policy, call.now);
  };
  const PasswordSubject subject{.find = find,
                                .unknown_name = UnknownName(dependencies.keys, username),
                                .source = SourceOf(request.client().ip_address())};
  const auto verified =
      VerifyPassword(dependencies, call, *policy, subject, SecretString(request.password()));
  if (ReasonOf(verified.status()) == ReasonName(v1::ERROR_REASON_TOO_MANY_ATTEMPTS)) {
    // The refusal stands, whether it can be counted or not.
    CountHeldUp(dependencies, call, *policy, subject).IgnoreError();
  }
  GATEHOUSE_RETURN_IF_ERROR(verified.status());
  const PasswordVerification& verification = *verified;

  const storage::ClientRecord client = FromMessage(request.client());
  const ProofName challenge(dependencies.entropy);
  std::optional<NewSession> session;
  if (verification.right) session.emplace(dependencies, verification.account->id);
  absl::Status outcome;
  std::vector<storage::AuthenticationMethodRecord> methods;
  GATEHOUSE_RETURN_IF_ERROR(
      FromStore(dependencies.accounts.Transact([&](storage::Transaction& transaction) {
        SignIn sign_in(call, *policy, dependencies.decision_journal, verification, client,
                       challenge, session);
        const absl::Status settled = sign_in.Settle(transaction, dependencies.clock.Now());
        outcome = sign_in.outcome();
        methods = sign_in.methods();
        return settled;
      })));
  dependencies.password_settled.Ring();
  GATEHOUSE_RETURN_IF_ERROR(outcome);

  v1::CreateSessionResponse response;
  if (!methods.empty()) {
    response.mutable_second_factor()->set_challenge_id(std::string(challenge.text.Reveal()));
    for (const auto& method : methods) {
      *response.mutable_second_factor()->add_methods() = ToMessage(method);
    }
    return response;
  }
  GATEHOUSE_RETURN_IF_ERROR(session->Store(dependencies, call, client));
  response.set_session_token(session->TellToken());
  *response.mutable_session() = session->Describe(client);
  return response;
}

}  // namespace gatehouse::server
