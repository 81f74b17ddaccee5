#include "policy/cel/kind_match.h"

namespace gatehouse::policy::cel {

bool MatchesKind(const Type& type, const Value& value) {
  switch (type.kind()) {
    case Type::Kind::kDyn:
    case Type::Kind::kParameter:
      return true;
    case Type::Kind::kNull:
      return value.is(ValueKind::kNull);
    case Type::Kind::kBool:
      return value.is(ValueKind::kBool);
    case Type::Kind::kInt:
    case Type::Kind::kEnum:
      return value.is(ValueKind::kInt);
    case Type::Kind::kUint:
      return value.is(ValueKind::kUint);
    case Type::Kind::kDouble:
      return value.is(ValueKind::kDouble);
    case Type::Kind::kString:
      return value.is(ValueKind::kString);
    case Type::Kind::kBytes:
      return value.is(ValueKind::kBytes);
    case Type::Kind::kTimestamp:
      return value.is(ValueKind::kTimestamp);
    case Type::Kind::kDuration:
      return value.is(ValueKind::kDuration);
    case Type::Kind::kList:
      return value.is(ValueKind::kList);
    case Type::Kind::kMap:
      return value.is(ValueKind::kMap);
    case Type::Kind::kType:
      return value.is(ValueKind::kType);
    case Type::Kind::kRecord:
      return value.is(ValueKind::kRecord);
  }
  return false;
}

}  // namespace gatehouse::policy::cel
