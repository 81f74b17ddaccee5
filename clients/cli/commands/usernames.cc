#include "clients/cli/commands/usernames.h"

#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {

Usernames FindUsernames(const std::set<std::string>& account_ids, Invocation& invocation) {
  Usernames names;
  if (invocation.settings().json) return names;
  for (const std::string& id : account_ids) {
    if (id.empty()) continue;
    v1::GetAccountRequest request;
    request.set_account_id(id);
    const auto found = invocation.TryCall(&v1::AccountService::Stub::GetAccount, request);
    if (found.has_value()) names[id] = found->account().username();
  }
  return names;
}

}  // namespace gatehouse::cli
