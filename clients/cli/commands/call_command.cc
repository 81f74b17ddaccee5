// call METHOD JSON: any unary method of the contract, its request and answer as JSON, an error with
// its details decoded. Everything comes from the contract's own descriptors, so that a method added
// to it needs no line here.

#include <iostream>
#include <iterator>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

#include "clients/cli/commands/commands.h"
#include "clients/contract_methods.h"

namespace gatehouse::cli {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// "GetAccount", "AccountService/GetAccount" and "gatehouse.v1.AccountService/GetAccount" are the
// same.
bool IsNamed(const MethodDescriptor& method, const std::string& name) {
  const std::string path = PathOf(method);
  return absl::EndsWith(path, absl::StrCat("/", name)) ||
         absl::EndsWith(path, absl::StrCat(".", name));
}

const MethodDescriptor* FindMethod(const std::string& name) {
  for (const MethodDescriptor* method : ContractMethods()) {
    if (IsNamed(*method, name)) return method;
  }
  return nullptr;
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
  const auto call = stub.PrepareUnaryCall(&context, PathOf(method), bytes, &queue);
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
  for (const MethodDescriptor* method : ContractMethods()) {
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
