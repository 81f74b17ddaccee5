// What an operation knows of the call that it answers, and nothing of gRPC.
//
// Made by server/rpc for each call, const from then on, alive until the operation has returned.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_CONTEXT_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_CONTEXT_H_

#include <functional>
#include <string>

#include "absl/time/time.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {

struct CallContext {
  absl::Time now;       // the instant by which everything in the call is judged
  absl::Time deadline;  // the caller's, or ten seconds after `now`; always finite
  std::function<bool()> cancelled = [] { return false; };
  std::string method;    // an RPC's name without its service: "ResecureAccount"
  std::string caller;    // the calling service: its certificate's URI name, or "local"
  SecretString token;    // the actor's session token as presented; empty: none
  std::string trace_id;  // finds the call in the log
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_CONTEXT_H_
