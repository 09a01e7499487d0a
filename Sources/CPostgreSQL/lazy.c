// The functions of libpq that are in use, each going to the library that was loaded.

#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

// What they return, their names, their parameters and how these are passed on.
#define FUNCTIONS(F)                                                                                                   \
  F(PGconn *, PQconnectdbParams, (const char *const *names, const char *const *values, int expand),                    \
    (names, values, expand))                                                                                           \
  F(void, PQfinish, (PGconn * c), (c))                                                                                 \
  F(ConnStatusType, PQstatus, (const PGconn *c), (c))                                                                  \
  F(char *, PQerrorMessage, (const PGconn *c), (c))                                                                    \
  F(int, PQsocket, (const PGconn *c), (c))                                                                             \
  F(int, PQsetnonblocking, (PGconn * c, int on), (c, on))                                                              \
  F(int, PQflush, (PGconn * c), (c))                                                                                   \
  F(int, PQconsumeInput, (PGconn * c), (c))                                                                            \
  F(int, PQisBusy, (PGconn * c), (c))                                                                                  \
  F(int, PQsendQuery, (PGconn * c, const char *query), (c, query))                                                     \
  F(int, PQsendPrepare, (PGconn * c, const char *name, const char *query, int count, const Oid *types),                \
    (c, name, query, count, types))                                                                                    \
  F(int, PQsendQueryPrepared,                                                                                          \
    (PGconn * c, const char *name, int count, const char *const *values, const int *lengths, const int *formats,       \
     int format),                                                                                                      \
    (c, name, count, values, lengths, formats, format))                                                                \
  F(int, PQsetSingleRowMode, (PGconn * c), (c))                                                                        \
  F(int, PQenterPipelineMode, (PGconn * c), (c))                                                                       \
  F(int, PQexitPipelineMode, (PGconn * c), (c))                                                                        \
  F(int, PQpipelineSync, (PGconn * c), (c))                                                                            \
  F(PGresult *, PQgetResult, (PGconn * c), (c))                                                                        \
  F(ExecStatusType, PQresultStatus, (const PGresult *r), (r))                                                          \
  F(char *, PQresultErrorField, (const PGresult *r, int field), (r, field))                                            \
  F(char *, PQresultErrorMessage, (const PGresult *r), (r))                                                            \
  F(int, PQntuples, (const PGresult *r), (r))                                                                          \
  F(char *, PQgetvalue, (const PGresult *r, int row, int column), (r, row, column))                                    \
  F(int, PQgetlength, (const PGresult *r, int row, int column), (r, row, column))                                      \
  F(int, PQgetisnull, (const PGresult *r, int row, int column), (r, row, column))                                      \
  F(void, PQclear, (PGresult * r), (r))                                                                                \
  F(PGcancel *, PQgetCancel, (PGconn * c), (c))                                                                        \
  F(int, PQcancel, (PGcancel * cancel, char *text, int size), (cancel, text, size))                                    \
  F(void, PQfreeCancel, (PGcancel * cancel), (cancel))                                                                 \
  F(PQconninfoOption *, PQconninfoParse, (const char *text, char **error), (text, error))                              \
  F(void, PQconninfoFree, (PQconninfoOption * options), (options))                                                     \
  F(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * c, PQnoticeProcessor processor, void *argument),                \
    (c, processor, argument))

#define DEFINE(result, name, parameters, arguments)                                                                    \
  static result(*loaded_##name) parameters;                                                                            \
  result name parameters { return loaded_##name arguments; }
FUNCTIONS(DEFINE)

static const char *problem;

static void load(void) {
  // The name by which programs that were linked to it find it; its functions never change.
  void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    // Kept, as the next dlerror of this thread, or its end, takes the text away.
    problem = strdup(dlerror());
    return;
  }
#define FIND(result, name, parameters, arguments)                                                                      \
  *(void **)&loaded_##name = dlsym(library, #name);                                                                    \
  if (loaded_##name == NULL) problem = "it has no " #name;
  FUNCTIONS(FIND)
}

const char *hostfence_libpq_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return problem;
}

static void ignore(void *argument, const char *notice) {
  (void)argument;
  (void)notice;
}

void hostfence_pq_silence(PGconn *connection) { PQsetNoticeProcessor(connection, ignore, NULL); }
