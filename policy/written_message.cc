#include "policy/written_message.h"

#include <algorithm>

#include "google/protobuf/descriptor.h"

#include "policy/textproto_lexer.h"

namespace gatehouse::policy {

using google::protobuf::FieldDescriptor;

Place LocatedText::PlaceOf(uint32_t begin, uint32_t end) const {
  const auto last = static_cast<uint32_t>(origins.size() - 1);
  const uint32_t first_byte = origins[std::min(begin, last)];
  if (end <= begin) return {first_byte, first_byte + 1};
  return {first_byte, std::max(first_byte, origins[std::min(end, last) - 1]) + 1};
}

const FieldDescriptor& MessagePlaces::Find(absl::string_view field) const {
  return *message_->GetDescriptor()->FindFieldByName(std::string(field));
}

const WrittenValue* MessagePlaces::FindValue(absl::string_view field, int index) const {
  if (written_ == nullptr) return nullptr;
  const auto& values = written_->fields[static_cast<size_t>(Find(field).index())].values;
  const auto position = static_cast<size_t>(index);
  return position < values.size() ? &values[position] : nullptr;
}

Place MessagePlaces::Field(absl::string_view field) const {
  const WrittenValue* const value = FindValue(field, 0);
  return value == nullptr ? own_ : value->name;
}

Place MessagePlaces::Value(absl::string_view field, int index) const {
  const WrittenValue* const value = FindValue(field, index);
  return value == nullptr ? own_ : value->value;
}

LocatedText MessagePlaces::Text(absl::string_view field, int index) const {
  LocatedText located;
  located.field = own_;
  uint32_t end = own_.begin;
  if (const WrittenValue* const value = FindValue(field, index)) {
    located.field = value->name;
    TextprotoLexer lexer(text_, value->value.begin);
    for (TextToken token = lexer.Next(); token.place.end <= value->value.end;
         token = lexer.Next()) {
      if (token.kind != TextToken::Kind::kLiteral) break;
      const TextLiteral literal = ReadLiteral(text_, token.place.begin);
      located.text += literal.value;
      located.origins.insert(located.origins.end(), literal.origins.begin(), literal.origins.end());
      end = literal.place.end - 1;
    }
  }
  located.origins.push_back(end);
  return located;
}

MessagePlaces MessagePlaces::Nested(absl::string_view field, int index) const {
  const FieldDescriptor& descriptor = Find(field);
  const google::protobuf::Reflection& reflection = *message_->GetReflection();
  const google::protobuf::Message& nested =
      descriptor.is_repeated() ? reflection.GetRepeatedMessage(*message_, &descriptor, index)
                               : reflection.GetMessage(*message_, &descriptor);
  const WrittenValue* const value = FindValue(field, index);
  return {text_, nested, value == nullptr ? nullptr : value->message.get(),
          value == nullptr ? own_ : value->name};
}

bool MessagePlaces::IsSpoiled(absl::string_view field) const {
  return written_ != nullptr && written_->fields[static_cast<size_t>(Find(field).index())].spoiled;
}

}  // namespace gatehouse::policy
