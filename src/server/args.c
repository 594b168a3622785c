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
	enum smtp_stage stage;
} commands[] = {
	[COMMAND_MAIL] = { "FROM:", "MAIL FROM:<address>", "5.1.7",
	    STAGE_MAIL },
	[COMMAND_RCPT] = { "TO:", "RCPT TO:<address>", "5.1.3", STAGE_RCPT },
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
		server_reply_from_error(reply, &err, commands[command].stage);
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

/* RFC 6152 section 2, RFC 3030 section 3 */
static bool
parse_body(struct mail_args *args, const char *value)
{
	args->seven_bit = text_equal_nocase(value, "7BIT");
	args->eight_bit = text_equal_nocase(value, "8BITMIME");
	args->binarymime = text_equal_nocase(value, "BINARYMIME");
	return args->seven_bit || args->eight_bit || args->binarymime;
}

/* RFC 6531 section 3.4 */
static bool
parse_smtputf8(struct mail_args *args, const char *value)
{
	(void)value;
	args->smtputf8 = true;
	return true;
}

/* RFC 8689 section 3 */
static bool
parse_require_tls(struct mail_args *args, const char *value)
{
	(void)value;
	args->params.require_tls = true;
	return true;
}

/*
 *   by-value = by-time ";" by-mode [by-trace]
 *   by-time  = ["-" / "+"] 1*9DIGIT           (RFC 2852 section 4)
 */
static bool
parse_by(struct mail_args *args, const char *value)
{
	const char *number = value + (*value == '-' || *value == '+');
	size_t digits = strspn(number, "0123456789");
	const char *mode = number + digits;

	if (digits < 1 || digits > 9 || !mail_params_is_by_mode(mode)
	    || !mail_params_is_by_time(value))
		return false;
	alloc_replace(&args->params.deliver_by, value);
	return true;
}

/* RFC 4865 section 5: 1 to 9 digits */
static bool
parse_hold_for(struct mail_args *args, const char *value)
{
	unsigned long long seconds;
	bool ok = text_number(value, 1, 999999999, &seconds);

	if (ok)
		args->params.hold_for = (unsigned)seconds;
	return ok;
}

static bool
parse_hold_until(struct mail_args *args, const char *value)
{
	if (!mail_params_is_date_time(value))
		return false;
	alloc_replace(&args->params.hold_until, value);
	return true;
}

static bool
parse_priority(struct mail_args *args, const char *value)
{
	if (!mail_params_is_priority(value))
		return false;
	alloc_replace(&args->params.priority, value);
	return true;
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
	bool has_value;
	bool (*parse)(struct mail_args *args, const char *value);
	/* The reply to a value that is rejected. */
	int code;
	const char *text;
} parameters[] = {
	{ "BODY", COMMAND_MAIL, true, parse_body, 555,
	    "BODY must be 7BIT, 8BITMIME or BINARYMIME" },
	{ "BY", COMMAND_MAIL, true, parse_by, 501,
	    "BY must be a number of seconds and \";R\", \";N\", \";RT\" or "
	    "\";NT\"" },
	{ "ENVID", COMMAND_MAIL, true, parse_envid, 501,
	    "ENVID must be xtext of 1 to 100 octets" },
	{ "HOLDFOR", COMMAND_MAIL, true, parse_hold_for, 501,
	    "HOLDFOR must be a number of seconds" },
	{ "HOLDUNTIL", COMMAND_MAIL, true, parse_hold_until, 501,
	    "HOLDUNTIL must be a time such as 2026-12-24T18:00:00Z" },
	{ "MT-PRIORITY", COMMAND_MAIL, true, parse_priority, 501,
	    "MT-PRIORITY must be a number from -9 to 9" },
	{ "REQUIRETLS", COMMAND_MAIL, false, parse_require_tls, 501,
	    "REQUIRETLS has no value" },
	{ "RET", COMMAND_MAIL, true, parse_ret, 501,
	    "RET must be FULL or HDRS" },
	{ "SIZE", COMMAND_MAIL, true, parse_size, 501,
	    "SIZE must be a number" },
	{ "SMTPUTF8", COMMAND_MAIL, false, parse_smtputf8, 501,
	    "SMTPUTF8 has no value" },
	{ "NOTIFY", COMMAND_RCPT, true, parse_notify, 501,
	    "NOTIFY must be NEVER or a list of SUCCESS, FAILURE and DELAY" },
	{ "ORCPT", COMMAND_RCPT, true, parse_orcpt, 501,
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

/* Parses "NAME=VALUE" or "NAME"; cuts the word at the "=". */
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
	else if (row->has_value != (equals != NULL)
	    || !row->parse(args, equals != NULL ? equals + 1 : ""))
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
	if (ok && args->params.hold_for != 0
	    && args->params.hold_until != NULL) {
		server_reply_set(reply, 501, "5.5.4",
		    "HOLDFOR and HOLDUNTIL exclude each other");
		return false;
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
	mail_params_free(&args->params);
	*args = (struct mail_args){ 0 };
}
