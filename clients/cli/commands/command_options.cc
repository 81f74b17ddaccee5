#include "clients/cli/commands/command_options.h"

#include "clients/cli/terminal.h"

namespace gatehouse::cli {

void AddDryRun(CLI::App& command, bool& dry_run) {
  command.add_flag("--dry-run", dry_run, "Run every check, and change nothing");
}

std::string Outcome(absl::string_view done, bool dry_run, const Look& look) {
  return dry_run ? look.Paint(Tone::kWarning, "Would be done, nothing was changed:")
                 : look.Paint(Tone::kGood, done);
}

void PageOptions::AddTo(CLI::App& command) {
  command.add_option("--limit", limit, "At most so many; 50 if left out")
      ->check(CLI::Range(1, 1000));
  command.add_option("--page", token, "Go on from here; told at the end of a list that is longer");
}

void ProfileOptions::AddTo(CLI::App& command) {
  struct Field {
    const char* flag;
    const char* name;
    std::string* (v1::Profile::*mutable_value)();
    const char* help;
  };
  for (const Field& field : {
           Field{"--given-name", "given_name", &v1::Profile::mutable_given_name, "Given name"},
           Field{"--family-name", "family_name", &v1::Profile::mutable_family_name, "Family name"},
           Field{"--display-name", "display_name", &v1::Profile::mutable_display_name,
                 "How others see the name"},
           Field{"--email", "contact_email", &v1::Profile::mutable_contact_email,
                 "Where notifications go"},
           Field{"--phone", "phone_number", &v1::Profile::mutable_phone_number, "As +441134960000"},
       }) {
    command.add_option_function<std::string>(
        field.flag,
        [this, field](const std::string& value) {
          *(given_.*field.mutable_value)() = value;
          fields_.emplace_back(field.name);
        },
        field.help);
  }
}

void ReasonOption::AddTo(CLI::App& command) {
  command.add_option("--reason", reason, "Why, for the audit; asked for if left out");
}

bool ReasonOption::Complete(Invocation& invocation) {
  if (!reason.empty()) return true;
  if (!InputIsTerminal()) {
    invocation.Fail(ExitCode::kUsage, "--reason is needed: why, for the audit");
    return false;
  }
  const auto answer = AskLine("Reason, for the audit: ");
  if (!invocation.Accept(answer)) return false;
  reason = *answer;
  return true;
}

void GroundsOptions::AddTo(CLI::App& command) {
  AddWord<v1::AttestationKind>(command, "--attest", attestation, "How you recognised the person");
  command.add_option("--reference", reference,
                     "A ticket, a desk, a procedure; kept with the attestation");
  command.add_option(
      "--verification", verification,
      "A successful verification by letters of the account secret, instead of --attest");
  ReasonOption::AddTo(command);
}

bool GroundsOptions::Complete(Invocation& invocation) {
  if (!attestation.empty() && !verification.empty()) {
    invocation.Fail(ExitCode::kUsage, "either --attest or --verification, not both");
    return false;
  }
  return ReasonOption::Complete(invocation);
}

v1::IdentityCheck GroundsOptions::IdentityCheck() const {
  v1::IdentityCheck check;
  if (!verification.empty()) {
    check.set_verification_id(verification);
  } else if (!attestation.empty()) {
    check.mutable_attestation()->set_kind(ValueOf<v1::AttestationKind>(attestation));
    check.mutable_attestation()->set_reference(reference);
  }
  return check;
}

}  // namespace gatehouse::cli
