// A directory of its own under /tmp, gone with the object that owns it. Its path is short enough
// for Unix sockets, whose names end at 107 bytes. Movable, one owner; not for use by several
// threads at once.

#ifndef GATEHOUSE_TESTS_HARNESS_TEMPORARY_DIRECTORY_H_
#define GATEHOUSE_TESTS_HARNESS_TEMPORARY_DIRECTORY_H_

#include <filesystem>

#include "absl/strings/string_view.h"

namespace gatehouse::harness {

class TemporaryDirectory {
 public:
  // Readable by this user alone.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }

  // The path of a file or directory in it, which need not exist.
  std::filesystem::path operator/(absl::string_view name) const;

  // Writes a file into it and returns its path.
  std::filesystem::path Write(absl::string_view name, absl::string_view content) const;

 private:
  void Remove();

  std::filesystem::path path_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_TEMPORARY_DIRECTORY_H_
