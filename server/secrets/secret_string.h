// Secrets in memory: passwords, account secrets, tokens, keys. They are move-only, wiped when they
// die or are moved from, and cannot be printed, formatted, hashed or compared by accident: Reveal()
// is the only way to read one, so that every read can be found by searching for it. Not
// synchronised: as thread-safe as a std::string. Each owns its bytes.
#ifndef GATEHOUSE_SERVER_SECRETS_SECRET_STRING_H_
#define GATEHOUSE_SERVER_SECRETS_SECRET_STRING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::server {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(absl::Span<const uint8_t> copied);
  // `size` bytes as `fill` writes them.
  SecretBytes(size_t size, absl::FunctionRef<void(absl::Span<uint8_t>)> fill);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  // Valid until this object is moved from or dies.
  absl::Span<const uint8_t> Reveal() const { return {bytes_.get(), size_}; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void Wipe();

  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(absl::string_view copied);
  explicit SecretString(SecretBytes bytes) : bytes_(std::move(bytes)) {}

  // Copies and wipes `source`: for the secret fields of a request.
  static SecretString TakeFrom(std::string& source);

  // Valid until this object is moved from or dies.
  absl::string_view Reveal() const;

  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  SecretBytes bytes_;
};

// Equality in a time that depends on the lengths alone.
bool ConstantTimeEquals(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b);
bool ConstantTimeEquals(const SecretString& a, const SecretString& b);

// Overwrites the characters (and the spare capacity) of `text` and leaves it empty.
void WipeString(std::string& text);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_SECRET_STRING_H_
