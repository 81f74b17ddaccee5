#include "policy/cel/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse::policy::cel {
namespace {

constexpr size_t kFirstBlock = 4096;
constexpr size_t kLargestStep = 1 << 20;

}  // namespace

Arena::Arena(Arena&& other) noexcept { *this = std::move(other); }

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  blocks_ = std::move(other.blocks_);
  other.blocks_.clear();
  current_ = std::exchange(other.current_, 0);
  block_ = std::exchange(other.block_, nullptr);
  capacity_ = std::exchange(other.capacity_, 0);
  used_ = std::exchange(other.used_, 0);
  return *this;
}

absl::string_view Arena::CopyString(absl::string_view text) {
  if (text.empty()) return {};
  char* copy = static_cast<char*>(Allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void Arena::Reset() {
  if (!blocks_.empty()) Use(0);
}

size_t Arena::capacity() const {
  size_t total = 0;
  for (const Block& block : blocks_) total += block.size;
  return total;
}

// New blocks start aligned for anything, so `bytes` from the start of one always fits.
void* Arena::AllocateSlow(size_t bytes) {
  while (current_ + 1 < blocks_.size()) {
    Use(current_ + 1);
    if (bytes <= capacity_) {
      used_ = bytes;
      return block_;
    }
  }
  const size_t grown = blocks_.empty() ? kFirstBlock : std::min(2 * capacity_, kLargestStep);
  const size_t size = std::max(bytes, grown);
  blocks_.push_back({std::make_unique<std::byte[]>(size), size});
  Use(blocks_.size() - 1);
  used_ = bytes;
  return block_;
}

void Arena::Use(size_t index) {
  current_ = index;
  block_ = blocks_[index].memory.get();
  capacity_ = blocks_[index].size;
  used_ = 0;
}

}  // namespace gatehouse::policy::cel
