#include "server/operations/organisations/organisation_name.h"

#include "server/operations/errors.h"

namespace gatehouse::server {

absl::Status RefuseIfTaken(Scope& scope, const absl::Status& written) {
  if (!absl::IsAlreadyExists(written)) return written;
  return scope.Refuse(Error(absl::StatusCode::kAlreadyExists,
                            v1::ERROR_REASON_ORGANISATION_NAME_TAKEN,
                            "another organisation has this name; choose another one"));
}

}  // namespace gatehouse::server
