// SessionService, a function a method (proto/gatehouse/v1/session_service.proto says what each does
// and how it fails). All are thread-safe; those that return a StatusOr run to completion on the
// calling thread, the validations answer through `done`, exactly once, on any thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SESSION_OPERATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_SESSION_OPERATIONS_H_

#include <functional>

#include "absl/status/statusor.h"

#include "gatehouse/v1/session_service.pb.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

absl::StatusOr<v1::CreateSessionResponse> CreateSession(const Dependencies&, const CallContext&,
                                                        const v1::CreateSessionRequest&);

absl::StatusOr<v1::SendSecondFactorCodeResponse> SendSecondFactorCode(
    const Dependencies&, const CallContext&, const v1::SendSecondFactorCodeRequest&);
absl::StatusOr<v1::AnswerSecondFactorResponse> AnswerSecondFactor(
    const Dependencies&, const CallContext&, const v1::AnswerSecondFactorRequest&);

// `call` and `request` are used before these return, and not after.
void ValidateSession(const Dependencies& dependencies, const CallContext& call,
                     const v1::ValidateSessionRequest& request,
                     std::function<void(absl::StatusOr<v1::ValidateSessionResponse>)> done);
void BatchValidateSessions(
    const Dependencies& dependencies, const CallContext& call,
    const v1::BatchValidateSessionsRequest& request,
    std::function<void(absl::StatusOr<v1::BatchValidateSessionsResponse>)> done);

absl::StatusOr<v1::ListSessionsResponse> ListSessions(const Dependencies&, const CallContext&,
                                                      const v1::ListSessionsRequest&);
absl::StatusOr<v1::RevokeSessionResponse> RevokeSession(const Dependencies&, const CallContext&,
                                                        const v1::RevokeSessionRequest&);
absl::StatusOr<v1::RevokeAllSessionsResponse> RevokeAllSessions(
    const Dependencies&, const CallContext&, const v1::RevokeAllSessionsRequest&);
absl::StatusOr<v1::RevokeEverythingResponse> RevokeEverything(const Dependencies&,
                                                              const CallContext&,
                                                              const v1::RevokeEverythingRequest&);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SESSION_OPERATIONS_H_
