/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structs as lines of text, for the files of the token store and for the request
 * to veredus-oauth.  One table of keys serves both directions.
 *
 * record = head LF *(key SP value LF) "end" LF
 */
#ifndef VEREDUS_OAUTH_FIELDS_H
#define VEREDUS_OAUTH_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum field_type {
	FIELD_TEXT,   /* char *; NULL is not written */
	FIELD_SECRET, /* struct secret; not written unless it is set */
	FIELD_WORD,   /* an enum, by its words */
	FIELD_NUMBER, /* unsigned */
	FIELD_TIME,   /* int64_t, in seconds, not negative */
	FIELD_FLAG    /* bool: 0 or 1 */
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;            /* in the struct */
	const char *const *words; /* of FIELD_WORD, ended by NULL */
	bool required;            /* a record without it is damaged */
};

struct record {
	const char *head;
	const struct field *fields;
	size_t count; /* at most 64 */
};

/* The maximum length of a record, which holds one secret. */
#define RECORD_MAX ((size_t)128 * 1024)

/*
 * Appends the object to an empty text, which the caller wipes.  Errors:
 * ERROR_CONFIG if a value has a control character, or if it is longer than
 * RECORD_MAX.
 */
bool record_write(const struct record *record, const void *object,
    struct str *text, struct error *err);

/*
 * Fills an empty object; on failure the caller frees what is in it.  An unknown
 * head, an unknown, doubled or missing key, an invalid value, or text after the
 * end make a record damaged.  Errors: ERROR_CONFIG, with the first of these.
 */
bool record_read(const struct record *record, void *object, const char *text,
    size_t len, struct error *err);

/* For the copy and the release of an object. */
void record_copy(const struct record *record, void *dst, const void *src);
void record_free(const struct record *record, void *object);

#endif
