#include "policy/text_lines.h"

#include <algorithm>

namespace gatehouse::policy {

TextLines::TextLines(absl::string_view text) : text_(text), begins_{0} {
  for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    begins_.push_back(static_cast<uint32_t>(at + 1));
  }
}

uint32_t TextLines::LineOf(uint32_t offset) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), offset);
  return static_cast<uint32_t>(after - begins_.begin());
}

absl::string_view TextLines::Line(uint32_t line) const {
  const size_t begin = begins_[line - 1];
  const size_t end = line < begins_.size() ? begins_[line] - 1 : text_.size();
  return absl::string_view(text_).substr(begin, end - begin);
}

}  // namespace gatehouse::policy
