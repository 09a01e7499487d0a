// The floor under `hostfence check`: read every file of a folder and let libyaml parse it to events, nothing else.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static long parse(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  yaml_parser_t parser;
  yaml_event_t event;
  long events = 0;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_file(&parser, file);
  for (int more = 1; more; events++) {
    if (!yaml_parser_parse(&parser, &event)) { events = -1; break; }
    more = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  fclose(file);
  return events;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  DIR *folder = opendir(arguments[1]);
  if (!folder) return 2;
  long total = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (!strstr(entry->d_name, ".yaml")) continue;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", arguments[1], entry->d_name);
    long events = parse(path);
    if (events < 0) return 1;
    total += events;
  }
  closedir(folder);
  printf("%ld events\n", total);
  return 0;
}
