// Runs a command and writes to a file what it took, as JSON: seconds of wall time, seconds of CPU, the largest resident
// set of its processes in bytes, and the exit code.
//
//   measure RESULT COMMAND [ARGUMENT...]
//
// A child is charged with the memory of whoever started it, so the starter has to be small. Python is not.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count < 3) {
    fputs("usage: measure RESULT COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  const double start = now();
  const pid_t child = fork();
  if (child < 0) {
    perror("measure: fork");
    return 2;
  }
  if (child == 0) {
    execvp(arguments[2], arguments + 2);
    fprintf(stderr, "measure: %s: %s\n", arguments[2], strerror(errno));
    _exit(127);
  }
  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) {
      perror("measure: wait4");
      return 2;
    }
  }
  const double wall = now() - start;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  FILE *result = fopen(arguments[1], "w");
  if (result == NULL) {
    perror("measure: the result");
    return 2;
  }
  fprintf(result, "{\"wall\": %.6f, \"cpu\": %.6f, \"resident\": %ld, \"code\": %d}\n", wall,
          seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024, code);
  return fclose(result) == 0 ? 0 : 2;
}
