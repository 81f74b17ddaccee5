// What each method of the contract does, and on which lane: a line a method. Used once,
// before the server starts.
#ifndef GATEHOUSE_SERVER_RPC_BINDINGS_H_
#define GATEHOUSE_SERVER_RPC_BINDINGS_H_

#include "server/operations/dependencies.h"
#include "server/rpc/call_bridge.h"
#include "server/runtime/lane.h"

namespace gatehouse::server {

// Apart from each other, so that none has to wait behind another's jobs. All must outlive the
// bridge.
struct Lanes {
  Lane& store;     // reads and writes the database, and never hashes
  Lane& sign_in;   // hashes, for whoever comes
  Lane& hashing;   // hashes, for those who have signed in: a storm of sign-ins must not hold up the
                   // containment of one account
  Lane& analysis;  // compiles and compares policies, for operators: seconds of work a job
};

// Binds all methods that this version has. `dependencies` must outlive the bridge.
void BindOperations(CallBridge& bridge, const Dependencies& dependencies, const Lanes& lanes);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_BINDINGS_H_
