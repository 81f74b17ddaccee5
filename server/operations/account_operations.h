// AccountService, a function a method (proto/gatehouse/v1/account_service.proto says what each does
// and how it fails). All are thread-safe and run to completion on the calling thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ACCOUNT_OPERATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_ACCOUNT_OPERATIONS_H_

#include "absl/status/statusor.h"

#include "gatehouse/v1/account_service.pb.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

absl::StatusOr<v1::CreateAccountResponse> CreateAccount(const Dependencies&, const CallContext&,
                                                        const v1::CreateAccountRequest&);
absl::StatusOr<v1::GetAccountResponse> GetAccount(const Dependencies&, const CallContext&,
                                                  const v1::GetAccountRequest&);
absl::StatusOr<v1::ListAccountsResponse> ListAccounts(const Dependencies&, const CallContext&,
                                                      const v1::ListAccountsRequest&);
absl::StatusOr<v1::UpdateProfileResponse> UpdateProfile(const Dependencies&, const CallContext&,
                                                        const v1::UpdateProfileRequest&);
absl::StatusOr<v1::ChangePasswordResponse> ChangePassword(const Dependencies&, const CallContext&,
                                                          const v1::ChangePasswordRequest&);
absl::StatusOr<v1::SetAccountSecretResponse> SetAccountSecret(const Dependencies&,
                                                              const CallContext&,
                                                              const v1::SetAccountSecretRequest&);
absl::StatusOr<v1::CompleteRequiredActionsResponse> CompleteRequiredActions(
    const Dependencies&, const CallContext&, const v1::CompleteRequiredActionsRequest&);
absl::StatusOr<v1::ResecureAccountResponse> ResecureAccount(const Dependencies&, const CallContext&,
                                                            const v1::ResecureAccountRequest&);
absl::StatusOr<v1::ResetPasswordResponse> ResetPassword(const Dependencies&, const CallContext&,
                                                        const v1::ResetPasswordRequest&);
absl::StatusOr<v1::UnlockAccountResponse> UnlockAccount(const Dependencies&, const CallContext&,
                                                        const v1::UnlockAccountRequest&);
absl::StatusOr<v1::DisableAccountResponse> DisableAccount(const Dependencies&, const CallContext&,
                                                          const v1::DisableAccountRequest&);
absl::StatusOr<v1::EnableAccountResponse> EnableAccount(const Dependencies&, const CallContext&,
                                                        const v1::EnableAccountRequest&);
absl::StatusOr<v1::DeleteAccountResponse> DeleteAccount(const Dependencies&, const CallContext&,
                                                        const v1::DeleteAccountRequest&);
absl::StatusOr<v1::RestoreAccountResponse> RestoreAccount(const Dependencies&, const CallContext&,
                                                          const v1::RestoreAccountRequest&);
absl::StatusOr<v1::MarkLeaverResponse> MarkLeaver(const Dependencies&, const CallContext&,
                                                  const v1::MarkLeaverRequest&);
absl::StatusOr<v1::JoinOrganisationResponse> JoinOrganisation(const Dependencies&,
                                                              const CallContext&,
                                                              const v1::JoinOrganisationRequest&);
absl::StatusOr<v1::GrantRoleResponse> GrantRole(const Dependencies&, const CallContext&,
                                                const v1::GrantRoleRequest&);
absl::StatusOr<v1::WithdrawRoleResponse> WithdrawRole(const Dependencies&, const CallContext&,
                                                      const v1::WithdrawRoleRequest&);
absl::StatusOr<v1::StartIdentityVerificationResponse> StartIdentityVerification(
    const Dependencies&, const CallContext&, const v1::StartIdentityVerificationRequest&);
absl::StatusOr<v1::AnswerIdentityVerificationResponse> AnswerIdentityVerification(
    const Dependencies&, const CallContext&, const v1::AnswerIdentityVerificationRequest&);
absl::StatusOr<v1::CheckEligibilityResponse> CheckEligibility(const Dependencies&,
                                                              const CallContext&,
                                                              const v1::CheckEligibilityRequest&);
absl::StatusOr<v1::GetAccountTimelineResponse> GetAccountTimeline(
    const Dependencies&, const CallContext&, const v1::GetAccountTimelineRequest&);
absl::StatusOr<v1::BatchCheckEligibilityResponse> BatchCheckEligibility(
    const Dependencies&, const CallContext&, const v1::BatchCheckEligibilityRequest&);

absl::StatusOr<v1::RegisterAuthenticationMethodResponse> RegisterAuthenticationMethod(
    const Dependencies&, const CallContext&, const v1::RegisterAuthenticationMethodRequest&);
absl::StatusOr<v1::ConfirmAuthenticationMethodResponse> ConfirmAuthenticationMethod(
    const Dependencies&, const CallContext&, const v1::ConfirmAuthenticationMethodRequest&);
absl::StatusOr<v1::ListAuthenticationMethodsResponse> ListAuthenticationMethods(
    const Dependencies&, const CallContext&, const v1::ListAuthenticationMethodsRequest&);
absl::StatusOr<v1::RemoveAuthenticationMethodResponse> RemoveAuthenticationMethod(
    const Dependencies&, const CallContext&, const v1::RemoveAuthenticationMethodRequest&);
absl::StatusOr<v1::ResetAuthenticationMethodsResponse> ResetAuthenticationMethods(
    const Dependencies&, const CallContext&, const v1::ResetAuthenticationMethodsRequest&);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ACCOUNT_OPERATIONS_H_
