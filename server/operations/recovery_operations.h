// RecoveryService, a function a method (proto/gatehouse/v1/recovery_service.proto says what each
// does and how it fails). All are thread-safe and run to completion on the calling thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_RECOVERY_OPERATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_RECOVERY_OPERATIONS_H_

#include "absl/status/statusor.h"

#include "gatehouse/v1/recovery_service.pb.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

absl::StatusOr<v1::StartPasswordResetResponse> StartPasswordReset(
    const Dependencies&, const CallContext&, const v1::StartPasswordResetRequest&);
absl::StatusOr<v1::SendPasswordResetCodeResponse> SendPasswordResetCode(
    const Dependencies&, const CallContext&, const v1::SendPasswordResetCodeRequest&);
absl::StatusOr<v1::VerifyPasswordResetCodeResponse> VerifyPasswordResetCode(
    const Dependencies&, const CallContext&, const v1::VerifyPasswordResetCodeRequest&);
absl::StatusOr<v1::CompletePasswordResetResponse> CompletePasswordReset(
    const Dependencies&, const CallContext&, const v1::CompletePasswordResetRequest&);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_RECOVERY_OPERATIONS_H_
