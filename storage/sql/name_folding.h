// Names that were written down as the engine folds them, which on SQLite is ASCII alone, folded
// anew as names are compared (storage/text.h), so that everybody is found whatever their letters.
// Done when a store is opened, in transactions of a few hundred accounts, and where it was broken
// off it goes on at the next start; afterwards it costs one look. Stateless.
#ifndef GATEHOUSE_STORAGE_SQL_NAME_FOLDING_H_
#define GATEHOUSE_STORAGE_SQL_NAME_FOLDING_H_

#include "absl/status/status.h"

#include "storage/sql/connection.h"

namespace gatehouse::storage {

// On a database of the present schema. Errors as Connection::Run; what was done until then stays.
absl::Status FoldNamesAnew(Connection& connection);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_NAME_FOLDING_H_
