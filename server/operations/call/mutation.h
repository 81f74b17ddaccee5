// The way of one mutation, the same for all: an earlier answer to the same request is looked up,
// the actor established, what is slow done outside; then one transaction, in which facts are
// gathered, the policy is asked, what was relied on is checked again, and effects, revocations,
// audit and the remembered answer are written; then, and only then, the revocation is made known.
//
//   Mutation<v1::UnlockAccountResponse> mutation(dependencies, call, Action::UNLOCK_ACCOUNT,
//                                                request);
//   ... check the request's fields by mutation.policy() ...
//   GATEHOUSE_ASSIGN_OR_RETURN(auto replay, mutation.Begin());
//   if (replay.has_value()) return *std::move(replay);
//   ... hash ...
//   return mutation.Commit([&](MutationScope& scope, v1::UnlockAccountResponse& response) {...});
//
// A refused mutation changes nothing by construction: its transaction is rolled back, and its audit
// event is written in one of its own, or where nobody is signed in, counted with those alike; but
// for a guess, which is on record before it is answered, and answered alike when it is repeated. A
// Mutation belongs to one call and one thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "gatehouse/v1/revocation.pb.h"
#include "policy/policy.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "storage/account_store.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// What does not depend on the type of the answer.
class MutationCore {
 public:
  // Where there is none, a token that comes with the call gives nothing and is not looked at:
  // whoever still holds a dead one signs in, or recovers, all the same.
  enum class Actor { kRequired, kNone };
  // What runs in a transaction of the mutation's, perhaps more than once.
  using AnyBody = absl::FunctionRef<absl::Status(MutationScope&)>;

  // The policy that judges the whole call.
  const policy::Policy& policy() const { return *policy_; }
  const std::shared_ptr<const policy::Policy>& shared_policy() const { return policy_; }
  // The session that the actor presented; after Begin.
  const storage::SessionRecord& session() const { return session_->record; }
  // Counts as a use of it: for an operation that goes on for longer than a session may lie idle.
  void NoteSessionUse() const;

  // Runs `body`, which may write, in a transaction of its own ahead of the commit: for what must be
  // on record, whatever happens then, before anything else is tried. Does nothing where the same
  // request has been answered meanwhile. What it refuses is audited; what it writes is not: the
  // commit's event tells.
  absl::Status WriteAhead(AnyBody body);

  // Runs one part of an operation that is done, and answered, in parts, in a transaction of its
  // own, perhaps more than once: a body says itself what is to be audited and remembered. With
  // validate_only nothing stays.
  absl::Status CommitPart(AnyBody body);

  // Whether the same request has been answered since Begin, by a duplicate of this call: its commit
  // will find that answer and do nothing. For what is done for good before the commit.
  absl::StatusOr<bool> IsAnswered(storage::Transaction& transaction) const;

  // The proof of what CommitRevoking revoked; nothing with validate_only and for a replay.
  const std::optional<v1::Revocation>& revocation() const { return revocation_; }

 protected:
  MutationCore(const Dependencies& dependencies, const CallContext& call,
               policy::Action::Value action, const google::protobuf::Message& request,
               absl::string_view request_id, bool validate_only, Actor actor);
  ~MutationCore();
  MutationCore(const MutationCore&) = delete;
  MutationCore& operator=(const MutationCore&) = delete;

  // True if `response` was filled with the answer to an earlier call.
  absl::StatusOr<bool> BeginInto(google::protobuf::Message& response);
  absl::StatusOr<bool> PreviewInto(google::protobuf::Message& response, AnyBody body);
  absl::Status CommitInto(google::protobuf::Message& response, bool revoking, AnyBody body);
  // What a remembered answer tells of a revocation: what is known before it is proven.
  std::optional<v1::Revocation> RecordedRevocation(const MutationScope& scope) const;

 private:
  absl::StatusOr<std::optional<storage::ReplayRecord>> FindReplay(
      storage::Transaction& transaction) const;
  // True if `response` was filled with the answer to an earlier call; an error if that was one.
  absl::StatusOr<bool> ReplayInto(storage::Transaction& transaction,
                                  google::protobuf::Message& response) const;
  absl::Status Remember(storage::Transaction& transaction, const storage::AccountId& told_of,
                        const google::protobuf::Message& response) const;
  absl::Status RememberRefusal(storage::Transaction& transaction, const storage::AccountId& told_of,
                               const absl::Status& refusal) const;
  // With everything that tells it is this call's.
  absl::Status PutReplay(storage::Transaction& transaction, storage::ReplayRecord replay) const;
  // An answer from then or before is as good as forgotten.
  absl::Time LastExpiredReplay() const;
  absl::Status RunBody(storage::Transaction& transaction, MutationScope& scope, AnyBody body) const;
  // In a transaction that is not the commit's.
  absl::Status RunApart(storage::Transaction& transaction, std::optional<MutationScope>& scope,
                        AnyBody body) const;
  // What a failed transaction answers, its refusal audited if it was one.
  absl::Status Refuse(const std::optional<MutationScope>& scope, const absl::Status& status);
  absl::Status AuditRefusal(const MutationScope& scope);

  const Dependencies& dependencies_;
  const CallContext& call_;
  const policy::Action::Value action_;
  const std::string request_id_;
  const bool validate_only_;
  const Actor actor_;
  const std::shared_ptr<const policy::Policy> policy_;
  std::string presenter_;
  std::string payload_;  // holds the request's secrets: wiped at the end
  std::optional<storage::FoundSession> session_;
  std::optional<v1::Revocation> revocation_;
  bool wrote_ahead_ = false;
};

template <typename Response>
class Mutation : public MutationCore {
 public:
  template <typename Request>
  Mutation(const Dependencies& dependencies, const CallContext& call, policy::Action::Value action,
           const Request& request, Actor actor = Actor::kRequired)
      : MutationCore(dependencies, call, action, request, request.request_id(),
                     ValidateOnly(request), actor) {}

  using Body = absl::FunctionRef<absl::Status(MutationScope&, Response&)>;

  // The answer to an earlier call, or nothing once the actor is established. UNAUTHENTICATED,
  // INVALID_ARGUMENT / REQUEST_ID_REUSED, UNAVAILABLE.
  absl::StatusOr<std::optional<Response>> Begin() {
    Response response;
    return FilledIf(BeginInto(response), response);
  }

  // Runs `body`, which gathers facts and decides but writes nothing, on a current snapshot: so that
  // nothing is hashed or compared for whom it would be refused anyway. What it refuses is audited.
  // Runs nothing where a duplicate of this call has been answered since Begin: its answer.
  absl::StatusOr<std::optional<Response>> Preview(AnyBody body) {
    Response response;
    return FilledIf(PreviewInto(response, body), response);
  }

  // Runs `body`, perhaps more than once, each time on an empty response. With validate_only nothing
  // stays.
  absl::StatusOr<Response> Commit(Body body) { return Commit(false, body); }
  // As Commit, for a body that writes to the revocation log: answers when every server knows, and
  // says so in the response.
  absl::StatusOr<Response> CommitRevoking(Body body) { return Commit(true, body); }

 private:
  static absl::StatusOr<std::optional<Response>> FilledIf(const absl::StatusOr<bool>& replayed,
                                                          Response& response) {
    if (!replayed.ok()) return replayed.status();
    return *replayed ? std::optional(std::move(response)) : std::nullopt;
  }

  absl::StatusOr<Response> Commit(bool revoking, Body body) {
    Response response;
    const absl::Status committed = CommitInto(response, revoking, [&](MutationScope& scope) {
      response.Clear();
      const absl::Status done = body(scope, response);
      if (done.ok()) TellRevocation(RecordedRevocation(scope), response);
      return done;
    });
    if (!committed.ok()) return committed;
    TellRevocation(revocation(), response);
    return response;
  }

  // Where the response has a place for it.
  static void TellRevocation(const std::optional<v1::Revocation>& revocation, Response& response) {
    if (!revocation.has_value()) return;
    if constexpr (requires { response.mutable_revocation(); }) {
      *response.mutable_revocation() = *revocation;
    } else if constexpr (requires { response.mutable_receipt(); }) {
      *response.mutable_receipt()->mutable_revocation() = *revocation;
    }
  }

  template <typename Request>
  static bool ValidateOnly(const Request& request) {
    if constexpr (requires { request.validate_only(); }) {
      return request.validate_only();
    } else {
      return false;
    }
  }
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_H_
