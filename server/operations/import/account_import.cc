#include "server/operations/import/account_import.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sodium/crypto_hash_sha256.h"

#include "server/operations/accounts/new_account.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/payload_mac.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/hashing.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

// One transaction's worth: more would be hardly faster, and hold up other writers for longer.
constexpr size_t kItemsAPart = 100;
// Each takes tens of milliseconds to hash.
constexpr int kPasswordsAPart = 16;
constexpr size_t kMostTried = 1'000'000;  // items of a dry run

absl::Status BadMessage(absl::string_view field, absl::string_view fault) {
  FieldFaults faults;
  faults.Add(field, fault);
  return faults.ToStatus();
}

}  // namespace

absl::StatusOr<size_t> AccountImport::Step(const CallContext& call,
                                           absl::Span<const Request* const> arrived,
                                           std::vector<Response>& answers) {
  size_t taken = 0;
  if (!start_.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(Begin(*arrived.front()));
    taken = 1;
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const Sources sources, NextSources(arrived.subspan(taken)));
  GATEHOUSE_ASSIGN_OR_RETURN(const size_t items, TakePart(call, sources, answers));
  if (items > 0) last_place_ = sources[items - 1]->item();
  Count(answers);
  return taken + items;
}

absl::Status AccountImport::Begin(const Request& first) {
  if (!first.has_start()) return BadMessage("start", "must be the first message");
  RequestCheck check(*dependencies_.policies.Get());
  check.Id("start.organisation_id", first.start().organisation_id(), Presence::kRequired);
  check.RequestId(first.start().request_id());
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  start_ = first.start();
  organisation_id_ = storage::OrganisationId(start_->organisation_id());
  return absl::OkStatus();
}

absl::StatusOr<AccountImport::Sources> AccountImport::NextSources(
    absl::Span<const Request* const> arrived) const {
  Sources sources;
  int64_t before = last_place_;
  for (const Request* request : arrived) {
    if (sources.size() == kItemsAPart) break;
    absl::Status fault;
    if (!request->has_account()) {
      fault = BadMessage("account", "must be every message but the first");
    } else if (request->account().item() <= before) {
      fault = BadMessage("account.item", "must be greater than that of the item before, from 1 on");
    }
    if (!fault.ok()) {
      if (sources.empty()) return fault;
      break;  // those before it are taken first
    }
    before = request->account().item();
    sources.push_back(&request->account());
  }
  return sources;
}

absl::StatusOr<size_t> AccountImport::TakePart(const CallContext& call, const Sources& sources,
                                               std::vector<Response>& answers) {
  ImportMutation mutation(dependencies_, call, policy::Action::IMPORT_ACCOUNTS, *start_);
  GATEHOUSE_RETURN_IF_ERROR(mutation.Begin().status());
  mutation.NoteSessionUse();
  GATEHOUSE_ASSIGN_OR_RETURN(const Imported imported, Preview(mutation, sources));

  Results results;
  std::vector<ImportedItem> items;
  size_t taken = 0;
  for (int passwords = 0; taken < sources.size() && passwords < kPasswordsAPart; ++taken) {
    const v1::ImportedAccount& source = *sources[taken];
    if (const auto earlier = imported.find(source.item()); earlier != imported.end()) {
      results[source.item()] = Replay(earlier->second, source);
      continue;
    }
    ImportedItem item(dependencies_, mutation.policy(), organisation_id_, source, call.now);
    if (item.needs_password() && !start_->validate_only()) {
      // What is made by now is not thrown away for one that has to wait: the next step begins
      // there.
      const absl::Time enough = call.now + (call.deadline - call.now) / 2;
      absl::StatusOr<HashPermit> permit =
          taken == 0 ? AcquirePermit(dependencies_, call)
                     : dependencies_.hash_gate.Acquire(enough, call.cancelled);
      if (!permit.ok() && taken > 0) break;
      GATEHOUSE_RETURN_IF_ERROR(permit.status());
      GATEHOUSE_ASSIGN_OR_RETURN(
          NewPassword password,
          NewPassword::Generated(dependencies_, *permit, mutation.policy(),
                                 FromMessage(source.profile()), item.username()));
      item.GivePassword(std::move(password));
      ++passwords;
    }
    items.push_back(std::move(item));
  }
  GATEHOUSE_RETURN_IF_ERROR(Store(mutation, sources, items, results));
  // Afterwards: what was stored just now has its name. It is told whatever comes of this, for its
  // password is told once.
  const absl::Status checked = CheckUsernames(items);
  if (!checked.ok() && results.empty()) return checked;
  for (const ImportedItem& item : items) {
    if (item.is_refused()) results[item.source().item()] = item.Result();
  }
  if (start_->validate_only()) GATEHOUSE_RETURN_IF_ERROR(TellTwins(items, results));
  for (auto& [place, result] : results) answers.push_back(std::move(result));
  return taken;
}

absl::StatusOr<AccountImport::Imported> AccountImport::Preview(ImportMutation& mutation,
                                                               const Sources& sources) const {
  Imported imported;
  const auto previewed = mutation.Preview([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_RETURN_IF_ERROR(DecideNewAccounts(scope, organisation_id_));
    GATEHOUSE_ASSIGN_OR_RETURN(imported, FindImported(scope, sources));
    return absl::OkStatus();
  });
  GATEHOUSE_RETURN_IF_ERROR(previewed.status());
  return imported;
}

absl::StatusOr<AccountImport::Imported> AccountImport::FindImported(MutationScope& scope,
                                                                    const Sources& sources) const {
  Imported imported;
  if (sources.empty()) return imported;
  GATEHOUSE_ASSIGN_OR_RETURN(
      std::vector<storage::ImportedItemRecord> rows,
      scope.transaction().ListImportedItems({.import_id = ImportId(scope),
                                             .first = sources.front()->item(),
                                             .last = sources.back()->item()}));
  for (storage::ImportedItemRecord& row : rows) {
    if (row.imported_at > LastExpired(scope)) imported.emplace(row.item, std::move(row));
  }
  return imported;
}

AccountImport::Response AccountImport::Replay(const storage::ImportedItemRecord& imported,
                                              const v1::ImportedAccount& item) const {
  std::string payload = PayloadOf(item);
  const absl::Status same = CheckPayloadMac(dependencies_.keys, payload, imported.payload_mac);
  WipeString(payload);
  if (ReasonOf(same) == ReasonName(v1::ERROR_REASON_REQUEST_ID_REUSED)) {
    return RefusedItem(
        item.item(),
        {Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REQUEST_ID_REUSED,
               absl::StrCat("item ", item.item(),
                            " of this import was already imported as another account; put this "
                            "one at the end, as an item of its own"))});
  }
  if (!same.ok()) return RefusedItem(item.item(), {same});
  Response replay;
  replay.set_item(item.item());
  replay.set_account_id(imported.account_id.value());
  replay.set_replayed(true);
  return replay;
}

absl::Status AccountImport::CheckUsernames(std::vector<ImportedItem>& items) const {
  const auto is_in_question = [](const ImportedItem& item) {
    return item.is_refused() && !item.username().empty();
  };
  if (std::ranges::none_of(items, is_in_question)) return absl::OkStatus();
  std::vector<bool> taken(items.size());
  GATEHOUSE_RETURN_IF_ERROR(
      FromStore(dependencies_.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        for (size_t i = 0; i < items.size(); ++i) {
          if (!is_in_question(items[i])) continue;
          const absl::Status free = transaction.CheckUsernameFree(items[i].username());
          if (!free.ok() && !absl::IsAlreadyExists(free)) return free;
          taken[i] = !free.ok();
        }
        return absl::OkStatus();
      })));
  for (size_t i = 0; i < items.size(); ++i) {
    if (taken[i]) items[i].Refuse(UsernameTaken());
  }
  return absl::OkStatus();
}

absl::Status AccountImport::Store(ImportMutation& mutation, const Sources& sources,
                                  const std::vector<ImportedItem>& items, Results& results) const {
  if (std::ranges::all_of(items, &ImportedItem::is_refused)) return absl::OkStatus();
  return mutation.CommitPart([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_RETURN_IF_ERROR(DecideNewAccounts(scope, organisation_id_));
    // The same import may run twice at once.
    GATEHOUSE_ASSIGN_OR_RETURN(const Imported imported, FindImported(scope, sources));
    for (const ImportedItem& item : items) {
      if (item.is_refused()) continue;
      Response& result = results[item.source().item()];
      if (const auto other = imported.find(item.source().item()); other != imported.end()) {
        result = Replay(other->second, item.source());
      } else {
        GATEHOUSE_ASSIGN_OR_RETURN(result, StoreItem(scope, item));
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<AccountImport::Response> AccountImport::StoreItem(MutationScope& scope,
                                                                 const ImportedItem& item) const {
  const absl::Status inserted = item.Insert(scope, start_->request_id());
  if (IsUsernameTaken(inserted)) return item.Result(inserted);
  GATEHOUSE_RETURN_IF_ERROR(inserted);
  std::string payload = PayloadOf(item.source());
  std::string mac = MakePayloadMac(dependencies_.keys, payload);
  WipeString(payload);
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutImportedItem({.import_id = ImportId(scope),
                                                                 .item = item.source().item(),
                                                                 .account_id = item.account_id(),
                                                                 .payload_mac = std::move(mac),
                                                                 .imported_at = scope.call().now},
                                                                LastExpired(scope)));
  Response result = item.Result();
  if (start_->validate_only()) result.clear_account_id();
  return result;
}

absl::Status AccountImport::TellTwins(const std::vector<ImportedItem>& items, Results& results) {
  if (tried_usernames_.size() + items.size() > kMostTried) {
    return BadMessage("start.validate_only",
                      absl::StrCat("tries at most ", kMostTried, " accounts at once"));
  }
  for (const ImportedItem& item : items) {
    Response& result = results[item.source().item()];
    if (!result.reasons().empty() || tried_usernames_.insert(item.username()).second) continue;
    result = item.Result(UsernameTaken());
  }
  return absl::OkStatus();
}

void AccountImport::Count(const std::vector<Response>& answers) const {
  const auto count = [&](const char* outcome, auto is_so) {
    dependencies_.metrics
        .ForCounter("gatehouse_imported_accounts_total",
                    "Accounts that imports brought, by what became of them.",
                    {{"outcome", outcome}})
        .Increment(static_cast<uint64_t>(std::ranges::count_if(answers, is_so)));
  };
  count("made", [](const Response& r) { return r.reasons().empty() && !r.replayed(); });
  count("replayed", [](const Response& r) { return r.replayed(); });
  count("refused", [](const Response& r) { return !r.reasons().empty(); });
}

std::string AccountImport::ImportId(const MutationScope& scope) const {
  const std::string name =
      absl::StrCat(scope.call().caller, "\n", scope.actor().id.value(), "\n", start_->request_id());
  std::array<uint8_t, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const uint8_t*>(name.data()), name.size());
  return Base64UrlEncode(digest);
}

std::string AccountImport::PayloadOf(const v1::ImportedAccount& item) const {
  return absl::StrCat(organisation_id_.value(), "\n", CanonicalBytes(item));
}

absl::Time AccountImport::LastExpired(const MutationScope& scope) const {
  return scope.call().now - scope.policy().Duration(policy::Parameter::kRequestIdLifetime);
}

}  // namespace gatehouse::server
