// Second factors.
#include "storage/sql/lists.h"
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

AuthenticationMethodRecord ReadMethod(Row& row) {
  AuthenticationMethodRecord method;
  method.account_id = AccountId(row.Text());
  method.id = row.Text();
  method.kind = row.Enumerator<v1::AuthenticationMethodKind>();
  method.label = row.Text();
  method.phone_number = row.Text();
  method.key_id = row.Text();
  method.ciphertext = row.Bytes();
  method.printed_codes = ReadList(row.Text());
  method.last_step = row.Integer();
  method.created_at = row.Instant();
  method.confirmed_at = row.OptionalInstant();
  method.last_used_at = row.OptionalInstant();
  return method;
}

}  // namespace

absl::StatusOr<std::vector<AuthenticationMethodRecord>> SqlTransaction::ListAuthenticationMethods(
    const AccountId& id) {
  return QueryAll({"SELECT account_id, id, kind, label, phone_number, key_id, ciphertext, "
                   "printed_codes, last_step, created_at, confirmed_at, last_used_at "
                   "FROM authentication_methods WHERE account_id = :account_id "
                   "ORDER BY created_at, id",
                   12},
                  {id}, ReadMethod);
}

absl::Status SqlTransaction::PutAuthenticationMethod(const AuthenticationMethodRecord& method) {
  return Execute(
      "INSERT INTO authentication_methods (account_id, id, kind, label, phone_number, key_id, "
      "ciphertext, printed_codes, last_step, created_at, confirmed_at, last_used_at) "
      "VALUES (:account_id, :id, :kind, :label, :phone_number, :key_id, :ciphertext, "
      ":printed_codes, :last_step, :created_at, :confirmed_at, :last_used_at) "
      "ON CONFLICT (account_id, id) DO UPDATE SET kind = excluded.kind, label = excluded.label, "
      "phone_number = excluded.phone_number, key_id = excluded.key_id, "
      "ciphertext = excluded.ciphertext, printed_codes = excluded.printed_codes, "
      "last_step = excluded.last_step, created_at = excluded.created_at, "
      "confirmed_at = excluded.confirmed_at, last_used_at = excluded.last_used_at",
      {method.account_id, method.id, method.kind, method.label, method.phone_number, method.key_id,
       Parameter::Bytes(method.ciphertext), WriteList(method.printed_codes), method.last_step,
       method.created_at, method.confirmed_at, method.last_used_at});
}

absl::Status SqlTransaction::DeleteAuthenticationMethod(const AccountId& id,
                                                        absl::string_view method_id) {
  return Execute("DELETE FROM authentication_methods WHERE account_id = :account_id AND id = :id",
                 {id, method_id});
}

}  // namespace gatehouse::storage
