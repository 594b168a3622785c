/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A header section: consecutive fields whose lines end with LF, without an
 * empty line (RFC 5322 sections 2.2 and 4.5).
 *
 * Knows where fields begin and end, not what they mean.  Names are compared
 * without regard to case; blanks before the colon ("Bcc :", which is obsolete
 * but in use) are ignored.
 */
#ifndef VEREDUS_MAIL_HEADER_H
#define VEREDUS_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Octets of a field name; a line may not be longer either. */
#define HEADER_NAME_MAX 998

/* A field; the pointers refer to the header section. */
struct header_field {
	const char *start; /* of the name */
	size_t len;        /* of the whole field, with the last line end */
	size_t name_len;
	const char *value; /* everything after the colon, with its folding */
	size_t value_len;  /* without the last line end */
};

/*
 * Whether the line can follow in the header section: it begins a field, or it
 * begins with a blank (a CR is a blank, too) and continues one.
 */
bool header_accepts_line(const struct str *header, const char *line,
    size_t len);

/*
 * Returns the field at *offset, which is 0 for the first one, and moves
 * *offset to the next.  False at the end.  The header section must not change
 * between the calls.
 */
bool header_next(const struct str *header, size_t *offset,
    struct header_field *field);
bool header_field_is(const struct header_field *field, const char *name);
/* Returns that of the names which the field has, or NULL. */
const char *header_field_name(const struct header_field *field,
    const char *const *names, size_t count);

/* What a value consists of. */
enum header_syntax {
	HEADER_TEXT,       /* unstructured text, or unknown */
	HEADER_ADDRESSES,  /* an address list */
	HEADER_PARAMETERS, /* a type and parameters (RFC 2045 section 5.1) */
	HEADER_IDS,        /* msg-ids (RFC 5322 section 3.6.4) */
	HEADER_TOKENS      /* tokens, URIs and comments, but no phrases */
};

enum header_syntax header_field_syntax(const struct header_field *field);

/* The name of the field if it has addresses, such as To or Resent-Sender, else
 * NULL. */
const char *header_address_name(const struct header_field *field);

/* Finds the first field of that name; false if there is none. */
bool header_find(const struct str *header, const char *name,
    struct header_field *field);
/* The same, and appends the unfolded value to out. */
bool header_value(const struct str *header, const char *name, struct str *out);
bool header_has(const struct str *header, const char *name);
bool header_has_any(const struct str *header, const char *const *names,
    size_t count);
size_t header_count(const struct str *header, const char *name);

/* Removes all fields of these names. */
void header_remove(struct str *header, const char *const *names, size_t count);

/* Whether c is a blank or line end in a value: white space or folding. */
bool header_is_blank(char c);
/* Returns the first of the characters that is none, or end. */
const char *header_skip_blanks(const char *at, const char *end);
/* Whether the value has nothing but blanks and line ends. */
bool header_field_is_empty(const struct header_field *field);

/* Appends the value without its line ends and surrounding blanks. */
void header_unfold(const struct header_field *field, struct str *out);

/*
 * Adds "name: value" at the end, or at the offset of a field.  A line end in
 * the value is kept only if a blank follows it; other control characters are
 * dropped, so that a value cannot become two fields.
 */
void header_add(struct str *header, const char *name, const char *value);
void header_insert(struct str *header, size_t offset, const char *name,
    const char *value);

/*
 * Returns the Resent block (RFC 5322 section 3.6.6) after *offset, which is 0
 * for the first one: stores its start, and moves *offset to its end.  False if
 * there is none.  A block is consecutive Resent- fields; it ends before a second
 * Resent-Date, -From, -Sender or -Message-ID, which belongs to an older block.
 */
bool header_next_resent(const struct str *header, size_t *offset,
    size_t *start);
/* Whether a Resent-To, -Cc or -Bcc of the block is not empty. */
bool header_names_recipients(const struct str *block);
/*
 * Finds the current Resent block: the first one that names recipients, because
 * each resending adds its block before the older ones.  Stores its offsets in
 * *start and *end; false if there is none.
 */
bool header_find_resent(const struct str *header, size_t *start, size_t *end);

#endif
