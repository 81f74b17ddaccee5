#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "policy/recording.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policies/policy_difference.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ReplayDecisionsRequest;
using Response = v1::ReplayDecisionsResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  CheckSource("policy", request.policy(), Presence::kRequired, check);
  if (request.has_start_time()) check.Instant("start_time", request.start_time());
  if (request.has_end_time()) check.Instant("end_time", request.end_time());
  check.PageSize(request.page_size());
  return check.status();
}

bool IsAskedFor(const RecordedDecision& recorded, const Request& request) {
  return (!request.has_start_time() || recorded.time >= FromTimestamp(request.start_time())) &&
         (!request.has_end_time() || recorded.time < FromTimestamp(request.end_time()));
}

void Replay(const policy::Policy& policy, const RecordedDecision& recorded, Response& response) {
  const policy::Replay replay =
      policy::DecideAgain(policy, recorded.action, recorded.facts, recorded.decision);
  response.set_decisions_replayed(response.decisions_replayed() + 1);
  if (replay.undecided) response.set_decisions_undecided(response.decisions_undecided() + 1);
  if (replay.change == policy::Change::kNone) return;
  v1::ReplayedDecision& changed = *response.add_changed();
  *changed.mutable_time() = ToTimestamp(recorded.time);
  changed.set_action(static_cast<v1::Action>(recorded.action));
  changed.set_change(ToPolicyChange(replay.change));
  *changed.mutable_recorded() = ToMessage(recorded.decision);
  *changed.mutable_replayed() = ToMessage(replay.decision);
}

}  // namespace

absl::StatusOr<Response> ReplayDecisions(const Dependencies& dependencies, const CallContext& call,
                                         const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  const int size = PageSize(request.page_size(), *policy);

  std::string text;
  std::string cursor;
  storage::AccountId actor;
  GATEHOUSE_RETURN_IF_ERROR(
      RunQuery(dependencies, call, *policy, policy::Action::REPLAY_DECISIONS,
               [&](Scope& scope) -> absl::Status {
                 GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
                 actor = scope.actor().id;
                 const PageTokens tokens(dependencies.keys, actor, request);
                 GATEHOUSE_ASSIGN_OR_RETURN(cursor, tokens.Read(request.page_token()));
                 GATEHOUSE_ASSIGN_OR_RETURN(text, ReadText(scope.transaction(), request.policy()));
                 return absl::OkStatus();
               }));
  int64_t after = 0;
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &after)) {
    return absl::InternalError("a page token of ours holds no sequence");
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const PolicyPtr candidate, Compile(text, policy));

  Response response;
  dependencies.decision_journal.Flush();
  for (const DecisionJournal::Kept& recorded : dependencies.decision_journal.ReadAfter(after)) {
    if (response.changed_size() == size) {
      const PageTokens tokens(dependencies.keys, actor, request);
      response.set_next_page_token(tokens.Make(absl::StrCat(after)));
      break;
    }
    after = recorded->sequence;
    if (IsAskedFor(*recorded, request)) Replay(*candidate, *recorded, response);
  }
  return response;
}

}  // namespace gatehouse::server
