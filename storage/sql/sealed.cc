// What is under the keys of the ring, found and changed by its key.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "storage/sql/sql_transaction.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

// Where the rows of a kind are. `indexed` makes the condition one that their index answers.
struct SealedTable {
  const char* name;
  const char* account;
  const char* part;  // tells an account's own apart: SealedRecord's version or method_id
  const char* ciphertext;
  const char* key;
  const char* indexed;
};

const SealedTable& TableOf(SealedKind kind) {
  static constexpr SealedTable kSecrets = {"accounts",       "id",
                                           "secret_version", "secret_ciphertext",
                                           "secret_key_id",  " AND secret_key_id <> ''"};
  static constexpr SealedTable kAnswers = {"security_questions", "account_id", "number",
                                           "ciphertext",         "key_id",     ""};
  static constexpr SealedTable kTotpSecrets = {
      "authentication_methods", "account_id", "id", "ciphertext", "key_id", " AND key_id <> ''"};
  switch (kind) {
    case SealedKind::kAccountSecret:
      break;
    case SealedKind::kSecurityAnswer:
      return kAnswers;
    case SealedKind::kTotpSecret:
      return kTotpSecrets;
  }
  return kSecrets;
}

Parameter PartOf(SealedKind kind, const SealedRecord& row) {
  return kind == SealedKind::kTotpSecret ? Parameter(row.method_id) : Parameter(row.version);
}

std::int64_t ReadCount(Row& row) { return row.Integer(); }

}  // namespace

absl::StatusOr<std::vector<SealedRecord>> SqlTransaction::ListSealed(SealedKind kind,
                                                                     absl::string_view key_id,
                                                                     const SealedRecord& after,
                                                                     int limit) {
  const SealedTable& table = TableOf(kind);
  const std::string text = absl::StrCat(
      "SELECT ", table.account, ", ", table.part, ", ", table.ciphertext, ", ", table.key, " FROM ",
      table.name, " WHERE ", table.key, " = :key_id", table.indexed, " AND (", table.account, ", ",
      table.part, ") > (:account, :part) ORDER BY ", table.account, ", ", table.part,
      " LIMIT :most");
  std::vector<SealedRecord> page;
  absl::Status status = Query({text, 4}, {key_id, after.account_id, PartOf(kind, after), limit},
                              [&page, kind](Row& row) {
                                SealedRecord& sealed = page.emplace_back();
                                sealed.kind = kind;
                                sealed.account_id = AccountId(row.Text());
                                if (kind == SealedKind::kTotpSecret) {
                                  sealed.method_id = row.Text();
                                } else {
                                  sealed.version = row.Integer();
                                }
                                sealed.ciphertext = row.Bytes();
                                sealed.key_id = row.Text();
                              });
  if (!status.ok()) return status;
  return page;
}

absl::StatusOr<std::int64_t> SqlTransaction::CountSealed(SealedKind kind,
                                                         absl::string_view key_id) {
  const SealedTable& table = TableOf(kind);
  const std::string text = absl::StrCat("SELECT COUNT(*) FROM ", table.name, " WHERE ", table.key,
                                        " = :key_id", table.indexed);
  return QueryOne({text, 1}, {key_id}, ReadCount);
}

absl::StatusOr<bool> SqlTransaction::Reseal(const SealedRecord& former,
                                            absl::string_view ciphertext,
                                            absl::string_view key_id) {
  const SealedTable& table = TableOf(former.kind);
  const std::string text = absl::StrCat(
      "UPDATE ", table.name, " SET ", table.ciphertext, " = :ciphertext, ", table.key,
      " = :key_id WHERE ", table.account, " = :account AND ", table.part, " = :part AND ",
      table.key, " = :former_key AND ", table.ciphertext, " = :former_ciphertext");
  const absl::StatusOr<std::int64_t> changed = Change(
      text, {Parameter::Bytes(ciphertext), key_id, former.account_id, PartOf(former.kind, former),
             former.key_id, Parameter::Bytes(former.ciphertext)});
  if (!changed.ok()) return changed.status();
  return *changed > 0;
}

absl::StatusOr<KeyUses> SqlTransaction::CountKeyUses(absl::string_view key_id) {
  KeyUses uses;
  for (const SealedKind kind : kSealedKinds) {
    const absl::StatusOr<std::int64_t> sealed = CountSealed(kind, key_id);
    if (!sealed.ok()) return sealed.status();
    uses.sealed += *sealed;
  }
  const absl::StatusOr<std::int64_t> printed_codes =
      QueryOne({"SELECT COUNT(*) FROM authentication_methods WHERE printed_codes LIKE :codes", 1},
               {absl::StrCat("%", key_id, "%")}, ReadCount);
  if (!printed_codes.ok()) return printed_codes.status();
  uses.printed_codes = *printed_codes;
  const absl::StatusOr<std::int64_t> history =
      QueryOne({"SELECT COUNT(*) FROM credential_history WHERE kind = 2 AND hash >= :key_id "
                "AND hash < :end",
                1},
               {key_id, EndOfPrefix(key_id)}, ReadCount);
  if (!history.ok()) return history.status();
  uses.secret_history = *history;
  const absl::Status counted = Query(
      {"SELECT payload_mac FROM replays UNION ALL SELECT payload_mac FROM imported_items", 1}, {},
      [&uses, key_id](Row& row) { uses.replays += absl::StartsWith(row.Bytes(), key_id) ? 1 : 0; });
  if (!counted.ok()) return counted;
  return uses;
}

}  // namespace gatehouse::storage
