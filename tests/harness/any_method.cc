#include "tests/harness/any_method.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"

#include "clients/contract_methods.h"
#include "tests/harness/fatal.h"

namespace gatehouse::harness {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;
using google::protobuf::MethodDescriptor;

const MethodDescriptor& MethodThatTakes(const google::protobuf::Descriptor& request) {
  for (const MethodDescriptor* method : ContractMethods()) {
    if (method->input_type() == &request) return *method;
  }
  Fatal(absl::StrCat("no method takes ", request.name()));
}

}  // namespace

grpc::Status CallUnary(grpc::ChannelInterface& channel, const std::string& token,
                       const Message& request, Message& response) {
  const std::string path = PathOf(MethodThatTakes(*request.GetDescriptor()));
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  return grpc::internal::BlockingUnaryCall<MessageLite, MessageLite, MessageLite, MessageLite>(
      &channel, method, &context, request, &response);
}

}  // namespace gatehouse::harness
