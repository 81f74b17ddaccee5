#include "policy/cel/parser.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace gatehouse::policy::cel {
namespace {

std::string Mistake(absl::string_view text) {
  const Outcome<Ast> ast = Parse(text);
  return ast.ok() ? "" : ToString(ast.diagnostics());
}

// The tree with every operand in parentheses.
std::string Tree(const Ast& ast, NodeId id) {
  const Node& node = ast.node(id);
  if (node.kind != NodeKind::kCall) return std::string(ast.Text(id));
  std::string text = absl::StrCat("(", FunctionName(node.function));
  for (const NodeId child : node.children) absl::StrAppend(&text, " ", Tree(ast, child));
  return text + ")";
}

std::string Tree(absl::string_view text) {
  const Outcome<Ast> ast = Parse(text);
  return ast.ok() ? Tree(*ast, ast->root()) : ToString(ast.diagnostics());
}

TEST(ParserTest, OperatorsBindAsTheLanguageSays) {
  EXPECT_EQ(Tree("a || b && c == d + e * -f"), "(|| a (&& b (== c (+ d (* e (- f))))))");
  EXPECT_EQ(Tree("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(Tree("a ? b : c ? d : e"), "(?: a b (?: c d e))");
  EXPECT_EQ(Tree("!a.b[c]"), "(! ([] a.b c))");
  EXPECT_EQ(Tree("a in b == c"), "(== (in a b) c)");
}

TEST(ParserTest, ChainsOfLogicAreOneCall) {
  EXPECT_EQ(Tree("a && b && c || d || e"), "(|| (&& a b c) d e)");
}

TEST(ParserTest, TextOfANodeIsWhatWasWritten) {
  const Outcome<Ast> ast = Parse("(a || b) && c.exists(x, x > 1)");
  ASSERT_TRUE(ast.ok());
  const Node& root = ast->node(ast->root());
  EXPECT_EQ(ast->Text(ast->root()), "(a || b) && c.exists(x, x > 1)");
  EXPECT_EQ(ast->Text(root.children[0]), "a || b");
  EXPECT_EQ(ast->Text(root.children[1]), "c.exists(x, x > 1)");
}

TEST(ParserTest, TheSmallestIntIsALiteral) {
  EXPECT_EQ(Mistake("-9223372036854775808"), "");
  EXPECT_EQ(Mistake("9223372036854775808"), "1:1: an int must fit into 64 bits");
}

TEST(ParserTest, MistakesNameThePlaceAndAWayOut) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "1:1: expected an expression, got the end"},
      {"a = b", "1:3: unexpected '='; did you mean '=='?"},
      {"a &\nb", "1:3: unexpected '&'; did you mean '&&'?"},
      {"a and b", "1:3: expected an operator or the end, got 'and'; did you mean '&&'?"},
      {"a\n  ||", "2:5: expected an expression, got the end"},
      {"f(a, )", "1:6: expected an expression, got ')'"},
      {"[1, 2", "1:6: expected ',' or ']', got the end"},
      {"'open",
       "1:1: this string is never closed; a string over several lines is written in "
       "triple quotes"},
      {"'\\q'", "1:2: unknown escape sequence"},
      {"'\\ud800'", "1:2: an escape sequence that is no Unicode code point"},
      {"b'\\u0041'", "1:3: bytes have no Unicode escape sequences"},
      {"'äö' + ?", "1:8: expected an expression, got '?'"},
      {"12ab", "1:1: malformed number"},
      {"for", "1:1: 'for' is a reserved word"},
      {"has(a)", "1:1: has() expects one field, such as has(a.b)"},
      {"a.all(b.c, true)", "1:7: expected the name of a variable for 'all', got an expression"},
      {"a.all(b, b, true)", "1:10: the two variables have the same name"},
      {"a.map(b)",
       "1:3: 'map' takes one or two variables and what to do with them, got 1 arguments"},
      {"Account{id: 1}", "1:8: message values are not part of this language"},
      {"1e999", "1:1: a double must be at most about 1.8e308"},
  };
  for (const auto& [text, mistake] : kCases) EXPECT_EQ(Mistake(text), mistake) << text;
}

TEST(ParserTest, ExcerptsMarkThePlace) {
  const absl::string_view text = "a &&\n  b + + c";
  const Outcome<Ast> ast = Parse(text);
  ASSERT_FALSE(ast.ok());
  EXPECT_EQ(ast.diagnostics()[0].ToStringWithExcerpt(text),
            "2:7: expected an expression, got '+'\n"
            "    b + + c\n"
            "        ^");
}

TEST(ParserTest, CommentsAreBlanks) { EXPECT_EQ(Tree("a // b\n && c // d"), "(&& a c)"); }

TEST(ParserTest, InvalidUtf8IsRefusedWhereItIs) {
  EXPECT_EQ(Mistake("'ab\xff'"), "1:4: the text is not valid UTF-8");
  EXPECT_EQ(Mistake("'\xed\xa0\x80'"), "1:2: the text is not valid UTF-8");
  EXPECT_EQ(Mistake("'\xc0\xaf'"), "1:2: the text is not valid UTF-8");
}

TEST(ParserTest, HostileTextsAreRefusedInBoundedTime) {
  const std::string kTexts[] = {
      std::string(10'000'000, 'a'),
      std::string(60'000, '('),
      std::string(60'000, '['),
      std::string(60'000, '{'),
      std::string(60'000, '!'),
      std::string(60'000, '-'),
      std::string(10'000, '(') + "1" + std::string(10'000, ')'),
      [] {
        std::string text = "1";
        for (int i = 0; i < 20'000; ++i) text += "+1";
        return text;
      }(),
      [] {
        std::string text = "a";
        for (int i = 0; i < 10'000; ++i) text += "?a:a";
        return text;
      }(),
      [] {
        std::string text = "[1";
        for (int i = 0; i < 20'000; ++i) text += ",1";
        return text + "]";
      }(),
  };
  const absl::Time start = absl::Now();
  for (const std::string& text : kTexts) EXPECT_FALSE(Parse(text).ok()) << text.substr(0, 20);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

}  // namespace
}  // namespace gatehouse::policy::cel
