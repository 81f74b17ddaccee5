#include "server/secrets/totp.h"

#include <liboath/oath.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "sodium.h"

namespace gatehouse::server {
namespace {

constexpr size_t kSecretSize = 20;
constexpr unsigned kStepSeconds = 30;
constexpr unsigned kDigits = 6;

struct FreeSecretText {
  void operator()(char* text) const {
    sodium_memzero(text, std::char_traits<char>::length(text));
    std::free(text);
  }
};

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

SecretBytes NewTotpSecret(Entropy& entropy) {
  return {kSecretSize, [&](absl::Span<uint8_t> bytes) { entropy.Fill(bytes); }};
}

int64_t TotpStepAt(absl::Time instant) { return absl::ToUnixSeconds(instant) / kStepSeconds; }

SecretString TotpCode(const SecretBytes& secret, int64_t step) {
  std::array<char, kDigits + 1> digits{};
  const int made =
      oath_totp_generate(reinterpret_cast<const char*>(secret.Reveal().data()), secret.size(),
                         static_cast<time_t>(step * kStepSeconds), kStepSeconds,
                         OATH_TOTP_DEFAULT_START_TIME, kDigits, digits.data());
  if (made != OATH_OK) std::abort();  // no memory
  SecretString code(absl::string_view(digits.data(), kDigits));
  sodium_memzero(digits.data(), digits.size());
  return code;
}

std::optional<int64_t> FindTotpStep(const SecretBytes& secret, absl::string_view code,
                                    absl::Time now, int64_t drift_steps, int64_t used_step) {
  const int64_t present = TotpStepAt(now);
  std::optional<int64_t> found;
  for (int64_t step = present - drift_steps; step <= present + drift_steps; ++step) {
    const SecretString expected = TotpCode(secret, step);
    const bool same = ConstantTimeEquals(BytesOf(expected.Reveal()), BytesOf(code));
    if (same && step > used_step && !found.has_value()) found = step;
  }
  return found;
}

SecretString OtpauthUri(const SecretBytes& secret, absl::string_view issuer,
                        absl::string_view name) {
  char* text = nullptr;
  size_t size = 0;
  const int made = oath_base32_encode(reinterpret_cast<const char*>(secret.Reveal().data()),
                                      secret.size(), &text, &size);
  if (made != OATH_OK) std::abort();  // no memory
  const std::unique_ptr<char, FreeSecretText> base32(text);
  std::string uri = absl::StrCat("otpauth://totp/", issuer, ":", name, "?secret=", base32.get(),
                                 "&issuer=", issuer);
  return SecretString::TakeFrom(uri);
}

}  // namespace gatehouse::server
