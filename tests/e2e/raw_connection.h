// A bare TCP connection to a server of this machine: for what no client library would send. Any
// thread; one connection a call.

#ifndef GATEHOUSE_TESTS_E2E_RAW_CONNECTION_H_
#define GATEHOUSE_TESTS_E2E_RAW_CONNECTION_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::e2e {

// Sends the bytes to 127.0.0.1:PORT, ends its half of the connection and returns all that comes
// until the server ends the other; empty when nobody listens.
std::string Exchange(const std::string& address, absl::string_view bytes);

// What a server tells Prometheus at its --metrics address, with the header of HTTP.
std::string MetricsPage(const std::string& address);

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_RAW_CONNECTION_H_
