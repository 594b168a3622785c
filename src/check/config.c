/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the files of the configuration, and how an account is chosen. */
#include "check/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "base/string_index.h"
#include "base/text.h"
#include "check/remedy.h"
#include "config/expand.h"
#include "mail/path.h"
#include "modes/output.h"

#define CONFIG_MAX ((size_t)4 * 1024 * 1024)

/* ---- the files ---- */

static bool
has_secret_of(const struct config *config, const char *file)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct account *a = &config->accounts[i]->values;

		if (secret_is_set(&a->auth.password) && a->origin.file != NULL
		    && strcmp(a->origin.file, file) == 0)
			return true;
	}
	return false;
}

/* --configure writes to no file of -C. */
static void
remedy_of_no_account(const struct check_target *target, struct str *remedy)
{
	const char *file = target->config_file;

	if (target->of_service) {
		str_printf(remedy,
		    "write an account to %s, see veredus-service(8)",
		    file != NULL ? file : config_service_file());
	} else if (file == NULL) {
		remedy_add_command(remedy, NULL, "--configure ADDRESS --write",
		    NULL);
	} else {
		remedy_add_command(remedy, NULL, "--configure ADDRESS", NULL);
		str_add(remedy, " >>");
		output_word(remedy, file);
	}
}

/* One finding for each error; what is wrong with a whole file can be mended by a
 * command. */
static void
add_errors(const struct config *config, const struct error *err,
    struct findings *f)
{
	for (size_t i = 0; i < config->errors.count; i++) {
		const char *file = config->error_files.items[i];
		bool has_secret = has_secret_of(config, file);
		struct str remedy = { 0 };

		findings_add(f, FINDING_FAIL, ITEM_CONFIG, "%s",
		    config->errors.items[i]);
		findings_set_exit(f, error_exit_status(err));
		if (access(file, F_OK) < 0 && errno == ENOENT)
			remedy_of_no_account(&f->target, &remedy);
		else if (!remedy_of_file(file, has_secret, &remedy))
			str_printf(&remedy, "edit %s: see veredus.conf(5)",
			    file);
		findings_mend(f, "%s", str_text(&remedy));
		str_free(&remedy);
	}
}

static void
add_notes(const struct config *config, struct findings *f)
{
	for (size_t i = 0; i < config->notes.count; i++) {
		findings_add(f, FINDING_NOTE, ITEM_CONFIG, "%s",
		    config->notes.items[i]);
		findings_mend(f, "change or remove that line");
	}
}

static void
add_files(const struct context *context, struct findings *f)
{
	const struct config *config = &context->config;
	char *files = strv_join(&config->files, ", ");
	char *absent = strv_join(&config->absent, ", ");
	struct str remedy = { 0 };

	if (cmdline_has_host(context->cmdline)) {
		findings_add(f, FINDING_OK, ITEM_CONFIG,
		    "the command line gives the server");
	} else if (config->count > 0) {
		findings_add(f, FINDING_OK, ITEM_CONFIG, "%zu account%s in %s",
		    config->count, config->count == 1 ? "" : "s", files);
	} else {
		findings_add(f, FINDING_FAIL, ITEM_CONFIG,
		    config->files.count > 0
			? "there is no account in %s"
			: "there is no configuration file: looked for %s",
		    config->files.count > 0 ? files : absent);
		remedy_of_no_account(&f->target, &remedy);
		findings_mend(f, "%s", str_text(&remedy));
		str_free(&remedy);
	}
	free(files);
	free(absent);
}

bool
check_read_config(struct context *context, struct findings *f)
{
	struct error err = { 0 };
	bool ok = context_read_config(context, &err);
	bool is_common = !ok
	    && (context->config.errors.count == 0
		|| context->config.has_common_error);

	if (ok) {
		add_files(context, f);
	} else if (context->config.errors.count > 0) {
		add_errors(&context->config, &err, f);
	} else {
		findings_add_error(f, ITEM_CONFIG, &err);
		findings_mend(f, "change one of these lines");
	}
	add_notes(&context->config, f);
	error_free(&err);
	return !is_common;
}

void
check_add_unchecked(struct findings *f, enum check_item item, const char *place)
{
	if (place != NULL)
		findings_add(f, FINDING_NOTE, item,
		    "not checked, because of the error at %s", place);
	else
		findings_add(f, FINDING_NOTE, item,
		    "not checked, because an error of the configuration "
		    "concerns all accounts");
	findings_mend(f, "correct the configuration, and check again");
}

/* ---- which account a message gets ---- */

/* Whether -a, if it was given, is the account. */
static bool
is_asked_for(const struct context *context, const struct account *a)
{
	const char *name = context->cmdline->account;

	return name == NULL || strcmp(name, a->name) == 0;
}

/* Every `from` of the accounts so far, with the names in place of %U and so on,
 * and the number of its account. */
struct patterns {
	const struct config *config;
	struct strv texts;
	struct string_index index; /* of the texts: the numbers */
	struct strv wildcards;     /* those of the texts that have some */
	size_t *numbers;           /* by index of a wildcard */
	size_t size;               /* room in numbers */
};

/* Most patterns are of another domain, and that is seen at once. */
static bool
is_other_domain(const char *pattern, const char *other)
{
	const char *a = strrchr(pattern, '@'), *b = strrchr(other, '@');

	return a != NULL && b != NULL && strpbrk(a, "*?[") == NULL
	    && !text_equal_nocase(a, b);
}

/* Whether the pattern matches every address that the other one matches, as far
 * as that can be seen: a "?" could stand for a "*" of the other one. */
static bool
covers(const char *pattern, const char *other)
{
	return !is_other_domain(pattern, other)
	    && (!path_has_wildcard(other) || strpbrk(pattern, "?[") == NULL)
	    && path_matches(pattern, other);
}

/* Returns the account that gets the messages of a `from`, or NULL. */
static const struct account *
covered_by(const struct patterns *p, const char *from)
{
	size_t number = string_index_find(&p->index, from);

	for (size_t i = 0;
	     number == STRING_INDEX_NONE && i < p->wildcards.count; i++)
		if (covers(p->wildcards.items[i], from))
			number = p->numbers[i];
	return number != STRING_INDEX_NONE
	    ? &p->config->accounts[number]->values
	    : NULL;
}

/* Whether the account has its `from` from the other one, by "account A : B". */
static bool
inherits_from(const struct account *a, const struct account *other)
{
	struct str here = { 0 }, there = { 0 };
	bool same;

	account_describe_setting(a, "from", &here);
	account_describe_setting(other, "from", &there);
	same = text_equal(str_text(&here), str_text(&there));
	str_free(&here);
	str_free(&there);
	return same;
}

static void
add_covered(const struct account *a, const char *from,
    const struct account *first, struct findings *f)
{
	struct str place = { 0 };

	account_describe_setting(a, "from", &place);
	findings_add(f, FINDING_WARN, ITEM_FROM,
	    "%s: a message from %s uses account %s, which comes first and "
	    "matches, too",
	    str_text(&place), from, first->name);
	findings_mend(f,
	    "remove that address here or there, or put account %s first",
	    a->name);
	str_free(&place);
}

static void
add_pattern(struct patterns *p, const char *text, size_t number)
{
	size_t count = p->wildcards.count;

	strv_add(&p->texts, text);
	string_index_add(&p->index, p->texts.items[p->texts.count - 1], number);
	if (!path_has_wildcard(text))
		return;
	p->numbers =
	    alloc_grow(p->numbers, count, &p->size, sizeof(*p->numbers));
	p->numbers[count] = number;
	strv_add(&p->wildcards, text);
}

/* One of several lines of an account may cover another one. */
static void
check_pattern(const struct context *context, struct patterns *p, size_t number,
    const char *from, struct findings *f)
{
	const struct account *a = &p->config->accounts[number]->values;
	const struct account *first;
	char *text = NULL;

	if (!expand_names(from, &context->user, &text, NULL))
		return;
	first = covered_by(p, text);
	if (first != NULL && first != a && is_asked_for(context, a)
	    && !inherits_from(a, first))
		add_covered(a, from, first, f);
	add_pattern(p, text, number);
	free(text);
}

static void
free_patterns(struct patterns *p)
{
	string_index_free(&p->index);
	strv_free(&p->texts);
	strv_free(&p->wildcards);
	free(p->numbers);
}

static void
check_selectable(const struct context *context, const struct settings *s,
    struct findings *f)
{
	struct str place = { 0 };

	if (config_may_select(&context->config, s, NULL)
	    || config_find_wrong(&context->config, s->values.name) != NULL)
		return;
	origin_describe(&s->values.origin, &place);
	findings_add(f, FINDING_NOTE, ITEM_FROM,
	    "%s can choose this account (%s), unless another one inherits "
	    "from it: it has no from and is not the default",
	    context->user.is_service ? "no client" : "only -a",
	    str_text(&place));
	findings_mend(f,
	    config_find(&context->config, "default") != NULL
		? "set from in account %s, or remove the account"
		: "set from in account %s, or make it the default",
	    s->values.name);
	str_free(&place);
}

static void
check_default(const struct config *config, struct findings *f)
{
	if (config->count == 0 || config_find(config, "default") != NULL)
		return;
	findings_add(f, FINDING_WARN, ITEM_FROM,
	    "there is no account \"default\": a message whose sender matches no "
	    "from is rejected, as those of cron often are");
	findings_mend(f, "add the line \"account default : %s\" to %s",
	    config->accounts[0]->values.name,
	    config->accounts[0]->values.origin.file);
}

void
check_selection(const struct context *context, struct findings *f)
{
	const struct config *config = &context->config;
	struct patterns p = { .config = config,
		.index = { .kind = &string_nocase } };

	check_default(config, f);
	for (size_t i = 0; i < config->count; i++) {
		const struct account *a = &config->accounts[i]->values;

		f->account = a->name;
		for (size_t k = 0; k < a->from.count; k++)
			check_pattern(context, &p, i, a->from.items[k], f);
		if (is_asked_for(context, a))
			check_selectable(context, config->accounts[i], f);
	}
	f->account = NULL;
	free_patterns(&p);
}

/* ---- who can send ---- */

static bool
was_read(const struct config *config, const char *file)
{
	return strv_has(&config->files, file);
}

static bool
is_readable_for_all(const char *path, mode_t *mode)
{
	const struct file_rules rules = { .max = CONFIG_MAX };
	struct file_info info = { 0 };
	struct str text = { 0 };

	file_read(path, &rules, &text, &info, NULL);
	str_wipe(&text);
	*mode = info.mode;
	return (info.mode & S_IROTH) != 0;
}

/* Returns an account of the file whose password other users cannot read, or NULL;
 * a file in the home folder is each user's own. */
static const struct account *
private_account(const struct config *config, const char *file)
{
	mode_t mode;

	for (size_t i = 0; i < config->count; i++) {
		const struct account *a = &config->accounts[i]->values;

		if (a->origin.file != NULL && strcmp(a->origin.file, file) == 0
		    && auth_needs(&a->auth).password && a->passwordfile != NULL
		    && *a->passwordfile == '/'
		    && !is_readable_for_all(a->passwordfile, &mode))
			return a;
	}
	return NULL;
}

/* Root can send; the others need the right to read the files. */
static void
check_readers(const struct config *config, const char *file, struct findings *f)
{
	const struct account *a = private_account(config, file);
	mode_t mode;

	if (!is_readable_for_all(file, &mode)) {
		findings_add(f, FINDING_NOTE, ITEM_USERS,
		    "root and those who may read %s (mode %04o), but no other "
		    "user",
		    file, (unsigned)mode);
		findings_mend(f,
		    "if it has no password: chmod 644 %s; else set up the "
		    "service: see veredus-service(8)",
		    file);
	} else if (a != NULL) {
		findings_add(f, FINDING_NOTE, ITEM_USERS,
		    "root and those who may read %s, the password of account "
		    "%s, but no other user",
		    a->passwordfile, a->name);
		findings_mend(f,
		    "set up the service, which lets all users send without "
		    "the password: see veredus-service(8)");
	} else {
		findings_add(f, FINDING_OK, ITEM_USERS,
		    "root and all users, with %s", file);
	}
}

void
check_users(const struct context *context, struct findings *f)
{
	const struct config *config = &context->config;
	const char *system_file = config_system_file();
	char *name;

	if (cmdline_has_host(context->cmdline) || config->files.count == 0)
		return;
	if (was_read(config, system_file)) {
		check_readers(config, system_file, f);
		return;
	}
	name = user_name(&context->user);
	findings_add(f, FINDING_NOTE, ITEM_USERS,
	    "%s, with %s; %s, because there is no %s", name,
	    config->files.items[0],
	    context->user.uid == 0
		? "but no other user"
		: "but neither root, cron and services nor other users",
	    system_file);
	findings_mend(f, "write an account for all users to %s", system_file);
	free(name);
}

/* ---- the sandbox ---- */

void
check_sandbox(struct findings *f)
{
	struct str what = { 0 };
	bool ok = sandbox_is_available();

	sandbox_describe(&what);
	findings_add(f, ok ? FINDING_OK : FINDING_NOTE, ITEM_SANDBOX, "%s",
	    str_text(&what));
	if (!ok)
		findings_mend(f,
		    "start a kernel from 5.19 on that has landlock in "
		    "/sys/kernel/security/lsm: see its parameter lsm");
	str_free(&what);
}
