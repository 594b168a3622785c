/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks the command of `filter`: only the shell knows whether its syntax is
 * valid, but a program that is plainly missing can be seen without running it.
 */
#include "check/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/strv.h"
#include "check/remedy.h"
#include "config/filter_command.h"

#define SHELL_SECONDS 10
#define SHELL_OUTPUT_MAX ((size_t)4096)

/* ---- the words of the command ---- */

#define BLANKS " \t"
#define SEPARATORS ";&|"
#define REDIRECTIONS "<>"

struct words {
	struct strv programs; /* the first words of simple commands */
	struct strv others;
};

/* Whether the words can be told apart without the rules of a shell. */
static bool
is_simple(const char *command)
{
	return strpbrk(command, "$\x60\\(){}#") == NULL
	    && strstr(command, "<<") == NULL;
}

/* Returns the length of the word, to which its quoted parts belong. */
static size_t
word_length(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0'
	    && strchr(BLANKS SEPARATORS REDIRECTIONS, text[len]) == NULL) {
		const char *quote = text[len] == '\'' || text[len] == '"'
		    ? strchr(text + len + 1, text[len])
		    : NULL;

		len = quote != NULL ? (size_t)(quote + 1 - text) : len + 1;
	}
	return len;
}

/* Returns what follows "<FILE", ">&2" and so on. */
static const char *
skip_redirection(const char *at)
{
	at += strspn(at, REDIRECTIONS SEPARATORS);
	at += strspn(at, BLANKS);
	return at + word_length(at);
}

/* Whether the word is the number of the descriptor before "<" or ">". */
static bool
is_descriptor(const char *word, size_t len)
{
	return strspn(word, "0123456789") == len && word[len] != '\0'
	    && strchr(REDIRECTIONS, word[len]) != NULL;
}

/* A word with quotes or wildcards, and an assignment, is no plain name. */
static bool
is_plain(const char *word)
{
	return strpbrk(word, "'\"*?[~=!") == NULL || strcmp(word, "[") == 0;
}

/* Adds a word; returns whether the next one is the first of a command. */
static bool
add_word(struct words *words, const char *at, size_t len, bool is_first)
{
	char *word = alloc_string_n(at, len);
	bool is_assignment = is_first && strchr(word, '=') != NULL;

	strv_take(is_first && is_plain(word) ? &words->programs
					     : &words->others,
	    word);
	return is_assignment;
}

static void
split(const char *at, struct words *words)
{
	bool is_first = true;

	for (;;) {
		size_t len;

		at += strspn(at, BLANKS);
		len = word_length(at);
		if (*at == '\0')
			break;
		if (strchr(REDIRECTIONS, *at) != NULL) {
			at = skip_redirection(at);
			continue;
		}
		if (len == 0)
			is_first = true;
		else if (!is_descriptor(at, len))
			is_first = add_word(words, at, len, is_first);
		at += len > 0 ? len : 1;
	}
}

/* ---- what is wrong ---- */

/* Lets the shell read the command; it ends before it would run it, even if it does
 * not know -n. */
static bool
is_valid(const char *command, struct error *err)
{
	char shell[] = "/bin/sh", no_run[] = "-n", option[] = "-c";
	char *text = alloc_printf("exit 0; %s", command);
	char *const argv[] = { shell, no_run, option, text, NULL };
	struct str output = { 0 };
	bool ok = command_read_output(argv, SHELL_OUTPUT_MAX,
	    clock_after_seconds(SHELL_SECONDS), &output, err);

	str_free(&output);
	free(text);
	return ok;
}

/* Returns the first of the names that is no command for the shell, or NULL. */
static char *
find_unknown(const struct strv *names)
{
	static const char script[] =
	    "PATH=" FILTER_COMMAND_PATH "; for name do command -v \"$name\" "
	    ">/dev/null || { echo \"$name\"; exit; }; done";
	struct strv argv = { 0 };
	struct str output = { 0 };

	strv_add(&argv, "/bin/sh");
	strv_add(&argv, "-c");
	strv_add(&argv, script);
	strv_add(&argv, "sh");
	for (size_t i = 0; i < names->count; i++)
		strv_add(&argv, names->items[i]);
	if (!command_read_output(argv.items, SHELL_OUTPUT_MAX,
		clock_after_seconds(SHELL_SECONDS), &output, NULL))
		output.len = 0;
	strv_free(&argv);
	str_truncate(&output, strcspn(str_text(&output), "\n"));
	if (output.len > 0)
		return str_steal(&output);
	str_free(&output);
	return NULL;
}

/* Returns the first program that is missing, or NULL.  The command itself may test
 * whether there is one that it names twice. */
static char *
find_missing(const struct words *words)
{
	struct strv names = { 0 };
	char *missing = NULL;

	for (size_t i = 0; i < words->programs.count && missing == NULL; i++) {
		const char *name = words->programs.items[i];

		if (strv_has(&words->others, name))
			continue;
		if (*name == '/' && access(name, X_OK) < 0)
			missing = alloc_string(name);
		else if (strchr(name, '/') == NULL)
			strv_add(&names, name);
	}
	if (missing == NULL && names.count > 0)
		missing = find_unknown(&names);
	strv_free(&names);
	return missing;
}

/* ---- the findings ---- */

/* As ERROR_FILTER: what is missing may be installed soon. */
static void
add_failure(const char *place, const char *text, const char *remedy,
    struct findings *f)
{
	findings_add(f, FINDING_FAIL, ITEM_FILTER, "%s: %s", place, text);
	findings_set_exit(f, EX_TEMPFAIL);
	findings_mend(f, "%s", remedy);
}

/* Returns whether no message gets through the command. */
static bool
find_failure(const struct account *a, const char *place, struct findings *f)
{
	char *program =
	    alloc_string_n(a->filter, strcspn(a->filter, " \t;&|<>"));
	struct error err = { 0 };
	char *text = NULL;

	if (*program == '/' && access(program, X_OK) < 0) {
		text =
		    alloc_printf("cannot run %s: %s", program, strerror(errno));
		add_failure(place, text,
		    "install the program, or change the "
		    "line",
		    f);
	} else if (!is_valid(a->filter, &err)) {
		text = error_describe(&err);
		add_failure(place, text, "correct the command", f);
	}
	error_free(&err);
	free(program);
	free(text);
	return text != NULL;
}

static void
find_doubt(const struct account *a, const char *place, struct findings *f)
{
	struct words words = { 0 };
	struct str remedy = { 0 };
	char *missing = NULL;

	if (is_simple(a->filter)) {
		split(a->filter, &words);
		missing = find_missing(&words);
	}
	if (missing != NULL) {
		findings_add(f, FINDING_WARN, ITEM_FILTER,
		    "%s: there is no program %s", place, missing);
		findings_mend(f, "install the program, or change the line");
	} else {
		findings_add(f, FINDING_NOTE, ITEM_FILTER,
		    "%s: it was not run, because it needs a message", place);
		remedy_add_command(&remedy, &f->target, "--print", a->name);
		findings_mend(f, "%s <MESSAGE", str_text(&remedy));
	}
	strv_free(&words.programs);
	strv_free(&words.others);
	str_free(&remedy);
	free(missing);
}

void
check_filter(const struct account *a, struct findings *f)
{
	struct str place = { 0 };

	if (a->filter == NULL)
		return;
	account_describe_setting(a, "filter", &place);
	if (!find_failure(a, str_text(&place), f))
		find_doubt(a, str_text(&place), f);
	str_free(&place);
}
