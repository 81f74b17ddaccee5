#include "clients/cli/views/look.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/error_reason.pb.h"
#include "gatehouse/v1/identity_check.pb.h"
#include "tests/cli/fixtures.h"

namespace gatehouse::cli {
namespace {

using ::testing::ElementsAre;

google::protobuf::Timestamp At(const std::string& utc) {
  absl::Time instant;
  std::string fault;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, utc, &instant, &fault)) << fault;
  return ToTimestamp(instant);
}

TEST(LookTest, AMomentIsAsShortAsItsDistanceAllows) {
  const Look look = AtDesk();
  EXPECT_EQ(look.Moment(At("2026-11-21T13:02:11Z")), "14:02:11");
  EXPECT_EQ(look.Moment(At("2026-11-20T23:30:00Z")), "00:30:00");
  EXPECT_EQ(look.Moment(At("2026-11-20T15:30:00Z")), "20 Nov 16:30");
  EXPECT_EQ(look.Moment(At("2026-11-02T15:30:00Z")), "2 Nov 16:30");
  EXPECT_EQ(look.Moment(At("2025-12-31T22:59:00Z")), "31 Dec 2025 23:59");
  EXPECT_EQ(look.Moment({}), "-");
}

TEST(LookTest, AClockShowsMilliseconds) {
  EXPECT_EQ(
      AtDesk().Clock(Parse<google::protobuf::Timestamp>("seconds: 1795266131 nanos: 402000000")),
      "14:02:11.402");
}

TEST(LookTest, ColoursAreForTerminalsAlone) {
  Look look = AtDesk();
  EXPECT_EQ(look.Paint(Tone::kBad, "no"), "no");
  look.colours = true;
  EXPECT_EQ(look.Paint(Tone::kBad, "no"), "\033[31mno\033[0m");
  EXPECT_EQ(look.Paint(Tone::kPlain, "no"), "no");
}

TEST(LookTest, SpansAreReadAtAGlance) {
  const auto span = [](int64_t seconds, int nanos) {
    google::protobuf::Duration duration;
    duration.set_seconds(seconds);
    duration.set_nanos(nanos);
    return Span(duration);
  };
  EXPECT_EQ(span(0, 0), "1 ms");
  EXPECT_EQ(span(0, 3'400'000), "3 ms");
  EXPECT_EQ(span(59, 0), "59 s");
  EXPECT_EQ(span(3599, 0), "59 min");
  EXPECT_EQ(span(3600, 0), "1 h");
  EXPECT_EQ(span(3900, 0), "1 h 5 min");
}

TEST(LookTest, WhatOthersWroteCannotCommandTheTerminal) {
  EXPECT_EQ(Printable("Ward\x1b[2J\n7\x7f"), "Ward?[2J?7?");
  EXPECT_EQ(Printable("C1: \xC2\x9B"
                      "2J"),
            "C1: ?2J");
  EXPECT_EQ(Printable("Zoë Łukasz 日本"), "Zoë Łukasz 日本");
}

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCellAndLinesEndWithoutBlanks) {
  Table table({"NAME", "STATE", "NOTE"});
  table.AddRow({"Zoë", {"active", Tone::kGood}, ""});
  table.AddRow({"A", "", "x"});
  EXPECT_EQ(table.Render(AtDesk()),
            "NAME  STATE   NOTE\n"
            "Zoë   active\n"
            "A             x\n");
}

TEST(TableTest, AColumnWithoutTextIsNotShown) {
  Table table({"NAME", "ADDRESS", "LEVEL"});
  table.AddRow({"a", "", "full"});
  table.AddRow({"b", "", "full"});
  EXPECT_EQ(table.Render(AtDesk()), "NAME  LEVEL\na     full\nb     full\n");
}

TEST(TableTest, ColourDoesNotMoveColumns) {
  Look look = AtDesk();
  look.colours = true;
  Table table;
  table.AddRow({{"a", Tone::kGood}, "b"});
  table.AddRow({"ccc", "d"});
  EXPECT_EQ(table.Render(look), "\033[32ma\033[0m    b\nccc  d\n");
}

TEST(WordsTest, EnumsAreTypedAsPeopleWriteAndNamedAsTheDocumentationDoes) {
  EXPECT_EQ(Word(v1::ROLE_PRIMARY_LOCAL_ADMIN), "primary-local-admin");
  EXPECT_EQ(Constant(v1::ERROR_REASON_AUP_NOT_ACCEPTED), "AUP_NOT_ACCEPTED");
  EXPECT_EQ(ValueOf<v1::Role>("local-admin"), v1::ROLE_LOCAL_ADMIN);
  EXPECT_EQ(ValueOf<v1::Role>("LOCAL_ADMIN"), v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(ValueOf<v1::Role>("unspecified"), v1::ROLE_UNSPECIFIED);
  EXPECT_THAT(Words<v1::AttestationKind>(),
              ElementsAre("known-in-person", "document", "organisation-procedure"));
}

TEST(WordsTest, AValueNewerThanThisProgramIsShownAsItsNumber) {
  EXPECT_EQ(Constant(static_cast<v1::Role>(77)), "77");
}

}  // namespace
}  // namespace gatehouse::cli
