#include "server/operations/call/mutation.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"

#include "server/operations/call/actor.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/payload_mac.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/call/revocations.h"
#include "server/operations/call/secret_fields.h"
#include "server/operations/call/session_use.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {

namespace {

storage::AuditRecord RefusedEvent(const MutationScope& scope) {
  storage::AuditRecord audit = scope.audit();
  audit.outcome = v1::AUDIT_OUTCOME_DENIED;
  audit.reasons = scope.refusal_reasons();
  return audit;
}

bool IsNotPermitted(const std::vector<std::string>& reasons) {
  return reasons == std::vector{ReasonName(v1::ERROR_REASON_NOT_PERMITTED)};
}

// A commit whose outcome the store does not know is UNAVAILABLE too.
absl::Status PerhapsDone() {
  return ErrorWithRetry(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
                        "the database cannot be reached, and whether this was done is not known; "
                        "repeat the call with the same request_id: it is not done twice",
                        absl::Seconds(1));
}

// What was written ahead stays.
absl::Status HalfDone() {
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
               "something that this call relied on changed after a part of it was on record; "
               "repeat the call with the same request_id: it is finished, and that part not done "
               "twice");
}

}  // namespace

MutationCore::MutationCore(const Dependencies& dependencies, const CallContext& call,
                           policy::Action::Value action, const google::protobuf::Message& request,
                           absl::string_view request_id, bool validate_only, Actor actor)
    : dependencies_(dependencies),
      call_(call),
      action_(action),
      request_id_(request_id),
      validate_only_(validate_only),
      actor_(actor),
      policy_(dependencies.policies.Get()),
      presenter_(actor == Actor::kNone || call.token.empty()
                     ? ""
                     : DigestToken(call.token.Reveal()).ToSessionId()),
      payload_(CanonicalBytes(request)) {}

MutationCore::~MutationCore() { WipeString(payload_); }

absl::StatusOr<bool> MutationCore::BeginInto(google::protobuf::Message& response) {
  bool replayed = false;
  const absl::Status looked_up =
      dependencies_.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(replayed, ReplayInto(transaction, response));
        return absl::OkStatus();
      });
  if (!looked_up.ok()) return FromStore(looked_up);
  if (replayed) {
    GATEHOUSE_RETURN_IF_ERROR(MakeAllKnown(dependencies_, call_));
    return true;
  }
  if (actor_ == Actor::kNone) return false;
  GATEHOUSE_ASSIGN_OR_RETURN(session_, FindValidSession(dependencies_, call_, call_.token));
  return false;
}

void MutationCore::NoteSessionUse() const {
  NoteUse(dependencies_, *policy_, *session_, call_.now);
}

absl::Status MutationCore::CommitInto(google::protobuf::Message& response, bool revoking,
                                      AnyBody body) {
  std::optional<MutationScope> scope;
  bool replayed = false;
  absl::Status kept_refusal;
  const auto run = [&](storage::Transaction& transaction) -> absl::Status {
    scope.emplace(transaction, call_, *policy_, dependencies_.decision_journal, action_);
    kept_refusal = absl::OkStatus();
    GATEHOUSE_ASSIGN_OR_RETURN(replayed, ReplayInto(transaction, response));
    if (replayed) return absl::OkStatus();
    absl::Status done = RunBody(transaction, *scope, body);
    if (scope->keeps_refusal()) {
      kept_refusal = std::move(done);
      GATEHOUSE_RETURN_IF_ERROR(AppendAudit(transaction, RefusedEvent(*scope)));
      return RememberRefusal(transaction, scope->audit().target_id, kept_refusal);
    }
    GATEHOUSE_RETURN_IF_ERROR(done);
    return validate_only_ ? absl::CancelledError()
                          : Remember(transaction, scope->audit().target_id, response);
  };
  const absl::Status status = revoking ? dependencies_.accounts.TransactRevoking(run)
                                       : dependencies_.accounts.Transact(run);
  if (validate_only_ && absl::IsCancelled(status)) {
    SecretFields(response.GetDescriptor()).Wipe(response);  // of what nobody will be able to use
    return absl::OkStatus();
  }
  if (absl::IsUnavailable(status) && ReasonOf(status).empty() && !validate_only_) {
    return PerhapsDone();
  }
  if (wrote_ahead_ && absl::IsAborted(status)) return HalfDone();
  if (!status.ok()) return Refuse(scope, status);
  if (!kept_refusal.ok()) return kept_refusal;
  if (replayed) return MakeAllKnown(dependencies_, call_);
  if (scope->revocation().has_value()) {
    GATEHOUSE_ASSIGN_OR_RETURN(revocation_, MakeKnown(dependencies_, call_, *scope->revocation()));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> MutationCore::PreviewInto(google::protobuf::Message& response, AnyBody body) {
  std::optional<MutationScope> scope;
  bool replayed = false;
  const absl::Status status =
      dependencies_.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(replayed, ReplayInto(transaction, response));
        return replayed ? absl::OkStatus() : RunApart(transaction, scope, body);
      });
  if (!status.ok()) return Refuse(scope, status);
  if (replayed) GATEHOUSE_RETURN_IF_ERROR(MakeAllKnown(dependencies_, call_));
  return replayed;
}

absl::Status MutationCore::WriteAhead(AnyBody body) {
  std::optional<MutationScope> scope;
  const absl::Status status =
      dependencies_.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const bool answered, IsAnswered(transaction));
        return answered ? absl::OkStatus() : RunApart(transaction, scope, body);
      });
  if (absl::IsUnavailable(status) && ReasonOf(status).empty()) return PerhapsDone();
  wrote_ahead_ = status.ok();
  return status.ok() ? status : Refuse(scope, status);
}

absl::Status MutationCore::RunApart(storage::Transaction& transaction,
                                    std::optional<MutationScope>& scope, AnyBody body) const {
  scope.emplace(transaction, call_, *policy_, dependencies_.decision_journal, action_);
  if (session_.has_value()) GATEHOUSE_RETURN_IF_ERROR(scope->SetActor(session_->record));
  return body(*scope);
}

absl::Status MutationCore::CommitPart(AnyBody body) {
  std::optional<MutationScope> scope;
  const absl::Status status =
      dependencies_.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(RunApart(transaction, scope, body));
        return validate_only_ ? absl::CancelledError() : absl::OkStatus();
      });
  if (validate_only_ && absl::IsCancelled(status)) return absl::OkStatus();
  if (absl::IsUnavailable(status) && ReasonOf(status).empty()) return PerhapsDone();
  return status.ok() ? status : Refuse(scope, status);
}

absl::Status MutationCore::Refuse(const std::optional<MutationScope>& scope,
                                  const absl::Status& status) {
  if (scope.has_value() && !scope->refusal_reasons().empty()) {
    GATEHOUSE_RETURN_IF_ERROR(AuditRefusal(*scope));
  }
  return FromStore(status);
}

absl::Status MutationCore::RunBody(storage::Transaction& transaction, MutationScope& scope,
                                   AnyBody body) const {
  if (session_.has_value()) GATEHOUSE_RETURN_IF_ERROR(scope.SetActor(session_->record));
  GATEHOUSE_RETURN_IF_ERROR(body(scope));
  storage::AuditRecord audit = scope.audit();
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  return AppendAudit(transaction, std::move(audit));
}

std::optional<v1::Revocation> MutationCore::RecordedRevocation(const MutationScope& scope) const {
  if (validate_only_ || !scope.revocation().has_value()) return std::nullopt;
  v1::Revocation recorded;
  recorded.set_position(scope.revocation()->position);
  recorded.set_epoch(scope.revocation()->min_epoch);
  return recorded;
}

absl::Status MutationCore::AuditRefusal(const MutationScope& scope) {
  storage::AuditRecord audit = RefusedEvent(scope);
  // Where the actor reached is not told by whose log grows; that there is a system is no secret.
  if (scope.has_actor() && !audit.organisation_id.empty() && IsNotPermitted(audit.reasons)) {
    audit.organisation_id = scope.actor().organisation_id;
  }
  if (!session_.has_value()) {
    audit.details.try_emplace(kRefusalCause, absl::StrJoin(audit.reasons, ", "));
  }
  return FromStore(dependencies_.accounts.Transact([&](storage::Transaction& transaction) {
    return session_.has_value() ? AppendAudit(transaction, audit)
                                : server::AuditRefusal(transaction, *policy_, audit);
  }));
}

// --- Replays ---

absl::StatusOr<std::optional<storage::ReplayRecord>> MutationCore::FindReplay(
    storage::Transaction& transaction) const {
  auto replay = transaction.FindReplay(call_.caller, call_.method, request_id_, presenter_);
  if (absl::IsNotFound(replay.status())) return std::nullopt;
  GATEHOUSE_RETURN_IF_ERROR(replay.status());
  if (replay->created_at <= LastExpiredReplay()) return std::nullopt;
  GATEHOUSE_RETURN_IF_ERROR(CheckPayloadMac(dependencies_.keys, payload_, replay->payload_mac));
  return *std::move(replay);
}

absl::StatusOr<bool> MutationCore::ReplayInto(storage::Transaction& transaction,
                                              google::protobuf::Message& response) const {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto replay, FindReplay(transaction));
  if (!replay.has_value()) return false;
  if (!replay->refusal.empty()) return ParseRefusal(replay->refusal);
  if (!response.ParseFromString(replay->response)) {
    return absl::InternalError("a remembered answer cannot be read");
  }
  response.GetReflection()->SetBool(&response,
                                    response.GetDescriptor()->FindFieldByName("replayed"), true);
  return true;
}

absl::StatusOr<bool> MutationCore::IsAnswered(storage::Transaction& transaction) const {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto replay, FindReplay(transaction));
  return replay.has_value();
}

absl::Time MutationCore::LastExpiredReplay() const {
  return call_.now - policy_->Duration(policy::Parameter::kRequestIdLifetime);
}

absl::Status MutationCore::Remember(storage::Transaction& transaction,
                                    const storage::AccountId& told_of,
                                    const google::protobuf::Message& response) const {
  const std::unique_ptr<google::protobuf::Message> remembered(response.New());
  remembered->CopyFrom(response);
  SecretFields(remembered->GetDescriptor()).Wipe(*remembered);
  return PutReplay(transaction,
                   {.response = remembered->SerializeAsString(), .account_id = told_of});
}

absl::Status MutationCore::RememberRefusal(storage::Transaction& transaction,
                                           const storage::AccountId& told_of,
                                           const absl::Status& refusal) const {
  return PutReplay(transaction, {.account_id = told_of, .refusal = SerializeRefusal(refusal)});
}

absl::Status MutationCore::PutReplay(storage::Transaction& transaction,
                                     storage::ReplayRecord replay) const {
  replay.caller = call_.caller;
  replay.method = call_.method;
  replay.request_id = request_id_;
  replay.presenter = presenter_;
  replay.payload_mac = MakePayloadMac(dependencies_.keys, payload_);
  replay.created_at = call_.now;
  const absl::Status put = transaction.PutReplay(replay, LastExpiredReplay());
  return absl::IsAlreadyExists(put) ? Conflict() : put;
}

}  // namespace gatehouse::server
