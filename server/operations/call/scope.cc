#include "server/operations/call/scope.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "server/operations/call/actor.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/errors.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/facts/recognition.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Recognitions = std::map<storage::AccountId, storage::RecognitionRecord>;

absl::StatusOr<Recognitions> FindRecognitions(storage::Transaction& transaction,
                                              absl::Span<const storage::AccountRecord> accounts) {
  std::vector<storage::AccountId> ids;
  for (const storage::AccountRecord& account : accounts) ids.push_back(account.id);
  GATEHOUSE_ASSIGN_OR_RETURN(std::vector<storage::RecognitionRecord> found,
                             transaction.FindRecognitions(ids));
  Recognitions recognitions;
  for (storage::RecognitionRecord& recognition : found) {
    recognitions.emplace(recognition.account_id, std::move(recognition));
  }
  return recognitions;
}

absl::StatusOr<storage::RecognitionRecord> StoredIn(const Recognitions& recognitions,
                                                    const storage::AccountId& id) {
  const auto found = recognitions.find(id);
  if (found == recognitions.end()) return absl::NotFoundError("nobody has begun to");
  return found->second;
}

}  // namespace

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

absl::StatusOr<storage::OrganisationRecord> Scope::FindOrganisationOrOwn(
    absl::string_view organisation_id) {
  if (organisation_id.empty()) return FindOrganisation(actor().organisation_id);
  return FindOrganisation(storage::OrganisationId(organisation_id));
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

absl::StatusOr<policy::Facts> Scope::FactsAbout(const storage::AccountRecord& target,
                                                policy::Action::Value another) const {
  policy::Facts facts = Facts();
  GATEHOUSE_RETURN_IF_ERROR(SetAccountFacts(facts, transaction_, target, policy_, call_.now));
  if (NeedsRecognition(action_) || NeedsRecognition(another)) {
    GATEHOUSE_RETURN_IF_ERROR(ReadRecognition(facts, target));
  }
  facts.Set(policy::Fact::kSelf, actor_.has_value() && actor_->id == target.id);
  return facts;
}

bool Scope::NeedsRecognition(policy::Action::Value action) const {
  const std::shared_ptr<const policy::Policy> shadow = journal_.shadow();
  return AsksForRecognition(policy_, action) ||
         (shadow != nullptr && AsksForRecognition(*shadow, action));
}

absl::Status Scope::ReadRecognition(policy::Facts& facts,
                                    const storage::AccountRecord& account) const {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::RecognitionRecord standing,
                             RecognitionAt(transaction_, account, policy_, call_.now));
  SetRecognitionFacts(facts, standing);
  return absl::OkStatus();
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
  if (NeedsRecognition(policy::Action::SIGN_IN)) {
    GATEHOUSE_RETURN_IF_ERROR(ReadRecognition(facts, account));
  }
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

absl::StatusOr<std::vector<v1::Account>> Scope::DescribeAll(
    absl::Span<const storage::AccountRecord> accounts) {
  std::vector<v1::Account> described;
  if (accounts.empty()) return described;
  GATEHOUSE_ASSIGN_OR_RETURN(const Surroundings surroundings,
                             ReadSurroundings(transaction_, accounts.front().organisation_id));
  const bool needs_recognition = NeedsRecognition(policy::Action::SIGN_IN);
  Recognitions recognitions;
  if (needs_recognition) {
    GATEHOUSE_ASSIGN_OR_RETURN(recognitions, FindRecognitions(transaction_, accounts));
  }
  for (const storage::AccountRecord& account : accounts) {
    policy::Facts facts = FactsOfCall(call_);
    GATEHOUSE_RETURN_IF_ERROR(
        SetAccountFacts(facts, transaction_, account, surroundings, policy_, call_.now));
    if (needs_recognition) {
      GATEHOUSE_ASSIGN_OR_RETURN(const storage::RecognitionRecord standing,
                                 RecognitionAt(transaction_, account, policy_, call_.now,
                                               StoredIn(recognitions, account.id)));
      SetRecognitionFacts(facts, standing);
    }
    described.push_back(
        ToMessage(account, policy_, policy_.Decide(policy::Action::SIGN_IN, facts), call_.now));
  }
  return described;
}

}  // namespace gatehouse::server
