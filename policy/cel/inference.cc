#include "policy/cel/inference.h"

#include <utility>

namespace gatehouse::policy::cel {
namespace {

using Kind = Type::Kind;

// `type` with each parameter within replaced by what `replace` answers for it.
template <typename Replace>
Type Rebuild(const Type& type, const Replace& replace) {
  switch (type.kind()) {
    case Kind::kParameter:
      return replace(type);
    case Kind::kList:
      return Type::List(Rebuild(type.element(), replace));
    case Kind::kMap:
      return Type::Map(Rebuild(type.key(), replace), Rebuild(type.value(), replace));
    case Kind::kType:
      return Type::TypeOf(Rebuild(type.instance(), replace));
    default:
      return type;
  }
}

}  // namespace

Type Inference::Fresh() { return Type::Parameter(FreshParameters(1)); }

uint32_t Inference::FreshParameters(uint32_t count) {
  const auto first = static_cast<uint32_t>(bindings_.size());
  bindings_.resize(bindings_.size() + count);
  return first;
}

Type Inference::Instantiate(const Type& type, uint32_t first) {
  return Rebuild(type, [first](const Type& parameter) {
    return Type::Parameter(first + parameter.parameter());
  });
}

std::optional<Type> Inference::Merge(const Type& left, const Type& right) {
  if (left.is(Kind::kParameter)) return MergeParameter(left.parameter(), right);
  if (right.is(Kind::kParameter)) return MergeParameter(right.parameter(), left);
  if (left.is(Kind::kDyn) || right.is(Kind::kDyn)) {
    MakeDyn(left);
    MakeDyn(right);
    return Type::Dyn();
  }
  if (left.is_integral() && right.is_integral() && left.kind() != right.kind()) return Type::Int();
  if (left.kind() != right.kind()) return std::nullopt;
  switch (left.kind()) {
    case Kind::kList: {
      std::optional<Type> element = Merge(left.element(), right.element());
      if (!element.has_value()) return std::nullopt;
      return Type::List(*std::move(element));
    }
    case Kind::kMap: {
      std::optional<Type> key = Merge(left.key(), right.key());
      if (!key.has_value()) return std::nullopt;
      std::optional<Type> value = Merge(left.value(), right.value());
      if (!value.has_value()) return std::nullopt;
      return Type::Map(*std::move(key), *std::move(value));
    }
    case Kind::kType:  // type(1) == type('') is a fair question
      return Type::TypeOf(Merge(left.instance(), right.instance()).value_or(Type::Dyn()));
    default:
      return left == right ? std::optional<Type>(left) : std::nullopt;
  }
}

std::optional<Type> Inference::MergeParameter(uint32_t parameter, const Type& other) {
  if (other.is(Kind::kParameter) && other.parameter() == parameter) return other;
  std::optional<Type> merged = other;
  if (bindings_[parameter].has_value()) {
    merged = Merge(Type(*bindings_[parameter]), other);
    if (!merged.has_value()) return std::nullopt;
  }
  if (merged->is(Kind::kParameter) && merged->parameter() == parameter) return merged;
  if (Contains(*merged, parameter)) return std::nullopt;
  Bind(parameter, *merged);
  return merged;
}

bool Inference::Contains(const Type& type, uint32_t parameter) const {
  bool found = false;
  Rebuild(type, [&](const Type& each) {
    const std::optional<Type>& bound = bindings_[each.parameter()];
    found = found || each.parameter() == parameter ||
            (bound.has_value() && Contains(*bound, parameter));
    return each;
  });
  return found;
}

void Inference::MakeDyn(const Type& type) {
  Rebuild(type, [this](const Type& parameter) {
    Bind(parameter.parameter(), Type::Dyn());
    return parameter;
  });
}

void Inference::Bind(uint32_t parameter, Type type) {
  changes_.emplace_back(parameter, std::exchange(bindings_[parameter], std::move(type)));
}

void Inference::Restore(const Mark& mark) {
  for (; changes_.size() > mark.changes; changes_.pop_back()) {
    bindings_[changes_.back().first] = std::move(changes_.back().second);
  }
  bindings_.resize(mark.bindings);
}

Type Inference::Resolve(const Type& type) const {
  return Rebuild(type, [this](const Type& parameter) {
    const std::optional<Type>& bound = bindings_[parameter.parameter()];
    return bound.has_value() ? Resolve(*bound) : parameter;
  });
}

Type Inference::Close(const Type& type) const {
  return Rebuild(Resolve(type), [](const Type& /*open*/) { return Type::Dyn(); });
}

}  // namespace gatehouse::policy::cel
