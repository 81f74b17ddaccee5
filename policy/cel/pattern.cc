#include "policy/cel/pattern.h"

namespace gatehouse::policy::cel {
namespace {

// For a pattern's program and what matching remembers.
constexpr int64_t kMostMemory = 1 << 20;

}  // namespace

std::unique_ptr<const RE2> CompilePattern(absl::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return std::make_unique<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

}  // namespace gatehouse::policy::cel
