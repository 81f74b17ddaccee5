// What is wrong with a text, and where; and a result that is either a value or such a list.
//
// Offsets are bytes of the source; lines and columns count from 1, columns in code points. Plain
// values; Outcome is as thread-safe as what it holds.
#ifndef GATEHOUSE_POLICY_CEL_DIAGNOSTIC_H_
#define GATEHOUSE_POLICY_CEL_DIAGNOSTIC_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::policy::cel {

// Bytes [begin, end) of a source.
struct SourceRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct Diagnostic {
  SourceRange range;
  uint32_t line = 1;
  uint32_t column = 1;
  std::string message;     // "expected bool, got timestamp"
  std::string suggestion;  // a way out: "did you mean account.aup_accepted?"; may be empty

  // "1:5: message; suggestion".
  std::string ToString() const;
  // The same with the line of `source` that it is about and a mark under the place.
  std::string ToStringWithExcerpt(absl::string_view source) const;
};

// A diagnostic at `range` of `source`, with line and column counted.
Diagnostic MakeDiagnostic(absl::string_view source, SourceRange range, std::string message,
                          std::string suggestion = "");

// One line each, as ToString().
std::string ToString(absl::Span<const Diagnostic> diagnostics);

// A T, or at least one diagnostic.
template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : content_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Outcome(std::vector<Diagnostic> diagnostics)      // NOLINT(google-explicit-constructor)
      : content_(std::move(diagnostics)) {}

  bool ok() const { return std::holds_alternative<T>(content_); }
  // Require ok().
  T& operator*() & { return std::get<T>(content_); }
  const T& operator*() const& { return std::get<T>(content_); }
  T&& operator*() && { return std::get<T>(std::move(content_)); }
  T* operator->() { return &std::get<T>(content_); }
  const T* operator->() const { return &std::get<T>(content_); }
  // Empty if ok().
  absl::Span<const Diagnostic> diagnostics() const {
    if (ok()) return {};
    return std::get<std::vector<Diagnostic>>(content_);
  }

 private:
  std::variant<T, std::vector<Diagnostic>> content_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_DIAGNOSTIC_H_
