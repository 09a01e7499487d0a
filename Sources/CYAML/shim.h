// libyaml for Swift: typed access to the members of the event union, which Swift would otherwise copy whole.
#ifndef HOSTFENCE_CYAML_SHIM_H
#define HOSTFENCE_CYAML_SHIM_H

#include <yaml.h>

/// The text of a scalar event; never null for such an event, not terminated where `length` ends.
static inline const unsigned char *_Nullable hf_yaml_scalar_text(const yaml_event_t *_Nonnull event) {
  return event->data.scalar.value;
}

/// How many bytes a scalar event's text has.
static inline size_t hf_yaml_scalar_length(const yaml_event_t *_Nonnull event) { return event->data.scalar.length; }

/// Whether a scalar is plain: neither quoted nor a block scalar.
static inline int hf_yaml_scalar_is_plain(const yaml_event_t *_Nonnull event) {
  return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/// The resolved tag of a scalar, "!" for the non-specific tag, or null where none is written.
static inline const char *_Nullable hf_yaml_scalar_tag(const yaml_event_t *_Nonnull event) {
  return (const char *)event->data.scalar.tag;
}

/// The anchor a scalar, sequence or mapping carries, or the one an alias names; null where there is none.
static inline const char *_Nullable hf_yaml_anchor(const yaml_event_t *_Nonnull event) {
  switch (event->type) {
  case YAML_ALIAS_EVENT: return (const char *)event->data.alias.anchor;
  case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.anchor;
  case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.anchor;
  case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.anchor;
  default: return NULL;
  }
}

/// Whether a mapping is written in flow style, `{a: b}`.
static inline int hf_yaml_mapping_is_flow(const yaml_event_t *_Nonnull event) {
  return event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
}

/// Whether a document ends without `...` of its own.
static inline int hf_yaml_document_end_is_implicit(const yaml_event_t *_Nonnull event) {
  return event->data.document_end.implicit;
}

#endif
