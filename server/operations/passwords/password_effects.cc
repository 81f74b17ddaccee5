#include "server/operations/passwords/password_effects.h"

#include "gatehouse/v1/password_reset_effect.pb.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status TellSystems(Scope& scope, const storage::AccountRecord& account,
                         google::protobuf::RepeatedField<int>& effects) {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                             scope.transaction().FindOrganisation(account.organisation_id));
  effects.Add(v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD);
  if (organisation.password_scope == v1::PASSWORD_SCOPE_SEAMLESS) {
    effects.Add(v1::PASSWORD_RESET_EFFECT_WORKSTATION_PASSWORD);
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::server
