// Audit events as text for people. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_AUDIT_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_AUDIT_VIEW_H_

#include <map>
#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/audit_service.pb.h"

namespace gatehouse::cli {

// Usernames by account id, as far as they are known; others show their id.
using Usernames = std::map<std::string, std::string>;

std::string RenderAuditEvents(const v1::ListAuditEventsResponse& list, const Usernames& names,
                              const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_AUDIT_VIEW_H_
