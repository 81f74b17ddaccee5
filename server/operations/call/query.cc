#include "server/operations/call/query.h"

#include "server/operations/call/actor.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status RunQuery(const Dependencies& dependencies, const CallContext& call,
                      const policy::Policy& policy, policy::Action::Value action,
                      absl::FunctionRef<absl::Status(Scope&)> body) {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::FoundSession session,
                             FindValidSession(dependencies, call, call.token));
  return FromStore(dependencies.accounts.Read([&](storage::Transaction& transaction) {
    Scope scope(transaction, call, policy, dependencies.decision_journal, action);
    GATEHOUSE_RETURN_IF_ERROR(scope.SetActor(session.record));
    return body(scope);
  }));
}

}  // namespace gatehouse::server
