// What the body of an operation works with, inside its transaction or snapshot: the actor as read
// again there, the facts, and the question to the policy. Made anew for each run of the body;
// belongs to one thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_SCOPE_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_SCOPE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "gatehouse/v1/account.pb.h"
#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "server/policies/decision_journal.h"
#include "storage/account_store.h"
#include "storage/session_store.h"

namespace gatehouse::server {

class Scope {
 public:
  // All of them outlive the scope. What the policy decides is noted in `journal`.
  Scope(storage::Transaction& transaction, const CallContext& call, const policy::Policy& policy,
        DecisionJournal& journal, policy::Action::Value action);

  // Reads the account behind `session` and makes it the actor. UNAUTHENTICATED / SESSION_INVALID
  // when the session has ended since it was found valid.
  absl::Status SetActor(const storage::SessionRecord& session);

  storage::Transaction& transaction() const { return transaction_; }
  const CallContext& call() const { return call_; }
  const policy::Policy& policy() const { return policy_; }

  bool has_actor() const { return actor_.has_value(); }
  // Only where there is one.
  const storage::AccountRecord& actor() const { return *actor_; }
  const storage::SessionRecord& session() const { return *session_; }

  // An account by its id, or refused as one that may not be touched.
  absl::StatusOr<storage::AccountRecord> FindAccount(absl::string_view account_id);
  // The same, or the actor's own account where no id is given.
  absl::StatusOr<storage::AccountRecord> FindAccountOrOwn(absl::string_view account_id);
  absl::StatusOr<storage::AccountRecord> FindAccountByUsername(absl::string_view normalised);
  absl::StatusOr<storage::OrganisationRecord> FindOrganisation(
      const storage::OrganisationId& organisation_id);
  // The same, or the actor's own where no id is given.
  absl::StatusOr<storage::OrganisationRecord> FindOrganisationOrOwn(
      absl::string_view organisation_id);

  // Facts of the call and of the actor; with a target, of that account and its organisation too, or
  // of that organisation. What is costly to read is known only where the rules about this action,
  // or `another`, ask for it.
  policy::Facts Facts() const;
  absl::StatusOr<policy::Facts> FactsAbout(
      const storage::AccountRecord& target,
      policy::Action::Value another = policy::Action::UNSPECIFIED) const;
  policy::Facts FactsAbout(const storage::OrganisationRecord& target) const;

  // Asks the policy; see ToStatus in decisions.h.
  absl::Status Decide(const policy::Facts& facts);
  // The same, where nothing but the account matters.
  absl::Status DecideAbout(const storage::AccountRecord& target);
  // What the policy says of another action, which this one comes to; noted as a decision.
  policy::Decision Ask(policy::Action::Value action, const policy::Facts& facts) const;
  // What it would say on a supposition; not noted.
  bool WouldAllow(policy::Action::Value action, const policy::Facts& facts) const;
  // A refusal that is no rule's, and a decision that was taken elsewhere, noted as refusals.
  absl::Status Refuse(absl::Status refusal);
  absl::Status Refuse(const policy::Decision& decision);
  // For a target that is not there: `refusal`, unless something stands against the actor's own
  // session, which is told before anything of the target.
  absl::Status RefuseUnknown(absl::Status refusal);
  // Of the refusal that ended the body, if one did.
  const std::vector<std::string>& refusal_reasons() const { return refusal_reasons_; }

  // What the policy says of the account's signing in now: its obligations are what is left to do.
  absl::StatusOr<policy::Decision> DecideSignIn(const storage::AccountRecord& account);
  // The account as the answer tells it, with what its next sign-in will demand.
  absl::StatusOr<v1::Account> Describe(const storage::AccountRecord& account);
  // The same for many of one organisation, with a few readings for all of them.
  absl::StatusOr<std::vector<v1::Account>> DescribeAll(
      absl::Span<const storage::AccountRecord> accounts);

 private:
  // The record that was looked for; one that is not there is refused as one that nobody may touch.
  template <typename Record>
  absl::StatusOr<Record> OrRefused(absl::StatusOr<Record> found);
  absl::StatusOr<policy::Facts> SignInFacts(const storage::AccountRecord& account) const;
  // Whether the policy in force or the candidate in shadow has rules about it that ask.
  bool NeedsRecognition(policy::Action::Value action) const;
  absl::Status ReadRecognition(policy::Facts& facts, const storage::AccountRecord& account) const;

  storage::Transaction& transaction_;
  const CallContext& call_;
  const policy::Policy& policy_;
  DecisionJournal& journal_;
  const policy::Action::Value action_;
  std::optional<storage::AccountRecord> actor_;
  std::optional<storage::SessionRecord> session_;
  std::vector<std::string> refusal_reasons_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_SCOPE_H_
