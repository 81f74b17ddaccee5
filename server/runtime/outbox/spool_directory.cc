#include "server/runtime/outbox/spool_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "server/runtime/outbox/message_json.h"

namespace gatehouse::server {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;

std::string ErrorText() { return std::generic_category().message(errno); }

absl::Status CannotDo(absl::string_view what, absl::string_view directory) {
  return absl::UnavailableError(
      absl::StrCat("spool directory ", directory, ": cannot ", what, ": ", ErrorText()));
}

// A file that is closed on every way out.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  bool WriteDurably(absl::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return fsync(descriptor_) == 0;
  }

 private:
  const int descriptor_;
};

bool IsSafeInNames(absl::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

std::string NameOf(const outbox::v1::Message& message) {
  const absl::Time time =
      absl::FromUnixSeconds(message.time().seconds()) + absl::Nanoseconds(message.time().nanos());
  return absl::StrCat(absl::FormatTime("%Y%m%dT%H%M%E6SZ", time, absl::UTCTimeZone()), "-",
                      message.message_id(), ".json");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpoolDirectory>> SpoolDirectory::Open(const std::string& path) {
  if (mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return absl::FailedPreconditionError(
        absl::StrCat("spool directory ", path, ": cannot be made: ", ErrorText()));
  }
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("spool directory ", path, ": cannot be opened: ", ErrorText()));
  }
  auto spool = std::unique_ptr<SpoolDirectory>(new SpoolDirectory(path, descriptor));
  if (faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("spool directory ", path, ": cannot be written to: ", ErrorText()));
  }
  return spool;
}

SpoolDirectory::~SpoolDirectory() { close(descriptor_); }

absl::Status SpoolDirectory::Deliver(const outbox::v1::Message& message) {
  if (!IsSafeInNames(message.message_id())) {
    return absl::InvalidArgumentError("the message's id cannot be part of a file's name");
  }
  const absl::StatusOr<std::string> json = ToJson(message);
  if (!json.ok()) return json.status();

  const std::string name = NameOf(message);
  const std::string unfinished = absl::StrCat(".", name);
  {
    const File file(openat(descriptor_, unfinished.c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!file.is_open()) return CannotDo("create a file", path_);
    if (!file.WriteDurably(*json)) return CannotDo("write a file", path_);
  }
  if (renameat(descriptor_, unfinished.c_str(), descriptor_, name.c_str()) != 0) {
    return CannotDo("rename a file", path_);
  }
  if (fsync(descriptor_) != 0) return CannotDo("make a file durable", path_);
  return absl::OkStatus();
}

}  // namespace gatehouse::server
