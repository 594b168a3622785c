/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the command line by the tables of options, and rejects options that
 * cannot be combined.
 */
#include "config/cmdline_parse.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "config/long_options.h"
#include "config/sendmail_options.h"

/* The first row is used for every other name as well. */
static const struct personality_row {
	const char *name;
	enum personality personality;
	int mode;
} personalities[] = {
	{ "sendmail", PERSONALITY_SENDMAIL, MODE_SEND },
	{ "veredus", PERSONALITY_VEREDUS, MODE_SEND },
	{ "mailq", PERSONALITY_MAILQ, MODE_PRINT_QUEUE },
	{ "newaliases", PERSONALITY_NEWALIASES, MODE_INIT_ALIASES },
	{ "hoststat", PERSONALITY_SENDMAIL, MODE_HOST_STATUS },
	{ "purgestat", PERSONALITY_SENDMAIL, MODE_PURGE_STATUS },
};

static const struct personality_row *
find_personality(const char *argv0)
{
	const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : argv0;

	for (size_t i = 0; name != NULL && i < COUNT_OF(personalities); i++)
		if (strcmp(personalities[i].name, name) == 0)
			return &personalities[i];
	return &personalities[0];
}

enum personality
cmdline_personality(const char *argv0)
{
	return find_personality(argv0)->personality;
}

static bool
unknown_letter(const struct cmdline *cmdline, char letter, struct error *err)
{
	if (cmdline->personality != PERSONALITY_VEREDUS
	    && sendmail_option_find(letter, NULL, PERSONALITY_VEREDUS) != NULL)
		return error_set(err, ERROR_USAGE,
		    "-%c is not accepted under this name: use veredus -%c",
		    letter, letter);
	return error_set(err, ERROR_USAGE, "unknown option -%c; see --help",
	    letter);
}

/* The option is known, but not with that value. */
static bool
unknown_value(const struct cmdline *cmdline, char letter, const char *value,
    struct error *err)
{
	struct str known = { 0 };

	sendmail_option_values(letter, cmdline->personality, &known);
	error_set(err, ERROR_USAGE,
	    "-%c is followed by one of %s, not by \"%s\"; see --help", letter,
	    str_text(&known), value);
	str_free(&known);
	return false;
}

/*
 * Whether the value of -b is one letter, as "s", or one of those of Exim that
 * are rejected, as "rt"; but "-b dave@example.org" is a mistake of another kind.
 */
static bool
is_value(const struct sendmail_option *row, const char *value)
{
	return row->letter != 'b' || strlen(value) == 1
	    || (row->refusal != NULL && strchr(value, '@') == NULL);
}

static bool
apply_option(struct cmdline *cmdline, char letter, const char *value,
    struct error *err)
{
	const struct sendmail_option *row =
	    sendmail_option_find(letter, value, cmdline->personality);

	if (row == NULL || !is_value(row, value))
		return unknown_value(cmdline, letter, value, err);
	if (row->refusal != NULL)
		return error_set(err, ERROR_USAGE, "-%c%.*s: %s", letter,
		    row->first != NULL ? 1 : 0, value, row->refusal);
	if (row->first != NULL)
		value++;
	cmdline_add_letter(cmdline, letter);
	return row->action.apply == NULL
	    || row->action.apply(cmdline, &row->action, value, err);
}

/*
 * Parses one word of sendmail options: "-t", "-ti", "-toi", "-fa", or "-f" with
 * the next word as its argument.
 */
static bool
parse_letters(struct cmdline *cmdline, const char *word, struct words *rest,
    struct error *err)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		const struct sendmail_option *row =
		    sendmail_option_find(*p, NULL, cmdline->personality);
		const char *value = p + 1;

		if (row == NULL)
			return unknown_letter(cmdline, *p, err);
		if (row->argument == ARGUMENT_NONE) {
			if (!apply_option(cmdline, *p, "", err))
				return false;
			continue;
		}
		if (row->argument == ARGUMENT_REQUIRED && *value == '\0')
			value = words_next(rest);
		if (value == NULL)
			return error_set(err, ERROR_USAGE,
			    "-%c needs an argument", *p);
		return apply_option(cmdline, *p, value, err);
	}
	return true;
}

/* Parses the words up to the first operand, or up to and including "--". */
static bool
parse_options(struct cmdline *cmdline, struct words *w, struct error *err)
{
	while (
	    w->count > 0 && (*w->items)[0] == '-' && (*w->items)[1] != '\0') {
		const char *word = words_next(w);
		bool is_long = word[1] == '-';

		if (strcmp(word, "--") == 0)
			break;
		if (!(is_long ? long_option_parse : parse_letters)(cmdline,
			word, w, err))
			return false;
	}
	return true;
}

/*
 * A program that reads the report gets one of a usage error, too, wherever --report
 * is among the options.  Each call of parse_options() uses up a word.
 */
static void
find_report(struct cmdline *cmdline, struct words w)
{
	struct cmdline all = { .name = cmdline->name,
		.personality = cmdline->personality };
	size_t len;

	while (!parse_options(&all, &w, NULL))
		continue;
	len = all.report != NULL ? strlen(all.report) : 0;
	if (len > 0 && all.report[len - 1] != '\r' && mode_sends(all.mode)) {
		cmdline->mode = all.mode;
		alloc_replace(&cmdline->report, all.report);
	}
	cmdline_free(&all);
}

static bool
is_blank(const char *word)
{
	return word[strspn(word, " \t\r\n")] == '\0';
}

/*
 * Never treats a later "-x" as an option: web applications let attackers append
 * arguments (e.g. PHP mail()).  As a recipient it is probably a mistake.
 */
static bool
parse_operands(struct cmdline *cmdline, const struct words *w,
    struct error *err)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->items[i][0] == '-'
		    && mode_operands(cmdline->mode) != OPERANDS_RECIPIENTS)
			return error_set(err, ERROR_USAGE,
			    "\"%s\" is too late: options come before operands",
			    w->items[i]);
		if (w->items[i][0] == '-')
			return error_set(err, ERROR_USAGE,
			    "\"%s\" is not a recipient: recipients do not "
			    "begin with \"-\", and options come before "
			    "recipients",
			    w->items[i]);
		if (!is_blank(w->items[i]))
			strv_add(&cmdline->operands, w->items[i]);
	}
	return true;
}

static bool
check_configure(const struct cmdline *cmdline, struct error *err)
{
	const char *option = cmdline->provider != NULL ? "--provider"
	    : cmdline->write                           ? "--write"
	    : cmdline->online                          ? "--online"
	    : cmdline->keyring                         ? "--keyring"
						       : NULL;

	if (cmdline->mode != MODE_CONFIGURE)
		return option == NULL
		    || error_set(err, ERROR_USAGE, "%s belongs to --configure",
			option);
	if (cmdline->keyring && !cmdline->write)
		return error_set(err, ERROR_USAGE,
		    "--keyring belongs to --configure --write");
	if (cmdline_has_host(cmdline))
		return error_set(err, ERROR_USAGE,
		    "--configure looks up the host: remove --host and "
		    "--socket");
	if (cmdline->config_file != NULL)
		return error_set(err, ERROR_USAGE,
		    "--configure reads no file: remove -C");
	return true;
}

/* A message for a mode that sends none would be thrown away. */
static bool
check_operands(const struct cmdline *cmdline, struct error *err)
{
	enum mode_operands operands = mode_operands(cmdline->mode);
	const char *mode =
	    cmdline->mode_given ? mode_option(cmdline->mode) : cmdline->name;

	if (operands == OPERANDS_RECIPIENTS)
		return true;
	if (operands == OPERANDS_NONE && cmdline->operands.count > 0)
		return error_set(err, ERROR_USAGE,
		    "\"%s\" is unexpected: %s takes no recipients",
		    cmdline->operands.items[0], mode);
	return !cmdline->recipients_from_header
	    || error_set(err, ERROR_USAGE,
		"%s and -t cannot be combined: %s reads no message", mode,
		mode);
}

static bool
check_service(const struct cmdline *cmdline, struct error *err)
{
	if (cmdline->service && cmdline->mode == MODE_CHECK
	    && cmdline->operands.count > 0)
		return error_set(err, ERROR_USAGE,
		    "--service --check reads files only: it takes no "
		    "recipients");
	if (cmdline->as != NULL
	    && !(cmdline->service && cmdline->mode == MODE_EXPLAIN))
		return error_set(err, ERROR_USAGE,
		    "--as belongs to --service --explain");
	if (cmdline->service && cmdline_has_host(cmdline))
		return error_set(err, ERROR_USAGE,
		    "--service reads its accounts from a file: remove --host "
		    "and --socket");
	return true;
}

static bool
check_options_of_check(const struct cmdline *cmdline, struct error *err)
{
	if (cmdline->mode != MODE_CHECK)
		return (!cmdline->offline && !cmdline->monitor)
		    || error_set(err, ERROR_USAGE, "%s belongs to --check",
			cmdline->offline ? "--offline" : "--monitor");
	if (cmdline->recipients_from_header)
		return error_set(err, ERROR_USAGE,
		    "--check and -t cannot be combined: --check reads no "
		    "message");
	if (cmdline->monitor && cmdline->json)
		return error_set(err, ERROR_USAGE,
		    "--monitor and --json cannot be combined");
	return !cmdline->offline || cmdline->operands.count == 0
	    || error_set(err, ERROR_USAGE,
		"--offline connects to no server, which could accept or reject "
		"recipients: remove one of them");
}

/* Checks for options and operands that cannot be combined. */
static bool
check_combination(const struct cmdline *cmdline, struct error *err)
{
	/* Print the help whatever else was given. */
	if (cmdline->mode == MODE_HELP || cmdline->mode == MODE_VERSION)
		return true;
	if (!check_operands(cmdline, err))
		return false;
	if (cmdline->json && !mode_prints_json(cmdline->mode))
		return error_set(err, ERROR_USAGE,
		    "--json belongs to --check, --explain, --probe, "
		    "--queue-list and -bh");
	if (cmdline->report != NULL && !mode_sends(cmdline->mode))
		return error_set(err, ERROR_USAGE,
		    "--report and %s cannot be combined: %s sends no message",
		    mode_option(cmdline->mode), mode_option(cmdline->mode));
	if (cmdline->oauth_no_test && cmdline->mode != MODE_LOGIN)
		return error_set(err, ERROR_USAGE,
		    "--oauth-no-test belongs to --login");
	if (!check_service(cmdline, err)
	    || !check_options_of_check(cmdline, err))
		return false;
	if (!check_configure(cmdline, err))
		return false;
	if (cmdline->mode == MODE_CONFIGURE)
		return true;
	if (!cmdline_has_host(cmdline))
		return true;
	if (cmdline->account != NULL)
		return error_set(err, ERROR_USAGE,
		    "an account (-a) cannot be combined with --host or "
		    "--socket");
	if (cmdline->config_file != NULL)
		return error_set(err, ERROR_USAGE,
		    "with --host or --socket, no file is read: remove -C");
	return true;
}

static bool
check_sender(struct cmdline *cmdline, struct error *err)
{
	if (!error_is_set(&cmdline->sender_error))
		return true;
	error_move(err, &cmdline->sender_error);
	return false;
}

/* A shell script with DOS line ends passes a CR at the end of each last word. */
static bool
check_line_ends(const struct words *w, struct error *err)
{
	for (size_t i = 0; i < w->count; i++) {
		size_t len = strlen(w->items[i]);

		if (len > 0 && w->items[i][len - 1] == '\r')
			return error_set(err, ERROR_USAGE,
			    "\"%.*s\" ends with a carriage return (CR): the "
			    "script or program that calls this one has DOS "
			    "line ends; remove them, for example with dos2unix",
			    (int)(len - 1), w->items[i]);
	}
	return true;
}

bool
cmdline_parse(struct cmdline *cmdline, int argc, char *const argv[],
    struct error *err)
{
	const struct personality_row *row =
	    find_personality(argc > 0 ? argv[0] : NULL);
	struct words w = { .items = argc > 0 ? argv + 1 : argv,
		.count = argc > 0 ? (size_t)argc - 1 : 0 };
	const struct words all = w;

	cmdline->personality = row->personality;
	cmdline->name = row->name;
	cmdline->mode = (enum mode)row->mode;
	cmdline->errors = ERRORS_PRINT;
	if (check_line_ends(&w, err) && parse_options(cmdline, &w, err)
	    && parse_operands(cmdline, &w, err) && check_sender(cmdline, err)
	    && check_combination(cmdline, err))
		return true;
	if (cmdline->report == NULL)
		find_report(cmdline, all);
	return false;
}
