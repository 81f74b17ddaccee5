#include "clients/contract_methods.h"

#include <array>

#include "absl/strings/str_cat.h"

#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/audit_service.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "gatehouse/v1/policy_service.pb.h"
#include "gatehouse/v1/recovery_service.pb.h"
#include "gatehouse/v1/session_service.pb.h"

namespace gatehouse {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> ContractMethods() {
  // One message of each file stands for it: naming it is also what links it in.
  const std::array files = {v1::GetAccountRequest::descriptor()->file(),
                            v1::ValidateSessionRequest::descriptor()->file(),
                            v1::GetOrganisationRequest::descriptor()->file(),
                            v1::StartPasswordResetRequest::descriptor()->file(),
                            v1::GetPolicyRequest::descriptor()->file(),
                            v1::ListAuditEventsRequest::descriptor()->file()};
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file : files) {
    for (int service = 0; service < file->service_count(); ++service) {
      for (int method = 0; method < file->service(service)->method_count(); ++method) {
        methods.push_back(file->service(service)->method(method));
      }
    }
  }
  return methods;
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

}  // namespace gatehouse
