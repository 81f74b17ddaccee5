#include "server/secrets/padded_seal.h"

#include <algorithm>

#include "absl/status/status.h"
#include "sodium.h"

namespace gatehouse::server {
namespace {

// Texts are padded to a multiple of this.
constexpr size_t kPadding = 96;

}  // namespace

KeyRing::Sealed SealPadded(const KeyRing& keys, Entropy& entropy, absl::string_view place,
                           const SecretString& text) {
  const absl::string_view plain = text.Reveal();
  const size_t padded_size = (plain.size() / kPadding + 1) * kPadding;
  const SecretBytes padded(padded_size, [&](absl::Span<uint8_t> bytes) {
    std::copy(plain.begin(), plain.end(), bytes.begin());
    size_t written = 0;
    sodium_pad(&written, bytes.data(), plain.size(), kPadding, bytes.size());
  });
  return keys.Seal(KeyPurpose::kAccountSecret, padded.Reveal(), place, entropy);
}

absl::StatusOr<SecretString> OpenPadded(const KeyRing& keys, absl::string_view place,
                                        const KeyRing::Sealed& sealed) {
  const absl::StatusOr<SecretBytes> padded = keys.Open(KeyPurpose::kAccountSecret, sealed, place);
  if (!padded.ok()) return padded.status();
  const absl::Span<const uint8_t> bytes = padded->Reveal();
  size_t size = 0;
  if (sodium_unpad(&size, bytes.data(), bytes.size(), kPadding) != 0) {
    return absl::DataLossError("a sealed value cannot be opened");
  }
  return SecretString(SecretBytes(bytes.first(size)));
}

}  // namespace gatehouse::server
