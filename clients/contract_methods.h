// The methods of the contract by their descriptors alone, for what holds for those too that are
// added later: a command that calls any of them, tests that try each. Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CONTRACT_METHODS_H_
#define GATEHOUSE_CLIENTS_CONTRACT_METHODS_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace gatehouse {

// All of all services, streams included.
std::vector<const google::protobuf::MethodDescriptor*> ContractMethods();

// "/gatehouse.v1.AccountService/GetAccount"
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// An empty one.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

}  // namespace gatehouse

#endif  // GATEHOUSE_CLIENTS_CONTRACT_METHODS_H_
