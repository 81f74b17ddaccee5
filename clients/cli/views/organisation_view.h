// Organisations and the acceptable use policy as text for people. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_ORGANISATION_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_ORGANISATION_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/organisation.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"

namespace gatehouse::cli {

std::string RenderOrganisation(const v1::Organisation& organisation, const Look& look);

std::string RenderOrganisations(const v1::ListOrganisationsResponse& list, const Look& look);

std::string RenderPolicyDocument(const v1::AcceptableUsePolicy& policy, bool current,
                                 const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_ORGANISATION_VIEW_H_
