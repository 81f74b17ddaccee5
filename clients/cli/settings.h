// What the reader said about every command alike: where the server is, how to trust it, how to
// print. A value, filled from the command line and the environment before any command runs.

#ifndef GATEHOUSE_CLIENTS_CLI_SETTINGS_H_
#define GATEHOUSE_CLIENTS_CLI_SETTINGS_H_

#include <string>

namespace gatehouse::cli {

struct Settings {
  std::string server = "127.0.0.1:50051";  // host:port, or unix:PATH.
  std::string tls_ca;                      // PEM files; empty: the system's authorities,
  std::string tls_certificate;             // and no client certificate.
  std::string tls_key;
  std::string credentials;  // The file that keeps tokens.
  std::string colour = "auto";
  int timeout_seconds = 10;
  bool json = false;
  std::string
      request_id;    // A UUID: of the first change that the command asks for; empty: a new one.
  bool yes = false;  // Every question is answered with yes.
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_SETTINGS_H_
