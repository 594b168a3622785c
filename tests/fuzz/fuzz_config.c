/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files (config/lexer.h, file.h, option.h, select.h, resolve.h).
 * Input: a file, in which "SECRET" is replaced by a unique word.  It is read as
 * the system's file, so that `eval` runs no command; passwordeval is not run.
 *
 *   - Lines are read in order, one at a time, without control characters.
 *   - The file is valid, or there are errors.  Each error is one printable line
 *     that begins with the file name.  Notes are printable, too.
 *   - If the secret is only in a password, or in lines with an unknown keyword,
 *     no error, note or output of --pretend contains it.
 *   - Every account can be selected by its name, or by a sender that it
 *     matches.
 *   - The printed value of a setting is parsed as the same value.
 *   - A resolved account has a server, a port and a TLS mode.  It never sends a
 *     password to another host in clear.  Resolving it again changes nothing.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/host.h"
#include "base/user.h"
#include "config/file.h"
#include "config/lexer.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/option_print.h"
#include "config/resolve.h"
#include "config/select.h"
#include "fuzz.h"
#include "modes/pretend.h"

static const char placeholder[] = "SECRET";
static const char secret[] = "kX7vQz93Lw";
static const struct user alice = { .home = "/home/alice" };

/* Names of the user and this host, without the system's tables. */

char *
user_name(const struct user *u)
{
	(void)u;
	return strdup("alice");
}

char *
user_full_name(const struct user *u)
{
	(void)u;
	return strdup("Alice Example");
}

bool
user_owns_home(const struct user *u)
{
	(void)u;
	return true;
}

const char *
user_folder(const struct user *u, const char *variable)
{
	(void)u;
	(void)variable;
	return NULL;
}

char *
host_short_name(void)
{
	return strdup("host");
}

char *
host_name(void)
{
	return strdup("host.example.org");
}

char *
host_fqdn(void)
{
	return strdup("host.example.org");
}

char *
host_mailname(void)
{
	return NULL;
}

void
host_local_names(struct strv *names)
{
	strv_add(names, "localhost");
}

/* Whether the value of the keyword is not a secret. */
static bool
is_public(const char *keyword)
{
	const struct option_row *row = option_find(keyword);

	return strcmp(keyword, "account") == 0
	    || strcmp(keyword, "defaults") == 0 || strcmp(keyword, "eval") == 0
	    || (row != NULL && row->type != OPTION_SECRET);
}

static bool
has_control(const struct str *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (((unsigned char)s->data[i] < 32 && s->data[i] != '\t')
		    || s->data[i] == 127)
			return true;
	return false;
}

/* Reads the lines; returns whether the secret is in secret values only. */
static bool
read_lines(const struct str *text)
{
	struct input in = { str_text(text), text->len };
	char *copy = input_copy(&in);
	struct lexer lexer;
	struct lexer_line line = { 0 };
	struct error err = { 0 };
	enum lexer_result result;
	bool is_secret = true;
	unsigned number = 0;

	lexer_init(&lexer, copy, text->len);
	while ((result = lexer_next(&lexer, &line, &err)) != LEXER_END) {
		fuzz_assert(lexer.line == ++number && lexer.at <= text->len);
		fuzz_check_result(result == LEXER_LINE, &err);
		fuzz_assert(!fuzz_shows(&err, secret));
		fuzz_assert(!has_control(&line.keyword));
		fuzz_assert(!has_control(&line.argument));
		if (is_public(str_text(&line.keyword))
		    && fuzz_contains(&line.argument, secret))
			is_secret = false;
		error_free(&err);
	}
	lexer_line_wipe(&line);
	free(copy);
	return is_secret;
}

static void
check_list(const struct strv *list, const char *path, bool is_secret)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *line = list->items[i];

		fuzz_check_shown(line);
		fuzz_assert_text(strncmp(line, path, strlen(path)) == 0, line);
		fuzz_assert_text(!is_secret || strstr(line, secret) == NULL,
		    line);
	}
}

/* Lists have several arguments, and secrets are not printed. */
static bool
prints_its_value(const struct option_row *row)
{
	return row->type != OPTION_LIST && row->type != OPTION_SECRET
	    && row->type != OPTION_ALIAS && !row->hidden;
}

static void
check_printed(const struct account *a)
{
	static const struct option_context context = {
		.origin = { .kind = ORIGIN_COMMAND_LINE },
	};
	struct settings copy;

	settings_init(&copy, "copy");
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct str text = { 0 }, again = { 0 };
		struct error err = { 0 };

		if (!prints_its_value(row))
			continue;
		option_print(a, row, &text);
		if (text.len > 0) {
			fuzz_assert_text(option_set(&copy, row, text.data,
					     &context, &err),
			    text.data);
			option_print(&copy.values, row, &again);
			fuzz_assert_text(str_equal(&again, text.data),
			    text.data);
		}
		str_free(&text);
		str_free(&again);
	}
	settings_free(&copy);
}

static void
describe(const struct account *a, struct str *out)
{
	for (size_t i = 0; i < option_count; i++) {
		str_printf(out, "%s ", option_rows[i].name);
		option_print(a, &option_rows[i], out);
		str_add_char(out, '\n');
	}
	str_add(out, a->sender != NULL ? a->sender : "");
}

static bool
shows_password(const struct account *a)
{
	static const char *const names[] = { "plain", "login", "xoauth2",
		"oauthbearer", "on" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcasecmp(a->auth.mechanism, names[i]) == 0)
			return true;
	return false;
}

static void
check_resolved(const struct account *a, const struct settings *settings)
{
	struct account again = { 0 };
	struct str before = { 0 }, after = { 0 };
	struct strv notes = { 0 };
	struct error err = { 0 };
	bool local = account_is_local(a), asks = account_uses_srv(a);

	fuzz_assert((a->server.host == NULL) != (a->server.socket == NULL));
	fuzz_assert(a->server.port <= 65535);
	fuzz_assert(a->server.port > 0 || a->server.socket != NULL || asks);
	fuzz_assert(!asks || (a->tls.mode == TLS_ON && a->domain_of != NULL));
	fuzz_assert(a->tls.mode != TLS_DEFAULT);
	fuzz_assert(a->tls.mode == TLS_ON || local || !shows_password(a));
	fuzz_assert(!a->auth.cleartext || local);
	fuzz_assert(a->session.domain != NULL);
	fuzz_assert(a->sender == NULL || strpbrk(a->sender, "*?\r\n") == NULL);
	describe(a, &before);
	fuzz_assert(account_resolve(&again, settings, &alice, &notes, &err));
	describe(&again, &after);
	fuzz_assert_text(str_equal(&before, str_text(&after)),
	    str_text(&after));
	str_free(&before);
	str_free(&after);
	strv_free(&notes);
	account_free(&again);
}

static void
check_account(const struct settings *settings, bool is_secret)
{
	struct account a = { 0 };
	struct strv notes = { 0 };
	struct error err = { 0 };
	struct str shown = { 0 };
	bool ok;

	check_printed(&settings->values);
	ok = account_resolve(&a, settings, &alice, &notes, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(ok || err.kind == ERROR_CONFIG);
	fuzz_assert(!is_secret || !fuzz_shows(&err, secret));
	for (size_t i = 0; i < notes.count; i++)
		fuzz_assert(!is_secret || !strstr(notes.items[i], secret));
	if (ok)
		check_resolved(&a, settings);
	pretend_print(&shown, &a, NULL);
	fuzz_assert(!is_secret || !fuzz_contains(&shown, secret));
	str_free(&shown);
	strv_free(&notes);
	error_free(&err);
	account_free(&a);
}

static void
check_choice(const struct config *config)
{
	static const char *const senders[] = { "alice@example.org",
		"alice+x@example.org", "", "root" };
	struct selection choice;

	for (size_t i = 0; i < config->count; i++) {
		const char *name = config->accounts[i]->values.name;
		struct error err = { 0 };

		fuzz_assert(
		    config_select(config, &alice, name, NULL, &choice, &err));
		fuzz_assert(strcmp(choice.settings->values.name, name) == 0);
	}
	for (size_t i = 0; i < COUNT_OF(senders); i++) {
		struct error err = { 0 };
		bool ok = config_select(config, &alice, NULL, senders[i],
		    &choice, &err);

		fuzz_check_result(ok, &err);
		fuzz_assert(ok == (choice.settings != NULL));
		fuzz_assert(ok || err.kind == ERROR_CONFIG);
		fuzz_assert(!ok || choice.settings->values.from.count > 0
		    || account_login_is_sender(&choice.settings->values)
		    || strcmp(choice.settings->values.name, "default") == 0);
		error_free(&err);
	}
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct config config = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };
	char path[64];
	const struct config_sources sources = { .system_file = path,
		.user = &alice };
	bool ok, is_secret;

	snprintf(path, sizeof(path), "/tmp/veredus-fuzz-%d.conf",
	    (int)getpid());
	input_replace(&in, placeholder, secret, &text);
	fuzz_write_file(path, &text);
	is_secret = read_lines(&text);
	ok = config_read(&config, &sources, &err);
	unlink(path);
	fuzz_check_result(ok, &err);
	fuzz_assert(ok == (config.errors.count == 0));
	fuzz_assert(ok || err.kind == ERROR_CONFIG);
	fuzz_assert(!is_secret || !fuzz_shows(&err, secret));
	check_list(&config.errors, path, is_secret);
	check_list(&config.notes, path, is_secret);
	for (size_t i = 0; i < config.count; i++)
		check_account(config.accounts[i], is_secret);
	if (ok)
		check_choice(&config);
	config_free(&config);
	error_free(&err);
	str_free(&text);
}
