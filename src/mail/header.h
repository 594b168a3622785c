/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A header section: fields one after the other, each with its line ends (LF
 * alone), no empty line (RFC 5322 sections 2.2 and 4.5).
 *
 * Knows where fields begin and end; what they mean is known elsewhere.
 * Names are compared without regard to case, and blanks before the colon
 * ("Bcc :", obsolete but seen) change nothing.
 */
#ifndef VEREDUS_MAIL_HEADER_H
#define VEREDUS_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* No name of a field has more octets: a line has not, either. */
#define HEADER_NAME_MAX 998

/* All of it points into the header section. */
struct header_field {
	const char *start;
	size_t len;        /* of all, with the last line end */
	size_t name_len;   /* the name is at start */
	const char *value; /* as it stands behind the colon, folding included */
	size_t value_len;  /* without the last line end */
};

enum header_line {
	HEADER_FIELD,        /* the first line of a field */
	HEADER_CONTINUATION, /* begins with a blank; not empty */
	HEADER_OTHER         /* neither: the header section is over */
};

/* What a line of a header section is; a CR counts as a blank here. */
enum header_line header_line_kind(const char *line, size_t len);

/*
 * Walks through the fields: *offset is 0 at first, false is the end.
 * The header must not change meanwhile.
 */
bool header_next(const struct str *header, size_t *offset,
    struct header_field *field);
bool header_field_is(const struct header_field *field, const char *name);

/* The first field of that name. */
bool header_find(const struct str *header, const char *name,
    struct header_field *field);
bool header_has(const struct str *header, const char *name);
size_t header_count(const struct str *header, const char *name);

/* Removes all fields of these names, in one pass. */
void header_remove(struct str *header, const char *const *names, size_t count);

/* Appends the value without line ends and without blanks around it. */
void header_unfold(const struct header_field *field, struct str *out);

/*
 * Adds "name: value" at the end, or at an offset where a field begins.  A
 * line end in value is kept only where it folds (a blank follows); all other
 * control characters are left out: a value cannot become two fields.
 */
void header_add(struct str *header, const char *name, const char *value);
void header_insert(struct str *header, size_t offset, const char *name,
    const char *value);

#endif
