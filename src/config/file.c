/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the configuration files: account, defaults and eval, and the settings
 * in between.  Collects all errors, so that the user can fix them at once.
 */
#include "config/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/user.h"
#include "config/lexer.h"
#include "config/option.h"
#include "config/option_names.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define FILE_NAME "veredus.conf"
#define FILE_MAX ((size_t)4 * 1024 * 1024)
#define MESSAGE_MAX 1024 /* octets of one error */
#define EVAL_SECONDS 30

struct parser {
	struct config *config;
	const struct config_sources *sources;
	const char *path;    /* belongs to config->files */
	const char *reading; /* the file, even if it cannot be read */
	bool is_user_file;
	size_t first;              /* index of the first account in this file */
	struct string_index names; /* of the accounts in this file */
	struct settings defaults;
	struct settings *current; /* an account or the defaults; or NULL */
	unsigned section;         /* the line that opened it */
	unsigned line;
	bool evaluating;      /* the line is the output of a command */
	bool has_secret;      /* the file itself contains a password */
	enum error_kind kind; /* of all errors so far */
};

const char *
config_system_file(void)
{
	return SYSCONFDIR "/" FILE_NAME;
}

const char *
config_service_file(void)
{
	return SYSCONFDIR "/veredus/service.conf";
}

char *
config_user_file(const struct user *user)
{
	const char *folder = user_folder(user, "XDG_CONFIG_HOME");

	if (folder != NULL)
		return alloc_printf("%s/" FILE_NAME, folder);
	if (user->home == NULL)
		return NULL;
	return alloc_printf("%s/.config/" FILE_NAME, user->home);
}

/* An error in "defaults", above all accounts or of a whole file is common. */
static void
mark_account(struct parser *p, bool with_place)
{
	struct settings *a = p->current;

	if (!with_place || a == NULL || a == &p->defaults)
		p->config->has_common_error = true;
	else if (a->error_line == 0)
		a->error_line = p->line;
}

/*
 * Adds one error to the list, prefixed with FILE:LINE if with_place.  The result
 * is temporary (ERROR_SECRET) only if every error is a failed command; one
 * ERROR_CONFIG makes it permanent.
 */
static void
add_error(struct parser *p, bool with_place, struct error *err)
{
	struct str line = { 0 };
	struct str clean = { 0 };
	char *message = error_describe(err);

	if (with_place)
		str_printf(&line, "%s:%u: ", p->path, p->line);
	str_add(&line, message);
	free(message);
	text_clean(&clean, line.data, line.len, MESSAGE_MAX);
	strv_take(&p->config->errors, str_steal(&clean));
	strv_add(&p->config->error_files, p->reading);
	mark_account(p, with_place);
	str_free(&line);
	if (p->kind == ERROR_NONE || err->kind == ERROR_CONFIG)
		p->kind = err->kind;
	error_free(err);
}

/* Whether the keyword, or the one that was meant, is a setting of the queue. */
static bool
is_of_queue(const char *keyword)
{
	static const char queue[] = "queue";
	const char *meant;

	if (strncmp(keyword, queue, strlen(queue)) == 0)
		return true;
	meant = option_find(keyword) == NULL ? option_suggest(keyword) : NULL;
	return meant != NULL && strncmp(meant, queue, strlen(queue)) == 0;
}

/* The line, or the file (NULL), that has an error may have said where the queue is,
 * and so may one without a keyword. */
static void
mark_queue(struct parser *p, const struct lexer_line *line)
{
	const char *keyword = line != NULL ? str_text(&line->keyword) : "";

	if (p->config->queue_error != NULL
	    || (*keyword != '\0' && !is_of_queue(keyword)))
		return;
	p->config->queue_error = line != NULL
	    ? alloc_printf("%s:%u", p->path, p->line)
	    : alloc_string(p->reading);
}

static struct settings *
find_account(const struct config *config, const struct string_index *names,
    const char *name)
{
	size_t position = string_index_find(names, name);

	return position == STRING_INDEX_NONE ? NULL
					     : config->accounts[position];
}

const struct settings *
config_find(const struct config *config, const char *name)
{
	return find_account(config, &config->names, name);
}

const struct settings *
config_find_wrong(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct settings *a = config->accounts[i];

		if (a->error_line != 0 && strcmp(a->values.name, name) == 0)
			return a;
	}
	return NULL;
}

const struct settings *
config_find_locked(const struct config *config, const char *name)
{
	const struct settings *a = config_find(config, name);

	return a != NULL && a->values.locked ? a : NULL;
}

/* The first account of a name is found by it. */
static void
append_account(struct config *config, struct settings *a)
{
	string_index_add(&config->names, a->values.name, config->count);
	config->accounts = alloc_grow(config->accounts, config->count,
	    &config->size, sizeof(*config->accounts));
	config->accounts[config->count++] = a;
}

static struct settings *
add_account(struct parser *p, const char *name)
{
	struct config *config = p->config;
	struct settings *a = alloc_zeroed(1, sizeof(*a));

	settings_copy(a, &p->defaults);
	alloc_replace(&a->values.name, name);
	a->values.origin = (struct origin){ .kind = ORIGIN_FILE,
		.file = p->path,
		.line = p->line };
	memset(a->set_here, 0, sizeof(a->set_here));
	string_index_add(&p->names, a->values.name, config->count);
	append_account(config, a);
	p->current = a;
	p->section = p->line;
	return a;
}

/* Copies the text before the first delimiter, without blanks around it. */
static char *
copy_name(const char *text, const char *delimiters)
{
	const char *end = text + strcspn(text, delimiters);

	while (text < end && text_is_space((unsigned char)*text))
		text++;
	while (end > text && text_is_space((unsigned char)end[-1]))
		end--;
	return alloc_string_n(text, (size_t)(end - text));
}

static bool
inherit(struct parser *p, struct settings *a, const char *name,
    struct error *err)
{
	const struct settings *parent =
	    find_account(p->config, &p->names, name);

	if (*name == '\0')
		return error_set(err, ERROR_CONFIG,
		    "an account name is missing after the colon or a comma");
	if (parent == NULL || parent == a)
		return error_set(err, ERROR_CONFIG,
		    "account \"%s\" is not defined above this line in the file",
		    name);
	settings_inherit(a, parent);
	return true;
}

static bool
inherit_all(struct parser *p, struct settings *a, const char *names,
    struct error *err)
{
	for (;;) {
		char *name = copy_name(names, ",");
		bool ok = inherit(p, a, name, err);

		free(name);
		names += strcspn(names, ",");
		if (!ok || *names == '\0')
			return ok;
		names++;
	}
}

/* The system file is read first. */
static bool
check_not_locked(struct parser *p, const char *name, struct error *err)
{
	const struct settings *locked = config_find_locked(p->config, name);
	struct str place = { 0 };

	if (!p->is_user_file || locked == NULL)
		return true;
	origin_describe(&locked->values.origin, &place);
	error_set(err, ERROR_CONFIG,
	    "account \"%s\" is locked by %s; choose another name", name,
	    str_text(&place));
	str_free(&place);
	return false;
}

static bool
check_account_name(struct parser *p, const char *name, struct error *err)
{
	const struct settings *same = find_account(p->config, &p->names, name);

	if (*name == '\0')
		return error_set(err, ERROR_CONFIG,
		    "the account name is missing");
	if (strchr(name, ',') != NULL)
		return error_set(err, ERROR_CONFIG,
		    "an account name cannot contain commas");
	if (same != NULL)
		return error_set(err, ERROR_CONFIG,
		    "account \"%s\" is already defined on line %u", name,
		    same->values.origin.line);
	return check_not_locked(p, name, err);
}

/* Removes the word "locked" after the name of an account. */
static bool
cut_lock(char *name)
{
	size_t len = strlen(name), word = strlen("locked");

	if (len <= word || strcmp(name + len - word, "locked") != 0
	    || !text_is_space(name[len - word - 1]))
		return false;
	len -= word;
	while (len > 0 && text_is_space(name[len - 1]))
		len--;
	name[len] = '\0';
	return true;
}

/*
 * account NAME ["locked"] [":" NAME *("," NAME)]
 * Opens the account after an error as well, so that its settings are checked.
 */
static bool
open_account(struct parser *p, const char *argument, struct error *err)
{
	const char *colon = strchr(argument, ':');
	char *name = copy_name(argument, ":");
	bool locked = cut_lock(name);
	bool ok = check_account_name(p, name, err);
	struct settings *a = add_account(p, name);

	free(name);
	a->values.locked = locked && !p->is_user_file;
	if (ok && locked && p->is_user_file)
		ok = error_set(err, ERROR_CONFIG,
		    "only the system file can lock an account");
	if (ok && colon != NULL)
		ok = inherit_all(p, a, colon + 1, err);
	return ok;
}

static bool
open_defaults(struct parser *p, const char *argument, struct error *err)
{
	p->current = &p->defaults;
	p->section = p->line;
	if (*argument != '\0')
		return error_set(err, ERROR_CONFIG,
		    "\"defaults\" takes no argument");
	return true;
}

static void use_line(struct parser *p, const struct lexer_line *line);

/* No error repeats the output of the command: it may be a password. */
static bool
evaluate(struct parser *p, const char *argument, struct error *err)
{
	struct secret output = { 0 };
	struct secret_text text = { 0 };
	struct lexer_line line = { 0 };
	bool ok;

	if (!p->is_user_file)
		return error_set(err, ERROR_CONFIG,
		    "\"eval\" is allowed in the user's file only");
	if (p->evaluating)
		return error_set(err, ERROR_CONFIG,
		    "the command of \"eval\" printed another \"eval\"");
	if (*argument == '\0')
		return error_set(err, ERROR_CONFIG,
		    "the command after \"eval\" is missing");
	if (p->sources->without_commands)
		return true;
	ok = command_read_line("eval", argument,
	    clock_after_seconds(EVAL_SECONDS), &output, err);
	if (ok) {
		secret_reveal(&output, &text);
		ok = lexer_split(text.data, text.len, &line, err);
	}
	if (ok) {
		p->evaluating = true;
		use_line(p, &line);
		p->evaluating = false;
	}
	lexer_line_wipe(&line);
	secret_text_free(&text);
	secret_free(&output);
	return ok;
}

/* The error does not repeat the word: it may be part of a password. */
static bool
unknown_keyword(const char *word, struct error *err)
{
	char *name = alloc_string_n(word, strcspn(word, "=:"));
	const char *suggestion;

	for (char *p = name; *p != '\0'; p++)
		*p = (char)text_lower((unsigned char)*p);
	suggestion = option_suggest(name);
	free(name);
	if (suggestion != NULL && strchr(word, '=') != NULL)
		return error_set(err, ERROR_CONFIG,
		    "unknown keyword; did you mean \"%s\"? A blank separates "
		    "it from its argument, not \"=\"",
		    suggestion);
	if (suggestion == NULL)
		return error_set(err, ERROR_CONFIG,
		    "unknown keyword; see veredus.conf(5)");
	return error_set(err, ERROR_CONFIG,
	    "unknown keyword; did you mean \"%s\"?", suggestion);
}

static bool
set_option(struct parser *p, const struct lexer_line *line, struct error *err)
{
	const struct option_row *row = option_find(str_text(&line->keyword));
	const char *argument = str_text(&line->argument);
	struct option_context context = {
		.origin = { .kind = ORIGIN_FILE,
		    .file = p->path,
		    .line = p->line },
		.home = p->sources->user->home,
		.notes = &p->config->notes,
	};

	if (row == NULL)
		return unknown_keyword(str_text(&line->keyword), err);
	if (p->current == NULL && !open_account(p, "default", err))
		return false;
	if (row->type == OPTION_SECRET && *argument != '\0' && !p->evaluating)
		p->has_secret = true;
	context.section = p->section;
	context.origin.account = p->current->values.name;
	return option_set(p->current, row, argument, &context, err);
}

static void
use_line(struct parser *p, const struct lexer_line *line)
{
	static const struct {
		const char *keyword;
		bool (*use)(struct parser *, const char *, struct error *);
	} structure[] = {
		{ "account", open_account },
		{ "defaults", open_defaults },
		{ "eval", evaluate },
	};
	struct error err = { 0 };
	size_t i;
	bool ok;

	if (line->keyword.len == 0)
		return;
	for (i = 0; i < COUNT_OF(structure); i++)
		if (str_equal(&line->keyword, structure[i].keyword))
			break;
	if (i < COUNT_OF(structure))
		ok = structure[i].use(p, str_text(&line->argument), &err);
	else
		ok = set_option(p, line, &err);
	if (!ok) {
		mark_queue(p, line);
		add_error(p, true, &err);
	}
}

static void
parse(struct parser *p, const struct str *text)
{
	struct lexer lexer;
	struct lexer_line line = { 0 };
	enum lexer_result result;
	struct error err = { 0 };

	settings_init(&p->defaults, NULL);
	lexer_init(&lexer, text->data, text->len);
	while ((result = lexer_next(&lexer, &line, &err)) != LEXER_END) {
		p->line = lexer.line;
		if (result == LEXER_LINE) {
			use_line(p, &line);
			continue;
		}
		mark_queue(p, &line);
		add_error(p, true, &err);
	}
	lexer_line_wipe(&line);
	settings_free(&p->defaults);
}

/*
 * Puts the locked accounts of the system first, so that no other account is
 * selected in their place, then those of the user, which hide those of the
 * system that have the same name.
 */
static void
order_accounts(struct config *config, size_t system_count)
{
	struct settings **all = config->accounts;
	size_t count = config->count;

	config->accounts = NULL;
	config->count = config->size = 0;
	string_index_free(&config->names);
	for (size_t i = 0; i < system_count; i++)
		if (all[i]->values.locked)
			append_account(config, all[i]);
	for (size_t i = system_count; i < count; i++)
		append_account(config, all[i]);
	for (size_t i = 0; i < system_count; i++) {
		if (all[i]->values.locked)
			continue;
		if (config_find(config, all[i]->values.name) == NULL) {
			append_account(config, all[i]);
			continue;
		}
		settings_free(all[i]);
		free(all[i]);
	}
	free(all);
}

/* Moves what was added after the first items to the start of the list. */
static void
move_to_front(struct strv *v, size_t first)
{
	struct strv moved = { 0 };

	for (size_t i = 0; i < v->count; i++)
		strv_take(&moved, v->items[(first + i) % v->count]);
	free(v->items);
	*v = moved;
}

static void
read_file(struct parser *p, const char *path, bool must_exist, uid_t owner)
{
	bool of_service = p->sources->service_file != NULL;
	struct file_rules rules = { .max = FILE_MAX,
		.may_be_absent = !must_exist,
		.use = of_service ? FILE_SECRET : FILE_TRUSTED,
		.owner = owner,
		.one_group = of_service && geteuid() != 0,
		.group = getegid() };
	struct file_info info = { 0 };
	struct str text = { 0 };
	struct error err = { 0 };

	p->reading = path;
	p->current = NULL;
	p->has_secret = false;
	if (!file_read(path, &rules, &text, &info, &err)) {
		mark_queue(p, NULL);
		add_error(p, false, &err);
	} else if (info.absent) {
		strv_add(&p->config->absent, path);
	} else {
		strv_add(&p->config->files, path);
		p->path = p->config->files.items[p->config->files.count - 1];
		parse(p, &text);
	}
	if (p->has_secret && !file_check_secret(path, &info, owner, &err))
		add_error(p, false, &err);
	string_index_free(&p->names);
	str_wipe(&text);
}

static void
read_user_file(struct parser *p, const struct config_sources *sources)
{
	struct config *config = p->config;
	size_t read = config->files.count, absent = config->absent.count;
	size_t errors = config->errors.count, notes = config->notes.count;

	if (sources->user_yields && config_find_locked(config, "default"))
		return;
	p->is_user_file = true;
	read_file(p, sources->user_file, sources->user_must_exist,
	    sources->user->uid);
	move_to_front(&config->files, read);
	move_to_front(&config->absent, absent);
	move_to_front(&config->errors, errors);
	move_to_front(&config->error_files, errors);
	move_to_front(&config->notes, notes);
}

/* Sets the first error and the number of all. */
static bool
report(const struct parser *p, struct error *err)
{
	const struct strv *errors = &p->config->errors;

	if (errors->count == 1)
		return error_set(err, p->kind, "%s", errors->items[0]);
	if (errors->count > 1)
		return error_set(err, p->kind, "%s (and %zu more)",
		    errors->items[0], errors->count - 1);
	return true;
}

bool
config_read(struct config *config, const struct config_sources *sources,
    struct error *err)
{
	struct parser p = { .config = config, .sources = sources };
	size_t count;

	if (sources->service_file != NULL)
		read_file(&p, sources->service_file, true, sources->user->uid);
	if (sources->system_file != NULL)
		read_file(&p, sources->system_file, false, 0);
	count = config->count;
	if (sources->user_file != NULL)
		read_user_file(&p, sources);
	order_accounts(config, count);
	return report(&p, err);
}

bool
config_read_text(struct config *config, const struct str *text,
    const struct user *user, struct error *err)
{
	struct config_sources sources = { .user = user };
	struct parser p = { .config = config,
		.sources = &sources,
		.path = "text",
		.reading = "text",
		.is_user_file = true };

	parse(&p, text);
	string_index_free(&p.names);
	return report(&p, err);
}

size_t
config_restrict(struct config *config,
    bool (*keep)(void *ctx, const struct settings *account), void *ctx)
{
	struct settings **all = config->accounts;
	size_t count = config->count, removed = 0;

	config->accounts = NULL;
	config->count = config->size = 0;
	string_index_free(&config->names);
	for (size_t i = 0; i < count; i++) {
		if (keep(ctx, all[i])) {
			append_account(config, all[i]);
			continue;
		}
		settings_free(all[i]);
		free(all[i]);
		removed++;
	}
	free(all);
	return removed;
}

/* Whether the line, after `opened` accounts or defaults, begins the account. */
static bool
line_defines(const struct lexer_line *line, unsigned opened, const char *name)
{
	char *found;
	bool same;

	if (!str_equal(&line->keyword, "account"))
		return opened == 0 && strcmp(name, "default") == 0
		    && option_find(str_text(&line->keyword)) != NULL;
	found = copy_name(str_text(&line->argument), ":");
	cut_lock(found);
	same = strcmp(found, name) == 0;
	free(found);
	return same;
}

unsigned
config_file_defines(const char *path, const char *name)
{
	static const struct file_rules rules = { .max = FILE_MAX };
	struct str text = { 0 };
	struct lexer lexer;
	struct lexer_line line = { 0 };
	enum lexer_result result = LEXER_LINE;
	unsigned opened = 0, found = 0;

	if (!file_read(path, &rules, &text, NULL, NULL))
		return 0;
	lexer_init(&lexer, text.data, text.len);
	while (found == 0
	    && (result = lexer_next(&lexer, &line, NULL)) != LEXER_END) {
		if (result == LEXER_LINE && line_defines(&line, opened, name))
			found = lexer.line;
		opened += result == LEXER_LINE
		    && (str_equal(&line.keyword, "account")
			|| str_equal(&line.keyword, "defaults"));
	}
	lexer_line_wipe(&line);
	str_wipe(&text);
	return found;
}

void
config_free(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		settings_free(config->accounts[i]);
		free(config->accounts[i]);
	}
	free(config->accounts);
	string_index_free(&config->names);
	strv_free(&config->files);
	strv_free(&config->absent);
	strv_free(&config->errors);
	strv_free(&config->error_files);
	free(config->queue_error);
	strv_free(&config->notes);
	memset(config, 0, sizeof(*config));
}
