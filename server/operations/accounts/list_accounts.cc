// An organisation's accounts. What state an account is in is judged on read, so that the store
// cannot filter by it: accounts are looked at in batches until the page is full.

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "server/operations/account_operations.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ListAccountsRequest;
using Response = v1::ListAccountsResponse;

// So many accounts are looked at for one page, and no more: where the state asked for is rare, the
// page ends short, with a token.
constexpr int kMostLookedAt = 5000;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("organisation_id", request.organisation_id(), Presence::kOptional);
  check.EnumValue("state", request.state(), Presence::kOptional);
  check.EnumValue("role", request.role(), Presence::kOptional);
  check.Name("name_prefix", request.name_prefix(), Presence::kOptional);
  check.Name("name_part", request.name_part(), Presence::kOptional);
  check.PageSize(request.page_size());
  return check.status();
}

struct Page {
  std::vector<storage::AccountRecord> accounts;
  std::string next_after;  // the username after which the next page begins; empty: this is the last
};

// Walks through the store's rows, one batch at a time.
class PageScan {
 public:
  PageScan(Scope& scope, storage::AccountFilter filter, v1::AccountState state, int size)
      : scope_(scope), filter_(std::move(filter)), state_(state), size_(static_cast<size_t>(size)) {
    filter_.limit = size + 1;
  }

  absl::StatusOr<Page> Run() {
    for (int looked_at = 0; looked_at < kMostLookedAt; looked_at += filter_.limit) {
      GATEHOUSE_ASSIGN_OR_RETURN(std::vector<storage::AccountRecord> batch,
                                 scope_.transaction().ListAccounts(filter_));
      const bool is_last = batch.size() < static_cast<size_t>(filter_.limit);
      if (TakeMatching(std::move(batch))) break;
      if (is_last) return std::move(page_);
    }
    page_.next_after = filter_.after_username;
    return std::move(page_);
  }

 private:
  // True once there is an account that belongs on the next page.
  bool TakeMatching(std::vector<storage::AccountRecord> batch) {
    for (storage::AccountRecord& account : batch) {
      const bool matches = Matches(account);
      if (matches && page_.accounts.size() == size_) return true;
      filter_.after_username = account.username;
      if (matches) page_.accounts.push_back(std::move(account));
    }
    return false;
  }

  bool Matches(const storage::AccountRecord& account) const {
    const EffectiveStatus effective = StatusAt(account, scope_.policy(), scope_.call().now);
    if (effective.status == v1::ACCOUNT_STATUS_PURGED) return false;
    return state_ == v1::ACCOUNT_STATE_UNSPECIFIED || StateAt(account, effective) == state_;
  }

  Scope& scope_;
  storage::AccountFilter filter_;
  const v1::AccountState state_;
  const size_t size_;
  Page page_;
};

absl::Status FillPage(Scope& scope, const Request& request, const KeyRing& keys,
                      const storage::OrganisationId& organisation_id, Response& response) {
  const PageTokens tokens(keys, scope.actor().id, request);
  storage::AccountFilter filter{.organisation_id = organisation_id,
                                .role = request.role(),
                                .name_prefix = request.name_prefix(),
                                .name_part = request.name_part()};
  GATEHOUSE_ASSIGN_OR_RETURN(filter.after_username, tokens.Read(request.page_token()));
  PageScan scan(scope, std::move(filter), request.state(),
                PageSize(request.page_size(), scope.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(const Page page, scan.Run());
  response.Clear();
  GATEHOUSE_ASSIGN_OR_RETURN(std::vector<v1::Account> accounts, scope.DescribeAll(page.accounts));
  response.mutable_accounts()->Add(std::make_move_iterator(accounts.begin()),
                                   std::make_move_iterator(accounts.end()));
  if (!page.next_after.empty()) response.set_next_page_token(tokens.Make(page.next_after));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Response> ListAccounts(const Dependencies& dependencies, const CallContext& call,
                                      const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(
      RunQuery(dependencies, call, *policy, policy::Action::LIST_ACCOUNTS,
               [&](Scope& scope) -> absl::Status {
                 GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                                            scope.FindOrganisationOrOwn(request.organisation_id()));
                 GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.FactsAbout(organisation)));
                 return FillPage(scope, request, dependencies.keys, organisation.id, response);
               }));
  return response;
}

}  // namespace gatehouse::server
