// What goes into a statement and what comes out of it, in the few forms that both engines keep
// alike: integers, text, instants as microseconds since 1970, bytes as base64url, and nothing at
// all. Values, thread-compatible.
#ifndef GATEHOUSE_STORAGE_SQL_VALUES_H_
#define GATEHOUSE_STORAGE_SQL_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "soci/soci.h"

#include "storage/identifiers.h"

namespace gatehouse::storage {

// One value for one placeholder. Converts implicitly, so that a statement's arguments read as such.
class Parameter {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  Parameter(Integer value) : integer_(static_cast<std::int64_t>(value)) {}
  template <typename Enum, std::enable_if_t<std::is_enum_v<Enum>, long> = 0>
  Parameter(Enum value) : integer_(static_cast<std::int64_t>(value)) {}
  Parameter(absl::string_view text) : is_text_(true), text_(text) {}
  Parameter(const std::string& text) : is_text_(true), text_(text) {}
  Parameter(const char* text) : is_text_(true), text_(text) {}
  template <typename Tag>
  Parameter(const Identifier<Tag>& id) : is_text_(true), text_(id.value()) {}
  Parameter(absl::Time instant) : integer_(absl::ToUnixMicros(instant)) {}
  Parameter(const std::optional<absl::Time>& instant) : is_null_(!instant.has_value()) {
    if (instant.has_value()) integer_ = absl::ToUnixMicros(*instant);
  }
  // NOLINTEND(google-explicit-constructor)

  static Parameter Bytes(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }
  static Parameter NoText() {
    Parameter parameter("");
    parameter.is_null_ = true;
    return parameter;
  }

  bool is_text() const { return is_text_; }
  bool is_null() const { return is_null_; }
  std::int64_t integer() const { return integer_; }
  const std::string& text() const { return text_; }

 private:
  bool is_text_ = false;
  bool is_null_ = false;
  std::int64_t integer_ = 0;
  std::string text_;
};

// One column of the row at hand.
struct Column {
  std::string text;
  soci::indicator indicator = soci::i_ok;
};

// Reads a row's columns one by one, in their order. What cannot be read makes the row not ok().
class Row {
 public:
  explicit Row(const std::vector<Column>& columns) : columns_(columns) {}

  bool ok() const { return ok_; }

  std::string Text() { return Next().text; }

  std::int64_t Integer() {
    std::int64_t value = 0;
    if (!absl::SimpleAtoi(Next().text, &value)) ok_ = false;
    return value;
  }

  bool Truth() { return Integer() != 0; }

  template <typename Enum>
  Enum Enumerator() {
    return static_cast<Enum>(Integer());
  }

  absl::Time Instant() { return absl::FromUnixMicros(Integer()); }

  std::optional<absl::Time> OptionalInstant() {
    if (!NextIsNull()) return Instant();
    ++next_;
    return std::nullopt;
  }

  std::string Bytes() {
    std::string bytes;
    if (!absl::WebSafeBase64Unescape(Next().text, &bytes)) ok_ = false;
    return bytes;
  }

  // Nullopt where there is none.
  std::optional<std::string> OptionalBytes() {
    if (!NextIsNull()) return Bytes();
    ++next_;
    return std::nullopt;
  }

 private:
  const Column& Next() { return columns_.at(next_++); }
  bool NextIsNull() const { return columns_.at(next_).indicator == soci::i_null; }

  const std::vector<Column>& columns_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_VALUES_H_
