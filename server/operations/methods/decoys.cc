#include "server/operations/methods/decoys.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"

#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using storage::AuthenticationMethodRecord;

constexpr size_t kIdSize = 16;  // as NewId draws them

// Of 256: how often it is, and how it begins. Only the ends of a number are ever shown.
struct Telephone {
  int share;
  const char* beginning;
};
constexpr Telephone kMobiles[] = {{248, "+447"}, {4, "+353"}, {2, "+336"}, {2, "+491"}};
constexpr Telephone kToBeCalled[] = {{128, "+447"}, {72, "+441"}, {50, "+442"}, {6, "+353"}};

// How often a method is of its kind, of 256: most people have a telephone, many an app.
constexpr int kApps = 80;
constexpr int kCalls = 24;
// How often who has so many methods has one more, of 256.
constexpr int kOneMore = 72;

// Numbers below 256 that follow from a name, each by what it is for.
class Draws {
 public:
  Draws(const KeyRing& keys, absl::string_view subject, int method)
      : drawn_(
            keys.Mac(KeyPurpose::kDecoy, absl::StrCat("method\n", method, "\n", subject)).bytes) {}

  int Number(size_t place) const { return static_cast<uint8_t>(drawn_[place]); }
  std::string Id() const { return Base64UrlEncode(Bytes().last(kIdSize)); }

 private:
  absl::Span<const uint8_t> Bytes() const {
    return {reinterpret_cast<const uint8_t*>(drawn_.data()), drawn_.size()};
  }

  const std::string drawn_;
};
static_assert(KeyRing::kTagSize >= kIdSize + 5);

v1::AuthenticationMethodKind KindOf(const Draws& draws) {
  const int number = draws.Number(0);
  if (number < kApps) return v1::AUTHENTICATION_METHOD_KIND_TOTP;
  if (number < kApps + kCalls) return v1::AUTHENTICATION_METHOD_KIND_VOICE;
  return v1::AUTHENTICATION_METHOD_KIND_SMS;
}

std::string NumberOf(const Draws& draws, absl::Span<const Telephone> telephones) {
  int rest = draws.Number(1);
  const Telephone* telephone = telephones.begin();
  for (; rest >= telephone->share; ++telephone) rest -= telephone->share;
  return absl::StrFormat("%s00900%03d", telephone->beginning,
                         (draws.Number(2) * 256 + draws.Number(3)) % 1000);
}

AuthenticationMethodRecord MethodOf(const Draws& draws) {
  AuthenticationMethodRecord method{.id = draws.Id(), .kind = KindOf(draws)};
  if (method.kind == v1::AUTHENTICATION_METHOD_KIND_SMS) {
    method.phone_number = NumberOf(draws, kMobiles);
  } else if (method.kind == v1::AUTHENTICATION_METHOD_KIND_VOICE) {
    method.phone_number = NumberOf(draws, kToBeCalled);
  }
  return method;
}

}  // namespace

std::string DecoySubject(const KeyRing& keys, absl::string_view username) {
  return absl::WebSafeBase64Escape(
      keys.Mac(KeyPurpose::kDecoy, absl::StrCat("subject\n", username)).bytes);
}

std::vector<AuthenticationMethodRecord> DecoyMethods(const KeyRing& keys,
                                                     const policy::Policy& policy,
                                                     absl::string_view subject) {
  const int64_t most = policy.Int(policy::Parameter::kMethodsPerAccount);
  std::vector<AuthenticationMethodRecord> methods;
  bool one_more = true;
  for (int i = 0; i < most && one_more; ++i) {
    const Draws draws(keys, subject, i);
    methods.push_back(MethodOf(draws));
    one_more = draws.Number(4) < kOneMore;
  }
  return methods;
}

}  // namespace gatehouse::server
