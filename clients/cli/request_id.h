// The name of one intention: a repeated call under the same one has one effect. Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_REQUEST_ID_H_
#define GATEHOUSE_CLIENTS_CLI_REQUEST_ID_H_

#include <string>

namespace gatehouse::cli {

// A random UUID (RFC 9562, version 4).
std::string NewRequestId();

// The same for the same name: a UUID of version 8 (RFC 9562), of the name's SHA-256.
std::string NamedRequestId(const std::string& name);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_REQUEST_ID_H_
