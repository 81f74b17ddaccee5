// The composition root: which concrete classes a serving process consists of, and what is built from
// what. A Server holds all of them, in the order of dependence, and takes them apart backwards.
// Belongs to one thread.
#ifndef GATEHOUSE_SERVER_ASSEMBLY_H_
#define GATEHOUSE_SERVER_ASSEMBLY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "policy/policy.h"
#include "server/config.h"
#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/runtime/log.h"

namespace gatehouse::server {

// What a process has before it knows its settings.
struct Environment {
  const Clock& clock;
  Entropy& entropy;
  const Logger& log;
};

class Server {
 public:
  virtual ~Server() = default;

  // The address that it serves at, with the port that it was given.
  virtual std::string address() const = 0;

  // Has the files of the policy and of breached passwords read again, and does not wait for it; the
  // log tells what came of it.
  virtual void Reload() = 0;

  // Says NOT_SERVING, takes no more calls, lets those at hand finish within `grace`, and returns
  // when none is left.
  virtual void Stop(absl::Duration grace) = 0;
};

// Everything built and serving. INVALID_ARGUMENT, FAILED_PRECONDITION or UNAVAILABLE with a line a
// fault; Redis need not be there yet, health tells of it.
absl::StatusOr<std::unique_ptr<Server>> StartServer(const ServerConfig& config,
                                                    const Environment& environment);

// Reads a policy's file, compiles it and runs its own tests. INVALID_ARGUMENT with every fault.
absl::StatusOr<std::shared_ptr<const policy::Policy>> LoadPolicy(const std::string& path);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_ASSEMBLY_H_
