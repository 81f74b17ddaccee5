#include "clients/cli/views/session_view.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {

std::string DeviceOf(const v1::Session& session) {
  const v1::Client& client = session.client();
  for (const std::string* text :
       {&client.device_label(), &client.user_agent(), &client.ip_address()}) {
    if (!text->empty()) return Printable(*text);
  }
  return "unnamed device";
}

std::string RenderSessions(const v1::ListSessionsResponse& list, const Look& look) {
  if (list.sessions().empty()) return "No session is open.\n";
  Table table({"DEVICE", "ADDRESS", "LEVEL", "SIGNED IN", "LAST USED", "ENDS", "SESSION"});
  for (const v1::Session& session : list.sessions()) {
    table.AddRow(
        {session.current() ? absl::StrCat(DeviceOf(session), " (this one)") : DeviceOf(session),
         session.client().ip_address(),
         {Word(session.level()),
          session.level() == v1::SESSION_LEVEL_FULL ? Tone::kGood : Tone::kWarning},
         look.Moment(session.create_time()),
         look.Moment(session.last_use_time()),
         look.Moment(session.expire_time()),
         Short(session.session_id())});
  }
  return table.Render(look);
}

std::string RenderValidation(const v1::ValidateSessionResponse& validation, const Look& look) {
  const v1::Session& session = validation.session();
  Table table({}, "  ");
  table.AddRow({{"account", Tone::kFaint}, session.account_id()});
  table.AddRow({{"organisation", Tone::kFaint}, validation.organisation_id()});
  for (const v1::RoleGrant& grant : validation.roles()) {
    table.AddRow({{"role", Tone::kFaint}, Word(grant.role())});
  }
  if (!session.required_actions().empty()) {
    table.AddRow({{"to do", Tone::kFaint}, ActionsInWords(session.required_actions())});
  }
  table.AddRow({{"ends", Tone::kFaint},
                absl::StrCat(look.Moment(session.expire_time()), ", or after ",
                             Span(session.idle_timeout()), " without use")});
  table.AddRow({{"answered", Tone::kFaint},
                absl::StrCat("from the ", Word(validation.served_from()),
                             ", revocation log read to ", validation.log_position())});
  return absl::StrCat(look.Paint(Tone::kGood, "Valid"), ", ", Word(session.level()), "\n",
                      table.Render(look));
}

std::string Confirmation(const v1::Revocation& revocation) {
  const int servers = revocation.confirmed_servers() + revocation.silent_servers();
  return absl::StrCat("confirmed by ", revocation.confirmed_servers(), " of ",
                      Count(servers, "server"), " in ", Span(revocation.duration()));
}

std::string SessionsEnded(const v1::Revocation& revocation) {
  if (!revocation.has_sessions_revoked()) return "all sessions ended (how many is not known now)";
  return absl::StrCat(Count(revocation.sessions_revoked(), "session"), " ended");
}

std::string RenderRevocation(const v1::Revocation& revocation) {
  return absl::StrCat(SessionsEnded(revocation), ", ", Confirmation(revocation), ".\n");
}

}  // namespace gatehouse::cli
