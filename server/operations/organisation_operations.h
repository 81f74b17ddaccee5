// OrganisationService and AuditService, a function a method (their .proto files say what each does
// and how it fails). All are thread-safe and run to completion on the calling thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ORGANISATION_OPERATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_ORGANISATION_OPERATIONS_H_

#include "absl/status/statusor.h"

#include "gatehouse/v1/audit_service.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

absl::StatusOr<v1::CreateOrganisationResponse> CreateOrganisation(
    const Dependencies&, const CallContext&, const v1::CreateOrganisationRequest&);
absl::StatusOr<v1::GetOrganisationResponse> GetOrganisation(const Dependencies&, const CallContext&,
                                                            const v1::GetOrganisationRequest&);
absl::StatusOr<v1::ListOrganisationsResponse> ListOrganisations(
    const Dependencies&, const CallContext&, const v1::ListOrganisationsRequest&);
absl::StatusOr<v1::UpdateOrganisationResponse> UpdateOrganisation(
    const Dependencies&, const CallContext&, const v1::UpdateOrganisationRequest&);
absl::StatusOr<v1::PublishAcceptableUsePolicyResponse> PublishAcceptableUsePolicy(
    const Dependencies&, const CallContext&, const v1::PublishAcceptableUsePolicyRequest&);
absl::StatusOr<v1::GetAcceptableUsePolicyResponse> GetAcceptableUsePolicy(
    const Dependencies&, const CallContext&, const v1::GetAcceptableUsePolicyRequest&);

absl::StatusOr<v1::ListAuditEventsResponse> ListAuditEvents(const Dependencies&, const CallContext&,
                                                            const v1::ListAuditEventsRequest&);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ORGANISATION_OPERATIONS_H_
