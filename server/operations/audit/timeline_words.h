// What an audit event of an account says to a person, and what kind of thing it was. Pure
// functions.
#ifndef GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_WORDS_H_
#define GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"

#include "gatehouse/v1/account_service.pb.h"
#include "storage/records.h"

namespace gatehouse::server {

v1::TimelineEventKind KindOf(const storage::AuditRecord& audit);

// A detail of the event; empty where it has none of that name.
std::string DetailOf(const storage::AuditRecord& audit, absl::string_view name);

// "sign-in refused: wrong password (13), locked", "resecured by la.riverside, known in person".
// `by`: the name of who acted; empty for nobody, and for the account's owner.
std::string WordsFor(const storage::AuditRecord& audit, int count, const std::string& by);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_AUDIT_TIMELINE_WORDS_H_
