/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses the arguments of MAIL and RCPT. */
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
#include "mail/token.h"

/* What differs between the two commands. */
static const struct {
	const char *keyword;
	const char *syntax;
	const char *bad_address; /* enhanced status code */
} commands[] = {
	[COMMAND_MAIL] = { "FROM:", "MAIL FROM:<address>", "5.1.7" },
	[COMMAND_RCPT] = { "TO:", "RCPT TO:<address>", "5.1.3" },
};

/*
 *   Path = "<" [ A-d-l ":" ] Mailbox ">"     (RFC 5321 section 4.1.2)
 *
 * Returns the end of the path, or NULL if the closing bracket is missing.  A
 * ">" in a quoted string does not end the path.
 */
static const char *
end_of_path(const char *text)
{
	const char *end = text + strlen(text);

	if (*text != '<')
		return text + strcspn(text, " ");
	while (text != NULL && text < end) {
		if (*text == '>')
			return text + 1;
		if (*text == '"')
			text = token_skip_delimited(text, end);
		else
			text += *text == '\\' ? 2 : 1;
	}
	return NULL;
}

/* Rejects a list, a group and an address with a display name. */
static bool
parse_address(const char *text, size_t len, char **address, struct error *err)
{
	struct address_list list = { 0 };
	bool ok = address_parse(&list, text, len, err);

	if (ok && (list.count != 1 || list.items[0].has_name))
		ok = error_set(err, ERROR_ADDRESS,
		    "\"%.*s\" is not a single address without a name", (int)len,
		    text);
	ok = ok && path_check(list.items[0].text, err);
	if (ok)
		*address = alloc_string(list.items[0].text);
	address_list_free(&list);
	return ok;
}

static bool
parse_path(struct mail_args *args, enum mail_command command, const char *text,
    size_t len, struct server_reply *reply)
{
	struct error err = { 0 };
	bool ok = true;

	if (command == COMMAND_MAIL && len == 2
	    && strncmp(text, "<>", len) == 0)
		args->address = alloc_string("");
	else
		ok = parse_address(text, len, &args->address, &err);
	if (!ok) {
		error_status(&err, commands[command].bad_address);
		server_reply_from_error(reply, &err);
	}
	error_free(&err);
	return ok;
}

/* RFC 1870 section 6 */
static bool
parse_size(struct mail_args *args, const char *value)
{
	unsigned long long size;
	bool ok = text_number(value, 0, UINT64_MAX, &size);

	if (ok)
		args->size = size;
	return ok;
}

/* RFC 6152 section 2 */
static bool
parse_body(struct mail_args *args, const char *value)
{
	args->seven_bit = text_equal_nocase(value, "7BIT");
	args->eight_bit = text_equal_nocase(value, "8BITMIME");
	return args->seven_bit || args->eight_bit;
}

static bool
parse_ret(struct mail_args *args, const char *value)
{
	return dsn_parse_return(value, &args->dsn.wanted);
}

static bool
parse_envid(struct mail_args *args, const char *value)
{
	return dsn_parse_envelope_id(value, &args->dsn.envelope_id);
}

static bool
parse_notify(struct mail_args *args, const char *value)
{
	return dsn_parse_notify(value, &args->dsn.notify);
}

static bool
parse_orcpt(struct mail_args *args, const char *value)
{
	return dsn_parse_original(value, &args->original);
}

static const struct parameter_row {
	const char *name;
	enum mail_command command;
	bool (*parse)(struct mail_args *args, const char *value);
	/* The reply to a value that is rejected. */
	int code;
	const char *text;
} parameters[] = {
	{ "BODY", COMMAND_MAIL, parse_body, 555,
	    "BODY must be 7BIT or 8BITMIME" },
	{ "ENVID", COMMAND_MAIL, parse_envid, 501,
	    "ENVID must be xtext of 1 to 100 octets" },
	{ "RET", COMMAND_MAIL, parse_ret, 501, "RET must be FULL or HDRS" },
	{ "SIZE", COMMAND_MAIL, parse_size, 501, "SIZE must be a number" },
	{ "NOTIFY", COMMAND_RCPT, parse_notify, 501,
	    "NOTIFY must be NEVER or a list of SUCCESS, FAILURE and DELAY" },
	{ "ORCPT", COMMAND_RCPT, parse_orcpt, 501,
	    "ORCPT must be an address type, a semicolon and xtext" },
};

static const struct parameter_row *
find_parameter(enum mail_command command, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (parameters[i].command == command
		    && text_equal_nocase(parameters[i].name, name))
			return &parameters[i];
	return NULL;
}

/* Parses "NAME=VALUE"; cuts the word at the "=". */
static bool
parse_parameter(struct mail_args *args, enum mail_command command, char *word,
    struct server_reply *reply)
{
	char *equals = strchr(word, '=');
	const struct parameter_row *row;

	if (equals != NULL)
		*equals = '\0';
	row = find_parameter(command, word);
	if (row == NULL)
		server_reply_set(reply, 555, "5.5.4",
		    "parameter %s is not supported", word);
	else if (!row->parse(args, equals != NULL ? equals + 1 : ""))
		server_reply_set(reply, row->code, "5.5.4", "%s", row->text);
	else if (args->size > MESSAGE_INPUT_MAX)
		server_reply_set(reply, 552, "5.3.4",
		    "a message must not be larger than %llu octets",
		    (unsigned long long)MESSAGE_INPUT_MAX);
	else
		return true;
	return false;
}

/*
 *   Mail-parameters = esmtp-param *(SP esmtp-param)
 *   esmtp-param     = esmtp-keyword ["=" esmtp-value]
 *                                        (RFC 5321 section 4.1.2)
 */
static bool
parse_parameters(struct mail_args *args, enum mail_command command,
    const char *text, struct server_reply *reply)
{
	bool ok = true;

	while (ok && *(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");
		char *word = alloc_string_n(text, len);

		ok = parse_parameter(args, command, word, reply);
		free(word);
		text += len;
	}
	return ok;
}

bool
mail_args_parse(struct mail_args *args, enum mail_command command,
    const char *argument, struct server_reply *reply)
{
	const char *keyword = commands[command].keyword;
	const char *path = argument, *end = NULL;

	if (text_starts_nocase(argument, keyword)) {
		path = argument + strlen(keyword);
		path += strspn(path, " ");
		end = end_of_path(path);
	}
	if (end == NULL || end == path || (*end != '\0' && *end != ' ')) {
		server_reply_set(reply, 501, "5.5.4", "syntax: %s",
		    commands[command].syntax);
		return false;
	}
	return parse_path(args, command, path, (size_t)(end - path), reply)
	    && parse_parameters(args, command, end, reply);
}

void
mail_args_free(struct mail_args *args)
{
	free(args->address);
	dsn_free(&args->dsn);
	free(args->original);
	*args = (struct mail_args){ 0 };
}
