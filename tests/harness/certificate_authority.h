// A certificate authority of the test's own, by the openssl program, and what it has issued: files
// that go with it. Not thread-safe; what fails ends the test program (fatal.h).

#ifndef GATEHOUSE_TESTS_HARNESS_CERTIFICATE_AUTHORITY_H_
#define GATEHOUSE_TESTS_HARNESS_CERTIFICATE_AUTHORITY_H_

#include <string>
#include <vector>

#include "tests/harness/temporary_directory.h"

namespace gatehouse::harness {

class CertificateAuthority {
 public:
  // ca.pem, ca.key.
  CertificateAuthority();

  // NAME.pem and NAME.key; `names` as in OpenSSL's subjectAltName.
  void Issue(const std::string& name, const std::string& names);

  std::string File(const std::string& name) const { return (directory_ / name).string(); }
  std::string Read(const std::string& name) const;

 private:
  void OpenSsl(std::vector<std::string> arguments);

  TemporaryDirectory directory_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_CERTIFICATE_AUTHORITY_H_
