#include "server/secrets/secret_string.h"

#include <algorithm>
#include <utility>

#include "sodium.h"

namespace gatehouse::server {
namespace {

absl::Span<const uint8_t> AsBytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

SecretBytes::SecretBytes(absl::Span<const uint8_t> copied)
    : SecretBytes(copied.size(), [copied](absl::Span<uint8_t> bytes) {
        std::copy(copied.begin(), copied.end(), bytes.begin());
      }) {}

SecretBytes::SecretBytes(size_t size, absl::FunctionRef<void(absl::Span<uint8_t>)> fill)
    : bytes_(std::make_unique<uint8_t[]>(size)), size_(size) {
  fill({bytes_.get(), size_});
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { Wipe(); }

void SecretBytes::Wipe() {
  if (bytes_ != nullptr) sodium_memzero(bytes_.get(), size_);
}

SecretString::SecretString(absl::string_view copied) : bytes_(AsBytes(copied)) {}

SecretString SecretString::TakeFrom(std::string& source) {
  SecretString taken(source);
  WipeString(source);
  return taken;
}

absl::string_view SecretString::Reveal() const {
  const absl::Span<const uint8_t> bytes = bytes_.Reveal();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool ConstantTimeEquals(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool ConstantTimeEquals(const SecretString& a, const SecretString& b) {
  return ConstantTimeEquals(AsBytes(a.Reveal()), AsBytes(b.Reveal()));
}

void WipeString(std::string& text) {
  text.resize(text.capacity());
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace gatehouse::server
