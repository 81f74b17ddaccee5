#include "server/offline/operators.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "policy/decision.h"
#include "policy/facts.h"
#include "server/offline/open_store.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/call_context.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/limits.h"
#include "server/operations/passwords/hashing.h"
#include "server/operations/passwords/new_password.h"
#include "server/operations/policies/policy_activation.h"
#include "server/policies/decision_journal.h"
#include "server/runtime/metrics.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/known/known_passwords.h"
#include "server/secrets/password_hasher.h"
#include "server/secrets/token.h"
#include "server/secrets/username.h"
#include "storage/account_store.h"

namespace gatehouse::server {
namespace {

// Nobody is signed in, and no service calls.
constexpr char kCaller[] = "bootstrap";

absl::Status Audit(storage::Transaction& transaction,
                   const storage::AccountRecord& operator_account, const policy::Policy& policy) {
  return AppendAudit(transaction,
                     {.organisation_id = operator_account.organisation_id,
                      .time = operator_account.created_at,
                      .caller = kCaller,
                      .action = "CREATE_ACCOUNT",
                      .target_id = operator_account.id,
                      .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                      .policy_revision = policy.revision().ToString(),
                      .details = {{"username", operator_account.username}, {"role", "OPERATOR"}}});
}

// The organisation of this name, created unless it exists.
absl::StatusOr<storage::OrganisationId> FindOrCreate(
    storage::Transaction& transaction, const storage::OrganisationRecord& organisation) {
  const auto found = transaction.FindOrganisationByName(organisation.display_name);
  if (found.ok()) return found->id;
  if (!absl::IsNotFound(found.status())) return found.status();
  GATEHOUSE_RETURN_IF_ERROR(transaction.InsertOrganisation(organisation));
  return organisation.id;
}

absl::StatusOr<std::string> HashOf(const SecretString& password, const policy::Policy& policy,
                                   const Environment& environment) {
  Metrics metrics;
  HashGate gate({}, environment.clock, metrics.ForLane("hash_gate"));
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit,
                             gate.Acquire(absl::InfiniteFuture(), [] { return false; }));
  return PasswordHasher(environment.entropy).Hash(permit, password, PasswordCost(policy));
}

// The username as it is stored.
absl::StatusOr<std::string> CheckNames(const FirstOperator& first, const policy::Policy& policy) {
  const auto username = NormalizeUsername(first.username, UsernameLimitsOf(policy));
  RequestCheck check(policy);
  check.Name("organisation_name", first.organisation_name, Presence::kRequired);
  if (!username.ok()) check.Fault("username", username.status().message());
  check.Name("given_name", first.given_name, Presence::kRequired);
  check.Name("family_name", first.family_name, Presence::kRequired);
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  return username;
}

storage::AccountRecord NewOperator(const FirstOperator& first, const std::string& username,
                                   const Environment& environment) {
  const absl::Time now = environment.clock.Now();
  storage::AccountRecord account;
  account.id = storage::AccountId(NewId(environment.entropy));
  account.username = username;
  account.profile = {.given_name = first.given_name,
                     .family_name = first.family_name,
                     .display_name = absl::StrCat(first.given_name, " ", first.family_name)};
  account.status = v1::ACCOUNT_STATUS_PENDING;
  account.status_changed_at = account.created_at = account.joined_at = now;
  account.password.version = 1;
  account.password.changed_at = now;
  account.roles = {{.role = v1::ROLE_OPERATOR}};
  return account;
}

// Who never signed in may never do so: their temporary password may be lost, or dead tomorrow.
absl::StatusOr<bool> CanOperate(MutationScope& scope, const storage::AccountRecord& account) {
  const v1::AccountStatus status = StatusAt(account, scope.policy(), scope.call().now).status;
  if (status != v1::ACCOUNT_STATUS_ACTIVE || account.password.phc.empty()) return false;
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision sign_in, scope.DecideSignIn(account));
  return sign_in.allowed;
}

absl::StatusOr<bool> HasAnotherOperator(MutationScope& scope, const storage::AccountId& id) {
  constexpr int kPage = 100;
  storage::AccountFilter filter{.role = v1::ROLE_OPERATOR, .limit = kPage};
  std::vector<storage::AccountRecord> page;
  do {
    GATEHOUSE_ASSIGN_OR_RETURN(page, scope.transaction().ListAccounts(filter));
    for (const storage::AccountRecord& account : page) {
      if (account.id == id) continue;
      GATEHOUSE_ASSIGN_OR_RETURN(const bool can_operate, CanOperate(scope, account));
      if (can_operate) return true;
    }
    if (!page.empty()) filter.after_username = page.back().username;
  } while (page.size() == kPage);
  return false;
}

absl::Status TakeOperatorRole(MutationScope& scope, storage::AccountRecord account,
                              const std::string& message_id) {
  const storage::AccountRecord before = account;
  std::vector<storage::RoleGrantRecord> roles = account.roles;
  if (std::erase_if(roles, [](const auto& grant) { return grant.role == v1::ROLE_OPERATOR; }) ==
      0) {
    return absl::FailedPreconditionError(absl::StrCat(account.username, " is no OPERATOR"));
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const bool another_remains, HasAnotherOperator(scope, account.id));
  if (!another_remains) {
    return absl::FailedPreconditionError(absl::StrCat(
        account.username,
        " is the last OPERATOR who can sign in: whoever else has the role never has, is locked or "
        "disabled, or has no password that is good. Let another one sign in and finish what they "
        "are asked first; `gatehouse-server bootstrap` adds one"));
  }
  scope.SetTarget(account);
  scope.Tell("role", "OPERATOR");
  SettleStatus(account, scope.policy(), scope.call().now);
  SetRoles(account, std::move(roles), scope.call().now);
  GATEHOUSE_RETURN_IF_ERROR(scope.RenewAuthorisation(account));
  GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
  GATEHOUSE_RETURN_IF_ERROR(
      Notify(scope, message_id, before, NotificationKind::kRoleWithdrawn, {{"role", "OPERATOR"}}));
  GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, account));
  storage::AuditRecord audit = scope.audit();
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  return AppendAudit(scope.transaction(), std::move(audit));
}

}  // namespace

absl::StatusOr<std::string> Bootstrap(const ServerConfig& config, const Environment& environment,
                                      const FirstOperator& first) {
  // Not needed here, but the server will not start without it: better told now.
  GATEHOUSE_RETURN_IF_ERROR(KeyRing::Load(config.keyring()).status());
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  GATEHOUSE_ASSIGN_OR_RETURN(const auto policy, PolicyInForce(*store, LoadPolicy(config.policy()),
                                                              environment.clock.Now()));
  GATEHOUSE_ASSIGN_OR_RETURN(const std::string username, CheckNames(first, *policy));

  storage::AccountRecord account = NewOperator(first, username, environment);
  GATEHOUSE_ASSIGN_OR_RETURN(
      const SecretString password,
      DrawPassword(environment.entropy, KnownPasswords(), *policy, account.profile, username));
  GATEHOUSE_ASSIGN_OR_RETURN(account.password.phc, HashOf(password, *policy, environment));
  MakeTemporary(account, *policy, account.created_at, /*must_change=*/true);
  const storage::OrganisationRecord organisation{
      .id = storage::OrganisationId(NewId(environment.entropy)),
      .display_name = first.organisation_name,
      .password_scope = v1::PASSWORD_SCOPE_SEPARATE,
      .created_at = account.created_at};

  const absl::Status done = store->Transact([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(account.organisation_id, FindOrCreate(transaction, organisation));
    GATEHOUSE_RETURN_IF_ERROR(transaction.InsertAccount(account));
    return Audit(transaction, account, *policy);
  });
  if (absl::IsAlreadyExists(done)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the username ", username, " belongs, or belonged, to another account"));
  }
  GATEHOUSE_RETURN_IF_ERROR(done);
  // Ids, usernames and generated passwords need no escapes.
  return absl::StrCat("{\n  \"organisation_id\": \"", account.organisation_id.value(),
                      "\",\n  \"account_id\": \"", account.id.value(), "\",\n  \"username\": \"",
                      username, "\",\n  \"temporary_password\": \"", password.Reveal(), "\"\n}\n");
}

absl::Status RemoveOperator(const ServerConfig& config, const Environment& environment,
                            absl::string_view username) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  CallContext call;
  call.now = environment.clock.Now();
  call.caller = "operators-remove";
  GATEHOUSE_ASSIGN_OR_RETURN(const auto policy,
                             PolicyInForce(*store, LoadPolicy(config.policy()), call.now));
  const std::string message_id = NewId(environment.entropy);
  Metrics metrics;
  DecisionJournal journal(metrics, {});
  return store->TransactRevoking([&](storage::Transaction& transaction) -> absl::Status {
    const auto found = FindByUsername(transaction, FoldUsername(username), *policy, call.now);
    if (absl::IsNotFound(found.status())) {
      return absl::NotFoundError(absl::StrCat("nobody has the username ", username));
    }
    GATEHOUSE_RETURN_IF_ERROR(found.status());
    MutationScope scope(transaction, call, *policy, journal, policy::Action::WITHDRAW_ROLE);
    return TakeOperatorRole(scope, *found, message_id);
  });
}

}  // namespace gatehouse::server
