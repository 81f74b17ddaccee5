#include "clients/cli/views/organisation_view.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

std::string Passwords(const v1::Organisation& organisation) {
  return organisation.password_scope() == v1::PASSWORD_SCOPE_SEAMLESS
             ? "one for portal and workstation (seamless)"
             : "the portal's own (separate)";
}

}  // namespace

std::string RenderOrganisation(const v1::Organisation& organisation, const Look& look) {
  Table table({}, "  ");
  table.AddRow({{"passwords", Tone::kFaint}, Passwords(organisation)});
  table.AddRow(
      {{"managed", Tone::kFaint}, organisation.nas_managed() ? "nationally" : "by itself"});
  table.AddRow({{"created", Tone::kFaint}, look.Moment(organisation.create_time())});
  table.AddRow({{"id", Tone::kFaint}, organisation.organisation_id()});
  return absl::StrCat(look.Paint(Tone::kTitle, Printable(organisation.display_name())), "\n",
                      table.Render(look));
}

std::string RenderOrganisations(const v1::ListOrganisationsResponse& list, const Look& look) {
  if (list.organisations().empty()) return "No organisation matches.\n";
  Table table({"NAME", "PASSWORDS", "MANAGED", "CREATED", "ID"});
  for (const v1::Organisation& organisation : list.organisations()) {
    table.AddRow({organisation.display_name(), Word(organisation.password_scope()),
                  organisation.nas_managed() ? "nationally" : "by itself",
                  look.Moment(organisation.create_time()), organisation.organisation_id()});
  }
  return table.Render(look);
}

std::string RenderPolicyDocument(const v1::AcceptableUsePolicy& policy, bool current,
                                 const Look& look) {
  Table table({}, "  ");
  table.AddRow({{"document", Tone::kFaint}, policy.document_uri()});
  table.AddRow({{"sha256", Tone::kFaint}, policy.document_sha256()});
  table.AddRow({{"published", Tone::kFaint}, look.Moment(policy.publish_time())});
  return absl::StrCat(
      look.Paint(Tone::kTitle, Printable(absl::StrCat("Acceptable use policy ", policy.version()))),
      current ? ", current" : ", superseded", "\n", table.Render(look));
}

}  // namespace gatehouse::cli
