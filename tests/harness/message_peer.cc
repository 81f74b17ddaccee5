#include "tests/harness/message_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/harness/ports.h"

namespace gatehouse::harness {

MessagePeer::MessagePeer(Options options) : options_(std::move(options)), port_(FreePort()) {
  std::filesystem::create_directory(directory_ / "received");
  Behave("");
  Start();
}

void MessagePeer::Start() {
  const char* script = options_.kind == Kind::kSmtp ? "smtp_peer.py" : "http_peer.py";
  // Debian's own Python, whatever else stands in the PATH: it has Debian's packages.
  std::vector<std::string> arguments = {
      "/usr/bin/python3", "-B", absl::StrCat(GATEHOUSE_SOURCE_DIR, "/tests/harness/peers/", script),
      absl::StrCat(port_), directory_.path().string()};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  process_ = std::make_unique<ChildProcess>(
      ChildProcess::Options{.arguments = std::move(arguments), .log = directory_ / "log"});
  process_->WaitUntilReady([this] { return Answers(); });
}

void MessagePeer::Behave(const std::string& behaviour) {
  directory_.Write("behaviour.new", behaviour);
  std::filesystem::rename(directory_ / "behaviour.new", directory_ / "behaviour");
}

std::vector<std::string> MessagePeer::Received() const {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "received")) {
    if (entry.path().extension() == ".message") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> messages;
  for (const auto& file : files) messages.push_back(ReadFile(file));
  return messages;
}

int MessagePeer::Offered() const {
  const std::string offers = ReadFile(directory_ / "offers");
  return static_cast<int>(std::count(offers.begin(), offers.end(), '\n'));
}

bool MessagePeer::Answers() const {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool answers =
      connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return answers;
}

}  // namespace gatehouse::harness
