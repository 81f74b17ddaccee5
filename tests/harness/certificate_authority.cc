#include "tests/harness/certificate_authority.h"

#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"

namespace gatehouse::harness {

CertificateAuthority::CertificateAuthority() {
  OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-keyout", File("ca.key"), "-out", File("ca.pem"), "-days", "1", "-subj",
           "/CN=Test CA"});
}

void CertificateAuthority::Issue(const std::string& name, const std::string& names) {
  OpenSsl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
           File(name + ".key"), "-out", File(name + ".csr"), "-subj", "/CN=" + name});
  const std::string extensions =
      directory_.Write(name + ".ext", "subjectAltName=" + names + "\n").string();
  OpenSsl({"x509", "-req", "-in", File(name + ".csr"), "-CA", File("ca.pem"), "-CAkey",
           File("ca.key"), "-CAcreateserial", "-out", File(name + ".pem"), "-days", "1", "-extfile",
           extensions});
}

std::string CertificateAuthority::Read(const std::string& name) const {
  return ReadFile(directory_ / name);
}

void CertificateAuthority::OpenSsl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  ChildProcess command({.arguments = arguments, .log = directory_ / "openssl.log"});
  if (command.Wait() != 0) Fatal(command.LogText());
}

}  // namespace gatehouse::harness
