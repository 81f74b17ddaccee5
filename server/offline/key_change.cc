#include "server/offline/key_change.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "server/offline/open_store.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/key_ring_file.h"
#include "storage/account_store.h"

namespace gatehouse::server {
namespace {

absl::StatusOr<storage::KeyUses> CountUses(const ServerConfig& config,
                                           const Environment& environment,
                                           const std::string& key_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  storage::KeyUses uses;
  GATEHOUSE_RETURN_IF_ERROR(store->Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(uses, transaction.CountKeyUses(key_id));
    return absl::OkStatus();
  }));
  return uses;
}

// What stands against it, and what to do.
std::vector<std::string> Explain(const storage::KeyUses& uses) {
  std::vector<std::string> reasons;
  if (uses.sealed > 0) {
    reasons.push_back(
        absl::StrCat(uses.sealed,
                     " sealed values are under it: the server moves them by itself while it runs "
                     "(gatehouse_rows_under_former_keys)"));
  }
  if (uses.secret_history > 0) {
    reasons.push_back(absl::StrCat(uses.secret_history,
                                   " former account secrets are hashed under it, which cannot be "
                                   "done anew: without it those people could set no secret"));
  }
  if (uses.replays > 0) {
    reasons.push_back(absl::StrCat(uses.replays,
                                   " remembered answers are recognised by it: they are forgotten "
                                   "within two days"));
  }
  if (uses.printed_codes > 0) {
    reasons.push_back(absl::StrCat(uses.printed_codes,
                                   " people's recovery codes are hashed under it, which cannot be "
                                   "done anew: it is needed until they are used or renewed"));
  }
  return reasons;
}

}  // namespace

absl::StatusOr<std::string> DescribeKeys(const ServerConfig& config) {
  GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<KeyDescription> keys, ListKeys(config.keyring()));
  std::string lines;
  for (const KeyDescription& key : keys) {
    absl::StrAppend(&lines, R"({"key_id": ")", key.id, R"(", "purpose": ")", key.purpose_name,
                    R"(", "active": )", key.active ? "true" : "false", R"(, "created_time": ")",
                    absl::FormatTime(absl::RFC3339_sec, key.created, absl::UTCTimeZone()), "\"}\n");
  }
  return lines;
}

absl::Status RetireKey(const ServerConfig& config, const Environment& environment,
                       const std::string& key_id) {
  GATEHOUSE_RETURN_IF_ERROR(CheckRemovable(config.keyring(), key_id));
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::KeyUses uses, CountUses(config, environment, key_id));
  const std::vector<std::string> reasons = Explain(uses);
  if (!reasons.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", key_id, " is still needed: ", absl::StrJoin(reasons, "; ")));
  }
  return RemoveKey(config.keyring(), key_id);
}

}  // namespace gatehouse::server
