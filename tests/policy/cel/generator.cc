#include "tests/policy/cel/generator.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::policy::cel {
namespace {

constexpr Type::Kind kKinds[] = {Type::Kind::kBool,      Type::Kind::kInt,      Type::Kind::kString,
                                 Type::Kind::kTimestamp, Type::Kind::kDuration, Type::Kind::kList};

constexpr const char* kComparisons[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};

}  // namespace

std::string Generator::Expression(int depth) {
  return Expression(kKinds[Below(std::size(kKinds))], depth);
}

std::string Generator::Expression(Type::Kind kind, int depth) {
  if (depth > 0 && Below(8) == 0) return Choose(kind, depth - 1);
  switch (kind) {
    case Type::Kind::kBool:
      return Bool(depth);
    case Type::Kind::kInt:
      return Int(depth);
    case Type::Kind::kString:
      return String(depth);
    case Type::Kind::kTimestamp:
      return Timestamp(depth);
    case Type::Kind::kDuration:
      return Duration(depth);
    default:
      return List(depth);
  }
}

std::string Generator::Choose(Type::Kind kind, int depth) {
  return absl::StrCat("(", Bool(depth), " ? ", Expression(kind, depth), " : ",
                      Expression(kind, depth), ")");
}

std::string Generator::Comparison(int depth) {
  constexpr Type::Kind kOrdered[] = {Type::Kind::kInt, Type::Kind::kString, Type::Kind::kTimestamp,
                                     Type::Kind::kDuration, Type::Kind::kBool};
  const Type::Kind kind = kOrdered[Below(std::size(kOrdered))];
  return absl::StrCat("(", Expression(kind, depth), kComparisons[Below(std::size(kComparisons))],
                      Expression(kind, depth), ")");
}

std::string Generator::Bool(int depth) {
  if (depth <= 0) {
    constexpr const char* kLeaves[] = {"true", "false", "account.aup_accepted",
                                       "has(account.locked_at)", "has(account.labels.ward)"};
    return kLeaves[Below(std::size(kLeaves))];
  }
  switch (Below(9)) {
    case 0:
      return absl::StrCat("(", Bool(depth - 1), " && ", Bool(depth - 1), ")");
    case 1:
      return absl::StrCat("(", Bool(depth - 1), " || ", Bool(depth - 1), ")");
    case 2:
      return absl::StrCat("!", Bool(depth - 1));
    case 3:
      return absl::StrCat("(", Int(depth - 1), " in ", List(depth - 1), ")");
    case 4:
      return absl::StrCat("(", List(depth - 1), " == ", List(depth - 1), ")");
    case 5:
      return absl::StrCat(String(depth - 1), ".startsWith(", String(depth - 1), ")");
    case 6: {
      constexpr const char* kMacros[] = {".all(", ".exists(", ".exists_one("};
      const std::string range = List(depth - 1);
      const std::string name = absl::StrCat("x", variables_++);
      std::string text = absl::StrCat(range, kMacros[Below(3)], name, ", ", Bool(depth - 1), ")");
      --variables_;
      return text;
    }
    case 7:
      return absl::StrCat(
          "actor.roles.exists(r, r.role == ", Below(2) == 0 ? "LOCAL_ADMIN" : Int(depth - 1), ")");
    default:
      return Comparison(depth - 1);
  }
}

std::string Generator::Int(int depth) {
  if (depth <= 0) {
    constexpr const char* kLeaves[] = {"0",
                                       "1",
                                       "-7",
                                       "9223372036854775807",
                                       "account.failures",
                                       "LOCAL_ADMIN",
                                       "actor.roles[0].role"};
    if (variables_ > 0 && Below(2) == 0) {
      return absl::StrCat("x", Below(static_cast<uint32_t>(variables_)));
    }
    return kLeaves[Below(std::size(kLeaves))];
  }
  constexpr const char* kOperators[] = {" + ", " - ", " * ", " / ", " % "};
  switch (Below(7)) {
    case 0:
      return absl::StrCat("size(", String(depth - 1), ")");
    case 1:
      return absl::StrCat(List(depth - 1), "[", Int(depth - 1), "]");
    case 2:
      return absl::StrCat(Timestamp(depth - 1), ".getHours('Europe/London')");
    case 3:
      return absl::StrCat("int(", String(depth - 1), ")");
    case 4:
      return absl::StrCat(Duration(depth - 1), ".getMinutes()");
    default:
      return absl::StrCat("(", Int(depth - 1), kOperators[Below(std::size(kOperators))],
                          Int(depth - 1), ")");
  }
}

std::string Generator::String(int depth) {
  if (depth <= 0) {
    constexpr const char* kLeaves[] = {"''",
                                       "'org-1'",
                                       "'\\u00e9'",
                                       "account.organisation_id",
                                       "account.labels['ward']",
                                       "account.labels.bed"};
    return kLeaves[Below(std::size(kLeaves))];
  }
  switch (Below(3)) {
    case 0:
      return absl::StrCat("string(", Expression(kKinds[Below(5)], depth - 1), ")");
    case 1:
      return absl::StrCat("{", Int(depth - 1), ": ", String(depth - 1), "}[", Int(depth - 1), "]");
    default:
      return absl::StrCat("(", String(depth - 1), " + ", String(depth - 1), ")");
  }
}

std::string Generator::Timestamp(int depth) {
  if (depth <= 0) {
    constexpr const char* kLeaves[] = {"now", "account.joined_at", "account.locked_at",
                                       "timestamp('2024-02-29T00:00:00Z')"};
    return kLeaves[Below(std::size(kLeaves))];
  }
  if (Below(3) == 0) return absl::StrCat("timestamp(", Int(depth - 1), ")");
  return absl::StrCat("(", Timestamp(depth - 1), Below(2) == 0 ? " + " : " - ", Duration(depth - 1),
                      ")");
}

std::string Generator::Duration(int depth) {
  if (depth <= 0) return Below(2) == 0 ? "organisation_hold" : "duration('-1.5h')";
  if (Below(2) == 0) {
    return absl::StrCat("(", Timestamp(depth - 1), " - ", Timestamp(depth - 1), ")");
  }
  return absl::StrCat("(", Duration(depth - 1), " + ", Duration(depth - 1), ")");
}

std::string Generator::List(int depth) {
  if (depth <= 0) return Below(2) == 0 ? "[]" : "[1, account.failures]";
  switch (Below(4)) {
    case 0:
      return absl::StrCat("[", Int(depth - 1), ", ", Int(depth - 1), "]");
    case 1:
      return absl::StrCat("(", List(depth - 1), " + ", List(depth - 1), ")");
    case 2:
      return "actor.roles.map(r, r.role)";
    default: {
      const std::string range = List(depth - 1);
      const std::string name = absl::StrCat("x", variables_++);
      std::string text = Below(2) == 0
                             ? absl::StrCat(range, ".map(", name, ", ", Int(depth - 1), ")")
                             : absl::StrCat(range, ".filter(", name, ", ", Bool(depth - 1), ")");
      --variables_;
      return text;
    }
  }
}

}  // namespace gatehouse::policy::cel
