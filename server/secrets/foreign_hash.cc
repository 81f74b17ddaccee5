#include "server/secrets/foreign_hash.h"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sodium.h"

#include "server/secrets/phc_fields.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kScrypt = "$scrypt$";
constexpr absl::string_view kScryptOfCrypt = "$7$";
constexpr absl::string_view kBcrypts[] = {"$2a$", "$2b$", "$2y$"};
constexpr uint32_t kLeastLog2 = 2;  // libxcrypt computes nothing smaller
constexpr uint32_t kMostLog2 = 31;
constexpr absl::string_view kCryptAlphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr absl::string_view kBcryptAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr size_t kBcryptSize = 60;
constexpr size_t kBcryptReads = 72;  // bytes of a password

struct ScryptCost {
  uint32_t log2_n = 0;
  uint32_t r = 0;
  uint32_t p = 0;
};

struct Scrypt {
  ScryptCost cost;
  std::vector<uint8_t> salt;
  std::vector<uint8_t> tag;
};

absl::Status Unsupported() {
  return absl::InvalidArgumentError(
      "not a hash of Argon2, scrypt or bcrypt that can be verified here");
}

absl::Status TooMuch() {
  return absl::InvalidArgumentError("the hash asks for more work or memory than is done here");
}

bool IsBcrypt(absl::string_view text) {
  return std::ranges::any_of(kBcrypts,
                             [&](absl::string_view id) { return absl::StartsWith(text, id); });
}

bool IsCryptText(absl::string_view text) {
  return std::ranges::all_of(text, [](char c) { return absl::StrContains(kCryptAlphabet, c); });
}

absl::Status CheckScryptCost(const ScryptCost& cost, const ForeignHashLimits& limits) {
  if (cost.log2_n < kLeastLog2 || cost.r < 1 || cost.p < 1) return Unsupported();
  if (cost.log2_n > kMostLog2 || cost.r > limits.scrypt_r || cost.p > limits.scrypt_p) {
    return TooMuch();
  }
  const uint64_t blocks = uint64_t{128} * cost.r * cost.p;
  return blocks > limits.scrypt_work >> cost.log2_n ? TooMuch() : absl::OkStatus();
}

// $scrypt$ln=15,r=8,p=1$SALT$TAG
std::optional<Scrypt> ParseScrypt(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 5) return std::nullopt;
  const std::vector<absl::string_view> costs = absl::StrSplit(parts[2], ',');
  Scrypt scrypt;
  if (costs.size() == 3 && ParsePhcNumber(costs[0], "ln", scrypt.cost.log2_n) &&
      ParsePhcNumber(costs[1], "r", scrypt.cost.r) &&
      ParsePhcNumber(costs[2], "p", scrypt.cost.p) && DecodePhcSalt(parts[3], scrypt.salt) &&
      DecodePhcTag(parts[4], scrypt.tag)) {
    return scrypt;
  }
  return std::nullopt;
}

// Six bits a character, the lowest first.
uint32_t DecodeCryptNumber(absl::string_view text) {
  uint32_t number = 0;
  for (size_t i = text.size(); i-- > 0;) {
    number = number << 6 | static_cast<uint32_t>(kCryptAlphabet.find(text[i]));
  }
  return number;
}

// $7$Nrrrrrpppppsalt$tag
std::optional<ScryptCost> ParseScryptOfCrypt(absl::string_view text) {
  constexpr size_t kCosts = 11;
  constexpr size_t kTag = 43;
  constexpr uint32_t kLastOfTag = 16;  // the last of its characters holds four bits
  constexpr size_t kLongestSalt = 86;
  if (!absl::ConsumePrefix(&text, kScryptOfCrypt)) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 2 || parts[0].size() <= kCosts || parts[0].size() > kCosts + kLongestSalt ||
      parts[1].size() != kTag || !IsCryptText(parts[0]) || !IsCryptText(parts[1]) ||
      DecodeCryptNumber(parts[1].substr(kTag - 1)) >= kLastOfTag) {
    return std::nullopt;
  }
  return ScryptCost{.log2_n = DecodeCryptNumber(parts[0].substr(0, 1)),
                    .r = DecodeCryptNumber(parts[0].substr(1, 5)),
                    .p = DecodeCryptNumber(parts[0].substr(6, 5))};
}

// $2b$12$ and 53 characters of salt and tag.
absl::Status CheckBcrypt(absl::string_view text, const ForeignHashLimits& limits) {
  constexpr uint32_t kLeastCost = 4;
  constexpr uint32_t kMostCost = 31;
  uint32_t cost = 0;
  if (text.size() != kBcryptSize || text[6] != '$' ||
      !absl::ascii_isdigit(static_cast<unsigned char>(text[4])) ||
      !absl::SimpleAtoi(text.substr(4, 2), &cost) || cost < kLeastCost || cost > kMostCost ||
      !IsCryptText(text.substr(7))) {
    return Unsupported();
  }
  return cost > limits.bcrypt_cost ? TooMuch() : absl::OkStatus();
}

// The same hash without the bits that its salt's and its tag's last characters have too many: some
// systems leave them as they come, and crypt clears them.
std::string CanonicalBcrypt(absl::string_view text) {
  constexpr size_t kSaltsLast = 28;
  std::string canonical(text);
  const auto clear = [&canonical](size_t at, size_t bits) {
    canonical[at] = kBcryptAlphabet[kBcryptAlphabet.find(canonical[at]) >> bits << bits];
  };
  clear(kSaltsLast, 4);
  clear(kBcryptSize - 1, 2);
  return canonical;
}

absl::StatusOr<bool> VerifyScrypt(absl::string_view password, const Scrypt& scrypt) {
  std::vector<uint8_t> tag(scrypt.tag.size());
  const absl::Cleanup wipe = [&tag] { sodium_memzero(tag.data(), tag.size()); };
  if (crypto_pwhash_scryptsalsa208sha256_ll(reinterpret_cast<const uint8_t*>(password.data()),
                                            password.size(), scrypt.salt.data(), scrypt.salt.size(),
                                            uint64_t{1} << scrypt.cost.log2_n, scrypt.cost.r,
                                            scrypt.cost.p, tag.data(), tag.size()) != 0) {
    return absl::ResourceExhaustedError("scrypt could not be computed");
  }
  return ConstantTimeEquals(tag, scrypt.tag);
}

absl::StatusOr<bool> VerifyByCrypt(absl::string_view password, absl::string_view text) {
  const auto data = std::make_unique<crypt_data>();
  // Ended by a NUL. More than crypt takes is wrong, and costs what is not.
  std::string phrase(password.substr(0, CRYPT_MAX_PASSPHRASE_SIZE - 1));
  const absl::Cleanup wipe = [&] {
    sodium_memzero(data.get(), sizeof(*data));
    WipeString(phrase);
  };
  const std::string expected = IsBcrypt(text) ? CanonicalBcrypt(text) : std::string(text);
  const char* const computed = crypt_r(phrase.c_str(), expected.c_str(), data.get());
  // What fails is told by a text that begins with a star.
  if (computed == nullptr || *computed == '*') {
    return absl::ResourceExhaustedError("a password hash could not be computed");
  }
  const absl::string_view result(computed);
  const bool same = result.size() == expected.size() &&
                    sodium_memcmp(result.data(), expected.data(), expected.size()) == 0;
  return same && phrase.size() == password.size();
}

}  // namespace

bool IsForeignHash(absl::string_view text) {
  return absl::StartsWith(text, kScrypt) || absl::StartsWith(text, kScryptOfCrypt) ||
         IsBcrypt(text);
}

absl::Status CheckForeignHash(absl::string_view text, const ForeignHashLimits& limits) {
  if (text.size() > kLongestPhc) return Unsupported();
  if (IsBcrypt(text)) return CheckBcrypt(text, limits);
  if (absl::StartsWith(text, kScrypt)) {
    const std::optional<Scrypt> scrypt = ParseScrypt(text);
    return scrypt.has_value() ? CheckScryptCost(scrypt->cost, limits) : Unsupported();
  }
  const std::optional<ScryptCost> cost = ParseScryptOfCrypt(text);
  return cost.has_value() ? CheckScryptCost(*cost, limits) : Unsupported();
}

absl::StatusOr<bool> VerifyForeignHash(const SecretString& password, absl::string_view text) {
  if (!absl::StartsWith(text, kScrypt)) return VerifyByCrypt(password.Reveal(), text);
  const std::optional<Scrypt> scrypt = ParseScrypt(text);
  return scrypt.has_value() ? VerifyScrypt(password.Reveal(), *scrypt) : Unsupported();
}

bool ForeignHashReadsAllOf(const SecretString& password, absl::string_view text) {
  return !IsBcrypt(text) || password.Reveal().size() < kBcryptReads;
}

}  // namespace gatehouse::server
