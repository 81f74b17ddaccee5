# Writes OUTPUT: the scripts in DIRECTORY as string literals, in order of their names.
file(GLOB scripts LIST_DIRECTORIES false ${DIRECTORY}/*.sql)
list(SORT scripts)
set(literals "")
foreach(script IN LISTS scripts)
  file(READ ${script} text)
  string(APPEND literals "      R\"sql(${text})sql\",\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"storage/sql/migrations.h\"

namespace gatehouse::storage {

const std::vector<absl::string_view>& Migrations() {
  static const auto* const migrations = new std::vector<absl::string_view>{
${literals}  };
  return *migrations;
}

}  // namespace gatehouse::storage
")
