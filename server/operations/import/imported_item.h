// One account of an import, before it is in: what is wrong with it, all at once, and what would be
// stored of it. An item's faults are a result and no error: the import goes on. Belongs to one
// thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_IMPORT_IMPORTED_ITEM_H_
#define GATEHOUSE_SERVER_OPERATIONS_IMPORT_IMPORTED_ITEM_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "gatehouse/v1/account_service.pb.h"
#include "policy/policy.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/dependencies.h"
#include "server/operations/passwords/new_password.h"
#include "storage/identifiers.h"
#include "storage/recognition_record.h"

namespace gatehouse::server {

class ImportedItem {
 public:
  // Checks everything that needs no database, and seals the answers to questions. `item` outlives
  // this object.
  ImportedItem(const Dependencies& dependencies, const policy::Policy& policy,
               const storage::OrganisationId& organisation_id, const v1::ImportedAccount& item,
               absl::Time now);

  const v1::ImportedAccount& source() const { return item_; }
  // Normalised; empty if it is none.
  const std::string& username() const { return username_; }
  const storage::AccountId& account_id() const { return account_id_; }
  bool is_refused() const { return !faults_.empty(); }
  // Whether a temporary password has to be made for it.
  bool needs_password() const { return !is_refused() && item_.password_hash().empty(); }
  void GivePassword(NewPassword password) { password_ = std::move(password); }

  // Adds a reason, in the order in which they are found.
  void Refuse(const absl::Status& why);

  // Stores the account and all that comes with it, the audit event included. UsernameTaken, and
  // nothing is stored; anything else breaks the transaction.
  absl::Status Insert(MutationScope& scope, const std::string& request_id) const;

  // As the stream answers it: made, or refused with all reasons, `outcome` the last of them unless
  // it is OK.
  v1::ImportAccountsResponse Result(const absl::Status& outcome = absl::OkStatus()) const;

 private:
  void CheckFields(const policy::Policy& policy, absl::Time now);
  void CheckHash(const PasswordHasher& hasher);
  void SealAnswers(const Dependencies& dependencies);
  absl::Status Audit(const MutationScope& scope, const storage::AccountRecord& account,
                     const std::string& request_id) const;

  const storage::OrganisationId organisation_id_;
  const v1::ImportedAccount& item_;
  const storage::AccountId account_id_;
  const std::string message_id_;
  std::string username_;
  std::optional<NewPassword> password_;  // nullopt: the hash that came with it
  std::vector<storage::SecurityQuestionRecord> questions_;
  std::vector<absl::Status> faults_;
};

// How the stream answers an item that is refused for all of these.
v1::ImportAccountsResponse RefusedItem(int64_t item, absl::Span<const absl::Status> faults);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_IMPORT_IMPORTED_ITEM_H_
