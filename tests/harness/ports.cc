#include "tests/harness/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/harness/fatal.h"

namespace gatehouse::harness {

// The socket is bound and never closed: that keeps the port. It does not listen: that leaves it to
// whoever does.
int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int yes = 1;
  if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      bind(descriptor, generic, size) != 0 || getsockname(descriptor, generic, &size) != 0) {
    Fatal("no free TCP port on loopback");
  }
  return ntohs(address.sin_port);
}

}  // namespace gatehouse::harness
