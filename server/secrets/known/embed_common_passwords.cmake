# Writes OUTPUT: the words of the compressed list LIST as one string literal.
execute_process(COMMAND gzip -dc ${LIST} OUTPUT_VARIABLE words COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${OUTPUT} "#include \"server/secrets/known/common_passwords.h\"

namespace gatehouse::server {

const char* const kCommonPasswords = R\"words(${words})words\";

}  // namespace gatehouse::server
")
