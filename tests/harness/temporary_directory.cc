#include "tests/harness/temporary_directory.h"

#include <stdlib.h>

#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/harness/fatal.h"

namespace gatehouse::harness {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = "/tmp/gatehouse-test-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) Fatal(absl::StrCat("cannot create ", name));
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() { Remove(); }

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
  if (this != &other) {
    Remove();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

std::filesystem::path TemporaryDirectory::operator/(absl::string_view name) const {
  return path_ / std::string(name);
}

std::filesystem::path TemporaryDirectory::Write(absl::string_view name,
                                                absl::string_view content) const {
  const std::filesystem::path file = *this / name;
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  if (!stream.flush()) Fatal(absl::StrCat("cannot write ", file.string()));
  return file;
}

void TemporaryDirectory::Remove() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace gatehouse::harness
