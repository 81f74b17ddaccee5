#include "tests/bench/people.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

#include "storage/sql/sql_account_store.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using storage::AccountStore;
using storage::Transaction;

constexpr int kAccountsATransaction = 10'000;
constexpr char kAupVersion[] = "2026-01";

std::uint64_t Spread(int account) {
  return static_cast<std::uint64_t>(account) * 0x9e3779b97f4a7c15u;
}

absl::Status InsertOrganisation(Transaction& transaction, const People& people, int account) {
  const storage::OrganisationId id = OrganisationOf(people, account);
  return transaction.InsertOrganisation({.id = id,
                                         .display_name = absl::StrCat("Trust ", id.value()),
                                         .nas_managed = false,
                                         .password_scope = v1::PASSWORD_SCOPE_SEAMLESS,
                                         .created_at = people.now,
                                         .row_version = 1});
}

}  // namespace

std::string PhcOf(const std::string& password, const server::Argon2Parameters& parameters) {
  server::PhcHash hash{.parameters = parameters,
                       .salt = std::vector<uint8_t>(server::PhcHash::kSaltSize, 7),
                       .tag = std::vector<uint8_t>(server::PhcHash::kTagSize)};
  server::Argon2Workspace workspace;
  const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(password.data()),
                                        password.size());
  Require(workspace.Compute(bytes, hash.salt, parameters, absl::MakeSpan(hash.tag)));
  return server::FormatPhc(hash);
}

storage::OrganisationId OrganisationOf(const People& people, int account) {
  return storage::OrganisationId(absl::WebSafeBase64Escape(
      absl::StrFormat("organisation%04x", account / people.organisation_size)));
}

storage::AccountId IdOf(int account) {
  return storage::AccountId(absl::WebSafeBase64Escape(absl::StrFormat("%016x", Spread(account))));
}

std::string UsernameOf(int account) { return absl::StrFormat("user.%016x", Spread(account)); }

storage::AccountRecord NewAccount(const People& people, int account) {
  storage::AccountRecord record;
  record.id = IdOf(account);
  record.organisation_id = OrganisationOf(people, account);
  record.username = UsernameOf(account);
  record.profile = {.given_name = absl::StrCat("Given", account % 9973),
                    .family_name = absl::StrCat("Family", account % 99991),
                    .display_name = "Display Name",
                    .contact_email = absl::StrCat(record.username, "@example.org"),
                    .phone_number = "+441134960000"};
  record.status = v1::ACCOUNT_STATUS_ACTIVE;
  record.created_at = record.joined_at = people.now - absl::Hours(240);
  record.status_changed_at = record.created_at;
  record.profile_confirmed_at = record.aup_accepted_at = record.created_at;
  record.aup_version = kAupVersion;
  record.last_used_at = people.now;
  record.password = {.phc = people.phc,
                     .version = 1,
                     .changed_at = record.created_at,
                     .must_change = false,
                     .temporary_until = std::nullopt};
  record.secret = {.ciphertext = std::string(60, 's'),
                   .key_id = "key",
                   .version = 1,
                   .set_at = record.created_at};
  return record;
}

std::unique_ptr<AccountStore> OpenDatabase(const std::string& url) {
  auto store = storage::OpenSqlAccountStore({.url = url, .incarnation = kIncarnation});
  Require(store.status());
  return *std::move(store);
}

void Fill(AccountStore& store, const People& people) {
  Require(store.Transact([&](Transaction& transaction) {
    return transaction.InsertAcceptableUsePolicy({.version = kAupVersion,
                                                  .document_uri = "https://example.org/aup",
                                                  .document_sha256 = std::string(64, 'a'),
                                                  .published_at = people.now - absl::Hours(480)});
  }));
  for (int first = 0; first < people.count; first += kAccountsATransaction) {
    Require(store.Transact([&](Transaction& transaction) {
      for (int i = first; i < std::min(people.count, first + kAccountsATransaction); ++i) {
        if (i % people.organisation_size == 0) {
          if (absl::Status made = InsertOrganisation(transaction, people, i); !made.ok()) {
            return made;
          }
        }
        if (absl::Status made = transaction.InsertAccount(NewAccount(people, i)); !made.ok()) {
          return made;
        }
      }
      return absl::OkStatus();
    }));
  }
}

void Require(const absl::Status& status) {
  if (!status.ok()) harness::Fatal(status.ToString());
}

}  // namespace gatehouse::bench
