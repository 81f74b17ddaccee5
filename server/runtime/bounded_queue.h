// A first-in-first-out queue of fixed capacity between threads, without locks: what does not fit is
// refused at once, and nobody ever waits.
//
// Thread-safe for any number of pushing and popping threads (Dmitry Vyukov's bounded queue: each
// cell tells by its turn whether it can be filled or emptied). Owns what is in it.
#ifndef GATEHOUSE_SERVER_RUNTIME_BOUNDED_QUEUE_H_
#define GATEHOUSE_SERVER_RUNTIME_BOUNDED_QUEUE_H_

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::server {

template <typename T>
class BoundedQueue {
 public:
  // The capacity is rounded up to a power of two, and to two: with one cell, full and empty look
  // alike.
  explicit BoundedQueue(std::size_t capacity)
      : cells_(std::bit_ceil(std::max<std::size_t>(capacity, 2))) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].turn.store(i);
  }

  // False if it is full; `value` is then untouched.
  bool TryPush(T&& value) {
    std::uint64_t turn = next_push_.load(std::memory_order_relaxed);
    Cell* cell = Claim(next_push_, turn, 0);
    if (cell == nullptr) return false;
    cell->value = std::move(value);
    cell->turn.store(turn + 1, std::memory_order_release);
    return true;
  }

  // Nothing if it is empty.
  std::optional<T> TryPop() {
    std::uint64_t turn = next_pop_.load(std::memory_order_relaxed);
    Cell* cell = Claim(next_pop_, turn, 1);
    if (cell == nullptr) return std::nullopt;
    std::optional<T> value(std::move(cell->value));
    cell->turn.store(turn + cells_.size(), std::memory_order_release);
    return value;
  }

 private:
  struct Cell {
    std::atomic<std::uint64_t> turn = 0;
    T value{};
  };

  // The cell of the next turn, whose own turn is `ahead` of it when it is ready; null if it is not.
  Cell* Claim(std::atomic<std::uint64_t>& next, std::uint64_t& turn, std::uint64_t ahead) {
    for (;;) {
      Cell& cell = cells_[turn & (cells_.size() - 1)];
      const auto lead =
          static_cast<std::int64_t>(cell.turn.load(std::memory_order_acquire) - (turn + ahead));
      if (lead < 0) return nullptr;
      if (lead > 0) {
        turn = next.load(std::memory_order_relaxed);
      } else if (next.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed)) {
        return &cell;
      }
    }
  }

  std::vector<Cell> cells_;
  alignas(64) std::atomic<std::uint64_t> next_push_ = 0;
  alignas(64) std::atomic<std::uint64_t> next_pop_ = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_BOUNDED_QUEUE_H_
