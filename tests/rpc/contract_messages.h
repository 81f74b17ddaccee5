// All message types of the contract, and messages with every field set, by reflection: for tests
// that hold for the whole contract, also for what is added to it later.
#ifndef GATEHOUSE_TESTS_RPC_CONTRACT_MESSAGES_H_
#define GATEHOUSE_TESTS_RPC_CONTRACT_MESSAGES_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace gatehouse::server {

// The requests and responses of all methods.
std::vector<const google::protobuf::Descriptor*> MethodMessages();

// These, and all of the contract's messages within them.
std::vector<const google::protobuf::Descriptor*> ContractMessages();

// Every string that a filled message holds begins so; secret ones with the second.
inline constexpr char kPlainCanary[] = "plain-canary";
inline constexpr char kSecretCanary[] = "secret-canary";

// A message with every string field set, in every message within it; of a oneof, the last one.
std::unique_ptr<google::protobuf::Message> Filled(const google::protobuf::Descriptor* type);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_RPC_CONTRACT_MESSAGES_H_
