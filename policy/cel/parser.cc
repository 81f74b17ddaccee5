#include "policy/cel/parser.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "policy/cel/lexer.h"
#include "policy/cel/literal.h"
#include "policy/cel/operators.h"
#include "policy/cel/utf8.h"

namespace gatehouse::policy::cel {
namespace {

// What binds more loosely than this is && or ||.
constexpr int kOperandOfLogic = 3;

// Where an operand of && or || ends, unless it lies in brackets.
constexpr TokenKind kEndsOfOperands[] = {TokenKind::kAnd,          TokenKind::kOr,
                                         TokenKind::kQuestion,     TokenKind::kColon,
                                         TokenKind::kComma,        TokenKind::kRightParenthesis,
                                         TokenKind::kRightBracket, TokenKind::kRightBrace};

// A macro as it is called: how many variables and bodies its arguments are.
struct MacroForm {
  absl::string_view name;
  size_t arguments;
  Macro macro;
  size_t variables;
  bool predicate;
  bool transform;
};

constexpr MacroForm kMacros[] = {
    {"all", 2, Macro::kAll, 1, true, false},
    {"all", 3, Macro::kAll, 2, true, false},
    {"exists", 2, Macro::kExists, 1, true, false},
    {"exists", 3, Macro::kExists, 2, true, false},
    {"exists_one", 2, Macro::kExistsOne, 1, true, false},
    {"exists_one", 3, Macro::kExistsOne, 2, true, false},
    {"existsOne", 2, Macro::kExistsOne, 1, true, false},
    {"existsOne", 3, Macro::kExistsOne, 2, true, false},
    {"filter", 2, Macro::kFilter, 1, true, false},
    {"map", 2, Macro::kMap, 1, false, true},
    {"map", 3, Macro::kMap, 1, true, true},
    {"transformList", 3, Macro::kTransformList, 2, false, true},
    {"transformList", 4, Macro::kTransformList, 2, true, true},
    {"transformMap", 3, Macro::kTransformMap, 2, false, true},
    {"transformMap", 4, Macro::kTransformMap, 2, true, true},
};

bool IsMacro(absl::string_view name) {
  return std::any_of(std::begin(kMacros), std::end(kMacros),
                     [name](const MacroForm& form) { return form.name == name; });
}

bool StartsNumber(TokenKind kind) { return kind == TokenKind::kInt || kind == TokenKind::kDouble; }

// Recursive descent for what nests, precedence climbing for binary operators. From a mistake on
// every method answers kNoNode, until the operand of && or || that it lies in has been skipped:
// there the parse finds its way again, and goes on without that operand.
class Parser {
 public:
  Parser(std::string source, const Limits& limits)
      : source_(std::move(source)), limits_(limits), lexer_(source_) {}

  LenientParse Run();

 private:
  // Counts how deep the recursion is.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) { ++parser_.level_; }
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  NodeId ParseExpression();
  NodeId ParseBinary(int weakest);
  // Where an operator is another language's, tells so and takes it for what was meant.
  void CorrectOperator();
  // `left` and what the operator joins to it; kNoNode for a left that was left out.
  NodeId ParseRightOf(NodeId left, const BinaryOperator& binary, uint32_t begin);
  // Goes on to the end of the operand that began when so many brackets were open.
  void SkipOperand(uint32_t brackets);
  NodeId ParseUnary();
  NodeId ParseNegation(SourceRange minus);
  NodeId ParseMember(NodeId operand, uint32_t begin);
  NodeId ParseAfterDot(NodeId operand, uint32_t begin);
  NodeId ParsePrimary();
  NodeId ParseIdentifier(bool absolute, uint32_t begin);
  NodeId ParseLiteral(bool negative, uint32_t begin);
  NodeId ParseList();
  NodeId ParseMap();
  // After the opening token, through `close`. Nothing after a mistake.
  std::optional<std::vector<NodeId>> ParseArguments(TokenKind close);

  NodeId MakeHas(SourceRange mark, uint32_t begin, const std::vector<NodeId>& arguments);
  NodeId MakeComprehension(Node node, std::vector<NodeId> arguments);

  void Advance();
  bool Take(TokenKind kind);
  bool Expect(TokenKind kind, absl::string_view what);
  absl::string_view Text(SourceRange range) const {
    return absl::string_view(source_).substr(range.begin, range.end - range.begin);
  }
  NodeId Add(Node node);
  NodeId Fail(SourceRange range, std::string message, std::string suggestion = "");
  NodeId FailAtToken(absl::string_view expected);
  NodeId FailTooDeep(SourceRange range);

  std::string source_;
  const Limits& limits_;
  Lexer lexer_;
  Token token_;
  uint32_t last_end_ = 0;  // of the last token taken
  uint32_t level_ = 0;
  Arena arena_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> heights_;
  uint32_t brackets_ = 0;  // that are open
  std::vector<Diagnostic> mistakes_;
  bool lost_ = false;      // since the latest mistake
  bool hopeless_ = false;  // a limit is reached
};

LenientParse Parser::Run() {
  token_ = lexer_.Next();
  Node parts;  // more than one only after mistakes
  parts.kind = NodeKind::kCall;
  parts.function = Function::kAnd;
  do {
    const NodeId part = ParseExpression();
    if (part != kNoNode) parts.children.push_back(part);
    if (token_.kind == TokenKind::kEnd) break;
    if (part != kNoNode) FailAtToken("an operator or the end");
    SkipOperand(0);
  } while (Take(TokenKind::kAnd) || Take(TokenKind::kOr));
  LenientParse result;
  if (parts.children.empty()) {
    nodes_.clear();
  } else if (parts.children.size() == 1) {
    nodes_.resize(parts.children[0] + 1);
  } else {
    Add(std::move(parts));
  }
  if (!nodes_.empty() && !hopeless_) {
    result.ast.emplace(std::move(source_), std::move(arena_), std::move(nodes_));
  }
  result.mistakes = std::move(mistakes_);
  return result;
}

void Parser::SkipOperand(uint32_t brackets) {
  const auto ends = [&] {
    return std::find(std::begin(kEndsOfOperands), std::end(kEndsOfOperands), token_.kind) !=
           std::end(kEndsOfOperands);
  };
  if (hopeless_) return;
  while (token_.kind != TokenKind::kEnd && (brackets_ > brackets || !ends())) Advance();
  lost_ = false;
}

NodeId Parser::ParseExpression() {
  const Level level(*this);
  if (level_ > limits_.nesting) return FailTooDeep(token_.range);
  const uint32_t begin = token_.range.begin;
  const NodeId condition = ParseBinary(1);
  const SourceRange mark = token_.range;
  if (condition == kNoNode || !Take(TokenKind::kQuestion)) return condition;
  const NodeId if_true = ParseBinary(1);
  if (if_true == kNoNode || !Expect(TokenKind::kColon, "':'")) return kNoNode;
  const NodeId if_false = ParseExpression();
  if (if_false == kNoNode) return kNoNode;
  Node node;
  node.kind = NodeKind::kCall;
  node.function = Function::kConditional;
  node.range.begin = begin;
  node.mark = mark;
  node.children = {condition, if_true, if_false};
  return Add(std::move(node));
}

NodeId Parser::ParseBinary(int weakest) {
  const uint32_t begin = token_.range.begin;
  const uint32_t brackets = brackets_;
  NodeId left = ParseUnary();
  while (true) {
    if (left == kNoNode) {
      if (weakest > kOperandOfLogic) return kNoNode;
      SkipOperand(brackets);
    }
    CorrectOperator();
    const BinaryOperator* const binary = FindBinaryOperator(token_.kind);
    if (binary == nullptr || binary->strength < weakest || lost_) return left;
    left = ParseRightOf(left, *binary, begin);
  }
}

void Parser::CorrectOperator() {
  const Slip* const slip = FindSlip(Text(token_.range));
  if (slip == nullptr || lost_) return;
  FailAtToken("an operator or the end");
  lost_ = hopeless_;
  token_.kind = slip->meant;
}

NodeId Parser::ParseRightOf(NodeId left, const BinaryOperator& binary, uint32_t begin) {
  Node node;
  node.kind = NodeKind::kCall;
  node.function = binary.function;
  node.mark = token_.range;
  if (left != kNoNode) node.children = {left};
  const bool logical = binary.function == Function::kAnd || binary.function == Function::kOr;
  while (Take(binary.token)) {
    const NodeId right = ParseBinary(binary.strength + 1);
    if (right != kNoNode) node.children.push_back(right);
    if (!logical) break;
  }
  if (lost_ || node.children.empty() || (!logical && node.children.size() < 2)) return kNoNode;
  node.range.begin = begin;
  return Add(std::move(node));
}

NodeId Parser::ParseUnary() {
  const SourceRange mark = token_.range;
  if (Take(TokenKind::kMinus)) return ParseNegation(mark);
  if (!Take(TokenKind::kNot)) return ParseMember(ParsePrimary(), mark.begin);
  const Level level(*this);
  if (level_ > limits_.nesting) return FailTooDeep(mark);
  const NodeId operand = ParseUnary();
  if (operand == kNoNode) return kNoNode;
  Node node;
  node.kind = NodeKind::kCall;
  node.function = Function::kNot;
  node.range.begin = mark.begin;
  node.mark = mark;
  node.children = {operand};
  return Add(std::move(node));
}

NodeId Parser::ParseNegation(SourceRange minus) {
  if (StartsNumber(token_.kind)) return ParseMember(ParseLiteral(true, minus.begin), minus.begin);
  const Level level(*this);
  if (level_ > limits_.nesting) return FailTooDeep(minus);
  const NodeId operand = ParseUnary();
  if (operand == kNoNode) return kNoNode;
  Node node;
  node.kind = NodeKind::kCall;
  node.function = Function::kNegate;
  node.range.begin = minus.begin;
  node.mark = minus;
  node.children = {operand};
  return Add(std::move(node));
}

NodeId Parser::ParseMember(NodeId operand, uint32_t begin) {
  while (operand != kNoNode) {
    const SourceRange mark = token_.range;
    if (Take(TokenKind::kDot)) {
      operand = ParseAfterDot(operand, begin);
    } else if (Take(TokenKind::kLeftBracket)) {
      const NodeId index = ParseExpression();
      if (index == kNoNode || !Expect(TokenKind::kRightBracket, "']'")) return kNoNode;
      Node node;
      node.kind = NodeKind::kCall;
      node.function = Function::kIndex;
      node.range.begin = begin;
      node.mark = mark;
      node.children = {operand, index};
      operand = Add(std::move(node));
    } else {
      return operand;
    }
  }
  return kNoNode;
}

NodeId Parser::ParseAfterDot(NodeId operand, uint32_t begin) {
  const Token name = token_;
  Node node;
  node.range.begin = begin;
  node.mark = name.range;
  if (Take(TokenKind::kQuotedIdentifier)) {
    const absl::string_view quoted = Text(name.range);
    node.kind = NodeKind::kSelect;
    node.name = arena_.CopyString(quoted.substr(1, quoted.size() - 2));
    node.children = {operand};
    return Add(std::move(node));
  }
  if (!Take(TokenKind::kIdentifier) && !Take(TokenKind::kReserved)) {
    return FailAtToken("the name of a field or function");
  }
  node.name = arena_.CopyString(Text(name.range));
  node.children = {operand};
  if (!Take(TokenKind::kLeftParenthesis)) {
    node.kind = NodeKind::kSelect;
    return Add(std::move(node));
  }
  std::optional<std::vector<NodeId>> arguments = ParseArguments(TokenKind::kRightParenthesis);
  if (!arguments.has_value()) return kNoNode;
  if (IsMacro(node.name)) return MakeComprehension(std::move(node), *std::move(arguments));
  node.kind = NodeKind::kCall;
  node.receiver = true;
  node.function = FindFunction(node.name);
  node.children.insert(node.children.end(), arguments->begin(), arguments->end());
  return Add(std::move(node));
}

NodeId Parser::ParsePrimary() {
  const uint32_t begin = token_.range.begin;
  switch (token_.kind) {
    case TokenKind::kLeftParenthesis: {
      Advance();
      const NodeId inner = ParseExpression();
      if (inner == kNoNode || !Expect(TokenKind::kRightParenthesis, "')'")) return kNoNode;
      return inner;
    }
    case TokenKind::kLeftBracket:
      return ParseList();
    case TokenKind::kLeftBrace:
      return ParseMap();
    case TokenKind::kDot:
      Advance();
      return ParseIdentifier(true, begin);
    case TokenKind::kIdentifier:
    case TokenKind::kReserved:
      return ParseIdentifier(false, begin);
    default:
      return ParseLiteral(false, begin);
  }
}

NodeId Parser::ParseIdentifier(bool absolute, uint32_t begin) {
  const Token name = token_;
  if (name.kind == TokenKind::kReserved) {
    return Fail(name.range, absl::StrCat("'", Text(name.range), "' is a reserved word"));
  }
  if (!Take(TokenKind::kIdentifier)) return FailAtToken("a name");
  Node node;
  node.range.begin = begin;
  node.mark = {begin, name.range.end};
  node.name = arena_.CopyString(Text(name.range));
  node.absolute = absolute;
  if (token_.kind == TokenKind::kLeftBrace) {
    return Fail(token_.range, "message values are not part of this language");
  }
  if (!Take(TokenKind::kLeftParenthesis)) {
    node.kind = NodeKind::kIdentifier;
    return Add(std::move(node));
  }
  std::optional<std::vector<NodeId>> arguments = ParseArguments(TokenKind::kRightParenthesis);
  if (!arguments.has_value()) return kNoNode;
  if (node.name == "has") return MakeHas(node.mark, begin, *arguments);
  node.kind = NodeKind::kCall;
  node.function = FindFunction(node.name);
  node.children = *std::move(arguments);
  return Add(std::move(node));
}

NodeId Parser::ParseLiteral(bool negative, uint32_t begin) {
  Node node;
  node.range.begin = begin;
  node.mark = {begin, token_.range.end};
  const Token literal = token_;
  switch (literal.kind) {
    case TokenKind::kTrue:
    case TokenKind::kFalse:
      node.literal = Value::Bool(literal.kind == TokenKind::kTrue);
      break;
    case TokenKind::kNull:
      node.literal = Value::Null();
      break;
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble:
    case TokenKind::kString:
    case TokenKind::kBytes: {
      const auto decoded = DecodeLiteral(source_, literal, negative, arena_);
      if (const LiteralError* error = std::get_if<LiteralError>(&decoded)) {
        return Fail(error->range, error->message);
      }
      node.literal = std::get<Value>(decoded);
      break;
    }
    default:
      return FailAtToken("an expression");
  }
  Take(literal.kind);
  return Add(std::move(node));
}

NodeId Parser::ParseList() {
  Node node;
  node.kind = NodeKind::kList;
  node.range.begin = token_.range.begin;
  node.mark = token_.range;
  Advance();
  std::optional<std::vector<NodeId>> elements = ParseArguments(TokenKind::kRightBracket);
  if (!elements.has_value()) return kNoNode;
  node.children = *std::move(elements);
  return Add(std::move(node));
}

NodeId Parser::ParseMap() {
  Node node;
  node.kind = NodeKind::kMap;
  node.range.begin = token_.range.begin;
  node.mark = token_.range;
  Advance();
  while (!Take(TokenKind::kRightBrace)) {
    if (!node.children.empty()) {
      if (!Expect(TokenKind::kComma, "',' or '}'")) return kNoNode;
      if (Take(TokenKind::kRightBrace)) break;
    }
    const NodeId key = ParseExpression();
    if (key == kNoNode || !Expect(TokenKind::kColon, "':'")) return kNoNode;
    const NodeId value = ParseExpression();
    if (value == kNoNode) return kNoNode;
    node.children.push_back(key);
    node.children.push_back(value);
  }
  return Add(std::move(node));
}

std::optional<std::vector<NodeId>> Parser::ParseArguments(TokenKind close) {
  const bool list = close == TokenKind::kRightBracket;
  std::vector<NodeId> arguments;
  while (!Take(close)) {
    if (!arguments.empty()) {
      if (!Expect(TokenKind::kComma, list ? "',' or ']'" : "',' or ')'")) return std::nullopt;
      if (list && Take(close)) break;
    }
    const NodeId argument = ParseExpression();
    if (argument == kNoNode) return std::nullopt;
    arguments.push_back(argument);
  }
  return arguments;
}

// The selection is the node made last, and becomes the question whether it would succeed.
NodeId Parser::MakeHas(SourceRange mark, uint32_t begin, const std::vector<NodeId>& arguments) {
  if (arguments.size() != 1 || nodes_[arguments[0]].kind != NodeKind::kSelect) {
    return Fail(mark, "has() expects one field, such as has(a.b)");
  }
  Node& node = nodes_[arguments[0]];
  node.kind = NodeKind::kHas;
  node.range = {begin, last_end_};
  return arguments[0];
}

NodeId Parser::MakeComprehension(Node node, std::vector<NodeId> arguments) {
  const auto* const form =
      std::find_if(std::begin(kMacros), std::end(kMacros), [&](const MacroForm& each) {
        return each.name == node.name && each.arguments == arguments.size();
      });
  if (form == std::end(kMacros)) {
    return Fail(node.mark, absl::StrCat("'", node.name, "' takes one or two variables and what to ",
                                        "do with them, got ", arguments.size(), " arguments"));
  }
  for (size_t i = 0; i < form->variables; ++i) {
    const Node& variable = nodes_[arguments[i]];
    if (variable.kind != NodeKind::kIdentifier || variable.absolute) {
      return Fail(variable.range, absl::StrCat("expected the name of a variable for '", node.name,
                                               "', got an expression"));
    }
    node.variables[i] = variable.name;
  }
  if (form->variables == 2 && node.variables[0] == node.variables[1]) {
    return Fail(nodes_[arguments[1]].range, "the two variables have the same name");
  }
  size_t next = form->variables;
  node.kind = NodeKind::kComprehension;
  node.macro = form->macro;
  node.children.push_back(form->predicate ? arguments[next++] : kNoNode);
  node.children.push_back(form->transform ? arguments[next] : kNoNode);
  return Add(std::move(node));
}

void Parser::Advance() {
  switch (token_.kind) {
    case TokenKind::kLeftParenthesis:
    case TokenKind::kLeftBracket:
    case TokenKind::kLeftBrace:
      ++brackets_;
      break;
    case TokenKind::kRightParenthesis:
    case TokenKind::kRightBracket:
    case TokenKind::kRightBrace:
      if (brackets_ > 0) --brackets_;
      break;
    default:
      break;
  }
  token_ = lexer_.Next();
}

bool Parser::Take(TokenKind kind) {
  if (token_.kind != kind || lost_) return false;
  last_end_ = token_.range.end;
  Advance();
  return true;
}

bool Parser::Expect(TokenKind kind, absl::string_view what) {
  if (Take(kind)) return true;
  FailAtToken(what);
  return false;
}

NodeId Parser::Add(Node node) {
  node.range.end = last_end_;
  uint32_t height = 0;
  for (const NodeId child : node.children) {
    if (child != kNoNode) height = std::max(height, heights_[child]);
  }
  if (height >= limits_.nesting) return FailTooDeep(node.mark);
  if (nodes_.size() >= limits_.nodes) {
    hopeless_ = true;
    return Fail(node.mark, absl::StrCat("the expression has more than ", limits_.nodes, " parts"));
  }
  heights_.push_back(height + 1);
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Parser::Fail(SourceRange range, std::string message, std::string suggestion) {
  if (!lost_) {
    mistakes_.push_back(MakeDiagnostic(source_, range, std::move(message), std::move(suggestion)));
    hopeless_ = hopeless_ || mistakes_.size() >= limits_.diagnostics;
  }
  lost_ = true;
  return kNoNode;
}

NodeId Parser::FailAtToken(absl::string_view expected) {
  if (token_.kind == TokenKind::kError) {
    return Fail(token_.range, token_.message, token_.suggestion);
  }
  const absl::string_view text = Text(token_.range);
  const std::string got =
      token_.kind == TokenKind::kEnd ? "the end" : absl::StrCat("'", text.substr(0, 40), "'");
  const char* suggestion = text == "and"   ? "did you mean '&&'?"
                           : text == "or"  ? "did you mean '||'?"
                           : text == "not" ? "did you mean '!'?"
                                           : "";
  return Fail(token_.range, absl::StrCat("expected ", expected, ", got ", got), suggestion);
}

NodeId Parser::FailTooDeep(SourceRange range) {
  hopeless_ = true;
  return Fail(range, absl::StrCat("nested more than ", limits_.nesting, " levels deep"));
}

}  // namespace

LenientParse ParseLeniently(absl::string_view text, const Limits& limits) {
  const auto refuse = [text](size_t place, std::string message) {
    const auto offset = static_cast<uint32_t>(place);
    LenientParse nothing;
    nothing.mistakes.push_back(MakeDiagnostic(text, {offset, offset + 1}, std::move(message)));
    return nothing;
  };
  if (text.size() > limits.source_bytes) {
    return refuse(
        0, absl::StrCat("the text has ", text.size(), " bytes, more than ", limits.source_bytes));
  }
  if (const size_t valid = ValidUtf8Prefix(text); valid != text.size()) {
    return refuse(valid, "the text is not valid UTF-8");
  }
  return Parser(std::string(text), limits).Run();
}

Outcome<Ast> Parse(absl::string_view text, const Limits& limits) {
  LenientParse parse = ParseLeniently(text, limits);
  if (!parse.mistakes.empty()) return std::move(parse.mistakes);
  return *std::move(parse.ast);
}

}  // namespace gatehouse::policy::cel
