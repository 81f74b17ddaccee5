// Sessions, and what became of them, as text for people. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_SESSION_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_SESSION_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/revocation.pb.h"
#include "gatehouse/v1/session.pb.h"
#include "gatehouse/v1/session_service.pb.h"

namespace gatehouse::cli {

// What a person would recognise the session by: "Ward 7 kiosk", else its user agent, else its
// address.
std::string DeviceOf(const v1::Session& session);

std::string RenderSessions(const v1::ListSessionsResponse& list, const Look& look);

std::string RenderValidation(const v1::ValidateSessionResponse& validation, const Look& look);

// "confirmed by 2 of 2 servers in 3 ms".
std::string Confirmation(const v1::Revocation& revocation);

// "3 sessions ended", as far as that is known.
std::string SessionsEnded(const v1::Revocation& revocation);

// "3 sessions ended, confirmed by 2 of 2 servers in 3 ms."
std::string RenderRevocation(const v1::Revocation& revocation);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_SESSION_VIEW_H_
