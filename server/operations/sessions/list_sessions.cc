// An account's live sessions. The session store may still hold what the log has ended: each one is
// judged as a validation would judge it.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "server/operations/call/actor.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ListSessionsRequest;
using Response = v1::ListSessionsResponse;
using storage::ListedSession;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  check.PageSize(request.page_size());
  return check.status();
}

// Where a session stands in the list: the newest first, and in a fixed order among those of the
// same instant.
struct Place {
  int64_t created = 0;  // microseconds
  std::string session_id;

  bool IsBefore(const Place& other) const {
    return created != other.created ? created > other.created : session_id < other.session_id;
  }
};

Place PlaceOf(const ListedSession& listed) {
  const storage::SessionRecord& record = listed.session.record;
  return {.created = absl::ToUnixMicros(record.created_at),
          .session_id = record.key.digest.ToSessionId()};
}

std::string ToCursor(const Place& place) {
  return absl::StrCat(place.created, " ", place.session_id);
}

absl::StatusOr<Place> FromCursor(absl::string_view cursor) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(cursor, absl::MaxSplits(' ', 1));
  Place place{.session_id = std::string(parts.second)};
  if (!absl::SimpleAtoi(parts.first, &place.created)) {
    return absl::InternalError("a page token of ours holds no place in the list");
  }
  return place;
}

// Those that are good now, in order.
absl::StatusOr<std::vector<ListedSession>> LiveSessions(const Dependencies& dependencies,
                                                        const CallContext& call,
                                                        const storage::AccountId& account_id) {
  auto listed = dependencies.sessions.List(account_id, call.deadline);
  if (!listed.ok()) return FromSessionStore(listed.status());
  std::vector<ListedSession> live;
  for (ListedSession& session : *listed) {
    const SessionJudgement judgement = dependencies.session_judge.Judge(session.session);
    if (judgement.verdict == SessionVerdict::kUnavailable) return ToStatus(judgement);
    if (judgement.verdict == SessionVerdict::kValid) live.push_back(std::move(session));
  }
  std::sort(live.begin(), live.end(), [](const ListedSession& a, const ListedSession& b) {
    return PlaceOf(a).IsBefore(PlaceOf(b));
  });
  return live;
}

absl::Status DropUpTo(absl::string_view cursor, std::vector<ListedSession>& sessions) {
  if (cursor.empty()) return absl::OkStatus();
  GATEHOUSE_ASSIGN_OR_RETURN(const Place last, FromCursor(cursor));
  std::erase_if(sessions,
                [&](const ListedSession& session) { return !last.IsBefore(PlaceOf(session)); });
  return absl::OkStatus();
}

// Who asks for whose sessions, once that is allowed.
struct Question {
  storage::AccountId account_id;
  storage::SessionKey asking;
};

absl::StatusOr<Question> CheckMayRead(const Dependencies& dependencies, const CallContext& call,
                                      const Request& request, const policy::Policy& policy) {
  Question question;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, policy, policy::Action::LIST_SESSIONS, [&](Scope& scope) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account,
                                   scope.FindAccountOrOwn(request.account_id()));
        question = {.account_id = account.id, .asking = scope.session().key};
        return scope.DecideAbout(account);
      }));
  return question;
}

}  // namespace

absl::StatusOr<Response> ListSessions(const Dependencies& dependencies, const CallContext& call,
                                      const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  GATEHOUSE_ASSIGN_OR_RETURN(const Question question,
                             CheckMayRead(dependencies, call, request, *policy));
  const PageTokens tokens(dependencies.keys, question.asking.account_id, request);
  GATEHOUSE_ASSIGN_OR_RETURN(const std::string cursor, tokens.Read(request.page_token()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::vector<ListedSession> sessions,
                             LiveSessions(dependencies, call, question.account_id));
  GATEHOUSE_RETURN_IF_ERROR(DropUpTo(cursor, sessions));

  Response response;
  if (CutToPage(sessions, PageSize(request.page_size(), *policy))) {
    response.set_next_page_token(tokens.Make(ToCursor(PlaceOf(sessions.back()))));
  }
  for (const ListedSession& listed : sessions) {
    v1::Session& session = *response.add_sessions();
    session = ToMessage(listed.session);
    *session.mutable_client() = ToMessage(listed.client);
    session.set_current(listed.session.record.key.digest == question.asking.digest);
  }
  return response;
}

}  // namespace gatehouse::server
