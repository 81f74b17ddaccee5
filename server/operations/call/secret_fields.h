// Where a message holds secrets: the fields with the contract's option (gatehouse.v1.secret),
// wherever they are nested. Built once for a message type, const and thread-safe from then on; the
// message that is wiped must not be in use elsewhere.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_SECRET_FIELDS_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_SECRET_FIELDS_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"

namespace gatehouse::server {

class SecretFields {
 public:
  // Secrets are strings, alone or repeated, and messages of the contract do not contain themselves:
  // tests hold the contract to both.
  explicit SecretFields(const google::protobuf::Descriptor* type);

  // Overwrites the secrets of a message of this type, and clears their fields.
  void Wipe(google::protobuf::Message& message) const;

  // The message for a log, in protobuf's text format on one line, with "[secret]" in place of every
  // secret.
  std::string Redacted(const google::protobuf::Message& message) const;

 private:
  void Conceal(google::protobuf::Message& message) const;

  std::vector<const google::protobuf::FieldDescriptor*> secrets_;
  // Fields whose messages hold secrets further in.
  std::vector<std::pair<const google::protobuf::FieldDescriptor*, SecretFields>> nested_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_SECRET_FIELDS_H_
