// Finds the types that open type parameters stand for.
//
// Merging two types answers the type that both fit into, binding parameters on the way. Dyn takes
// everything in, and everything it meets becomes dyn, so that a static type always tells the truth.
// Not thread-safe: one per check.
#ifndef GATEHOUSE_POLICY_CEL_INFERENCE_H_
#define GATEHOUSE_POLICY_CEL_INFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "policy/cel/type.h"

namespace gatehouse::policy::cel {

class Inference {
 public:
  // A type that is still open.
  Type Fresh();
  // `type` with its parameters, numbered from 0 and below `count`, replaced by the fresh ones that
  // start at `first`.
  static Type Instantiate(const Type& type, uint32_t first);
  // Makes `count` fresh parameters; answers the first.
  uint32_t FreshParameters(uint32_t count);

  // Nothing if no type fits both.
  std::optional<Type> Merge(const Type& left, const Type& right);

  // With everything filled in that is known by now.
  Type Resolve(const Type& type) const;
  // Likewise, and dyn for what stayed open.
  Type Close(const Type& type) const;

  // To undo everything after it.
  struct Mark {
    size_t bindings;
    size_t changes;
  };
  Mark Save() const { return {bindings_.size(), changes_.size()}; }
  void Restore(const Mark& mark);

 private:
  std::optional<Type> MergeParameter(uint32_t parameter, const Type& other);
  bool Contains(const Type& type, uint32_t parameter) const;
  void MakeDyn(const Type& type);

  void Bind(uint32_t parameter, Type type);

  std::vector<std::optional<Type>> bindings_;
  // What each binding was before it was changed, the latest last.
  std::vector<std::pair<uint32_t, std::optional<Type>>> changes_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_INFERENCE_H_
