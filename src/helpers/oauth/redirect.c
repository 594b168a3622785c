/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the parameters of a redirection, and rejects those of another request. */
#include "helpers/oauth/redirect.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/oauth/encode.h"

#define QUERY_MAX ((size_t)32 * 1024)

enum parameter { CODE, STATE, ISS, ERROR, DESCRIPTION, PARAMETERS };

static const char *const names[] = { [CODE] = "code",
	[STATE] = "state",
	[ISS] = "iss",
	[ERROR] = "error",
	[DESCRIPTION] = "error_description" };

struct values {
	struct str text[PARAMETERS];
	bool found[PARAMETERS];
};

/* Only a description, which is for people and cleaned later, may have control
 * characters: Microsoft puts line ends into it. */
static bool
may_have(enum parameter parameter, const struct str *value)
{
	return parameter == DESCRIPTION
	    || text_is_wire_safe(str_text(value), value->len);
}

static bool
read_values(struct values *v, const char *query)
{
	for (enum parameter i = 0; i < PARAMETERS; i++) {
		str_reserve(&v->text[i], QUERY_MAX);
		if (!decode_form(&v->text[i], query, names[i], &v->found[i])
		    || !may_have(i, &v->text[i]))
			return false;
	}
	return true;
}

static bool
has_state(const struct values *v, const struct redirect_wanted *wanted)
{
	return v->found[STATE]
	    && encode_is_same(str_text(&v->text[STATE]), wanted->state);
}

static bool
has_issuer(const struct values *v, const struct redirect_wanted *wanted)
{
	if (!v->found[ISS])
		return !wanted->needs_issuer;
	return wanted->issuer == NULL
	    || str_equal(&v->text[ISS], wanted->issuer);
}

/* A code is visible ASCII: RFC 6749 appendix A.11. */
static bool
is_code(const char *text, size_t len)
{
	return len > 0 && len <= QUERY_MAX && text_is_visible(text, len);
}

static void
take_values(struct redirect *r, const struct values *v)
{
	const struct str *code = &v->text[CODE];

	if (v->found[ERROR]) {
		r->kind = REDIRECT_ERROR;
		r->error = alloc_string(str_text(&v->text[ERROR]));
		if (v->found[DESCRIPTION])
			r->description =
			    alloc_string(str_text(&v->text[DESCRIPTION]));
	} else if (v->found[CODE] && is_code(str_text(code), code->len)) {
		r->kind = REDIRECT_CODE;
		secret_set(&r->code, code->data, code->len);
	}
}

void
redirect_from_query(struct redirect *r, const struct redirect_wanted *wanted,
    const char *query)
{
	struct values v = { 0 };

	if (strlen(query) <= QUERY_MAX && read_values(&v, query)
	    && has_state(&v, wanted)) {
		r->other_issuer = !has_issuer(&v, wanted);
		if (!r->other_issuer)
			take_values(r, &v);
	}
	for (size_t i = 0; i < PARAMETERS; i++)
		str_wipe(&v.text[i]);
}

/* request-line = "GET" SP path "?" query SP "HTTP/1." DIGIT (RFC 9112 section
 * 3) */
void
redirect_from_request(struct redirect *r, const struct redirect_wanted *wanted,
    const char *line, size_t len)
{
	static const char get[] = "GET ", version[] = " HTTP/1.";
	size_t path = strlen(wanted->path);
	size_t query_at = sizeof(get) - 1 + path + 1;
	size_t end = len - sizeof(version);
	char *query;

	if (len < query_at + sizeof(version) || len > QUERY_MAX
	    || memcmp(line, get, sizeof(get) - 1) != 0
	    || memcmp(line + sizeof(get) - 1, wanted->path, path) != 0
	    || line[query_at - 1] != '?'
	    || memcmp(line + end, version, sizeof(version) - 1) != 0
	    || !text_is_digit((unsigned char)line[len - 1]))
		return;
	query = alloc_string_n(line + query_at, end - query_at);
	if (is_code(query, end - query_at))
		redirect_from_query(r, wanted, query);
	secret_wipe(query, end - query_at);
	free(query);
}

void
redirect_from_paste(struct redirect *r, const struct redirect_wanted *wanted,
    const char *text)
{
	size_t start = strspn(text, " \t"), len;
	const char *query;
	char *address;

	len = strcspn(text + start, " \t\r\n#");
	address = alloc_string_n(text + start, len);
	query = strchr(address, '?');
	if (query != NULL)
		redirect_from_query(r, wanted, query + 1);
	else if (text_starts_nocase(address, "code=")
	    || strchr(address, '&') != NULL)
		redirect_from_query(r, wanted, address);
	else if (strstr(address, "://") == NULL && is_code(address, len)) {
		/* The verifier of PKCE binds the code to this request. */
		r->kind = REDIRECT_CODE;
		secret_set(&r->code, address, len);
	}
	secret_wipe(address, len);
	free(address);
}

void
redirect_free(struct redirect *r)
{
	secret_free(&r->code);
	free(r->error);
	free(r->description);
	*r = (struct redirect){ 0 };
}
