// Methods of the contract that a test knows by their descriptors alone, so that it holds for those
// too that are added later. Thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_
#define GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace gatehouse::harness {

// All of all services, streams included.
std::vector<const google::protobuf::MethodDescriptor*> ContractMethods();

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// The unary method that takes `request`. An empty token is no actor.
grpc::Status CallUnary(grpc::ChannelInterface& channel, const std::string& token,
                       const google::protobuf::Message& request,
                       google::protobuf::Message& response);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_
