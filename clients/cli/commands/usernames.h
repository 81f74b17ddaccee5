// The usernames that a view shows in place of account ids.
#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_USERNAMES_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_USERNAMES_H_

#include <set>
#include <string>

#include "clients/cli/invocation.h"
#include "clients/cli/views/audit_view.h"

namespace gatehouse::cli {

// One call an id, and none where programs read. Left out: the empty id, and whom the reader may not
// see.
Usernames FindUsernames(const std::set<std::string>& account_ids, Invocation& invocation);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_USERNAMES_H_
