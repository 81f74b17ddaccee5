// Randomness as the server draws it: for tokens, ids, salts, nonces and temporary passwords. All
// methods may be called from any thread. An Entropy is owned by the composition root (or the test)
// and outlives its users. Drawing cannot fail: where the system has no randomness the process ends.
#ifndef GATEHOUSE_SERVER_RUNTIME_ENTROPY_H_
#define GATEHOUSE_SERVER_RUNTIME_ENTROPY_H_

#include <array>
#include <cstdint>
#include <mutex>

#include "absl/types/span.h"

namespace gatehouse::server {

class Entropy {
 public:
  virtual ~Entropy() = default;

  // Overwrites all of `bytes` with uniformly distributed ones.
  virtual void Fill(absl::Span<uint8_t> bytes) = 0;

  // A uniform number in [0, limit), without modulo bias. `limit` must not be zero.
  uint32_t Below(uint32_t limit);
};

// The kernel's randomness, through libsodium.
class SystemEntropy final : public Entropy {
 public:
  SystemEntropy();
  void Fill(absl::Span<uint8_t> bytes) override;
};

// The same bytes for the same seed, for tests only: whoever knows the seed knows every draw.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(uint64_t seed);
  void Fill(absl::Span<uint8_t> bytes) override;

 private:
  std::mutex mutex_;
  std::array<uint8_t, 32> seed_{};
  uint64_t draws_ = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_ENTROPY_H_
