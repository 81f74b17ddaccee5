#include "storage/sql/sql_transaction.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::storage {

absl::Status SqlTransaction::Query(const Sql& sql, absl::Span<const Parameter> parameters,
                                   absl::FunctionRef<void(Row&)> each_row) {
  return Run(sql, parameters, each_row).status();
}

absl::StatusOr<bool> SqlTransaction::HasRows(const Sql& sql,
                                             absl::Span<const Parameter> parameters) {
  bool any = false;
  absl::Status status = Query(sql, parameters, [&any](Row&) { any = true; });
  if (!status.ok()) return status;
  return any;
}

absl::StatusOr<std::int64_t> SqlTransaction::Change(absl::string_view text,
                                                    absl::Span<const Parameter> parameters) {
  if (absl::Status status = CheckWritable(); !status.ok()) return status;
  return Run({text}, parameters, [](Row&) {});
}

absl::Status SqlTransaction::Execute(absl::string_view text,
                                     absl::Span<const Parameter> parameters) {
  return Change(text, parameters).status();
}

absl::Status SqlTransaction::Insert(absl::string_view text, absl::Span<const Parameter> parameters,
                                    absl::string_view what) {
  const absl::StatusOr<std::int64_t> inserted = Change(text, parameters);
  if (!inserted.ok()) return inserted.status();
  if (*inserted == 0) return absl::AlreadyExistsError(absl::StrCat(what, " is taken"));
  return absl::OkStatus();
}

absl::Status SqlTransaction::CheckWritable() {
  if (mode_ == Mode::kReading) return absl::InternalError("a reading transaction cannot write");
  return absl::OkStatus();
}

absl::Status SqlTransaction::CheckRevoking() {
  if (mode_ == Mode::kRevoking) return absl::OkStatus();
  return absl::FailedPreconditionError("the revocation log is written by TransactRevoking alone");
}

absl::StatusOr<std::int64_t> SqlTransaction::Run(const Sql& sql,
                                                 absl::Span<const Parameter> parameters,
                                                 absl::FunctionRef<void(Row&)> each_row) {
  if (!failure_.ok()) return failure_;
  bool readable = true;
  absl::StatusOr<std::int64_t> changed = connection_.Run(sql, parameters, [&](Row& row) {
    each_row(row);
    readable = readable && row.ok();
  });
  if (changed.ok() && !readable) changed = absl::InternalError("a stored row cannot be read");
  if (!changed.ok() && !absl::IsInvalidArgument(changed.status())) failure_ = changed.status();
  return changed;
}

}  // namespace gatehouse::storage
