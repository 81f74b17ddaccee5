// Organisations and acceptable use policies.
#include "storage/sql/sql_transaction.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

constexpr int kOrganisationColumns = 6;

OrganisationRecord ReadOrganisation(Row& row) {
  OrganisationRecord organisation;
  organisation.id = OrganisationId(row.Text());
  organisation.display_name = row.Text();
  organisation.nas_managed = row.Truth();
  organisation.password_scope = row.Enumerator<v1::PasswordScope>();
  organisation.created_at = row.Instant();
  organisation.row_version = row.Integer();
  return organisation;
}

constexpr int kAcceptableUsePolicyColumns = 4;

AcceptableUsePolicyRecord ReadAcceptableUsePolicy(Row& row) {
  AcceptableUsePolicyRecord aup;
  aup.version = row.Text();
  aup.document_uri = row.Text();
  aup.document_sha256 = row.Text();
  aup.published_at = row.Instant();
  return aup;
}

}  // namespace

absl::StatusOr<OrganisationRecord> SqlTransaction::FindOrganisation(const OrganisationId& id) {
  return QueryOne({"SELECT id, display_name, nas_managed, password_scope, created_at, row_version "
                   "FROM organisations WHERE id = :id",
                   kOrganisationColumns},
                  {id}, ReadOrganisation);
}

absl::StatusOr<OrganisationRecord> SqlTransaction::FindOrganisationByName(absl::string_view name) {
  return QueryOne({"SELECT id, display_name, nas_managed, password_scope, created_at, row_version "
                   "FROM organisations WHERE name_key = :name_key",
                   kOrganisationColumns},
                  {NameKey(name)}, ReadOrganisation);
}

absl::StatusOr<std::vector<OrganisationRecord>> SqlTransaction::ListOrganisations(
    const OrganisationFilter& filter) {
  const std::string prefix = NameKey(filter.name_prefix);
  return QueryAll({"SELECT id, display_name, nas_managed, password_scope, created_at, row_version "
                   "FROM organisations WHERE name_key > :after AND name_key >= :prefix "
                   "AND name_key < :end_of_prefix ORDER BY name_key LIMIT :most",
                   kOrganisationColumns},
                  {NameKey(filter.after_name), prefix, EndOfPrefix(prefix), filter.limit},
                  ReadOrganisation);
}

absl::Status SqlTransaction::InsertOrganisation(const OrganisationRecord& organisation) {
  return Insert(
      "INSERT INTO organisations (id, name_key, display_name, nas_managed, password_scope, "
      "created_at, row_version) VALUES (:id, :name_key, :display_name, :nas_managed, "
      ":password_scope, :created_at, :row_version) ON CONFLICT DO NOTHING",
      {organisation.id, NameKey(organisation.display_name), organisation.display_name,
       organisation.nas_managed, organisation.password_scope, organisation.created_at,
       organisation.row_version},
      "the organisation's id or name");
}

absl::Status SqlTransaction::UpdateOrganisation(const OrganisationRecord& organisation) {
  const absl::StatusOr<OrganisationRecord> namesake =
      FindOrganisationByName(organisation.display_name);
  if (namesake.ok() && namesake->id != organisation.id) {
    return absl::AlreadyExistsError("the organisation's name is taken");
  }
  if (!namesake.ok() && !absl::IsNotFound(namesake.status())) return namesake.status();
  const absl::StatusOr<std::int64_t> updated = Change(
      "UPDATE organisations SET name_key = :name_key, display_name = :display_name, "
      "nas_managed = :nas_managed, password_scope = :password_scope, created_at = :created_at, "
      "row_version = row_version + 1 WHERE id = :id AND row_version = :row_version",
      {NameKey(organisation.display_name), organisation.display_name, organisation.nas_managed,
       organisation.password_scope, organisation.created_at, organisation.id,
       organisation.row_version});
  if (!updated.ok()) return updated.status();
  if (*updated == 0) return absl::AbortedError("the organisation has changed");
  return absl::OkStatus();
}

absl::StatusOr<AcceptableUsePolicyRecord> SqlTransaction::CurrentAcceptableUsePolicy() {
  return QueryOne({"SELECT version, document_uri, document_sha256, published_at "
                   "FROM acceptable_use_policies ORDER BY sequence DESC LIMIT 1",
                   kAcceptableUsePolicyColumns},
                  {}, ReadAcceptableUsePolicy);
}

absl::StatusOr<AcceptableUsePolicyRecord> SqlTransaction::FindAcceptableUsePolicy(
    absl::string_view version) {
  return QueryOne({"SELECT version, document_uri, document_sha256, published_at "
                   "FROM acceptable_use_policies WHERE version = :version",
                   kAcceptableUsePolicyColumns},
                  {version}, ReadAcceptableUsePolicy);
}

absl::Status SqlTransaction::InsertAcceptableUsePolicy(const AcceptableUsePolicyRecord& aup) {
  return Insert(
      "INSERT INTO acceptable_use_policies (sequence, version, document_uri, document_sha256, "
      "published_at) VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM "
      "acceptable_use_policies), :version, :document_uri, :document_sha256, :published_at) "
      "ON CONFLICT DO NOTHING",
      {aup.version, aup.document_uri, aup.document_sha256, aup.published_at},
      "the acceptable use policy's version");
}

}  // namespace gatehouse::storage
