// The revocation log and its head.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

Parameter DigestParameter(const std::optional<SessionDigest>& digest) {
  return digest.has_value() ? Parameter::Bytes(digest->view()) : Parameter::NoText();
}

std::optional<SessionDigest> ReadDigest(Row& row) {
  const std::optional<std::string> bytes = row.OptionalBytes();
  if (!bytes.has_value() || bytes->size() != SessionDigest::kSize) return std::nullopt;
  std::array<std::uint8_t, SessionDigest::kSize> digest;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return SessionDigest(digest);
}

constexpr char kEverythingRevokedSince[] =
    "SELECT position FROM revocations WHERE kind = 4 AND position > :position "
    "UNION ALL SELECT forgotten_before FROM revocation_head "
    "WHERE id = 1 AND forgotten_before > :same_position";

RevocationRecord ReadRevocation(Row& row) {
  RevocationRecord revocation;
  revocation.position = row.Integer();
  revocation.kind = row.Enumerator<RevocationKind>();
  revocation.account_id = AccountId(row.Text());
  revocation.min_epoch = row.Integer();
  revocation.except = ReadDigest(row);
  revocation.digest = ReadDigest(row).value_or(SessionDigest());
  revocation.authorisation_version = row.Integer();
  revocation.keep_until = row.Instant();
  return revocation;
}

}  // namespace

absl::StatusOr<RevocationHead> SqlTransaction::ReadRevocationHead() {
  return QueryOne<RevocationHead>(
      {"SELECT incarnation, position, policy_position, forgotten_before "
       "FROM revocation_head WHERE id = 1",
       4},
      {}, [](Row& row) {
        RevocationHead head;
        head.incarnation = row.Text();
        head.position = row.Integer();
        head.policy_position = row.Integer();
        head.forgotten_before = row.Integer();
        return head;
      });
}

absl::StatusOr<std::int64_t> SqlTransaction::AppendRevocation(const RevocationRecord& revocation) {
  if (absl::Status status = CheckRevoking(); !status.ok()) return status;
  const absl::StatusOr<std::int64_t> position = ChangeReturning<std::int64_t>(
      {"UPDATE revocation_head SET position = position + 1 WHERE id = 1 RETURNING position", 1}, {},
      [](Row& row) { return row.Integer(); });
  if (!position.ok()) return position;
  const bool of_session = revocation.kind == RevocationKind::kSession;
  absl::Status status = Execute(
      "INSERT INTO revocations (position, kind, account_id, min_epoch, except_digest, digest, "
      "authorisation_version, keep_until) VALUES (:position, :kind, :account_id, :min_epoch, "
      ":except_digest, :digest, :authorisation_version, :keep_until)",
      {*position, revocation.kind, revocation.account_id, revocation.min_epoch,
       DigestParameter(revocation.except),
       DigestParameter(of_session ? std::optional(revocation.digest) : std::nullopt),
       revocation.authorisation_version, revocation.keep_until});
  if (!status.ok()) return status;
  return position;
}

absl::StatusOr<std::vector<RevocationRecord>> SqlTransaction::ReadRevocations(std::int64_t after,
                                                                              int limit) {
  return QueryAll({"SELECT position, kind, account_id, min_epoch, except_digest, digest, "
                   "authorisation_version, keep_until FROM revocations WHERE position > :after "
                   "ORDER BY position LIMIT :most",
                   8},
                  {after, limit}, ReadRevocation);
}

absl::StatusOr<bool> SqlTransaction::IsSessionRevoked(const AccountId& account_id,
                                                      const SessionDigest& digest,
                                                      std::int64_t epoch,
                                                      std::int64_t issued_position) {
  static const auto* const text = new std::string(absl::StrCat(
      "SELECT position FROM revocations WHERE kind = 1 AND account_id = :account_id "
      "AND min_epoch > :epoch AND (except_digest IS NULL OR except_digest <> :survivor) "
      "UNION ALL SELECT position FROM revocations WHERE digest = :digest "
      "AND account_id = :same_account_id UNION ALL ",
      kEverythingRevokedSince));
  const Parameter session = Parameter::Bytes(digest.view());
  return HasRows({*text, 1}, {account_id, epoch, session, session, account_id, issued_position,
                              issued_position});
}

absl::StatusOr<bool> SqlTransaction::IsEverythingRevokedSince(std::int64_t position) {
  return HasRows({kEverythingRevokedSince, 1}, {position, position});
}

absl::Status SqlTransaction::StartIncarnation(absl::string_view incarnation) {
  return Execute("UPDATE revocation_head SET incarnation = :incarnation WHERE id = 1",
                 {incarnation});
}

absl::StatusOr<std::int64_t> SqlTransaction::ForgetRevocations(absl::Time before, int limit) {
  if (absl::Status status = CheckRevoking(); !status.ok()) return status;
  std::int64_t forgotten = 0;
  bool all_over = true;
  absl::Status status =
      Query({"SELECT position, keep_until FROM revocations ORDER BY position LIMIT :most", 2},
            {limit}, [&](Row& row) {
              const std::int64_t position = row.Integer();
              all_over = all_over && row.Instant() < before;
              if (all_over) forgotten = position;
            });
  if (!status.ok()) return status;
  if (forgotten == 0) return 0;
  status =
      Execute("UPDATE revocation_head SET forgotten_before = :position WHERE id = 1", {forgotten});
  if (!status.ok()) return status;
  return Change("DELETE FROM revocations WHERE position <= :position", {forgotten});
}

}  // namespace gatehouse::storage
