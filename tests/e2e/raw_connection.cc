#include "tests/e2e/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "tests/harness/fatal.h"

namespace gatehouse::e2e {

std::string Exchange(const std::string& address, absl::string_view bytes) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) {
    harness::Fatal(absl::StrCat(address, " has no port"));
  }
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  peer.sin_port = htons(static_cast<uint16_t>(port));
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) harness::Fatal("no socket");
  std::string received;
  if (connect(connection, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0) {
    send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(connection, SHUT_WR);
    std::array<char, 4096> buffer;
    ssize_t count = 0;
    while ((count = recv(connection, buffer.data(), buffer.size(), 0)) > 0) {
      received.append(buffer.data(), static_cast<size_t>(count));
    }
  }
  close(connection);
  return received;
}

std::string MetricsPage(const std::string& address) {
  return Exchange(address, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

}  // namespace gatehouse::e2e
