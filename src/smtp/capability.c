/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses the reply to EHLO.  The keywords are the rows of one table. */
#include "smtp/capability.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

static const char *
skip_space(const char *text)
{
	while (text_is_space((unsigned char)*text))
		text++;
	return text;
}

static size_t
word_length(const char *text)
{
	return strcspn(text, " \t");
}

/* AUTH mechanism *( SP mechanism ) (RFC 4954 section 3). */
static void
parse_auth(struct capabilities *c, const char *arguments)
{
	while (*arguments != '\0') {
		size_t len = word_length(arguments);
		char *name = alloc_string_n(arguments, len);

		for (char *p = name; *p != '\0'; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		if (string_index_add(&c->mechanism_index, name,
			c->mechanisms.count))
			strv_take(&c->mechanisms, name);
		else
			free(name);
		arguments = skip_space(arguments + len);
	}
}

/* Returns the number in the first octets of the arguments; 0 if it is none. */
static uint64_t
parse_number(const char *arguments, size_t len)
{
	char *word = alloc_string_n(arguments, len);
	unsigned long long number = 0;

	if (!text_number(word, 0, UINT64_MAX, &number))
		number = 0;
	free(word);
	return number;
}

/* SIZE [ number ] (RFC 1870 section 3). */
static void
parse_size(struct capabilities *c, const char *arguments)
{
	c->size_limit = parse_number(arguments, word_length(arguments));
}

/* LIMITS *( SP name "=" value ) (RFC 9422 section 4); ignores unknown names. */
static void
parse_limits(struct capabilities *c, const char *arguments)
{
	const struct {
		const char *name;
		uint64_t *limit;
	} names[] = {
		{ "MAILMAX=", &c->limits.mail },
		{ "RCPTMAX=", &c->limits.rcpt },
		{ "RCPTDOMAINMAX=", &c->limits.rcpt_domain },
	};

	while (*arguments != '\0') {
		size_t len = word_length(arguments);

		for (size_t i = 0; i < COUNT_OF(names); i++) {
			size_t skip = strlen(names[i].name);

			if (len > skip
			    && text_starts_nocase(arguments, names[i].name))
				*names[i].limit =
				    parse_number(arguments + skip, len - skip);
		}
		arguments = skip_space(arguments + len);
	}
}

/* DELIVERBY [ min-by-time ] (RFC 2852 section 4). */
static void
parse_deliver_by(struct capabilities *c, const char *arguments)
{
	c->deliver_by_min = parse_number(arguments, strcspn(arguments, " \t,"));
}

/* FUTURERELEASE max-interval max-date (RFC 4865 section 4). */
static void
parse_future_release(struct capabilities *c, const char *arguments)
{
	c->hold_max = parse_number(arguments, word_length(arguments));
}

static const struct keyword_row {
	const char *name;
	enum capability capability;
	void (*parse)(struct capabilities *c, const char *arguments);
} keywords[] = {
	{ "8BITMIME", CAP_8BITMIME, NULL },
	{ "AUTH", CAP_AUTH, parse_auth },
	{ "BINARYMIME", CAP_BINARYMIME, NULL },
	{ "CHUNKING", CAP_CHUNKING, NULL },
	{ "DELIVERBY", CAP_DELIVERBY, parse_deliver_by },
	{ "DSN", CAP_DSN, NULL },
	{ "ENHANCEDSTATUSCODES", CAP_ENHANCEDSTATUSCODES, NULL },
	{ "ETRN", CAP_ETRN, NULL },
	{ "FUTURERELEASE", CAP_FUTURERELEASE, parse_future_release },
	{ "LIMITS", CAP_LIMITS, parse_limits },
	{ "MT-PRIORITY", CAP_MT_PRIORITY, NULL },
	{ "PIPELINING", CAP_PIPELINING, NULL },
	{ "REQUIRETLS", CAP_REQUIRETLS, NULL },
	{ "SIZE", CAP_SIZE, parse_size },
	{ "SMTPUTF8", CAP_SMTPUTF8, NULL },
	{ "STARTTLS", CAP_STARTTLS, NULL },
	{ "XQUEUE", CAP_XQUEUE, NULL },
};

/*
 * Treats "AUTH=PLAIN" as AUTH: servers used this form before RFC 2554, and some
 * still use no other.
 */
static size_t
keyword_length(const char *line)
{
	return text_starts_nocase(line, "AUTH=") ? strlen("AUTH")
						 : word_length(line);
}

static void
parse_line(struct capabilities *c, const char *line)
{
	size_t len = keyword_length(line);
	const char *rest = line + len;

	for (size_t i = 0; i < COUNT_OF(keywords); i++) {
		const struct keyword_row *row = &keywords[i];

		if (strlen(row->name) != len
		    || !text_starts_nocase(line, row->name))
			continue;
		c->set |= row->capability;
		if (row->parse != NULL)
			row->parse(c,
			    skip_space(*rest == '=' ? rest + 1 : rest));
		return;
	}
}

void
capabilities_parse(struct capabilities *c, const struct reply *reply)
{
	capabilities_free(c);
	/* The first line contains the name of the server. */
	for (size_t i = 1; i < reply->lines.count; i++) {
		const char *line = skip_space(reply->lines.items[i]);

		strv_add(&c->keywords, line);
		parse_line(c, line);
	}
}

void
capabilities_names(unsigned set, struct strv *names)
{
	for (size_t i = 0; i < COUNT_OF(keywords); i++)
		if ((set & keywords[i].capability) != 0)
			strv_add(names, keywords[i].name);
}

bool
capabilities_have(const struct capabilities *c, enum capability which)
{
	return (c->set & which) != 0;
}

void
capabilities_free(struct capabilities *c)
{
	string_index_free(&c->mechanism_index);
	strv_free(&c->mechanisms);
	strv_free(&c->keywords);
	*c = (struct capabilities){ 0 };
}
