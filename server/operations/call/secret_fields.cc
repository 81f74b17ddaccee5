#include "server/operations/call/secret_fields.h"

#include <memory>

#include "absl/functional/function_ref.h"
#include "google/protobuf/descriptor.h"

#include "gatehouse/v1/options.pb.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsOurs(const google::protobuf::Descriptor* type) {
  return type != nullptr && type->file()->package() == "gatehouse.v1";
}

// Every string of the field, alone or repeated. Protobuf gives them out const, but the message is
// not: it is the caller's to change.
void ForEachString(Message& message, const FieldDescriptor* field,
                   absl::FunctionRef<void(std::string&)> visit) {
  const auto* reflection = message.GetReflection();
  std::string unused;
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      visit(const_cast<std::string&>(
          reflection->GetRepeatedStringReference(message, field, i, &unused)));
    }
  } else if (reflection->HasField(message, field)) {
    visit(const_cast<std::string&>(reflection->GetStringReference(message, field, &unused)));
  }
}

void ForEachMessage(Message& message, const FieldDescriptor* field,
                    absl::FunctionRef<void(Message&)> visit) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      visit(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  } else if (reflection->HasField(message, field)) {
    visit(*reflection->MutableMessage(&message, field));
  }
}

}  // namespace

SecretFields::SecretFields(const google::protobuf::Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->options().GetExtension(v1::secret)) {
      secrets_.push_back(field);
    } else if (IsOurs(field->message_type())) {
      SecretFields within(field->message_type());
      if (!within.secrets_.empty() || !within.nested_.empty()) {
        nested_.emplace_back(field, std::move(within));
      }
    }
  }
}

void SecretFields::Wipe(Message& message) const {
  for (const FieldDescriptor* field : secrets_) {
    ForEachString(message, field, WipeString);
    message.GetReflection()->ClearField(&message, field);
  }
  for (const auto& [field, within] : nested_) {
    ForEachMessage(message, field, [&within](Message& child) { within.Wipe(child); });
  }
}

void SecretFields::Conceal(Message& message) const {
  for (const FieldDescriptor* field : secrets_) {
    ForEachString(message, field, [](std::string& text) {
      WipeString(text);
      text = "[secret]";
    });
  }
  for (const auto& [field, within] : nested_) {
    ForEachMessage(message, field, [&within](Message& child) { within.Conceal(child); });
  }
}

std::string SecretFields::Redacted(const Message& message) const {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  Conceal(*copy);
  return copy->ShortDebugString();
}

}  // namespace gatehouse::server
