#include "policy/cel/type.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gatehouse::policy::cel {

absl::string_view EnumType::NameOf(int64_t number) const {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [number](const auto& value) { return value.second == number; });
  return found == values.end() ? absl::string_view() : found->first;
}

std::optional<uint32_t> RecordType::FindField(absl::string_view field) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [field](const Field& each) { return each.name == field; });
  if (found == fields.end()) return std::nullopt;
  return static_cast<uint32_t>(found - fields.begin());
}

Type Type::List(Type element) {
  Type type(Kind::kList);
  type.parameters_ = std::make_shared<const std::vector<Type>>(1, std::move(element));
  return type;
}

Type Type::Map(Type key, Type value) {
  Type type(Kind::kMap);
  type.parameters_ = std::make_shared<const std::vector<Type>>(
      std::vector<Type>{std::move(key), std::move(value)});
  return type;
}

Type Type::TypeOf(Type instance) {
  Type type(Kind::kType);
  type.parameters_ = std::make_shared<const std::vector<Type>>(1, std::move(instance));
  return type;
}

Type Type::Enum(std::shared_ptr<const EnumType> definition) {
  Type type(Kind::kEnum);
  type.enum_ = std::move(definition);
  return type;
}

Type Type::Record(std::shared_ptr<const RecordType> definition) {
  Type type(Kind::kRecord);
  type.record_ = std::move(definition);
  return type;
}

Type Type::Parameter(uint32_t id) {
  Type type(Kind::kParameter);
  type.parameter_ = id;
  return type;
}

std::string Type::ToString() const {
  switch (kind_) {
    case Kind::kList:
      return absl::StrCat("list(", element().ToString(), ")");
    case Kind::kMap:
      return absl::StrCat("map(", key().ToString(), ", ", value().ToString(), ")");
    case Kind::kType:
      return absl::StrCat("type(", instance().ToString(), ")");
    case Kind::kEnum:
      return enum_->name;
    case Kind::kRecord:
      return record_->name;
    case Kind::kTimestamp:
      return "timestamp";
    case Kind::kDuration:
      return "duration";
    case Kind::kNull:
      return "null";
    case Kind::kParameter:
      return "any type";
    default:
      return std::string(RuntimeName());
  }
}

absl::string_view Type::RuntimeName() const {
  switch (kind_) {
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
    case Kind::kEnum:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
    case Kind::kRecord:
      return "record";
    case Kind::kDyn:
    case Kind::kParameter:
      return "dyn";
  }
  return "dyn";
}

bool operator==(const Type& left, const Type& right) {
  if (left.kind_ != right.kind_) return false;
  switch (left.kind_) {
    case Type::Kind::kList:
    case Type::Kind::kMap:
    case Type::Kind::kType:
      return *left.parameters_ == *right.parameters_;
    case Type::Kind::kEnum:
      return left.enum_->name == right.enum_->name;
    case Type::Kind::kRecord:
      return left.record_->name == right.record_->name;
    case Type::Kind::kParameter:
      return left.parameter_ == right.parameter_;
    default:
      return true;
  }
}

}  // namespace gatehouse::policy::cel
