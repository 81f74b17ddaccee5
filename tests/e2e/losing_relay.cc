#include "tests/e2e/losing_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "tests/harness/fatal.h"

namespace gatehouse::e2e {
namespace {

constexpr size_t kFrameHeader = 9;
constexpr uint8_t kHeaders = 1;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int NewSocket() {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) harness::Fatal("no socket");
  return made;
}

uint32_t Number(absl::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

bool IsReadable(const pollfd& polled) { return (polled.revents & (POLLIN | POLLHUP)) != 0; }

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Empty at its end.
std::string Receive(int socket) {
  std::array<char, 16384> buffer;
  const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
  return count > 0 ? std::string(buffer.data(), static_cast<size_t>(count)) : "";
}

}  // namespace

LosingRelay::LosingRelay(const std::string& server)
    : server_(server), listener_(NewSocket()), stopped_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 8) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    harness::Fatal("nothing to listen on");
  }
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  thread_ = std::thread([this] { Serve(); });
}

LosingRelay::~LosingRelay() {
  eventfd_write(stopped_, 1);
  thread_.join();
  close(listener_);
  close(stopped_);
}

void LosingRelay::Lose(std::set<int> answers) {
  const std::lock_guard lock(mutex_);
  lost_ = std::move(answers);
  answers_ = 0;
}

void LosingRelay::Serve() {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(server_.substr(server_.rfind(':') + 1), &port)) {
    harness::Fatal(absl::StrCat(server_, " has no port"));
  }
  while (true) {
    std::array<pollfd, 2> polled = {pollfd{stopped_, POLLIN, 0}, pollfd{listener_, POLLIN, 0}};
    poll(polled.data(), polled.size(), -1);
    if (IsReadable(polled[0])) return;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = NewSocket();
    const sockaddr_in address = Loopback(static_cast<uint16_t>(port));
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      Relay(client, server);
    }
    close(server);
    close(client);
  }
}

void LosingRelay::Relay(int client, int server) {
  std::string received;
  std::set<uint32_t> answered;
  while (true) {
    std::array<pollfd, 3> polled = {pollfd{stopped_, POLLIN, 0}, pollfd{client, POLLIN, 0},
                                    pollfd{server, POLLIN, 0}};
    poll(polled.data(), polled.size(), -1);
    if (IsReadable(polled[0])) return;
    if (IsReadable(polled[1])) {
      const std::string asked = Receive(client);
      if (asked.empty() || !SendAll(server, asked)) return;
    }
    if (IsReadable(polled[2])) {
      const std::string bytes = Receive(server);
      if (bytes.empty()) return;
      received += bytes;
      if (!PassAnswers(received, answered, client)) return;
    }
  }
}

bool LosingRelay::PassAnswers(std::string& received, std::set<uint32_t>& answered, int client) {
  while (received.size() >= kFrameHeader) {
    const absl::string_view header(received.data(), kFrameHeader);
    const size_t size = kFrameHeader + Number(header.substr(0, 3));
    if (received.size() < size) return true;
    const bool begins = static_cast<uint8_t>(header[3]) == kHeaders &&
                        answered.insert(Number(header.substr(5, 4))).second;
    if (begins && IsLost()) return false;
    if (!SendAll(client, absl::string_view(received).substr(0, size))) return false;
    received.erase(0, size);
  }
  return true;
}

bool LosingRelay::IsLost() {
  const std::lock_guard lock(mutex_);
  return lost_.contains(++answers_);
}

}  // namespace gatehouse::e2e
