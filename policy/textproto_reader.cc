#include "policy/textproto_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

#include "policy/cel/suggestion.h"
#include "policy/cel/utf8.h"
#include "policy/textproto_lexer.h"

namespace gatehouse::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Kind = TextToken::Kind;

// Of what stands in the place of something else, as much is told.
constexpr size_t kLongestQuote = 24;

void SpoilAll(WrittenMessage& written) {
  for (WrittenMessage::Field& field : written.fields) field.spoiled = true;
}

class Reader {
 public:
  Reader(absl::string_view text, const Descriptor& root, MistakeSink mistakes)
      : text_(text), root_(root), mistakes_(mistakes), lexer_(text) {
    Advance();
    Advance();
  }

  // The fields of a message, up to what closes it. `opening` is null for the whole text.
  WrittenMessage ReadFields(Message& message, const TextToken* opening);

 private:
  // One field that is being read, into a message and into the record of its places.
  struct Target {
    Message& message;
    WrittenMessage& owner;
    const FieldDescriptor& field;
    Place name;

    WrittenMessage::Field& written() const {
      return owner.fields[static_cast<size_t>(field.index())];
    }
  };

  // False at the end of the fields.
  bool ReadField(Message& message, WrittenMessage& written, const TextToken* opening);
  // The same; takes what closes a message.
  bool ReadClosing(const TextToken* opening);
  void ReadKnown(const Target& target);
  void ReadUnknown(const Descriptor& message, WrittenMessage& written);
  bool ReadColon(const Target& target);
  void ReadValues(const Target& target);
  void ReadList(const Target& target);
  // False if no value of the field stands there; then nothing has been taken.
  bool ReadValue(const Target& target);
  bool ReadMessage(const Target& target);
  bool ReadText(const Target& target);
  bool ReadWord(const Target& target);
  bool ReadEnum(const Target& target, absl::string_view word);
  bool ReadBool(const Target& target, absl::string_view word);
  // Leaves out what was meant as a value, and could not be read.
  void LeaveOut(const Target& target);
  void Add(const Target& target, Place value, std::unique_ptr<const WrittenMessage> message);

  void SkipWord() {
    if (token_.kind == Kind::kWord) Advance();
  }
  // Goes on to where a field may begin or a message ends, leaving out what is nested.
  void SkipToField();
  bool BeginsField() const;
  // The field that the token names; null if it names none.
  const FieldDescriptor* FindField(const Descriptor& message) const;
  // A field of the whole text, at the beginning of a line.
  bool BeginsEntry() const;

  void Advance() {
    taken_ = token_.place.end;
    token_ = next_;
    next_ = lexer_.Next();
  }
  absl::string_view Text(const TextToken& token) const {
    return text_.substr(token.place.begin, token.place.end - token.place.begin);
  }
  bool Is(char symbol) const { return IsSymbol(token_, symbol); }
  bool IsSymbol(const TextToken& token, char symbol) const {
    return token.kind == Kind::kSymbol && text_[token.place.begin] == symbol;
  }
  bool Opens() const { return Is('{') || Is('<'); }
  bool Closes() const { return Is('}') || Is('>'); }
  bool Take(char symbol);
  std::string Quote(const TextToken& token) const;
  void Expected(absl::string_view what, absl::string_view suggestion = "");
  void Mistake(Place place, std::string message, std::string suggestion = "");

  absl::string_view text_;
  const Descriptor& root_;
  MistakeSink mistakes_;
  TextprotoLexer lexer_;
  uint32_t taken_ = 0;  // the end of the token before token_
  TextToken token_;
  TextToken next_;
  bool stopped_ = false;
};

WrittenMessage Reader::ReadFields(Message& message, const TextToken* opening) {
  WrittenMessage written;
  written.fields.resize(static_cast<size_t>(message.GetDescriptor()->field_count()));
  while (ReadField(message, written, opening)) {
  }
  return written;
}

bool Reader::ReadField(Message& message, WrittenMessage& written, const TextToken* opening) {
  const FieldDescriptor* const field = FindField(*message.GetDescriptor());
  if (token_.kind == Kind::kEnd || (field == nullptr && BeginsEntry())) {
    if (opening != nullptr) {
      Mistake(opening->place, absl::StrCat("'", Text(*opening), "' is not closed"));
    }
    return false;
  }
  if (Closes()) return ReadClosing(opening);
  if (field != nullptr) {
    const Place name = token_.place;
    Advance();
    ReadKnown({message, written, *field, name});
  } else if (token_.kind == Kind::kWord) {
    ReadUnknown(*message.GetDescriptor(), written);
  } else {
    Expected("the name of a field");
    SpoilAll(written);
    Advance();
    SkipToField();
  }
  if (!Take(',')) Take(';');
  return true;
}

bool Reader::ReadClosing(const TextToken* opening) {
  if (opening == nullptr) {
    Mistake(token_.place, absl::StrCat("'", Text(token_), "' closes nothing"));
  } else if (Is('}') != IsSymbol(*opening, '{')) {
    Expected(IsSymbol(*opening, '{') ? "'}'" : "'>'");
  }
  Advance();
  return opening == nullptr;
}

void Reader::ReadUnknown(const Descriptor& message, WrittenMessage& written) {
  cel::Suggestion suggestion(Text(token_));
  for (int i = 0; i < message.field_count(); ++i) suggestion.Offer(message.field(i)->name());
  Mistake(token_.place, absl::StrCat("unknown field '", Quote(token_), "'"), suggestion.Question());
  if (const FieldDescriptor* const meant = message.FindFieldByName(suggestion.name())) {
    written.fields[static_cast<size_t>(meant->index())].spoiled = true;
  }
  Advance();
  if (Take(':')) SkipWord();
  SkipToField();
}

void Reader::ReadKnown(const Target& target) {
  if (!target.field.is_repeated() && !target.written().values.empty()) {
    Mistake(target.name, absl::StrCat("'", target.field.name(), "' is said twice"));
    if (Take(':')) SkipWord();
    return SkipToField();
  }
  if (ReadColon(target)) ReadValues(target);
}

bool Reader::ReadColon(const Target& target) {
  const bool is_message = target.field.message_type() != nullptr;
  if (Take(':') || (is_message && (Opens() || Is('[')))) return true;
  Expected(absl::StrCat(is_message ? "'{'" : "':'", " behind '", target.field.name(), "'"));
  target.written().spoiled = true;
  if (!is_message && token_.kind != Kind::kSymbol && !BeginsField()) return true;
  SkipToField();
  return false;
}

void Reader::ReadValues(const Target& target) {
  if (Is('[') && target.field.is_repeated()) return ReadList(target);
  if (!ReadValue(target)) LeaveOut(target);
}

void Reader::ReadList(const Target& target) {
  const TextToken opening = token_;
  Advance();
  if (Take(']')) return;
  do {
    if (BeginsField()) break;
    if (!ReadValue(target)) return LeaveOut(target);
  } while (Take(','));
  if (Take(']')) return;
  Mistake(opening.place, "'[' is not closed", "put ',' between values, ']' behind the last");
  LeaveOut(target);
}

bool Reader::ReadValue(const Target& target) {
  if (target.field.message_type() != nullptr) return ReadMessage(target);
  if (target.field.type() == FieldDescriptor::TYPE_STRING) return ReadText(target);
  return ReadWord(target);
}

bool Reader::ReadMessage(const Target& target) {
  if (!Opens()) {
    Expected(absl::StrCat("'{' behind '", target.field.name(), "'"));
    return false;
  }
  const TextToken opening = token_;
  Advance();
  const google::protobuf::Reflection& reflection = *target.message.GetReflection();
  Message* const nested = target.field.is_repeated()
                              ? reflection.AddMessage(&target.message, &target.field)
                              : reflection.MutableMessage(&target.message, &target.field);
  auto fields = std::make_unique<WrittenMessage>(ReadFields(*nested, &opening));
  Add(target, {opening.place.begin, taken_}, std::move(fields));
  return true;
}

bool Reader::ReadText(const Target& target) {
  if (token_.kind != Kind::kLiteral) {
    Expected("a text in quotation marks",
             token_.kind == Kind::kWord ? "put it in quotation marks" : "");
    return false;
  }
  Place place = token_.place;
  std::string value;
  bool sound = true;
  for (; token_.kind == Kind::kLiteral; Advance()) {
    TextLiteral literal = ReadLiteral(text_, token_.place.begin);
    place.end = literal.place.end;
    value += literal.value;
    if (literal.fault.empty()) continue;
    sound = false;
    // What stood behind it on the line is lost with it.
    if (!literal.closed) SpoilAll(target.owner);
    Mistake(literal.fault_place, std::move(literal.fault));
  }
  if (sound && !cel::IsValidUtf8(value)) {
    sound = false;
    Mistake(place, "the escapes are no UTF-8");
  }
  if (!sound) {
    target.written().spoiled = true;
    return true;
  }
  const google::protobuf::Reflection& reflection = *target.message.GetReflection();
  if (target.field.is_repeated()) {
    reflection.AddString(&target.message, &target.field, std::move(value));
  } else {
    reflection.SetString(&target.message, &target.field, std::move(value));
  }
  Add(target, place, nullptr);
  return true;
}

bool Reader::ReadWord(const Target& target) {
  if (token_.kind != Kind::kWord || BeginsField()) {
    Expected(target.field.enum_type() != nullptr ? "a word" : "true or false");
    return false;
  }
  const absl::string_view word = Text(token_);
  const bool known =
      target.field.enum_type() != nullptr ? ReadEnum(target, word) : ReadBool(target, word);
  if (known) {
    Add(target, token_.place, nullptr);
  } else {
    target.written().spoiled = true;
  }
  Advance();
  return true;
}

bool Reader::ReadEnum(const Target& target, absl::string_view word) {
  const google::protobuf::EnumDescriptor& words = *target.field.enum_type();
  const EnumValueDescriptor* const value = words.FindValueByName(std::string(word));
  if (value == nullptr) {
    cel::Suggestion suggestion(word);
    for (int i = 1; i < words.value_count(); ++i) suggestion.Offer(words.value(i)->name());
    Mistake(token_.place, absl::StrCat("unknown word '", Quote(token_), "'"),
            suggestion.Question());
    return false;
  }
  const google::protobuf::Reflection& reflection = *target.message.GetReflection();
  if (target.field.is_repeated()) {
    reflection.AddEnum(&target.message, &target.field, value);
  } else {
    reflection.SetEnum(&target.message, &target.field, value);
  }
  return true;
}

bool Reader::ReadBool(const Target& target, absl::string_view word) {
  if (word != "true" && word != "false") {
    Expected("true or false");
    return false;
  }
  target.message.GetReflection()->SetBool(&target.message, &target.field, word == "true");
  return true;
}

void Reader::LeaveOut(const Target& target) {
  target.written().spoiled = true;
  if (!BeginsField()) SkipWord();
  SkipToField();
}

void Reader::Add(const Target& target, Place value, std::unique_ptr<const WrittenMessage> message) {
  target.written().values.push_back({target.name, value, std::move(message)});
}

void Reader::SkipToField() {
  int depth = 0;
  for (; token_.kind != Kind::kEnd; Advance()) {
    if (BeginsEntry()) return;
    if (depth == 0 && (Closes() || BeginsField())) return;
    if (Opens() || Is('[')) ++depth;
    if (depth > 0 && (Closes() || Is(']'))) --depth;
  }
}

bool Reader::BeginsField() const {
  return token_.kind == Kind::kWord &&
         (IsSymbol(next_, ':') || IsSymbol(next_, '{') || IsSymbol(next_, '<'));
}

const FieldDescriptor* Reader::FindField(const Descriptor& message) const {
  if (token_.kind != Kind::kWord) return nullptr;
  return message.FindFieldByName(std::string(Text(token_)));
}

bool Reader::BeginsEntry() const {
  const uint32_t begin = token_.place.begin;
  return (begin == 0 || text_[begin - 1] == '\n') && BeginsField() && FindField(root_) != nullptr;
}

bool Reader::Take(char symbol) {
  const bool stands = Is(symbol);
  if (stands) Advance();
  return stands;
}

std::string Reader::Quote(const TextToken& token) const {
  const absl::string_view text = Text(token);
  if (text.size() <= kLongestQuote) return std::string(text);
  return absl::StrCat(text.substr(0, cel::ValidUtf8Prefix(text.substr(0, kLongestQuote))), "...");
}

void Reader::Expected(absl::string_view what, absl::string_view suggestion) {
  std::string got;
  if (token_.kind == Kind::kEnd) {
    got = "the end of the text";
  } else if (token_.kind == Kind::kLiteral) {
    got = "a text";
  } else {
    got = absl::StrCat("'", Quote(token_), "'");
  }
  Mistake(token_.place, absl::StrCat("expected ", what, ", got ", got), std::string(suggestion));
}

void Reader::Mistake(Place place, std::string message, std::string suggestion) {
  if (stopped_) return;
  stopped_ = !mistakes_(place, std::move(message), std::move(suggestion));
  if (!stopped_) return;
  lexer_ = TextprotoLexer(text_, static_cast<uint32_t>(text_.size()));
  Advance();
  Advance();
}

}  // namespace

WrittenMessage ReadTextproto(absl::string_view text, Message& message, MistakeSink mistakes) {
  // Protobuf's parser ends there.
  if (const size_t nul = text.find('\0'); nul != absl::string_view::npos) {
    const auto byte = static_cast<uint32_t>(nul);
    mistakes({byte, byte + 1}, "a byte that is zero stands in no text", "");
    text = text.substr(0, nul);
  }
  return Reader(text, *message.GetDescriptor(), mistakes).ReadFields(message, nullptr);
}

}  // namespace gatehouse::policy
