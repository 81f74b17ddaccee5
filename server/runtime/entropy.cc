#include "server/runtime/entropy.h"

#include <cstdlib>
#include <cstring>

#include "sodium.h"

namespace gatehouse::server {

uint32_t Entropy::Below(uint32_t limit) {
  // Draws below 2^32 mod `limit` are drawn again: what is left is a whole number of `limit`s.
  const uint32_t surplus = (0U - limit) % limit;
  while (true) {
    std::array<uint8_t, sizeof(uint32_t)> bytes;
    Fill(absl::MakeSpan(bytes));
    uint32_t draw;
    std::memcpy(&draw, bytes.data(), sizeof(draw));
    if (draw >= surplus) return draw % limit;
  }
}

SystemEntropy::SystemEntropy() {
  if (sodium_init() < 0) std::abort();
}

void SystemEntropy::Fill(absl::Span<uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

SeededEntropy::SeededEntropy(uint64_t seed) { std::memcpy(seed_.data(), &seed, sizeof(seed)); }

void SeededEntropy::Fill(absl::Span<uint8_t> bytes) {
  const std::lock_guard lock(mutex_);
  std::array<uint8_t, crypto_stream_chacha20_NONCEBYTES> nonce;
  static_assert(nonce.size() == sizeof(draws_));
  std::memcpy(nonce.data(), &draws_, nonce.size());
  ++draws_;
  crypto_stream_chacha20(bytes.data(), bytes.size(), nonce.data(), seed_.data());
}

}  // namespace gatehouse::server
