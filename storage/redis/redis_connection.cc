#include "storage/redis/redis_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace gatehouse::storage {
namespace {

constexpr std::size_t kReceiveBytes = 64 * 1024;

absl::Status SystemError(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

// OK once `events` are there.
absl::Status Await(int socket, short events, SteadyTime deadline) {
  for (;;) {
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    const int ready = poll(&entry, 1, PollTimeout(deadline));
    if (ready > 0) return absl::OkStatus();
    if (ready == 0) return absl::UnavailableError("no answer in time");
    if (errno != EINTR) return SystemError("poll", errno);
  }
}

// A connected socket, or the reason why not.
absl::StatusOr<int> ConnectTo(int family, const sockaddr* address, socklen_t length,
                              SteadyTime deadline) {
  const int socket_fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return SystemError("socket", errno);
  absl::Cleanup close_socket = [socket_fd] { close(socket_fd); };
  if (connect(socket_fd, address, length) != 0) {
    if (errno != EINPROGRESS) return SystemError("connect", errno);
    if (absl::Status status = Await(socket_fd, POLLOUT, deadline); !status.ok()) return status;
    int error = 0;
    socklen_t error_length = sizeof(error);
    getsockopt(socket_fd, SOL_SOCKET, SO_ERROR, &error, &error_length);
    if (error != 0) return SystemError("connect", error);
  }
  std::move(close_socket).Cancel();
  return socket_fd;
}

absl::StatusOr<int> ConnectToSocketPath(const std::string& path, SteadyTime deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ConnectTo(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address), deadline);
}

// Tries each address that the name has. Names are resolved by the system's resolver, whose own
// timeouts apply.
absl::StatusOr<int> ConnectToHost(const RedisTarget& target, SteadyTime deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  if (const int error = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &addresses);
      error != 0) {
    return absl::UnavailableError(absl::StrCat("resolve: ", gai_strerror(error)));
  }
  const absl::Cleanup free_addresses = [addresses] { freeaddrinfo(addresses); };
  absl::StatusOr<int> connected = absl::UnavailableError("resolve: no address");
  for (const addrinfo* entry = addresses; entry != nullptr; entry = entry->ai_next) {
    connected = ConnectTo(entry->ai_family, entry->ai_addr, entry->ai_addrlen, deadline);
    if (!connected.ok()) continue;
    const int on = 1;
    setsockopt(*connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(*connected, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    break;
  }
  return connected;
}

}  // namespace

int PollTimeout(SteadyTime deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, std::numeric_limits<int>::max()));
}

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisConnection::Open(const RedisTarget& target,
                                                                       SteadyTime deadline) {
  absl::StatusOr<int> socket = target.socket_path.empty()
                                   ? ConnectToHost(target, deadline)
                                   : ConnectToSocketPath(target.socket_path, deadline);
  if (!socket.ok()) return std::move(socket).status();
  return std::unique_ptr<RedisConnection>(new RedisConnection(*socket));
}

RedisConnection::RedisConnection(int socket) : socket_(socket), reader_(redisReaderCreate()) {}

RedisConnection::~RedisConnection() { close(socket_); }

void RedisConnection::Queue(const std::string& bytes) { outgoing_ += bytes; }

absl::Status RedisConnection::Flush() {
  while (has_unsent()) {
    const ssize_t written =
        send(socket_, outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL);
    if (written < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return absl::OkStatus();
      if (errno == EINTR) continue;
      return SystemError("send", errno);
    }
    sent_ += static_cast<std::size_t>(written);
  }
  outgoing_.clear();
  sent_ = 0;
  return absl::OkStatus();
}

absl::Status RedisConnection::Receive(std::vector<RedisReply>& replies, std::size_t limit) {
  std::array<char, kReceiveBytes> bytes;
  const ssize_t received = recv(socket_, bytes.data(), bytes.size(), 0);
  if (received == 0) return absl::UnavailableError("Redis closed the connection");
  if (received < 0) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? absl::OkStatus()
                                                                     : SystemError("recv", errno);
  }
  if (redisReaderFeed(reader_.get(), bytes.data(), static_cast<std::size_t>(received)) !=
      REDIS_OK) {
    return absl::UnavailableError("what Redis sent could not be kept");
  }
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      return absl::UnavailableError("what Redis sent is not its protocol");
    }
    if (reply == nullptr) return absl::OkStatus();
    replies.emplace_back(static_cast<redisReply*>(reply));
    if (replies.size() > limit) return absl::UnavailableError("Redis answered unasked");
  }
}

absl::StatusOr<std::vector<RedisReply>> RedisConnection::Exchange(const std::string& commands,
                                                                  std::size_t count,
                                                                  SteadyTime deadline) {
  Queue(commands);
  std::vector<RedisReply> replies;
  while (replies.size() < count) {
    if (absl::Status status = Flush(); !status.ok()) return status;
    const short events = has_unsent() ? POLLIN | POLLOUT : POLLIN;
    if (absl::Status status = Await(socket_, events, deadline); !status.ok()) return status;
    if (absl::Status status = Receive(replies, count); !status.ok()) return status;
  }
  return replies;
}

}  // namespace gatehouse::storage
