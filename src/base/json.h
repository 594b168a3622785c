/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes JSON (RFC 8259) on one line.
 */
#ifndef VEREDUS_BASE_JSON_H
#define VEREDUS_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* The member "schema" of each object: the version of etc/veredus.schema.json.
 * Members are added without another version. */
#define JSON_SCHEMA 1

/*
 * A writer at a place in a text.  `{ .out = &text }` starts a value at the end of
 * the text.  The caller ends what it begins, in the reverse order.
 */
struct json_writer {
	struct str *out;  /* borrowed */
	bool has_sibling; /* the next value is not the first of its parent */
};

/*
 * Each function appends one value.  The name is that of a member and needs no
 * escape; it is NULL for a value that is no member of an object.
 */
void json_begin_object(struct json_writer *json, const char *name);
void json_end_object(struct json_writer *json);
void json_begin_array(struct json_writer *json, const char *name);
void json_end_array(struct json_writer *json);
/*
 * A string is valid for any text: octets that are not UTF-8 become U+FFFD, and
 * control characters are escaped.  A text of NULL becomes null.
 */
void json_add_string(struct json_writer *json, const char *name,
    const char *text);
void json_add_number(struct json_writer *json, const char *name,
    int64_t number);
void json_add_bool(struct json_writer *json, const char *name, bool value);
void json_add_null(struct json_writer *json, const char *name);

#endif
