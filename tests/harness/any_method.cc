#include "tests/harness/any_method.h"

#include <array>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"

#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/audit_service.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "gatehouse/v1/policy_service.pb.h"
#include "gatehouse/v1/recovery_service.pb.h"
#include "gatehouse/v1/session_service.pb.h"
#include "tests/harness/fatal.h"

namespace gatehouse::harness {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageLite;
using google::protobuf::MethodDescriptor;

// "/gatehouse.v1.AccountService/GetAccount"
std::string PathOf(const Descriptor& request) {
  for (int i = 0; i < request.file()->service_count(); ++i) {
    const auto* service = request.file()->service(i);
    const auto* method =
        service->FindMethodByName(std::string(absl::StripSuffix(request.name(), "Request")));
    if (method != nullptr) return absl::StrCat("/", service->full_name(), "/", method->name());
  }
  Fatal(absl::StrCat("no method takes ", request.name()));
}

}  // namespace

std::vector<const MethodDescriptor*> ContractMethods() {
  // One message of each file stands for it: naming it is also what links it in.
  const std::array files = {v1::GetAccountRequest::descriptor()->file(),
                            v1::ListAuditEventsRequest::descriptor()->file(),
                            v1::GetOrganisationRequest::descriptor()->file(),
                            v1::GetPolicyRequest::descriptor()->file(),
                            v1::StartPasswordResetRequest::descriptor()->file(),
                            v1::ValidateSessionRequest::descriptor()->file()};
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

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::Status CallUnary(grpc::ChannelInterface& channel, const std::string& token,
                       const Message& request, Message& response) {
  const std::string path = PathOf(*request.GetDescriptor());
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  return grpc::internal::BlockingUnaryCall<MessageLite, MessageLite, MessageLite, MessageLite>(
      &channel, method, &context, request, &response);
}

}  // namespace gatehouse::harness
