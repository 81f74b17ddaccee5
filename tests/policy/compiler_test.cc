// Every mistake in a policy's text is told at its place, with a way out; and no text, however
// hostile, does anything else.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "tests/policy/cel/counting_new.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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

// "3:22 unknown word 'GET_ACOUNT' did you mean GET_ACCOUNT?"
std::vector<std::string> InShort(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    lines.push_back(absl::StrCat(problem.line, ":", problem.column, " ", problem.message,
                                 problem.suggestion.empty() ? "" : " ", problem.suggestion));
  }
  return lines;
}

TEST(Compiler, TellsAllMistakesAtOnceAndEachOnce) {
  const std::vector<std::string> errors =
      InShort(ErrorsOf(PolicyText(
          /*3*/
          "parameters { name: 'short' value: '1 / 0' }\n"
          /*4*/ "define { name: 'sound' value: 'account.lockd' }\n"
          /*5*/ "permit { id: 'a' on: [GET_ACOUNT, SIGN_IN] when: 'nothing' }\n"
          /*6*/ "permit { id: 'b' on GET_ACCOUNT wen: 'self' }\n"
          /*7*/ "permitt { id: 'c' { } }\n"
          /*8*/ "permit { id: 'd' on: GET_ACCOUNT when: self && account.locked }\n"
          /*9*/ "permit { id: 'e on: GET_ACCOUNT\n"
          /*10*/ "  when: 'short > sound && 1 + && account.aup_acepted and (self && )' }\n"
          /*11*/ "permit { id: 'f' on: GET_ACCOUNT when: '\\q'\n"
          /*12*/ "require { id: 'g' on: GET_ACCOUNT tha: 'self' else { reason: ACCOUNT_LOKED } }\n"
          /*13*/ "oblige { id: 'h' id: 'i' on: SIGN_IN action: [CHANGE_PASSWORD] } }\n"
          /*14*/ "tests { name: 't' on: SIGN_IN expect { refused: ACCOUNT_LOKED allowd: true } }\n"
          /*15*/ "oblige { id: 'j' on: SIGN_IN when: 'now' action: CHANGE_PASSWORD ")));
  EXPECT_THAT(
      errors,
      ElementsAre(
          "3:28 parameter 'short' has no value it must be a constant expression that can be "
          "computed",
          "4:32 undeclared name 'account.lockd' did you mean account.locked?",
          "5:23 unknown word 'GET_ACOUNT' did you mean GET_ACCOUNT?",
          "5:51 undeclared name 'nothing'", "6:21 expected ':' behind 'on', got 'GET_ACCOUNT'",
          "6:33 unknown field 'wen' did you mean when?",
          "7:1 unknown field 'permitt' did you mean permit?",
          "8:40 expected a text in quotation marks, got 'self' put it in quotation marks",
          "9:14 the text is not closed on its line", "10:31 expected an expression, got '&&'",
          "10:34 undeclared name 'account.aup_acepted' did you mean account.aup_accepted?",
          "10:54 expected an operator or the end, got 'and' did you mean '&&'?",
          "10:67 expected an expression, got ')'", "11:8 '{' is not closed",
          "11:41 unknown escape '\\q'", "12:35 unknown field 'tha' did you mean that?",
          "12:62 unknown word 'ACCOUNT_LOKED' did you mean ACCOUNT_LOCKED?",
          "13:18 'id' is said twice", "13:46 expected a word, got '['", "13:66 '}' closes nothing",
          "14:49 unknown word 'ACCOUNT_LOKED' did you mean ACCOUNT_LOCKED?",
          "14:63 unknown field 'allowd' did you mean allowed?", "15:8 '{' is not closed",
          "15:37 expected bool, got timestamp"));
}

TEST(Compiler, SaysWhichListIsNotClosed) {
  EXPECT_THAT(
      InShort(ErrorsOf(PolicyText("permit { id: 'a' on: [SIGN_IN, GET_ACCOUNT when: 'x' }"))),
      ElementsAre("3:22 '[' is not closed put ',' between values, ']' behind the last",
                  "3:51 undeclared name 'x'"));
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

TEST(Compiler, RefusesNumbersThatOperationsCannotWorkWith) {
  const struct {
    const char* right;
    const char* wrong;
    const char* message;
  } cases[] = {
      {"'verification_failures' value: \"7\"", "'verification_failures' value: \"0\"",
       "verification_failures' must be at least 1"},
      {"'verification_first_letters' value: \"7\"", "'verification_first_letters' value: \"0\"",
       "verification_first_letters' must be at least 1"},
      {"'secret_history' value: \"7\"", "'secret_history' value: \"-1\"",
       "secret_history' must be at least 0"},
  };
  for (const auto& [right, wrong, message] : cases) {
    std::string text = PolicyText(kOpen);
    text.replace(text.find(right), std::string(right).size(), wrong);
    const std::vector<Problem> errors = ErrorsOf(text);
    ASSERT_THAT(errors, SizeIs(1)) << wrong;
    EXPECT_THAT(errors[0].message, HasSubstr(message));
  }
}

TEST(Compiler, ReadsParametersInAnyOrder) {
  const auto policy = CompileOrDie(absl::StrCat(
      "parameters { name: 'twice' value: 'once * 2' } parameters { name: 'once' value: '21' }\n",
      "permit { id: 'a' on: GET_ACCOUNT when: 'twice == 42' }"));
  EXPECT_TRUE(policy->Allows(Action::GET_ACCOUNT, Facts()));
}

std::string Repeat(absl::string_view text, size_t bytes) {
  std::string repeated;
  while (repeated.size() < bytes) absl::StrAppend(&repeated, text);
  return repeated;
}

TEST(Compiler, AnswersEveryHostileTextWithAClearError) {
  struct Hostile {
    std::string text;
    const char* message;
  };
  std::string doubling = "define { name: 'd0' value: 'self' }\n";
  for (int i = 1; i < 64; ++i) {
    absl::StrAppend(&doubling, "define { name: 'd", i, "' value: 'd", i - 1, " || d", i - 1,
                    "' }\n");
  }
  std::string chain;
  for (int i = 0; i < 2'100; ++i) {
    absl::StrAppend(&chain, "parameters { name: 'p", i, "' value: 'p", i + 1, "' }\n");
  }
  const auto permit = [](absl::string_view when) {
    return PolicyText(absl::StrCat("permit { id: 'a' on: GET_ACCOUNT when: \"", when, "\" }"));
  };
  const Hostile texts[] = {
      {permit(std::string(10'000, '(')), "nested more than 128 levels deep"},
      {permit("account.account_id.matches('[')"), "missing ]"},
      {permit("account.account_id.matches('(a)\\\\\\\\1')"), "invalid escape sequence"},
      {permit("\\377"), "the escapes are no UTF-8"},
      {PolicyText("permit { id: '\xff' on: GET_ACCOUNT }"), "not UTF-8 from here on"},
      {PolicyText(doubling), "too long when its definitions are put in"},
      {PolicyText(chain), "more than 2000"},
      {PolicyText("parameters { name: 'x' value: 'y' }\nparameters { name: 'y' value: 'x' }"),
       "'x' is defined by itself in a circle"},
      {PolicyText(absl::StrCat(kOpen, kOpen)), "another rule is called 'open'"},
      {PolicyText("permit { id: 'a"), "the text is not closed on its line"},
      {PolicyText("permit { id: 'a' when: 'x"), "the text is not closed on its line"},
      {PolicyText(Repeat("x {", 1 << 20)), "unknown field 'x'"},
      {PolicyText(Repeat("permit {", 1 << 20)), "unknown field 'permit'"},
      {PolicyText(Repeat("permit { id: 'a' } ", 3 << 20)), "another rule is called 'a'"},
      {std::string(10 << 20, 'x'), "longer than 4194304 bytes"},
      {std::string(3 << 20, '\n') + "permit {", "'{' is not closed"},
      {std::string("\0\0\0", 3), "a byte that is zero stands in no text"},
      {"", "the policy has no name"},
  };
  for (const Hostile& hostile : texts) {
    SCOPED_TRACE(hostile.text.substr(hostile.text.size() > 200 ? hostile.text.size() - 200 : 0));
    const std::vector<Problem> errors = ErrorsOf(hostile.text);
    EXPECT_THAT(InShort(errors), Contains(HasSubstr(hostile.message)));
    EXPECT_LE(errors.size(), 201u);
  }
}

TEST(Compiler, StopsLookingWhereEnoughIsWrong) {
  const std::string wrong = "permit { id: 'a' on: GET_ACCOUNT when: 'account.lockd && slef' }\n";
  const auto allocations = [&](size_t bytes) {
    const std::string text = PolicyText(Repeat(wrong, bytes));
    const int64_t before = cel::CountAllocations();
    const std::vector<Problem> errors = ErrorsOf(text);
    const int64_t made = cel::CountAllocations() - before;
    EXPECT_THAT(errors, SizeIs(201));
    EXPECT_THAT(errors.back().message, HasSubstr("others are not looked for"));
    return made;
  };
  // Reading the text costs some for each rule; looking for what is wrong with it would cost
  // hundreds.
  const int64_t few = allocations(100 << 10);
  const int64_t many = allocations(1 << 20);
  const auto rules = static_cast<int64_t>((924 << 10) / wrong.size());
  EXPECT_LT(many - few, rules * 50);
}

TEST(Compiler, TellsAnErrorBehindAnyNumberOfWarnings) {
  const std::string warned = absl::StrCat("permit { id: 'a' on: [GET_ACCOUNT",
                                          Repeat(", GET_ACCOUNT", 13 * 1000), "] }\n");
  EXPECT_THAT(InShort(ErrorsOf(PolicyText(absl::StrCat(warned, "permit { id: 'b' }")))),
              ElementsAre("4:1 the rule is about no action say on: ..."));
}

TEST(Compiler, BoundsAllThatDefinitionsAreWorth) {
  const std::string large = Repeat("self || ", 30'000) + "self";
  EXPECT_THAT(InShort(ErrorsOf(PolicyText(
                  absl::StrCat("define { name: 'd' value: '", large, "' }\n",
                               Repeat("permit { id: 'a' on: GET_ACCOUNT when: 'd' }\n", 20'000))))),
              Contains(HasSubstr("bytes of expressions with definitions put in")));
}

TEST(Compiler, ReadsLongLinesInOneWalk) {
  const std::vector<Problem> errors =
      ErrorsOf(PolicyText(Repeat("permit { id: 'a' on: GET_ACCOUNT when: 'slef' } ", 900 << 10)));
  ASSERT_THAT(errors, SizeIs(201));
  EXPECT_EQ(errors[3].line, 3u);
  EXPECT_EQ(errors[0].column, 41u);
}

TEST(Compiler, WarnsOfRulesWithoutEffect) {
  const CompileResult result =
      Policy::Compile(PolicyText("permit { id: 'a' on: GET_ACCOUNT when: '1 > 2' }\n"), "p");
  ASSERT_NE(result.policy, nullptr);
  EXPECT_THAT(Render(result.problems), HasSubstr("'when' can never hold"));
  EXPECT_THAT(Render(result.problems), HasSubstr("nobody is permitted: SIGN_IN"));
}

TEST(Compiler, KnowsWhichFactsTheRulesAboutAnActionAskFor) {
  const auto policy = CompileOrDie(
      "define { name: 'mine' value: 'self' }\n"
      "permit { id: 'a' on: GET_ACCOUNT when: 'mine' }\n"
      "permit { id: 'b' on: SIGN_IN }\n"
      "require { id: 'c' on: SIGN_IN when: 'actor.known' that: '!account.locked' else {\n"
      "  reason: ACCOUNT_LOCKED message: 'since {account.locked_at}'\n"
      "  mend { by: SELF operation: 'UnlockAccount' when: 'account.leaver' } } }\n"
      "oblige { id: 'd' on: SIGN_IN when: 'account.aup_current' action: ACCEPT_AUP }\n");
  std::map<Action::Value, std::set<Fact>> asked;
  for (const Action::Value action : {Action::GET_ACCOUNT, Action::SIGN_IN, Action::LIST_ACCOUNTS}) {
    for (const FactInfo& fact : AllFacts()) {
      if (policy->AsksFor(action, fact.fact)) asked[action].insert(fact.fact);
    }
  }
  EXPECT_EQ(asked, (std::map<Action::Value, std::set<Fact>>{
                       {Action::GET_ACCOUNT, {Fact::kSelf}},
                       {Action::SIGN_IN,
                        {Fact::kActorKnown, Fact::kAccountLocked, Fact::kAccountLockedAt,
                         Fact::kAccountLeaver, Fact::kAccountAupCurrent}}}));
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
