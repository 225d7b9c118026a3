/* JSON Schema, the subset that route schemas may use, against a value.
 *
 * Keywords: type (one name or a list of them), required, properties, additionalProperties (true,
 * false or a schema), items (a schema), enum, const, minLength, maxLength (characters), minItems,
 * maxItems, minimum, maximum, and the annotations title, description, default, examples, format,
 * $schema, $id, deprecated, readOnly, writeOnly. A schema with any other keyword is refused, so
 * that none is ignored silently. Nesting is at most 32. */
#ifndef MODULE_SCHEMA_H
#define MODULE_SCHEMA_H

#include "base/value.h"

#include <portico/base.h>

/* 0, or EINVAL with a sentence that names the JSON pointer of what this subset does not know. */
int schema_check(const struct value *schema, struct portico_error *error);
/* 0, or EINVAL with a sentence that names the JSON pointer of what does not fit. */
int schema_validate(const struct value *schema, const struct value *value,
                    struct portico_error *error);

#endif
