// Why somebody cannot get in, as gatehousectl tells it. Pure; thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_TIMELINE_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_TIMELINE_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

// The latest last, as it is told to somebody on the telephone, and what a sign-in would meet now at
// the end, with the ways out.
std::string RenderTimeline(const v1::GetAccountTimelineResponse& response, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_TIMELINE_VIEW_H_
