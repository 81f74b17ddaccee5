// Organisations' names are unique, whatever their case. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ORGANISATIONS_ORGANISATION_NAME_H_
#define GATEHOUSE_SERVER_OPERATIONS_ORGANISATIONS_ORGANISATION_NAME_H_

#include "absl/status/status.h"

#include "server/operations/call/scope.h"

namespace gatehouse::server {

// `written` is what the store said to an organisation's row: ALREADY_EXISTS becomes the refusal
// ORGANISATION_NAME_TAKEN, all else passes.
absl::Status RefuseIfTaken(Scope& scope, const absl::Status& written);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ORGANISATIONS_ORGANISATION_NAME_H_
