#include "policy/cel/environment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "policy/cel/kind_match.h"
#include "policy/cel/lexer.h"
#include "policy/cel/suggestion.h"

namespace gatehouse::policy::cel {
namespace {

bool IsDottedName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '.');
  return std::all_of(parts.begin(), parts.end(), IsIdentifier);
}

bool Fits(const Value& value, const Type& type);

bool FitsAll(absl::Span<const Value> values, const Type& type) {
  return std::all_of(values.begin(), values.end(),
                     [&type](const Value& value) { return Fits(value, type); });
}

bool FitsRecord(absl::Span<const Value> values, const RecordType& type) {
  return std::equal(
      values.begin(), values.end(), type.fields.begin(), type.fields.end(),
      [](const Value& value, const RecordType::Field& field) { return Fits(value, field.type); });
}

bool FitsMap(absl::Span<const MapEntry> entries, const Type& type) {
  return std::all_of(entries.begin(), entries.end(), [&type](const MapEntry& entry) {
    return entry.key.ok() && Fits(entry.key, type.key()) && Fits(entry.value, type.value());
  });
}

bool Fits(const Value& value, const Type& type) {
  if (value.failed()) return true;
  if (!MatchesKind(type, value)) return false;
  switch (type.kind()) {
    case Type::Kind::kList:
      return FitsAll(value.list_value(), type.element());
    case Type::Kind::kMap:
      return FitsMap(value.map_value(), type);
    case Type::Kind::kRecord:
      return FitsRecord(value.record_value(), type.record_type());
    default:
      return true;
  }
}

}  // namespace

Environment::Environment(std::string container) : container_(std::move(container)) {}

absl::StatusOr<SlotId> Environment::AddVariable(absl::string_view name, Type type,
                                                SizeBound bound) {
  const auto slot = static_cast<SlotId>(variables_.size());
  const absl::Status declared = Declare(name, {true, slot});
  if (!declared.ok()) return declared;
  variables_.push_back({std::string(name), std::move(type), slot, bound});
  return slot;
}

absl::Status Environment::Excuse(absl::string_view name) {
  const absl::StatusOr<SlotId> slot = AddVariable(name, Type::Dyn());
  if (slot.ok()) variables_[*slot].excused = true;
  return slot.status();
}

absl::Status Environment::AddConstant(absl::string_view name, Type type, const Value& value) {
  if (!value.ok() || !Fits(value, type)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value of ", name, " is not of type ", type.ToString()));
  }
  const absl::Status declared = Declare(name, {false, static_cast<uint32_t>(constants_.size())});
  if (!declared.ok()) return declared;
  constants_.push_back({std::string(name), std::move(type), CopyTo(arena_, value)});
  return absl::OkStatus();
}

absl::Status Environment::AddEnum(std::shared_ptr<const EnumType> definition) {
  const Type type = Type::Enum(definition);
  for (const auto& [name, number] : definition->values) {
    for (const std::string& spelling : {name, absl::StrCat(definition->name, ".", name)}) {
      const absl::Status added = AddConstant(spelling, type, Value::Int(number));
      if (!added.ok()) return added;
    }
  }
  return absl::OkStatus();
}

absl::Status Environment::Declare(absl::string_view name, Entry entry) {
  if (!IsDottedName(name)) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is not a name"));
  }
  if (!names_.try_emplace(std::string(name), entry).second) {
    return absl::AlreadyExistsError(absl::StrCat("'", name, "' is declared twice"));
  }
  return absl::OkStatus();
}

const Environment::Variable* Environment::FindVariable(absl::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end() || !found->second.is_variable) return nullptr;
  return &variables_[found->second.index];
}

const Environment::Constant* Environment::FindConstant(absl::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end() || found->second.is_variable) return nullptr;
  return &constants_[found->second.index];
}

std::string Environment::NearestName(absl::string_view name) const {
  Suggestion suggestion(name);
  for (const Variable& variable : variables_) suggestion.Offer(variable.name);
  for (const Constant& constant : constants_) suggestion.Offer(constant.name);
  return suggestion.name();
}

absl::Status Environment::CheckSlots(absl::Span<const Value> slots) const {
  if (slots.size() != variables_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected ", variables_.size(), " slots, got ", slots.size()));
  }
  for (const Variable& variable : variables_) {
    const Value& value = slots[variable.slot];
    if (!Fits(value, variable.type)) {
      return absl::InvalidArgumentError(absl::StrCat(variable.name, ": expected ",
                                                     variable.type.ToString(), ", got ",
                                                     KindName(value.kind())));
    }
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::policy::cel
