// Calls methods of the contract that a test knows by their descriptors alone
// (clients/contract_methods.h). Thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_
#define GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_

#include <string>

#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace gatehouse::harness {

// The unary method that takes `request`. An empty token is no actor.
grpc::Status CallUnary(grpc::ChannelInterface& channel, const std::string& token,
                       const google::protobuf::Message& request,
                       google::protobuf::Message& response);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_ANY_METHOD_H_
