/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/dsn.h"
#include "mail/message.h"
#include "mail/path.h"

/* What the two verbs do not have in common. */
static const struct {
	const char *keyword;
	const char *form;
	const char *bad_address; /* status */
} verbs[] = {
	[REQUEST_MAIL] = { "FROM:", "MAIL FROM:<address>", "5.1.7" },
	[REQUEST_RCPT] = { "TO:", "RCPT TO:<address>", "5.1.3" },
};

/* Paths */

/*
 *   Path = "<" [ A-d-l ":" ] Mailbox ">"     (RFC 5321 section 4.1.2)
 *
 * Returns where the path ends, or NULL: it has no end.  A ">" in a quoted
 * string is no end.
 */
static const char *
end_of_path(const char *text)
{
	bool quoted = false;

	if (*text != '<')
		return text + strcspn(text, " ");
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (*text == '>' && !quoted)
			return text + 1;
	}
	return NULL;
}

/* One plain address: no list, no group, no name. */
static bool
parse_address(const char *text, size_t len, char **address, struct error *err)
{
	struct address_list list = { 0 };
	bool ok = address_parse(&list, text, len, err);

	if (ok && (list.count != 1 || list.items[0].has_name))
		ok = error_set(err, ERROR_ADDRESS,
		    "\"%.*s\" is not one plain address", (int)len, text);
	ok = ok && path_check(list.items[0].text, err);
	if (ok)
		*address = alloc_string(list.items[0].text);
	address_list_free(&list);
	return ok;
}

static bool
parse_path(struct mail_args *r, enum request_verb verb, const char *text,
    size_t len, struct server_reply *refusal)
{
	struct error err = { 0 };
	bool ok = true;

	if (verb == REQUEST_MAIL && len == 2 && strncmp(text, "<>", len) == 0)
		r->address = alloc_string("");
	else
		ok = parse_address(text, len, &r->address, &err);
	if (!ok) {
		error_status(&err, verbs[verb].bad_address);
		server_reply_from_error(refusal, &err);
	}
	error_free(&err);
	return ok;
}

/* Parameters */

/* RFC 1870 section 6 */
static bool
parse_size(struct mail_args *r, const char *value, struct server_reply *refusal)
{
	unsigned long long size;

	if (!text_number(value, 0, UINT64_MAX, &size)) {
		server_reply_set(refusal, 501, "5.5.4",
		    "SIZE= is not a number");
		return false;
	}
	if (size > MESSAGE_INPUT_MAX) {
		server_reply_set(refusal, 552, "5.3.4",
		    "no message has more than %llu octets here",
		    (unsigned long long)MESSAGE_INPUT_MAX);
		return false;
	}
	r->size = size;
	return true;
}

/* RFC 6152 section 2 */
static bool
parse_body(struct mail_args *r, const char *value, struct server_reply *refusal)
{
	r->seven_bit = text_equal_nocase(value, "7BIT");
	r->eight_bit = text_equal_nocase(value, "8BITMIME");
	if (r->seven_bit || r->eight_bit)
		return true;
	server_reply_set(refusal, 555, "5.5.4",
	    "BODY= is 7BIT or 8BITMIME here");
	return false;
}

static bool
parse_ret(struct mail_args *r, const char *value, struct server_reply *refusal)
{
	if (dsn_parse_return(value, &r->dsn.wanted))
		return true;
	server_reply_set(refusal, 501, "5.5.4", "RET= is FULL or HDRS");
	return false;
}

static bool
parse_envid(struct mail_args *r, const char *value,
    struct server_reply *refusal)
{
	if (dsn_parse_envelope_id(value, &r->dsn.envelope_id))
		return true;
	server_reply_set(refusal, 501, "5.5.4",
	    "ENVID= is xtext of 1 to 100 octets");
	return false;
}

static bool
parse_notify(struct mail_args *r, const char *value,
    struct server_reply *refusal)
{
	if (dsn_parse_notify(value, &r->dsn.notify))
		return true;
	server_reply_set(refusal, 501, "5.5.4",
	    "NOTIFY= is NEVER, or some of SUCCESS, FAILURE, DELAY");
	return false;
}

static bool
parse_orcpt(struct mail_args *r, const char *value,
    struct server_reply *refusal)
{
	if (dsn_parse_original(value, &r->original))
		return true;
	server_reply_set(refusal, 501, "5.5.4",
	    "ORCPT= is an address type; xtext");
	return false;
}

/* Each parameter is told here and nowhere else. */
static const struct parameter_row {
	const char *name;
	enum request_verb verb;
	bool (*parse)(struct mail_args *r, const char *value,
	    struct server_reply *refusal);
} parameters[] = {
	{ "BODY", REQUEST_MAIL, parse_body },
	{ "ENVID", REQUEST_MAIL, parse_envid },
	{ "RET", REQUEST_MAIL, parse_ret },
	{ "SIZE", REQUEST_MAIL, parse_size },
	{ "NOTIFY", REQUEST_RCPT, parse_notify },
	{ "ORCPT", REQUEST_RCPT, parse_orcpt },
};

/* One word NAME=VALUE; it is cut into its parts. */
static bool
parse_parameter(struct mail_args *r, enum request_verb verb, char *word,
    struct server_reply *refusal)
{
	char *equals = strchr(word, '=');

	if (equals != NULL)
		*equals = '\0';
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (parameters[i].verb == verb
		    && text_equal_nocase(parameters[i].name, word))
			return parameters[i].parse(r,
			    equals != NULL ? equals + 1 : "", refusal);
	server_reply_set(refusal, 555, "5.5.4", "parameter %s was not offered",
	    word);
	return false;
}

/*
 *   Mail-parameters = esmtp-param *(SP esmtp-param)
 *   esmtp-param     = esmtp-keyword ["=" esmtp-value]
 *                                        (RFC 5321 section 4.1.2)
 */
static bool
parse_parameters(struct mail_args *r, enum request_verb verb, const char *text,
    struct server_reply *refusal)
{
	bool ok = true;

	while (ok && *(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");
		char *word = alloc_string_n(text, len);

		ok = parse_parameter(r, verb, word, refusal);
		free(word);
		text += len;
	}
	return ok;
}

bool
mail_args_parse(struct mail_args *r, enum request_verb verb,
    const char *argument, struct server_reply *refusal)
{
	const char *keyword = verbs[verb].keyword;
	const char *path = argument, *end = NULL;

	if (text_starts_nocase(argument, keyword)) {
		path = argument + strlen(keyword);
		path += strspn(path, " ");
		end = end_of_path(path);
	}
	if (end == NULL || end == path || (*end != '\0' && *end != ' ')) {
		server_reply_set(refusal, 501, "5.5.4", "the form is: %s",
		    verbs[verb].form);
		return false;
	}
	return parse_path(r, verb, path, (size_t)(end - path), refusal)
	    && parse_parameters(r, verb, end, refusal);
}

void
mail_args_free(struct mail_args *r)
{
	free(r->address);
	dsn_free(&r->dsn);
	free(r->original);
	*r = (struct mail_args){ 0 };
}
