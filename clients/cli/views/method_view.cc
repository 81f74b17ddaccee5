#include "clients/cli/views/method_view.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "clients/cli/views/table.h"
#include "qrencode.h"

namespace gatehouse::cli {
namespace {

using Methods = google::protobuf::RepeatedPtrField<v1::AuthenticationMethod>;

// Light squares that a reader needs around the code (ISO/IEC 18004, section 6.3.8).
constexpr int kQuietZone = 4;

std::string KindInWords(v1::AuthenticationMethodKind kind) {
  switch (kind) {
    case v1::AUTHENTICATION_METHOD_KIND_TOTP:
      return "authenticator app";
    case v1::AUTHENTICATION_METHOD_KIND_SMS:
      return "text message";
    case v1::AUTHENTICATION_METHOD_KIND_VOICE:
      return "telephone call";
    case v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE:
      return "printed code";
    default:
      return "another method";
  }
}

bool IsDark(const QRcode& code, int row, int column) {
  const bool is_inside = row >= 0 && row < code.width && column >= 0 && column < code.width;
  return is_inside && (code.data[row * code.width + column] & 1) != 0;
}

}  // namespace

std::string MethodInWords(const v1::AuthenticationMethod& method) {
  std::string words = KindInWords(method.kind());
  if (!method.masked_destination().empty()) {
    absl::StrAppend(&words, " to ", Printable(method.masked_destination()));
  }
  if (method.codes_left() > 0) absl::StrAppend(&words, ", ", method.codes_left(), " left");
  if (!method.label().empty()) absl::StrAppend(&words, " (", Printable(method.label()), ")");
  return words;
}

std::string RenderMethods(const Methods& methods, const Look& look) {
  if (methods.empty()) return "No authentication methods.\n";
  Table table({"method", "id", "registered", "last used"});
  for (const v1::AuthenticationMethod& method : methods) {
    table.AddRow({{absl::StrCat(MethodInWords(method), method.confirmed() ? "" : ", unconfirmed"),
                   method.confirmed() ? Tone::kPlain : Tone::kWarning},
                  method.method_id(),
                  look.Moment(method.create_time()),
                  look.Moment(method.last_use_time())});
  }
  return table.Render(look);
}

std::string RenderChoice(const Methods& methods) {
  std::string text;
  for (int i = 0; i < methods.size(); ++i) {
    absl::StrAppend(&text, "  ", i + 1, "  ", MethodInWords(methods[i]), "\n");
  }
  return text;
}

std::string RenderQrCode(absl::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), &QRcode_free);
  if (code == nullptr) return "";
  std::string drawing;
  for (int row = -kQuietZone; row < code->width + kQuietZone; row += 2) {
    absl::StrAppend(&drawing, "\x1b[30;107m");
    for (int column = -kQuietZone; column < code->width + kQuietZone; ++column) {
      const bool upper = IsDark(*code, row, column);
      const bool lower = IsDark(*code, row + 1, column);
      absl::StrAppend(&drawing, upper ? (lower ? "█" : "▀") : (lower ? "▄" : " "));
    }
    absl::StrAppend(&drawing, "\x1b[0m\n");
  }
  return drawing;
}

std::string ConfirmCommand(const v1::AuthenticationMethod& method) {
  const std::string id = Printable(method.method_id());
  // One that begins with a dash would be taken for an option.
  return absl::StrCat("gatehousectl methods confirm ", absl::StartsWith(id, "-") ? "-- " : "", id);
}

std::string RenderPrintedCodes(const google::protobuf::RepeatedPtrField<std::string>& codes) {
  if (codes.empty()) return "";
  std::string text = "Codes to print, shown once; each opens one sign-in without the method:\n";
  for (const std::string& code : codes) absl::StrAppend(&text, "    ", Printable(code), "\n");
  return text;
}

}  // namespace gatehouse::cli
