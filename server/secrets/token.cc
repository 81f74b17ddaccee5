#include "server/secrets/token.h"

#include <algorithm>
#include <cassert>

#include "sodium.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kPrefix = "gh1_";
constexpr size_t kIdBytes = 16;
constexpr size_t kRandomBytes = 32;
constexpr size_t kBodySize = 64;  // of the 48 bytes, in base64url: no spare bits
static_assert((kIdBytes + kRandomBytes) * 4 == kBodySize * 3);

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr absl::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int8_t kNotInAlphabet = -1;

constexpr std::array<int8_t, 256> MakeSixBits() {
  std::array<int8_t, 256> six_bits{};
  for (int8_t& value : six_bits) value = kNotInAlphabet;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    six_bits[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return six_bits;
}
constexpr std::array<int8_t, 256> kSixBits = MakeSixBits();

int8_t SixBits(char character) { return kSixBits[static_cast<uint8_t>(character)]; }

}  // namespace

std::string Base64UrlEncode(absl::Span<const uint8_t> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

bool Base64UrlDecode(absl::string_view text, absl::Span<uint8_t> out) {
  size_t decoded = 0;
  return sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &decoded,
                           nullptr, kVariant) == 0 &&
         decoded == out.size();
}

std::string NewId(Entropy& entropy) {
  std::array<uint8_t, kIdBytes> bytes;
  entropy.Fill(absl::MakeSpan(bytes));
  return Base64UrlEncode(bytes);
}

bool IsWellFormedId(absl::string_view id) {
  std::array<uint8_t, kIdBytes> bytes;
  return Base64UrlDecode(id, absl::MakeSpan(bytes));
}

storage::SessionDigest DigestToken(absl::string_view token) {
  std::array<uint8_t, storage::SessionDigest::kSize> digest;
  static_assert(digest.size() == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), reinterpret_cast<const uint8_t*>(token.data()), token.size());
  return storage::SessionDigest(digest);
}

std::optional<storage::SessionDigest> ParseSessionId(absl::string_view session_id) {
  std::array<uint8_t, storage::SessionDigest::kSize> digest;
  if (!Base64UrlDecode(session_id, absl::MakeSpan(digest))) return std::nullopt;
  return storage::SessionDigest(digest);
}

IssuedToken IssueSessionToken(absl::string_view account_id, Entropy& entropy) {
  const SecretBytes body(kIdBytes + kRandomBytes, [&](absl::Span<uint8_t> bytes) {
    const bool well_formed = Base64UrlDecode(account_id, bytes.first(kIdBytes));
    assert(well_formed);
    static_cast<void>(well_formed);
    entropy.Fill(bytes.subspan(kIdBytes));
  });
  std::string text = Base64UrlEncode(body.Reveal());
  text.insert(0, kPrefix.data(), kPrefix.size());
  const storage::SessionDigest digest = DigestToken(text);
  return {.text = SecretString::TakeFrom(text), .digest = digest};
}

std::optional<PresentedToken> ParseSessionToken(absl::string_view token) {
  if (token.size() != kPrefix.size() + kBodySize || token.substr(0, kPrefix.size()) != kPrefix) {
    return std::nullopt;
  }
  const absl::string_view body = token.substr(kPrefix.size());
  if (!std::all_of(body.begin(), body.end(),
                   [](char character) { return SixBits(character) != kNotInAlphabet; })) {
    return std::nullopt;
  }
  PresentedToken presented;
  std::copy_n(body.begin(), PresentedToken::kAccountIdSize, presented.account_id_text.begin());
  // The id's last character carries two bits; in the token its other four are the random part's.
  char& last = presented.account_id_text.back();
  last = kAlphabet[static_cast<size_t>(SixBits(last) & 0b110000)];
  presented.digest = DigestToken(token);
  return presented;
}

}  // namespace gatehouse::server
