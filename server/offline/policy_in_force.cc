#include "server/offline/policy_in_force.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "server/offline/open_store.h"
#include "server/operations/policies/policy_activation.h"
#include "server/runtime/status_macros.h"
#include "storage/account_store.h"

namespace gatehouse::server {

absl::StatusOr<std::string> PolicyText(const ServerConfig& config, const Environment& environment) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  GATEHOUSE_ASSIGN_OR_RETURN(storage::PolicyRevisionRecord in_force, RevisionInForce(*store));
  return std::move(in_force.text);
}

absl::StatusOr<std::string> ActivatePolicyFile(const ServerConfig& config,
                                               const Environment& environment,
                                               absl::string_view reason) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(config.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  GATEHOUSE_ASSIGN_OR_RETURN(const std::string before,
                             PutInForceByHand(*store, *policy, reason, environment.clock.Now()));
  const std::string revision = policy->revision().ToString();
  if (before == revision) return absl::StrCat("in force already: ", revision, "\n");
  return absl::StrCat("in force: ", revision, "\nbefore:   ", before, "\n");
}

}  // namespace gatehouse::server
