// A wall clock that jumps for one process only: preloaded, it adds an offset to what the C library says of it.
//
// Debian's faketime does more than that, and too much: it moves what timers on the monotonic clock were set to by the
// offset of the wall clock as well, as no jump of a real clock does, and the server would sleep for hours.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// Seconds, in a file that the test writes.
static volatile int64_t *offset;
static int (*original)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  original = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int file = open(getenv("SOAK_CLOCK_OFFSET"), O_RDONLY | O_CLOEXEC);
  void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  if (file < 0 || page == MAP_FAILED || !original) abort();
  close(file);
  offset = page;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int code = original ? original(clock, time) : -1;
  if (code == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *offset;
  return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  int code = clock_gettime(CLOCK_REALTIME, &time);
  if (code == 0 && now) *now = (struct timeval){.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
  return code;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
