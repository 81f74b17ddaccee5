#include "server/operations/scope.h"

#include <utility>

#include "server/operations/account_state.h"
#include "server/operations/actor.h"
#include "server/operations/decisions.h"
#include "server/operations/errors.h"
#include "server/operations/messages.h"
#include "server/operations/policy_facts.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

Scope::Scope(storage::Transaction& transaction, const CallContext& call,
             const policy::Policy& policy, DecisionJournal& journal, policy::Action::Value action)
    : transaction_(transaction), call_(call), policy_(policy), journal_(journal), action_(action) {}

absl::Status Scope::SetActor(const storage::SessionRecord& session) {
  GATEHOUSE_ASSIGN_OR_RETURN(actor_, RecheckActor(transaction_, session));
  session_ = session;
  return absl::OkStatus();
}

absl::StatusOr<storage::AccountRecord> Scope::FindAccount(absl::string_view account_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord account,
                             OrRefused(transaction_.FindAccount(storage::AccountId(account_id))));
  return AsSeen(std::move(account), policy_, call_.now);
}

absl::StatusOr<storage::AccountRecord> Scope::FindAccountOrOwn(absl::string_view account_id) {
  if (account_id.empty()) return actor();
  return FindAccount(account_id);
}

absl::StatusOr<storage::AccountRecord> Scope::FindAccountByUsername(absl::string_view normalised) {
  return OrRefused(FindByUsername(transaction_, normalised, policy_, call_.now));
}

absl::StatusOr<storage::OrganisationRecord> Scope::FindOrganisation(
    const storage::OrganisationId& organisation_id) {
  return OrRefused(transaction_.FindOrganisation(organisation_id));
}

template <typename Record>
absl::StatusOr<Record> Scope::OrRefused(absl::StatusOr<Record> found) {
  if (absl::IsNotFound(found.status())) return RefuseUnknown(NotPermitted());
  return found;
}

absl::Status Scope::RefuseUnknown(absl::Status refusal) {
  const policy::Decision decision = Ask(action_, Facts());
  const bool may_be_told = decision.permitted || decision.violations.empty();
  return may_be_told ? Refuse(std::move(refusal)) : Refuse(decision);
}

policy::Facts Scope::Facts() const {
  policy::Facts facts = FactsOfCall(call_);
  if (actor_.has_value()) SetActorFacts(facts, *actor_, *session_);
  return facts;
}

absl::StatusOr<policy::Facts> Scope::FactsAbout(const storage::AccountRecord& target) {
  policy::Facts facts = Facts();
  GATEHOUSE_RETURN_IF_ERROR(SetAccountFacts(facts, transaction_, target, policy_, call_.now));
  facts.Set(policy::Fact::kSelf, actor_.has_value() && actor_->id == target.id);
  return facts;
}

policy::Facts Scope::FactsAbout(const storage::OrganisationRecord& target) const {
  policy::Facts facts = Facts();
  SetOrganisationFacts(facts, target);
  return facts;
}

absl::Status Scope::Decide(const policy::Facts& facts) { return Refuse(Ask(action_, facts)); }

absl::Status Scope::DecideAbout(const storage::AccountRecord& target) {
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, FactsAbout(target));
  return Decide(facts);
}

bool Scope::WouldAllow(policy::Action::Value action, const policy::Facts& facts) const {
  return policy_.Decide(action, facts).allowed;
}

absl::Status Scope::Refuse(const policy::Decision& decision) {
  refusal_reasons_ = ReasonNames(decision);
  return ToStatus(decision, call_.now);
}

absl::Status Scope::Refuse(absl::Status refusal) {
  refusal_reasons_ = {ReasonOf(refusal)};
  return refusal;
}

policy::Decision Scope::Ask(policy::Action::Value action, const policy::Facts& facts) const {
  policy::Decision decision = policy_.Decide(action, facts);
  journal_.Record(action, facts, decision);
  return decision;
}

absl::StatusOr<policy::Facts> Scope::SignInFacts(const storage::AccountRecord& account) const {
  policy::Facts facts = FactsOfCall(call_);
  GATEHOUSE_RETURN_IF_ERROR(SetAccountFacts(facts, transaction_, account, policy_, call_.now));
  return facts;
}

absl::StatusOr<policy::Decision> Scope::DecideSignIn(const storage::AccountRecord& account) {
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, SignInFacts(account));
  return Ask(policy::Action::SIGN_IN, facts);
}

absl::StatusOr<v1::Account> Scope::Describe(const storage::AccountRecord& account) {
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, SignInFacts(account));
  return ToMessage(account, policy_, policy_.Decide(policy::Action::SIGN_IN, facts), call_.now);
}

}  // namespace gatehouse::server
