// Argon2 itself, what we make by it being Argon2id: parameters, the PHC text form, and the
// computation on reusable memory. libsodium's vectorised kernels compute what they can (Argon2id,
// parallelism 1), the reference library the rest; the tags are bit-identical. Parameters and PHC
// are pure values; an Argon2Workspace serves one thread at a time and keeps its memory, so that a
// hash does not begin with thousands of page faults.
#ifndef GATEHOUSE_SERVER_SECRETS_ARGON2_H_
#define GATEHOUSE_SERVER_SECRETS_ARGON2_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::server {

// Argon2i is only ever read: other systems made it.
enum class Argon2Variant { kId, kI };

struct Argon2Parameters {
  uint32_t memory_kib = 19456;
  uint32_t passes = 2;
  uint32_t parallelism = 1;

  friend bool operator==(const Argon2Parameters&, const Argon2Parameters&) = default;
};

// The most that is computed for anyone, whatever a stored hash says.
struct Argon2Limits {
  uint32_t memory_kib = 262144;
  uint32_t passes = 10;
  uint32_t parallelism = 8;
};

// INVALID_ARGUMENT names the parameter that is beyond `limits` or below what Argon2 allows.
absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters, const Argon2Limits& limits);

// $argon2id$v=19$m=19456,t=2,p=1$SALT$TAG, salt and tag in base64 without padding.
struct PhcHash {
  static constexpr size_t kSaltSize = 16;  // what we write; 8 to 64 is read
  static constexpr size_t kTagSize = 32;   // what we write; 16 to 64 is read

  Argon2Variant variant = Argon2Variant::kId;
  Argon2Parameters parameters;
  std::vector<uint8_t> salt;
  std::vector<uint8_t> tag;
};

std::string FormatPhc(const PhcHash& hash);

// Reads exactly what FormatPhc writes, in canonical form: anything else is INVALID_ARGUMENT.
absl::StatusOr<PhcHash> ParsePhc(absl::string_view text);

class Argon2Workspace {
 public:
  Argon2Workspace() = default;
  ~Argon2Workspace();
  Argon2Workspace(const Argon2Workspace&) = delete;
  Argon2Workspace& operator=(const Argon2Workspace&) = delete;

  // Fills `tag`. Parameters must have passed CheckArgon2Parameters. RESOURCE_EXHAUSTED when the
  // memory cannot be had.
  absl::Status Compute(absl::Span<const uint8_t> password, absl::Span<const uint8_t> salt,
                       const Argon2Parameters& parameters, absl::Span<uint8_t> tag,
                       Argon2Variant variant = Argon2Variant::kId);

  // For the libraries' allocators during Compute: at least `size` bytes, or null. What was reserved
  // before is kept where it suffices and given back where it does not.
  void* Reserve(size_t size);

 private:
  void Release();

  void* memory_ = nullptr;
  size_t size_ = 0;  // bytes
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_ARGON2_H_
