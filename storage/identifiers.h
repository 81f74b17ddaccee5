// Identifiers as the stores know them: opaque, strongly typed, never interchangeable.
//
// Values are immutable, owned, and as thread-safe as std::string. None of them is secret: a session
// digest is the SHA-256 of a token, from which the token cannot be had.
#ifndef GATEHOUSE_STORAGE_IDENTIFIERS_H_
#define GATEHOUSE_STORAGE_IDENTIFIERS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace gatehouse::storage {

// An opaque string that cannot be confused with one of another `Tag`.
template <typename Tag>
class Identifier {
 public:
  Identifier() = default;
  explicit Identifier(std::string value) : value_(std::move(value)) {}
  explicit Identifier(absl::string_view value) : value_(value) {}
  explicit Identifier(const char* value) : value_(value) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Identifier&, const Identifier&) = default;
  friend auto operator<=>(const Identifier&, const Identifier&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Identifier& id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  std::string value_;
};

// base64url of 16 random bytes; never reused.
using AccountId = Identifier<struct AccountIdTag>;
using OrganisationId = Identifier<struct OrganisationIdTag>;

// SHA-256 of a session token's text. Its base64url form is the API's `session_id`.
class SessionDigest {
 public:
  static constexpr std::size_t kSize = 32;

  SessionDigest() = default;
  explicit SessionDigest(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

  const std::array<std::uint8_t, kSize>& bytes() const { return bytes_; }
  absl::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  std::string ToSessionId() const { return absl::WebSafeBase64Escape(view()); }

  friend bool operator==(const SessionDigest&, const SessionDigest&) = default;
  friend auto operator<=>(const SessionDigest&, const SessionDigest&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const SessionDigest& digest) {
    return H::combine(std::move(state), digest.bytes_);
  }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_IDENTIFIERS_H_
