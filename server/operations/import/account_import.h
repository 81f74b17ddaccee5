// ImportAccounts: accounts from elsewhere, in bulk.
//
// An import is named by its actor, the calling service and its request_id. Each item that makes an
// account leaves a row beside it, in the same transaction: so whoever sends the items again, after
// whatever broke off, is answered what was made and makes nothing twice. Some items are in one
// transaction, for speed; each still is in wholly or not at all, and one that is refused is a
// result that leaves the others alone. The actor's session and the policy are asked again for every
// part. What is slow, making temporary passwords where no hash came, is done outside, for a few at
// a time, so that no part lasts longer than a call may. An AccountImport belongs to one
// stream.
#ifndef GATEHOUSE_SERVER_OPERATIONS_IMPORT_ACCOUNT_IMPORT_H_
#define GATEHOUSE_SERVER_OPERATIONS_IMPORT_ACCOUNT_IMPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "gatehouse/v1/account_service.pb.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/operations/import/imported_item.h"
#include "server/operations/stream_operation.h"
#include "storage/import_record.h"

namespace gatehouse::server {

class AccountImport final
    : public StreamOperation<v1::ImportAccountsRequest, v1::ImportAccountsResponse> {
 public:
  // `dependencies` outlives this object.
  explicit AccountImport(const Dependencies& dependencies) : dependencies_(dependencies) {}

  absl::StatusOr<size_t> Step(const CallContext& call,
                              absl::Span<const v1::ImportAccountsRequest* const> arrived,
                              std::vector<v1::ImportAccountsResponse>& answers) override;

 private:
  using Request = v1::ImportAccountsRequest;
  using Response = v1::ImportAccountsResponse;
  using ImportMutation = Mutation<Response>;
  using Sources = std::vector<const v1::ImportedAccount*>;
  // By the items' places.
  using Imported = std::map<int64_t, storage::ImportedItemRecord>;
  using Results = std::map<int64_t, Response>;

  absl::Status Begin(const Request& first);
  // The items of the next part; or, where there is none before it, what is wrong with a message.
  absl::StatusOr<Sources> NextSources(absl::Span<const Request* const> arrived) const;
  absl::StatusOr<size_t> TakePart(const CallContext& call, const Sources& sources,
                                  std::vector<Response>& answers);

  // Whether there is anything against it, and which of the items are in.
  absl::StatusOr<Imported> Preview(ImportMutation& mutation, const Sources& sources) const;
  absl::StatusOr<Imported> FindImported(MutationScope& scope, const Sources& sources) const;
  // What an item that is in answers.
  Response Replay(const storage::ImportedItemRecord& imported,
                  const v1::ImportedAccount& item) const;

  // What is told of refused items beside their own faults.
  absl::Status CheckUsernames(std::vector<ImportedItem>& items) const;
  absl::Status Store(ImportMutation& mutation, const Sources& sources,
                     const std::vector<ImportedItem>& items, Results& results) const;
  absl::StatusOr<Response> StoreItem(MutationScope& scope, const ImportedItem& item) const;
  // Of a dry run: nothing that it tried stays, so it has to remember.
  absl::Status TellTwins(const std::vector<ImportedItem>& items, Results& results);

  void Count(const std::vector<Response>& answers) const;
  std::string ImportId(const MutationScope& scope) const;
  std::string PayloadOf(const v1::ImportedAccount& item) const;
  absl::Time LastExpired(const MutationScope& scope) const;

  const Dependencies& dependencies_;
  std::optional<Request::Start> start_;
  storage::OrganisationId organisation_id_;
  int64_t last_place_ = 0;
  absl::flat_hash_set<std::string> tried_usernames_;  // of a dry run
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_IMPORT_ACCOUNT_IMPORT_H_
