// libpq for Swift, loaded when a ledger on PostgreSQL is opened: it brings Kerberos, LDAP and a second TLS library,
// which a process without such a ledger neither waits for nor has to trust.
#ifndef HOSTFENCE_CPOSTGRESQL_H
#define HOSTFENCE_CPOSTGRESQL_H

#include <postgresql/libpq-fe.h>

/// Loads libpq, once; NULL when its functions can be called, or why not.
///
/// No function of libpq may be called before this returned NULL. Thread-safe.
const char *_Nullable hostfence_libpq_load(void);

/// Keeps libpq from writing the server's notices to standard error.
void hostfence_pq_silence(PGconn *_Nonnull connection);

#endif
