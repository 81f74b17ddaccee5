#include "server/operations/call/actor.h"

#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

absl::StatusOr<storage::FoundSession> Find(const Dependencies& dependencies,
                                           const CallContext& call,
                                           const storage::SessionKey& key) {
  const auto found = std::make_shared<std::promise<absl::StatusOr<storage::FoundSession>>>();
  auto future = found->get_future();
  dependencies.sessions.Find(key, call.deadline,
                             [found](absl::StatusOr<storage::FoundSession> session) {
                               found->set_value(std::move(session));
                             });
  return future.get();
}

}  // namespace

std::optional<storage::SessionKey> KeyOf(const SecretString& token) {
  const auto presented = ParseSessionToken(token.Reveal());
  if (!presented.has_value()) return std::nullopt;
  return storage::SessionKey{storage::AccountId(presented->account_id()), presented->digest};
}

absl::Status ToStatus(const SessionJudgement& judgement) {
  switch (judgement.verdict) {
    case SessionVerdict::kValid:
      return absl::OkStatus();
    case SessionVerdict::kUnavailable:
      return ErrorWithRetry(absl::StatusCode::kUnavailable, v1::ERROR_REASON_LEASE_EXPIRED,
                            "this server has not read the revocation log recently enough to vouch "
                            "for a session; try again",
                            absl::Seconds(1));
    case SessionVerdict::kInvalid:
      break;
  }
  return SessionInvalid();
}

absl::Status FromSessionStore(const absl::Status& status) {
  if (absl::IsNotFound(status)) return SessionInvalid();
  if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) {
    return StoreUnavailable("session store");
  }
  return status;
}

absl::StatusOr<storage::FoundSession> FindValidSession(const Dependencies& dependencies,
                                                       const CallContext& call,
                                                       const SecretString& token) {
  const auto key = KeyOf(token);
  if (!key.has_value()) return SessionInvalid();
  auto found = Find(dependencies, call, *key);
  if (!found.ok()) return FromSessionStore(found.status());
  GATEHOUSE_RETURN_IF_ERROR(ToStatus(dependencies.session_judge.Judge(*found)));
  return found;
}

absl::StatusOr<storage::AccountRecord> RecheckActor(storage::Transaction& transaction,
                                                    const storage::SessionRecord& session) {
  const storage::SessionKey& key = session.key;
  GATEHOUSE_ASSIGN_OR_RETURN(
      const bool revoked,
      transaction.IsSessionRevoked(key.account_id, key.digest, session.epoch, session.position));
  if (revoked) return SessionInvalid();
  auto account = transaction.FindAccount(key.account_id);
  if (absl::IsNotFound(account.status())) return SessionInvalid();
  return account;
}

}  // namespace gatehouse::server
