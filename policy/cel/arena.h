// Memory for values that an evaluation makes: concatenated strings, lists built by map(),
// conversions.
//
// A bump allocator. Reset() forgets everything at once and keeps the blocks, so an arena that is
// reused reaches a steady state in which evaluations allocate nothing. Nothing is destroyed: only
// trivially destructible things may live here. Whatever was allocated is valid until Reset() or the
// arena's end, and stays where it is when the arena is moved. Not thread-safe: one arena a thread.
#ifndef GATEHOUSE_POLICY_CEL_ARENA_H_
#define GATEHOUSE_POLICY_CEL_ARENA_H_

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::policy::cel {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept;
  Arena& operator=(Arena&&) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `alignment` is a power of two, at most alignof(std::max_align_t).
  void* Allocate(size_t bytes, size_t alignment) {
    const size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (start + bytes > capacity_) return AllocateSlow(bytes);
    used_ = start + bytes;
    return block_ + start;
  }

  // An array of `count` value-initialised elements.
  template <typename T>
  absl::Span<T> AllocateArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* first = static_cast<T*>(Allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return absl::MakeSpan(first, count);
  }

  // A copy of `text` that lives as long as the arena's contents.
  absl::string_view CopyString(absl::string_view text);

  // Forgets all contents, keeps the memory.
  void Reset();

  // Bytes held from the system, used or not.
  size_t capacity() const;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    size_t size = 0;
  };

  void* AllocateSlow(size_t bytes);
  void Use(size_t index);

  std::vector<Block> blocks_;
  size_t current_ = 0;
  std::byte* block_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_ARENA_H_
