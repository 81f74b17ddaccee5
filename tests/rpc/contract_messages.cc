#include "tests/rpc/contract_messages.h"

#include <set>

#include "absl/strings/str_cat.h"

#include "gatehouse/v1/options.pb.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsOurs(const Descriptor* type) { return type->file()->package() == "gatehouse.v1"; }

void Collect(const Descriptor* type, std::set<const Descriptor*>& found) {
  if (!IsOurs(type) || !found.insert(type).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->message_type() != nullptr) Collect(type->field(i)->message_type(), found);
  }
}

std::string CanaryFor(const FieldDescriptor* field) {
  const bool secret = field->options().GetExtension(v1::secret);
  return absl::StrCat(secret ? kSecretCanary : kPlainCanary, "-", field->full_name());
}

void Fill(Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (field->is_repeated()) {
        reflection->AddString(&message, field, CanaryFor(field));
        reflection->AddString(&message, field, CanaryFor(field));
      } else {
        reflection->SetString(&message, field, CanaryFor(field));
      }
    } else if (field->message_type() != nullptr && IsOurs(field->message_type())) {
      Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                : *reflection->MutableMessage(&message, field));
    }
  }
}

}  // namespace

std::vector<const Descriptor*> MethodMessages() {
  std::vector<const Descriptor*> types;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      types.push_back(service->method(i)->input_type());
      types.push_back(service->method(i)->output_type());
    }
  }
  return types;
}

std::vector<const Descriptor*> ContractMessages() {
  std::set<const Descriptor*> found;
  for (const Descriptor* type : MethodMessages()) Collect(type, found);
  return {found.begin(), found.end()};
}

std::unique_ptr<Message> Filled(const Descriptor* type) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  Fill(*message);
  return message;
}

}  // namespace gatehouse::server
