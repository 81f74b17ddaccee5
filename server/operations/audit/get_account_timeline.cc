#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "server/operations/account_operations.h"
#include "server/operations/audit/timeline.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::GetAccountTimelineRequest;
using Response = v1::GetAccountTimelineResponse;
using storage::TimelinePlace;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  if (request.has_start_time()) check.Instant("start_time", request.start_time());
  if (request.has_end_time()) check.Instant("end_time", request.end_time());
  check.PageSize(request.page_size());
  return check.status();
}

std::string ToCursor(const TimelinePlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.time), " ", place.sequence);
}

absl::StatusOr<std::optional<TimelinePlace>> FromCursor(const std::string& cursor) {
  if (cursor.empty()) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(cursor, ' ');
  int64_t micros = 0;
  TimelinePlace place;
  if (!absl::SimpleAtoi(parts.first, &micros) || !absl::SimpleAtoi(parts.second, &place.sequence)) {
    return absl::InternalError("a page token of ours holds no place");
  }
  place.time = absl::FromUnixMicros(micros);
  return place;
}

absl::StatusOr<TimelineQuestion> QuestionOf(Scope& scope, const Request& request,
                                            const PageTokens& tokens,
                                            const storage::AccountId& account_id) {
  TimelineQuestion question;
  GATEHOUSE_ASSIGN_OR_RETURN(question.account, scope.transaction().FindAccount(account_id));
  if (request.has_start_time()) question.start = FromTimestamp(request.start_time());
  if (request.has_end_time()) question.end = FromTimestamp(request.end_time());
  GATEHOUSE_ASSIGN_OR_RETURN(const std::string cursor, tokens.Read(request.page_token()));
  GATEHOUSE_ASSIGN_OR_RETURN(question.before, FromCursor(cursor));
  question.size = PageSize(request.page_size(), scope.policy());
  question.own = scope.actor().id == account_id;
  return question;
}

absl::Status Answer(Scope& scope, const Request& request, const KeyRing& keys,
                    const storage::AccountRecord& account, Response& response) {
  const PageTokens tokens(keys, scope.actor().id, request);
  GATEHOUSE_ASSIGN_OR_RETURN(TimelineQuestion question,
                             QuestionOf(scope, request, tokens, account.id));
  std::optional<TimelinePlace> next;
  GATEHOUSE_ASSIGN_OR_RETURN(std::vector<v1::TimelineEntry> entries,
                             Timeline(scope, std::move(question)).Read(next));
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision sign_in, scope.DecideSignIn(account));
  response.Clear();
  for (v1::TimelineEntry& entry : entries) *response.add_entries() = std::move(entry);
  GATEHOUSE_ASSIGN_OR_RETURN(*response.mutable_account(), scope.Describe(account));
  *response.mutable_sign_in() = ToMessage(sign_in);
  if (next.has_value()) response.set_next_page_token(tokens.Make(ToCursor(*next)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Response> GetAccountTimeline(const Dependencies& dependencies,
                                            const CallContext& call, const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(
      RunQuery(dependencies, call, *policy, policy::Action::GET_ACCOUNT_TIMELINE,
               [&](Scope& scope) -> absl::Status {
                 GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account,
                                            scope.FindAccountOrOwn(request.account_id()));
                 GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(account));
                 return Answer(scope, request, dependencies.keys, account, response);
               }));
  return response;
}

}  // namespace gatehouse::server
