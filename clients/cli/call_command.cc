// call METHOD JSON: any unary method of the contract, its request and answer as JSON, an error with
// its details decoded. Everything comes from the contract's own descriptors, so that a method added
// to it needs no line here.

#include <array>
#include <iostream>
#include <iterator>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

#include "clients/cli/commands.h"
#include "clients/cli/json.h"
#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/audit_service.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "gatehouse/v1/policy_service.pb.h"
#include "gatehouse/v1/recovery_service.pb.h"
#include "gatehouse/v1/session_service.pb.h"

namespace gatehouse::cli {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> Methods() {
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

// "GetAccount", "AccountService/GetAccount" and "gatehouse.v1.AccountService/GetAccount" are the
// same.
bool IsNamed(const MethodDescriptor& method, const std::string& name) {
  const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  return absl::EndsWith(path, absl::StrCat("/", name)) ||
         absl::EndsWith(path, absl::StrCat(".", name));
}

const MethodDescriptor* FindMethod(const std::string& name) {
  for (const MethodDescriptor* method : Methods()) {
    if (IsNamed(*method, name)) return method;
  }
  return nullptr;
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

grpc::Status CallUnary(const MethodDescriptor& method, const Message& request, Message& response,
                       const Connection& connection) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  const grpc::Status serialized =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(request, &bytes, &own_buffer);
  if (!serialized.ok()) return serialized;
  grpc::ClientContext context;
  connection.Prepare(context);
  grpc::GenericStub stub(connection.channel());
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(
      &context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), bytes,
      &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool finished = false;
  queue.Next(&tag, &finished);
  if (!status.ok()) return status;
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&answer, &response);
}

std::string ReadAll(std::istream& input) {
  return {std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
}

struct CallOptions {
  std::string method;
  std::string json = "{}";
};

void Call(const CallOptions& options, Invocation& invocation) {
  const MethodDescriptor* method = FindMethod(options.method);
  if (method == nullptr) {
    invocation.Fail(ExitCode::kUsage, absl::StrCat("the contract has no method ", options.method,
                                                   "; gatehousectl call --list shows all"));
    return;
  }
  if (method->client_streaming() || method->server_streaming()) {
    invocation.Fail(ExitCode::kUsage,
                    absl::StrCat(method->name(), " is a stream; call is for single answers"));
    return;
  }
  const auto request = NewMessage(*method->input_type());
  const std::string text = options.json == "-" ? ReadAll(std::cin) : options.json;
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, request.get());
  if (!parsed.ok()) {
    invocation.Fail(ExitCode::kUsage, absl::StrCat(method->input_type()->name(), ": ",
                                                   std::string(parsed.message())));
    return;
  }
  const Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  const auto response = NewMessage(*method->output_type());
  // Programs and curious people read this: JSON either way.
  invocation.settings().json = true;
  const grpc::Status status = CallUnary(*method, *request, *response, *connection);
  if (!status.ok()) {
    invocation.Refuse(status);
    return;
  }
  invocation.Print(*response, "");
}

void ListMethods() {
  for (const MethodDescriptor* method : Methods()) {
    std::cout << method->service()->name() << "/" << method->name() << "\n";
  }
}

}  // namespace

void AddCallCommand(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<CallOptions>();
  auto list = std::make_shared<bool>(false);
  CLI::App* call = app.add_subcommand(
      "call", "Call any method with JSON; errors come with their details decoded");
  CLI::Option* all = call->add_flag("--list", *list, "List the methods instead");
  call->add_option("method", options->method, "Such as GetAccount or SessionService/ListSessions")
      ->excludes(all);
  call->add_option("json", options->json, "The request; - reads it from standard input")
      ->excludes(all);
  call->callback([options, list, &invocation] {
    if (*list) {
      ListMethods();
    } else if (options->method.empty()) {
      invocation.Fail(ExitCode::kUsage, "call needs a METHOD, or --list");
    } else {
      Call(*options, invocation);
    }
  });
}

}  // namespace gatehouse::cli
