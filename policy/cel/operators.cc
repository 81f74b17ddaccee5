#include "policy/cel/operators.h"

#include <algorithm>
#include <iterator>

namespace gatehouse::policy::cel {
namespace {

constexpr BinaryOperator kBinaryOperators[] = {
    {TokenKind::kOr, Function::kOr, 1},
    {TokenKind::kAnd, Function::kAnd, 2},
    {TokenKind::kEqual, Function::kEqual, 3},
    {TokenKind::kNotEqual, Function::kNotEqual, 3},
    {TokenKind::kLess, Function::kLess, 3},
    {TokenKind::kLessOrEqual, Function::kLessOrEqual, 3},
    {TokenKind::kGreater, Function::kGreater, 3},
    {TokenKind::kGreaterOrEqual, Function::kGreaterOrEqual, 3},
    {TokenKind::kIn, Function::kIn, 3},
    {TokenKind::kPlus, Function::kAdd, 4},
    {TokenKind::kMinus, Function::kSubtract, 4},
    {TokenKind::kStar, Function::kMultiply, 5},
    {TokenKind::kSlash, Function::kDivide, 5},
    {TokenKind::kPercent, Function::kModulo, 5},
};

constexpr Slip kSlips[] = {{"and", TokenKind::kAnd},
                           {"&", TokenKind::kAnd},
                           {"or", TokenKind::kOr},
                           {"|", TokenKind::kOr},
                           {"=", TokenKind::kEqual}};

}  // namespace

const BinaryOperator* FindBinaryOperator(TokenKind token) {
  const auto* found =
      std::find_if(std::begin(kBinaryOperators), std::end(kBinaryOperators),
                   [token](const BinaryOperator& each) { return each.token == token; });
  return found == std::end(kBinaryOperators) ? nullptr : found;
}

const Slip* FindSlip(absl::string_view text) {
  const auto* found = std::find_if(std::begin(kSlips), std::end(kSlips),
                                   [text](const Slip& each) { return each.written == text; });
  return found == std::end(kSlips) ? nullptr : found;
}

}  // namespace gatehouse::policy::cel
