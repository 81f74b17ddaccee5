// The common passwords that come with Gatehouse: the list of Debian's python3-django (some 20,000,
// from public breaches), made part of the program when it is built. Lower-case, one a line.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_COMMON_PASSWORDS_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_COMMON_PASSWORDS_H_

namespace gatehouse::server {

extern const char* const kCommonPasswords;

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_COMMON_PASSWORDS_H_
