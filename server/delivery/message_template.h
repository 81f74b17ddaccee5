// The words of one kind of message in one language: a file of plain text, read once and checked
// then. Immutable, thread-safe.
//
//   Subject: Your account has been secured
//   Short: Your account was secured on {{time}}. Not you? Ring your helpdesk.
//
//   Dear {{display_name}},
//   ...
//
// What stands in braces is replaced, once, by what the message tells. Nothing that is told can add
// a line, or turn the direction of the text.
#ifndef GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATE_H_
#define GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "gatehouse/outbox/v1/message.pb.h"

namespace gatehouse::server {

// By the name of their placeholder.
using TemplateValues = std::map<std::string, std::string, std::less<>>;

class MessageTemplate {
 public:
  // Adds to `faults` everything that is wrong, each with `file`, line and column. `placeholders`:
  // those that there may be.
  static MessageTemplate Parse(absl::string_view file, absl::string_view text,
                               absl::Span<const absl::string_view> placeholders,
                               std::vector<std::string>& faults);

  // All but the language. A placeholder without a value leaves nothing behind.
  outbox::v1::Text Fill(const TemplateValues& values) const;

 private:
  friend class TemplateParser;

  // A stretch of text, and the placeholder that follows it; empty: none.
  struct Piece {
    std::string literal;
    std::string placeholder;
  };
  using Pieces = std::vector<Piece>;

  static std::string Fill(const Pieces& pieces, const TemplateValues& values);

  Pieces subject_;
  Pieces short_;
  Pieces body_;
};

// A value as it may stand in a message: one line, without characters that cannot be seen or that
// rule others, and no longer than a name may be.
std::string Harmless(absl::string_view value);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_MESSAGE_TEMPLATE_H_
