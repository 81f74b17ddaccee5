// `gatehouse-server policy show` and `policy activate`: what can be done about the policy in force
// while no server understands it. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_POLICY_IN_FORCE_H_
#define GATEHOUSE_SERVER_OFFLINE_POLICY_IN_FORCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/assembly.h"
#include "server/config.h"

namespace gatehouse::server {

// The text of the policy in force, whether a server of this version understands it or not.
absl::StatusOr<std::string> PolicyText(const ServerConfig& config, const Environment& environment);

// Puts the file of --policy in force, if it is sound and its tests pass: the way out where the
// policy in force is not one that the server understands, and it does not start. Leaves an event in
// the system's audit log. What to tell the operator.
absl::StatusOr<std::string> ActivatePolicyFile(const ServerConfig& config,
                                               const Environment& environment,
                                               absl::string_view reason);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_POLICY_IN_FORCE_H_
