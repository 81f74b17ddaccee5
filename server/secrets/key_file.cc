#include "server/secrets/key_file.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::server {
namespace {

constexpr off_t kLargest = 65536;

// `file` says what the file is, and where.
absl::Status Fault(int error, absl::string_view file, absl::string_view what) {
  return absl::ErrnoToStatus(error, absl::StrCat(file, ": ", what));
}

absl::Status WriteAll(int file, absl::string_view content, absl::string_view name) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fault(errno, name, "cannot be written");
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file) != 0) return Fault(errno, name, "cannot be made durable");
  return absl::OkStatus();
}

absl::Status SyncDirectoryOf(const std::string& path, absl::string_view name) {
  std::string copy = path;  // dirname writes to its argument
  const int directory = open(dirname(copy.data()), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return Fault(errno, name, "its directory cannot be opened");
  const absl::Cleanup close_directory = [directory] { close(directory); };
  if (fsync(directory) != 0) return Fault(errno, name, "its directory cannot be made durable");
  return absl::OkStatus();
}

absl::Status CheckTrustworthy(const struct stat& status, const std::string& path,
                              absl::string_view name) {
  if (!S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(name, ": not a regular file"));
  }
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(name, ": owned by user ", status.st_uid, ", not by the server's user"));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s: its mode %04o lets others in; run: chmod 600 %s", name,
                        status.st_mode & 07777U, path));
  }
  if (status.st_size > kLargest) {
    return absl::FailedPreconditionError(absl::StrCat(name, ": larger than ", kLargest, " bytes"));
  }
  return absl::OkStatus();
}

// Writes a draft, mode 0600, beside the place that `put` then gives it.
absl::Status WriteBeside(const std::string& path, absl::string_view name,
                         const SecretString& content,
                         absl::FunctionRef<absl::Status(int file, const char* draft)> put) {
  std::string draft = absl::StrCat(path, ".XXXXXX");
  const int file = mkostemp(draft.data(), O_CLOEXEC);
  if (file < 0) return Fault(errno, name, "cannot be created");
  const absl::Cleanup remove_draft = [&] {
    close(file);
    unlink(draft.c_str());
  };
  const absl::Status written = WriteAll(file, content.Reveal(), name);
  if (!written.ok()) return written;
  const absl::Status in_place = put(file, draft.c_str());
  if (!in_place.ok()) return in_place;
  return SyncDirectoryOf(path, name);
}

}  // namespace

absl::Status WriteNewKeyFile(const std::string& path, const SecretString& content) {
  const std::string name = absl::StrCat("key ring ", path);
  // A link never replaces what is there.
  return WriteBeside(path, name, content, [&](int, const char* draft) -> absl::Status {
    if (link(draft, path.c_str()) == 0) return absl::OkStatus();
    return Fault(errno, name,
                 errno == EEXIST ? "exists and is never overwritten" : "cannot be created");
  });
}

absl::Status ReplaceKeyFile(const std::string& path, const SecretString& content) {
  const std::string name = absl::StrCat("key ring ", path);
  return WriteBeside(path, name, content, [&](int file, const char* draft) -> absl::Status {
    struct stat former;
    if (stat(path.c_str(), &former) != 0) return Fault(errno, name, "cannot be examined");
    if (fchown(file, former.st_uid, former.st_gid) != 0) {
      return Fault(errno, name, "its owner cannot be kept");
    }
    if (rename(draft, path.c_str()) != 0) return Fault(errno, name, "cannot be replaced");
    return absl::OkStatus();
  });
}

absl::StatusOr<SecretString> ReadKeyFile(const std::string& path, absl::string_view what) {
  const std::string name = absl::StrCat(what, " ", path);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Fault(errno, name, "cannot be opened");
  const absl::Cleanup close_file = [file] { close(file); };
  struct stat status;
  if (fstat(file, &status) != 0) return Fault(errno, name, "cannot be examined");
  const absl::Status trustworthy = CheckTrustworthy(status, path, name);
  if (!trustworthy.ok()) return trustworthy;
  bool complete = false;
  SecretBytes bytes(static_cast<size_t>(status.st_size), [&](absl::Span<uint8_t> out) {
    complete = read(file, out.data(), out.size()) == static_cast<ssize_t>(out.size());
  });
  if (!complete) return Fault(EIO, name, "cannot be read");
  return SecretString(std::move(bytes));
}

}  // namespace gatehouse::server
