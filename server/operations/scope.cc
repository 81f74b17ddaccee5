#include "server/operations/scope.h"

#include <utility>

#include "server/operations/actor.h"
#include "server/operations/decisions.h"
#include "server/operations/errors.h"
#include "server/operations/messages.h"
#include "server/operations/policy_facts.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

Scope::Scope(storage::Transaction& transaction, const CallContext& call,
             const policy::Policy& policy, policy::Action::Value action)
    : transaction_(transaction), call_(call), policy_(policy), action_(action) {}

absl::Status Scope::SetActor(const storage::SessionRecord& session) {
  GATEHOUSE_ASSIGN_OR_RETURN(actor_, RecheckActor(transaction_, session));
  session_ = session;
  return absl::OkStatus();
}

absl::StatusOr<storage::AccountRecord> Scope::FindAccount(absl::string_view account_id) {
  auto account = transaction_.FindAccount(storage::AccountId(account_id));
  if (absl::IsNotFound(account.status())) return Refuse(NotPermitted());
  return account;
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

absl::Status Scope::Decide(const policy::Facts& facts) {
  const policy::Decision decision = policy_.Decide(action_, facts);
  refusal_reasons_ = ReasonNames(decision);
  return ToStatus(decision, call_.now);
}

absl::Status Scope::Refuse(absl::Status refusal) {
  refusal_reasons_ = {ReasonOf(refusal)};
  return refusal;
}

absl::StatusOr<v1::Account> Scope::Describe(const storage::AccountRecord& account) {
  policy::Facts facts = FactsOfCall(call_);
  GATEHOUSE_RETURN_IF_ERROR(SetAccountFacts(facts, transaction_, account, policy_, call_.now));
  const policy::Decision sign_in = policy_.Decide(policy::Action::SIGN_IN, facts);
  return ToMessage(account, policy_, sign_in, call_.now);
}

}  // namespace gatehouse::server
