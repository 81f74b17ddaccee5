// The ways out of a refusal in a person's words: the API names an RPC and who may call it, the
// reader gets a sentence and, where gatehousectl has one, the command to type. Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_MENDS_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_MENDS_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/decision.pb.h"

namespace gatehouse::cli {

struct MendWords {
  std::string sentence;  // "the helpdesk or a local administrator resets the password"
  std::string command;   // "gatehousectl account reset-password asha.patel"; may be empty.
};

MendWords WordsOf(const v1::Mend& mend, const std::string& username, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_MENDS_H_
