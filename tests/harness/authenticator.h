// An authenticator app that has read the server's otpauth:// URI, on liboath alone. A value,
// thread-compatible.

#ifndef GATEHOUSE_TESTS_HARNESS_AUTHENTICATOR_H_
#define GATEHOUSE_TESTS_HARNESS_AUTHENTICATOR_H_

#include <string>

#include "absl/time/time.h"

namespace gatehouse::harness {

class Authenticator {
 public:
  // Fatal for what is no such URI.
  explicit Authenticator(const std::string& otpauth_uri);

  std::string CodeAt(absl::Time instant) const;
  // What it shares with the server, in base32 as in the URI.
  const std::string& shared_secret() const { return base32_; }

 private:
  std::string base32_;
  std::string bytes_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_AUTHENTICATOR_H_
