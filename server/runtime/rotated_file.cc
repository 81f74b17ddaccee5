#include "server/runtime/rotated_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "absl/strings/str_cat.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr mode_t kFileMode = 0600;

absl::Status CannotDo(absl::string_view what, absl::string_view path, int error) {
  return absl::UnavailableError(
      absl::StrCat(path, " cannot be ", what, ": ", std::generic_category().message(error)));
}

bool EndsTorn(int descriptor, off_t size) {
  char last = '\n';
  return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

absl::StatusOr<std::unique_ptr<RotatedFile>> RotatedFile::Open(const std::string& path,
                                                               std::size_t most_bytes) {
  std::unique_ptr<RotatedFile> file(new RotatedFile(path, most_bytes));
  if (const absl::Status opened = file->OpenFile(); !opened.ok()) {
    return absl::FailedPreconditionError(opened.message());
  }
  return file;
}

RotatedFile::~RotatedFile() { Close(); }

void RotatedFile::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

absl::Status RotatedFile::OpenFile() {
  // Without O_NONBLOCK, a pipe that nobody reads would keep us waiting.
  descriptor_ =
      open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kFileMode);
  if (descriptor_ < 0) return CannotDo("opened", path_, errno);
  absl::Status taken = TakeFile();
  if (!taken.ok()) Close();
  return taken;
}

absl::Status RotatedFile::TakeFile() {
  struct stat found;
  if (fstat(descriptor_, &found) != 0) return CannotDo("examined", path_, errno);
  if (!S_ISREG(found.st_mode)) {
    return absl::UnavailableError(absl::StrCat(path_, " is no regular file"));
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return CannotDo("locked against other writers", path_, errno);
  }
  size_ = static_cast<std::size_t>(found.st_size);
  return EndsTorn(descriptor_, found.st_size) ? Write("\n") : absl::OkStatus();
}

absl::Status RotatedFile::Rotate() {
  if (std::rename(path_.c_str(), absl::StrCat(path_, ".1").c_str()) != 0) {
    return CannotDo("set aside", path_, errno);
  }
  Close();
  return OpenFile();
}

absl::Status RotatedFile::Write(absl::string_view line) {
  const ssize_t written = write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    size_ += line.size();
    return absl::OkStatus();
  }
  const int error = written < 0 ? errno : ENOSPC;
  if (written > 0 && ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) {
    return CannotDo("mended after half a line", path_, errno);
  }
  return CannotDo("written", path_, error);
}

bool RotatedFile::Append(absl::string_view line) {
  absl::Status outcome = [&]() -> absl::Status {
    if (descriptor_ < 0) GATEHOUSE_RETURN_IF_ERROR(OpenFile());
    if (size_ > 0 && size_ + line.size() > most_bytes_) GATEHOUSE_RETURN_IF_ERROR(Rotate());
    return Write(line);
  }();
  const bool is_written = outcome.ok();
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
  return is_written;
}

absl::Status RotatedFile::CheckHealth() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

}  // namespace gatehouse::server
