#include "clients/cli/credentials_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

using nlohmann::json;

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

absl::Status SystemError(absl::string_view what, const std::filesystem::path& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path.string(), ": ", std::strerror(errno)));
}

// Servers and their tokens; an empty object where there is no file yet.
absl::StatusOr<json> Read(const std::filesystem::path& path) {
  struct stat attributes {};
  if (stat(path.c_str(), &attributes) != 0) {
    if (errno == ENOENT) return json::object();
    return SystemError("cannot read", path);
  }
  if ((attributes.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        path.string(), " can be read by others, and whoever reads it is you. Close it: chmod 600 ",
        path.string(), ", then sign out and in again"));
  }
  std::ifstream stream(path);
  json content = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!content.is_object()) {
    return absl::DataLossError(
        absl::StrCat(path.string(), " is damaged; delete it and sign in again"));
  }
  return content;
}

absl::Status WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0) return absl::UnavailableError(std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status Replace(const std::filesystem::path& path, const json& content) {
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  const std::filesystem::path fresh = absl::StrCat(path.string(), ".", getpid());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return SystemError("cannot write", fresh);
  const absl::Status written = WriteAll(file, content.dump(1) + "\n");
  close(file);
  if (!written.ok() || rename(fresh.c_str(), path.c_str()) != 0) {
    unlink(fresh.c_str());
    return SystemError("cannot write", path);
  }
  return absl::OkStatus();
}

}  // namespace

std::filesystem::path CredentialsFile::DefaultPath() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base =
      config != nullptr && *config != '\0'
          ? std::filesystem::path(config)
          : std::filesystem::path(home == nullptr ? "/" : home) / ".config";
  return base / "gatehouse" / "credentials.json";
}

CredentialsFile::CredentialsFile(std::filesystem::path path) : path_(std::move(path)) {}

absl::StatusOr<std::optional<std::string>> CredentialsFile::Find(const std::string& server) const {
  absl::StatusOr<json> content = Read(path_);
  if (!content.ok()) return content.status();
  const auto token = content->find(server);
  if (token == content->end() || !token->is_string()) return std::nullopt;
  return token->get<std::string>();
}

absl::Status CredentialsFile::Keep(const std::string& server, const std::string& token) {
  absl::StatusOr<json> content = Read(path_);
  if (!content.ok()) return content.status();
  (*content)[server] = token;
  return Replace(path_, *content);
}

absl::Status CredentialsFile::Forget(const std::string& server) {
  absl::StatusOr<json> content = Read(path_);
  if (!content.ok()) return content.status();
  if (content->erase(server) == 0) return absl::OkStatus();
  return Replace(path_, *content);
}

}  // namespace gatehouse::cli
