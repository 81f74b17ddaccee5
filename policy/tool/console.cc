#include "policy/tool/console.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace gatehouse::policy::tool {
namespace {

bool HasColours() {
  static const bool has = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return has;
}

}  // namespace

std::string Paint(Tone tone, absl::string_view text) {
  if (!HasColours() || tone == Tone::kPlain) return std::string(text);
  const absl::string_view code = tone == Tone::kGood ? "32" : tone == Tone::kBad ? "31" : "2";
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  return content.str();
}

std::shared_ptr<const Policy> LoadPolicy(const std::string& path, int& exit_code) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    std::cerr << text.status().message() << "\n";
    exit_code = kUsage;
    return nullptr;
  }
  CompileResult result = Policy::Compile(*text, path);
  if (result.policy == nullptr) {
    std::cerr << Render(result.problems);
    exit_code = kBadPolicy;
  }
  return result.policy;
}

std::string Count(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace gatehouse::policy::tool
