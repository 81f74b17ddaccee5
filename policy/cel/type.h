// The static type of an expression, as the checker sees it.
//
// Beside the types of the language there are records (named fields, resolved to indices; what lists
// of structured facts consist of) and enums (ints with names: an enum is accepted wherever an int
// is, but two different enums never meet). Values, cheap to copy, immutable, shareable.
#ifndef GATEHOUSE_POLICY_CEL_TYPE_H_
#define GATEHOUSE_POLICY_CEL_TYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatehouse::policy::cel {

class Type;

struct EnumType {
  std::string name;
  std::vector<std::pair<std::string, int64_t>> values;

  // Empty if no value has this number.
  absl::string_view NameOf(int64_t number) const;
};

struct RecordType {
  struct Field;
  std::string name;
  std::vector<Field> fields;

  std::optional<uint32_t> FindField(absl::string_view field) const;
};

class Type {
 public:
  enum class Kind : uint8_t {
    kDyn,  // anything; checked at run time
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kType,
    kEnum,
    kRecord,
    kParameter,  // stands for a type that is still open, while checking and in signatures
  };

  Type() = default;  // dyn
  static Type Dyn() { return Type(Kind::kDyn); }
  static Type Null() { return Type(Kind::kNull); }
  static Type Bool() { return Type(Kind::kBool); }
  static Type Int() { return Type(Kind::kInt); }
  static Type Uint() { return Type(Kind::kUint); }
  static Type Double() { return Type(Kind::kDouble); }
  static Type String() { return Type(Kind::kString); }
  static Type Bytes() { return Type(Kind::kBytes); }
  static Type Timestamp() { return Type(Kind::kTimestamp); }
  static Type Duration() { return Type(Kind::kDuration); }
  static Type List(Type element);
  static Type Map(Type key, Type value);
  // The type of a type: TypeOf(Int()) is the type of the expression `int`.
  static Type TypeOf(Type instance);
  static Type Enum(std::shared_ptr<const EnumType> definition);
  static Type Record(std::shared_ptr<const RecordType> definition);
  static Type Parameter(uint32_t id);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  // int or an enum: an int at run time.
  bool is_integral() const { return is(Kind::kInt) || is(Kind::kEnum); }

  // Of a list; key and value of a map; what a type is the type of.
  const Type& element() const { return (*parameters_)[0]; }
  const Type& key() const { return (*parameters_)[0]; }
  const Type& value() const { return (*parameters_)[1]; }
  const Type& instance() const { return (*parameters_)[0]; }
  uint32_t parameter() const { return parameter_; }
  const EnumType& enum_type() const { return *enum_; }
  const RecordType& record_type() const { return *record_; }

  // As people write it: "list(string)", "timestamp", "Role".
  std::string ToString() const;
  // As type() answers at run time: "google.protobuf.Timestamp", "list", "int". Static.
  absl::string_view RuntimeName() const;

  friend bool operator==(const Type& left, const Type& right);

 private:
  explicit Type(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::kDyn;
  uint32_t parameter_ = 0;
  std::shared_ptr<const std::vector<Type>> parameters_;
  std::shared_ptr<const EnumType> enum_;
  std::shared_ptr<const RecordType> record_;
};

struct RecordType::Field {
  std::string name;
  Type type;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_TYPE_H_
