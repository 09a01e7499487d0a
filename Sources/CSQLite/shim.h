// SQLite for Swift: what its header offers only as casts, made into functions.
#ifndef HOSTFENCE_CSQLITE_SHIM_H
#define HOSTFENCE_CSQLITE_SHIM_H

#include <sqlite3.h>

/// Binds `count` bytes of UTF-8, which SQLite copies before it returns (SQLITE_TRANSIENT); a null `text` binds the
/// empty text, never NULL. Returns a result code.
static inline int hostfence_sqlite_bind_text(sqlite3_stmt *_Nonnull statement, int index, const char *_Nullable text,
                                             sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, text ? text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

#endif
