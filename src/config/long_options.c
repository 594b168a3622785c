/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of the long options that are not settings, and the parser of all
 * long options.  Every setting is a long option, too.
 */
#include "config/long_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "config/option_names.h"

#define ALL PERSONALITY_ALL
#define VEREDUS PERSONALITY_VEREDUS

/* No name of an option is longer, and neither is a misspelt one. */
#define WORD_MAX 40

/* clang-format off */
const struct long_option long_options[] = {
	{ "account", 'a', "ACCOUNT", VEREDUS, "send through ACCOUNT",
	    { cmdline_set_string, .number = FIELD(account) } },
	{ "as", '\0', "USER", VEREDUS, "with --service --explain: the client",
	    { cmdline_set_string, .number = FIELD(as) } },
	{ "check", '\0', NULL, VEREDUS,
	    "check all that sending needs, and say what to mend",
	    { cmdline_set_mode, .number = MODE_CHECK } },
	{ "configure", '\0', "ADDRESS", VEREDUS,
	    "find the server of ADDRESS, and print an account",
	    { cmdline_set_address, .number = FIELD(address) } },
	{ "debug", 'd', NULL, VEREDUS, "the same as -v",
	    { cmdline_set_true, .number = FIELD(debug) } },
	{ "explain", '\0', NULL, VEREDUS,
	    "explain all decisions without connecting",
	    { cmdline_set_mode, .number = MODE_EXPLAIN } },
	{ "file", 'C', "FILE", VEREDUS,
	    "read FILE instead of the user's configuration",
	    { cmdline_set_string, .number = FIELD(config_file) } },
	{ "from", 'f', "ADDRESS", VEREDUS,
	    "envelope sender; '' or '<>' is the null sender",
	    { cmdline_set_sender, .name = "--from" } },
	{ "help", '\0', NULL, ALL, "print this help",
	    { cmdline_set_mode, .number = MODE_HELP } },
	{ "json", '\0', NULL, VEREDUS, "print JSON (queue, --check, --explain, --probe)",
	    { cmdline_set_true, .number = FIELD(json) } },
	{ "keyring", '\0', NULL, VEREDUS,
	    "with --write: keep the password in the keyring",
	    { cmdline_set_true, .number = FIELD(keyring) } },
	{ "list-options", '\0', NULL, VEREDUS,
	    "print all settings with types and defaults",
	    { cmdline_set_mode, .number = MODE_LIST_OPTIONS } },
	{ "login", '\0', NULL, VEREDUS,
	    "log in to the provider of an account with OAuth2",
	    { cmdline_set_mode, .number = MODE_LOGIN } },
	{ "login-status", '\0', NULL, VEREDUS,
	    "show until when the tokens of OAuth2 are good",
	    { cmdline_set_mode, .number = MODE_LOGIN_STATUS } },
	{ "logout", '\0', NULL, VEREDUS, "revoke and remove tokens of OAuth2",
	    { cmdline_set_mode, .number = MODE_LOGOUT } },
	{ "monitor", '\0', NULL, VEREDUS,
	    "with --check: print the line of a monitoring plugin",
	    { cmdline_set_true, .number = FIELD(monitor) } },
	{ "oauth-no-test", '\0', NULL, VEREDUS,
	    "log in to no mail server to test the token",
	    { cmdline_set_true, .number = FIELD(oauth_no_test) } },
	{ "offline", '\0', NULL, VEREDUS, "with --check: use no network",
	    { cmdline_set_true, .number = FIELD(offline) } },
	{ "online", '\0', NULL, VEREDUS,
	    "with --configure: also ask web servers (autoconfig)",
	    { cmdline_set_true, .number = FIELD(online) } },
	{ "pretend", 'P', NULL, VEREDUS,
	    "show the account and the recipients; send nothing",
	    { cmdline_set_mode, .number = MODE_PRETEND } },
	{ "print", '\0', "FORM", VEREDUS,
	    "print the message as it would leave, or its form 7bit",
	    { .apply = cmdline_set_print, .may_omit = true } },
	{ "probe", '\0', NULL, VEREDUS,
	    "test each server up to the message; send nothing",
	    { cmdline_set_mode, .number = MODE_PROBE } },
	{ "provider", '\0', "NAME", VEREDUS,
	    "with --configure: use NAME of the table of providers",
	    { cmdline_set_string, .number = FIELD(provider) } },
	{ "queue-check", '\0', NULL, VEREDUS,
	    "check the queue as a monitoring plugin",
	    { cmdline_set_mode, .number = MODE_QUEUE_CHECK } },
	{ "queue-delete", '\0', "ID", VEREDUS, "delete messages",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_DELETE } },
	{ "queue-hold", '\0', "ID", VEREDUS, "do not deliver messages for now",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_HOLD } },
	{ "queue-list", '\0', NULL, VEREDUS, "list the queue (mailq)",
	    { cmdline_set_mode, .number = MODE_PRINT_QUEUE } },
	{ "queue-release", '\0', "ID", VEREDUS, "undo --queue-hold",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_RELEASE } },
	{ "queue-requeue", '\0', "ID", VEREDUS,
	    "begin anew with messages, through the account of -a",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_REQUEUE } },
	{ "queue-return", '\0', "ID", VEREDUS,
	    "return messages to their senders now",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_RETURN } },
	{ "queue-show", '\0', "ID", VEREDUS, "print the envelope and the message",
	    { cmdline_set_mode_of, .number = MODE_QUEUE_SHOW } },
	{ "read-envelope-from", '\0', NULL, VEREDUS,
	    "take the envelope sender from the From header",
	    { cmdline_set_true, .number = FIELD(read_envelope_from) } },
	{ "read-recipients", 't', NULL, VEREDUS,
	    "also take recipients from To, Cc and Bcc",
	    { cmdline_set_true, .number = FIELD(recipients_from_header) } },
	{ "report", '\0', "FILE", VEREDUS,
	    "write the result of each message to FILE as JSON",
	    { cmdline_set_string, .number = FIELD(report) } },
	{ "rmqs", '\0', "NODE", VEREDUS,
	    "ask the server to send its queue for NODE",
	    { cmdline_set_node, .number = FIELD(node) } },
	{ "serverinfo", 'S', NULL, VEREDUS,
	    "show what the server offers; send nothing",
	    { cmdline_set_mode, .number = MODE_SERVERINFO } },
	{ "service", '\0', NULL, VEREDUS,
	    "serve the client at a Unix socket, standard input",
	    { .apply = cmdline_set_service } },
	{ "time", '\0', NULL, VEREDUS,
	    "show the time of each step on standard error",
	    { cmdline_set_true, .number = FIELD(timed) } },
	{ "tls-keylog", '\0', "FILE", VEREDUS,
	    "append TLS session keys to FILE",
	    { cmdline_set_string, .number = FIELD(tls_keylog) } },
	{ "verbose", 'v', NULL, VEREDUS,
	    "show the SMTP dialogue on standard error",
	    { cmdline_set_true, .number = FIELD(verbose) } },
	{ "version", '\0', NULL, ALL, "print version and features",
	    { cmdline_set_mode, .number = MODE_VERSION } },
	{ "write", '\0', NULL, VEREDUS,
	    "with --configure: add the account to the user's file",
	    { cmdline_set_true, .number = FIELD(write) } },
};
/* clang-format on */

const size_t long_option_count = COUNT_OF(long_options);

/* A word "--NAME" or "--NAME=VALUE", and the words after it. */
struct long_word {
	const char *name;
	size_t len;
	const char *attached; /* VALUE, or NULL */
	struct words *rest;
};

const char *
words_next(struct words *w)
{
	if (w->count == 0)
		return NULL;
	w->count--;
	return *w->items++;
}

static const struct long_option *
find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < long_option_count; i++)
		if (strlen(long_options[i].name) == len
		    && memcmp(long_options[i].name, name, len) == 0)
			return &long_options[i];
	return NULL;
}

static const char *
required_value(const struct long_word *w, struct error *err)
{
	const char *value =
	    w->attached != NULL ? w->attached : words_next(w->rest);

	if (value == NULL)
		error_set(err, ERROR_USAGE, "--%.*s needs an argument",
		    (int)w->len, w->name);
	return value;
}

static bool
apply_option(struct cmdline *cmdline, const struct long_option *option,
    const struct long_word *w, struct error *err)
{
	const char *value = "";

	if (option->action.may_omit)
		value = w->attached;
	else if (option->argument != NULL)
		value = required_value(w, err);
	else if (w->attached != NULL)
		return error_set(err, ERROR_USAGE, "--%s takes no argument",
		    option->name);
	cmdline_add_letter(cmdline, option->letter);
	return (value != NULL || option->action.may_omit)
	    && option->action.apply(cmdline, &option->action, value, err);
}

/*
 * Whether the setting has a meaning without an argument.  Then the next word is
 * not its argument: "--tls off" is the option --tls and the operand "off".
 */
static bool
has_optional_argument(const struct option_row *row)
{
	if (row->type == OPTION_ALIAS)
		return row->argument == NULL;
	return row->type == OPTION_BOOLEAN || row->empty != NULL;
}

/* The next word would be a recipient, which nobody calls "on" or "off". */
static bool
check_attached(const struct long_word *w, struct error *err)
{
	const char *next = w->rest->count > 0 ? *w->rest->items : "";

	if (w->attached != NULL
	    || (strcmp(next, "on") != 0 && strcmp(next, "off") != 0))
		return true;
	return error_set(err, ERROR_USAGE,
	    "--%.*s %s: the argument must be attached: --%.*s=%s", (int)w->len,
	    w->name, next, (int)w->len, w->name, next);
}

static bool
apply_setting(struct cmdline *cmdline, const struct option_row *row,
    const struct long_word *w, struct error *err)
{
	const char *value = w->attached != NULL ? w->attached : "";

	if (!has_optional_argument(row))
		value = required_value(w, err);
	else if (!check_attached(w, err))
		return false;
	if (value == NULL)
		return false;
	cmdline_add_override(cmdline, row, value);
	return true;
}

/* Appends the name of the long option that is nearest to the word, if any. */
static void
suggest(const struct long_word *w, struct str *out)
{
	char *word = alloc_string_n(w->name, w->len);
	const char *keyword;

	for (size_t i = 0; i < long_option_count && out->len == 0; i++)
		if (text_distance(word, long_options[i].name) <= 2)
			str_add(out, long_options[i].name);
	for (char *p = word; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	keyword = out->len == 0 ? option_suggest(word) : NULL;
	/* Some keywords are not settings, as "account". */
	if (keyword != NULL && option_find(keyword) != NULL)
		option_long_name(option_find(keyword), out);
	free(word);
}

static bool
unknown(const struct long_word *w, struct error *err)
{
	struct str near = { 0 };
	bool short_enough = w->len <= WORD_MAX;

	if (text_is_word(w->name, w->len, "password"))
		return error_set(err, ERROR_USAGE,
		    "--password would expose the password to every user of "
		    "this host: use --passwordfile or --passwordeval");
	if (text_is_word(w->name, w->len, "proxy-password"))
		return error_set(err, ERROR_USAGE,
		    "--proxy-password would expose the password to every user "
		    "of this host: use --proxy-passwordfile");
	if (text_is_word(w->name, w->len, "oauth-client-secret"))
		return error_set(err, ERROR_USAGE,
		    "--oauth-client-secret would expose the secret to every "
		    "user of this host: use --oauth-client-secret-file or "
		    "--oauth-client-secret-eval");
	if (short_enough)
		suggest(w, &near);
	error_set(err, ERROR_USAGE, "unknown option --%.*s%s%s%s",
	    short_enough ? (int)w->len : WORD_MAX, w->name,
	    near.len > 0 ? "; did you mean --" : "", str_text(&near),
	    near.len > 0 ? "?" : "; see --help");
	str_free(&near);
	return false;
}

bool
long_option_parse(struct cmdline *cmdline, const char *word, struct words *rest,
    struct error *err)
{
	const char *name = word + strlen("--");
	size_t len = strcspn(name, "=");
	struct long_word w = { .name = name,
		.len = len,
		.attached = name[len] == '=' ? name + len + 1 : NULL,
		.rest = rest };
	const struct long_option *option = find_option(name, len);
	const struct option_row *setting = option_find_long(name, len);

	if (option != NULL
	    && (option->personalities & cmdline->personality) != 0)
		return apply_option(cmdline, option, &w, err);
	if (cmdline->personality != PERSONALITY_VEREDUS
	    && (option != NULL || setting != NULL))
		return error_set(err, ERROR_USAGE,
		    "--%.*s is not accepted under this name: use veredus",
		    (int)len, name);
	if (setting != NULL)
		return apply_setting(cmdline, setting, &w, err);
	return unknown(&w, err);
}
