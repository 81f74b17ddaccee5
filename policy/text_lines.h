// A text with its lines known by where they begin, so that finding a place costs no walk over it.
//
// Owns the text; immutable. Offsets are bytes, lines count from 1.

#ifndef GATEHOUSE_POLICY_TEXT_LINES_H_
#define GATEHOUSE_POLICY_TEXT_LINES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatehouse::policy {

// Bytes [begin, end) of a text.
struct Place {
  uint32_t begin = 0;
  uint32_t end = 0;
};

class TextLines {
 public:
  explicit TextLines(absl::string_view text);

  absl::string_view text() const { return text_; }
  uint32_t LineOf(uint32_t offset) const;
  // Without its end.
  absl::string_view Line(uint32_t line) const;

 private:
  std::string text_;
  std::vector<uint32_t> begins_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_TEXT_LINES_H_
