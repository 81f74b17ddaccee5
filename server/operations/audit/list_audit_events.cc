#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "policy/vocabulary.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/organisation_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ListAuditEventsRequest;
using Response = v1::ListAuditEventsResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("organisation_id", request.organisation_id(), Presence::kOptional);
  check.Id("target_account_id", request.target_account_id(), Presence::kOptional);
  check.Id("actor_account_id", request.actor_account_id(), Presence::kOptional);
  check.Count("actions", request.actions_size(), 0, v1::Action_descriptor()->value_count());
  for (int i = 0; i < request.actions_size(); ++i) {
    check.EnumValue(absl::StrCat("actions[", i, "]"), request.actions(i), Presence::kRequired);
  }
  check.EnumValue("outcome", request.outcome(), Presence::kOptional);
  check.EnumValue("reason", request.reason(), Presence::kOptional);
  if (request.has_start_time()) check.Instant("start_time", request.start_time());
  if (request.has_end_time()) check.Instant("end_time", request.end_time());
  check.PageSize(request.page_size());
  return check.status();
}

// The log that an empty organisation_id means: the one that the actor keeps an eye on.
storage::OrganisationId LogAskedFor(const Request& request, const storage::AccountRecord& actor) {
  if (!request.organisation_id().empty()) {
    return storage::OrganisationId(request.organisation_id());
  }
  return HoldsRole(actor, v1::ROLE_OPERATOR) ? storage::OrganisationId() : actor.organisation_id;
}

absl::Status CheckMayRead(Scope& scope, const storage::OrganisationId& log) {
  if (log.empty()) return scope.Decide(scope.Facts());
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                             scope.FindOrganisation(log));
  return scope.Decide(scope.FactsAbout(organisation));
}

storage::AuditFilter FilterOf(const Request& request) {
  storage::AuditFilter filter;
  filter.actor_id = storage::AccountId(request.actor_account_id());
  filter.target_id = storage::AccountId(request.target_account_id());
  for (const int action : request.actions()) {
    filter.actions.emplace_back(policy::WordFor(policy::Vocabulary::kAction, action));
  }
  filter.outcome = request.outcome();
  if (request.reason() != v1::ERROR_REASON_UNSPECIFIED) {
    filter.reason = ReasonName(request.reason());
  }
  if (request.has_start_time()) filter.start = FromTimestamp(request.start_time());
  if (request.has_end_time()) filter.end = FromTimestamp(request.end_time());
  return filter;
}

}  // namespace

absl::StatusOr<Response> ListAuditEvents(const Dependencies& dependencies, const CallContext& call,
                                         const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  const int size = PageSize(request.page_size(), *policy);

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::LIST_AUDIT_EVENTS,
      [&](Scope& scope) -> absl::Status {
        storage::AuditFilter filter = FilterOf(request);
        filter.organisation_id = LogAskedFor(request, scope.actor());
        GATEHOUSE_RETURN_IF_ERROR(CheckMayRead(scope, filter.organisation_id));
        const PageTokens tokens(dependencies.keys, scope.actor().id, request);
        GATEHOUSE_ASSIGN_OR_RETURN(const std::string before, tokens.Read(request.page_token()));
        if (!before.empty() && !absl::SimpleAtoi(before, &filter.before_sequence)) {
          return absl::InternalError("a page token of ours holds no sequence");
        }
        filter.limit = size + 1;
        GATEHOUSE_ASSIGN_OR_RETURN(std::vector<storage::AuditRecord> events,
                                   scope.transaction().ListAudit(filter));
        response.Clear();
        if (CutToPage(events, size)) {
          response.set_next_page_token(tokens.Make(absl::StrCat(events.back().sequence)));
        }
        for (const storage::AuditRecord& event : events) *response.add_events() = ToMessage(event);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
