// Every mistake in a policy's text is told at its place, with a way out; and no text, however
// hostile, does anything else.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOpen[] = "permit { id: 'open' on: GET_ACCOUNT }\n";

std::vector<Problem> ErrorsOf(const std::string& text) {
  std::vector<Problem> errors;
  for (Problem& problem : Policy::Compile(text, "p.textproto").problems) {
    if (problem.severity == Problem::Severity::kError) errors.push_back(std::move(problem));
  }
  return errors;
}

struct Mistake {
  const char* rules;  // from line 3 of the text on
  uint32_t line;
  uint32_t column;
  const char* message;
  const char* suggestion;
};

TEST(Compiler, TellsEachMistakeAtItsPlaceWithAWayOut) {
  const Mistake mistakes[] = {
      {"permit { id: 'a' on: GET_ACCOUNT when: \"account.aup_acepted\" }", 3, 41,
       "account.aup_acepted", "account.aup_accepted"},
      {"permit { id: 'a' on: GET_ACCOUNT when: \"account.status\" }", 3, 41, "expected bool", ""},
      {"permit { id: 'a' on: GET_ACOUNT }", 3, 22, "unknown word 'GET_ACOUNT'", "GET_ACCOUNT"},
      {"permit { id: 'a' on: GET_ACCOUNT wen: 'self' }", 3, 34, "unknown field 'wen'", "when"},
      {"permit { on: GET_ACCOUNT }", 3, 1, "no id", ""},
      {"permit { id: 'a' }", 3, 1, "no action", "on: ..."},
      {"permit { id: 'a' on: GET_ACCOUNT }\npermit { id: 'a' on: GET_ACCOUNT }", 4, 10,
       "another rule is called 'a'", ""},
      {"require { id: 'a' on: GET_ACCOUNT else { reason: ACCOUNT_LOCKED } }", 3, 1,
       "requires nothing", ""},
      {"require { id: 'a' on: GET_ACCOUNT that: 'self' }", 3, 1, "no reason", ""},
      {"require { id: 'a' on: GET_ACCOUNT that: 'self' else { reason: ACCOUNT_LOCKED\n"
       "  mend { by: SELF operation: 'UnlockAcount' } } }",
       4, 19, "unknown operation", "UnlockAccount"},
      {"require { id: 'a' on: GET_ACCOUNT that: 'self' else { reason: ACCOUNT_LOCKED\n"
       "  mend { by: TIME } } }",
       4, 10, "told by itself", ""},
      {"require { id: 'a' on: GET_ACCOUNT that: 'self' else { reason: ACCOUNT_LOCKED\n"
       "  message: 'since {account.locked_on}' } }",
       4, 20, "account.locked_on", "account.locked_at"},
      {"require { id: 'a' on: GET_ACCOUNT that: 'self' else { reason: ACCOUNT_LOCKED\n"
       "  message: 'not {password.length}' } }",
       4, 18, "secret", ""},
      {"require { id: 'a' on: GET_ACCOUNT that: 'account.locked' before_permission: true\n"
       "  else { reason: ACCOUNT_LOCKED } }",
       3, 58, "more than the actor", "actor.*"},
      {"require { id: 'a' on_every_action: true on: GET_ACCOUNT that: 'self'\n"
       "  else { reason: ACCOUNT_LOCKED } }",
       3, 41, "on_every_action", ""},
      {"oblige { id: 'a' on: SIGN_IN }", 3, 1, "obliges to nothing", "action"},
      {"parameters { name: 'x' value: 'y' }\nparameters { name: 'y' value: 'x' }", 3, 21, "circle",
       ""},
      {"parameters { name: 'x' value: '1 / 0' }", 3, 24, "no value", ""},
      {"parameters { name: 'account' value: '1' }", 3, 21, "name of facts", ""},
      {"define { name: 'x' value: 'x || self' }", 3, 17, "circle", ""},
      {"define { name: 'LOCAL_ADMIN' value: 'self' }", 3, 17, "word of the language", ""},
      {"fixtures { name: 'f' given: 'account.lockd = true' }", 3, 30, "unknown fact",
       "account.locked"},
      {"fixtures { name: 'f' given: 'account.locked = 3' }", 3, 47, "expected bool", ""},
      {"tests { name: 't' on: SIGN_IN from: 'f' expect { allowed: true } }", 3, 31, "no fixture",
       ""},
      {"tests { name: 't' on: SIGN_IN }", 3, 1, "must expect one of", ""},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.rules);
    const std::vector<Problem> errors = ErrorsOf(PolicyText(mistake.rules));
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].line, mistake.line);
    EXPECT_EQ(errors[0].column, mistake.column);
    EXPECT_THAT(errors[0].message, HasSubstr(mistake.message));
    EXPECT_THAT(errors[0].suggestion, HasSubstr(mistake.suggestion));
  }
}

TEST(Compiler, TellsAllMistakesAtOnceInTheOrderOfTheText) {
  const std::vector<Problem> errors =
      ErrorsOf(PolicyText("permit { id: 'a' on: GET_ACCOUNT when: 'nothing' }\n"
                          "permit { id: 'a' on: GET_ACCOUNT when: '1 +' }\n"
                          "oblige { id: 'b' on: SIGN_IN when: 'self' }\n"));
  ASSERT_THAT(errors, SizeIs(4));
  EXPECT_EQ(errors[0].line, 3u);
  EXPECT_EQ(errors[1].line, 4u);
  EXPECT_EQ(errors[2].line, 4u);
  EXPECT_EQ(errors[3].line, 5u);
}

TEST(Compiler, TellsOtherMistakesBesideUnknownFields) {
  const std::vector<Problem> errors =
      ErrorsOf(PolicyText("permit { id: 'a' on: GET_ACCOUNT wen: 'self' }\n"
                          "permit { id: 'b' on: GET_ACCOUNT whem: 'self' when: 'self &&' }\n"
                          "permit { id: 'b' on: GET_ACCOUNT when: 'account.lockd' }\n"));
  ASSERT_THAT(errors, SizeIs(5));
  EXPECT_THAT(errors[0].message, HasSubstr("unknown field 'wen'"));
  EXPECT_THAT(errors[1].message, HasSubstr("unknown field 'whem'"));
  EXPECT_THAT(errors[2].message, HasSubstr("got the end"));
  EXPECT_THAT(errors[3].message, HasSubstr("another rule"));
  EXPECT_THAT(errors[4].message, HasSubstr("account.lockd"));
}

TEST(Compiler, MarksThePlaceUnderTheLine) {
  const std::vector<Problem> errors =
      ErrorsOf(PolicyText("permit { id: 'a' on: GET_ACCOUNT\n\twhen: \"self &&\"\n"
                          "        \" account.aup_acepted\" }"));
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0].ToString(), HasSubstr("p.textproto:5:11: error: "));
  EXPECT_THAT(errors[0].ToString(),
              HasSubstr("    5 |         \" account.aup_acepted\" }\n"
                        "      |           ^~~~~~~~~~~~~~~~~~~ did you mean"));
}

TEST(Compiler, NamesEveryMissingOrWrongParameter) {
  const std::vector<Problem> missing = ErrorsOf("name: 'p'");
  ASSERT_THAT(missing, SizeIs(1));
  for (const ParameterInfo& parameter : AllParameters()) {
    EXPECT_THAT(missing[0].message, HasSubstr(std::string(parameter.name)));
  }
  std::string text = PolicyText(kOpen);
  const std::string right = "'organisation_hold' value: \"duration('1h')\"";
  text.replace(text.find(right), right.size(), "'organisation_hold' value: '24'");
  EXPECT_THAT(ErrorsOf(text)[0].message, HasSubstr("organisation_hold' must be a duration"));
}

TEST(Compiler, ReadsParametersInAnyOrder) {
  const auto policy = CompileOrDie(absl::StrCat(
      "parameters { name: 'twice' value: 'once * 2' } parameters { name: 'once' value: '21' }\n",
      "permit { id: 'a' on: GET_ACCOUNT when: 'twice == 42' }"));
  EXPECT_TRUE(policy->Allows(Action::GET_ACCOUNT, Facts()));
}

TEST(Compiler, AnswersHostileTextsWithErrorsInBoundedTime) {
  const std::string deep(10'000, '(');
  std::string chain;
  std::string doubling = "define { name: 'd0' value: 'self' }\n";
  for (int i = 1; i < 64; ++i) {
    absl::StrAppend(&doubling, "define { name: 'd", i, "' value: 'd", i - 1, " || d", i - 1,
                    "' }\n");
  }
  for (int i = 0; i < 2'100; ++i) {
    absl::StrAppend(&chain, "parameters { name: 'p", i, "' value: 'p", i + 1, "' }\n");
  }
  const std::string hostile[] = {
      PolicyText(absl::StrCat("permit { id: 'a' on: GET_ACCOUNT when: '", deep, "' }")),
      PolicyText("permit { id: 'a' on: GET_ACCOUNT when: \"account.account_id.matches('[')\" }"),
      PolicyText("permit { id: '\xff' on: GET_ACCOUNT }"),
      PolicyText("permit { id: 'a' on: GET_ACCOUNT when: '\\377' }"),
      PolicyText(doubling),
      PolicyText(chain),
      PolicyText("permit { id: 'a"),
      PolicyText("permit { id: 'a' when: 'x"),
      std::string(10 << 20, 'x'),
      std::string(10 << 20, '\n') + "permit {",
      std::string("\0\0\0", 3),
      "",
  };
  for (const std::string& text : hostile) {
    const std::vector<Problem> errors = ErrorsOf(text);
    EXPECT_FALSE(errors.empty()) << text.substr(0, 200);
    for (const Problem& problem : errors) EXPECT_FALSE(problem.ToString().empty());
  }
}

TEST(Compiler, WarnsOfRulesWithoutEffect) {
  const CompileResult result =
      Policy::Compile(PolicyText("permit { id: 'a' on: GET_ACCOUNT when: '1 > 2' }\n"), "p");
  ASSERT_NE(result.policy, nullptr);
  EXPECT_THAT(Render(result.problems), HasSubstr("'when' can never hold"));
  EXPECT_THAT(Render(result.problems), HasSubstr("nobody is permitted: SIGN_IN"));
}

TEST(Compiler, KnowsAPolicyByItsText) {
  const auto one = CompileOrDie(kOpen);
  const auto same = CompileOrDie(kOpen);
  const auto other = CompileOrDie(absl::StrCat(kOpen, "# changed"));
  EXPECT_EQ(one->revision(), same->revision());
  EXPECT_FALSE(one->revision() == other->revision());
  EXPECT_EQ(one->revision().ToString().size(), 43u);
}

}  // namespace
}  // namespace gatehouse::policy
