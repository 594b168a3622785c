/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for the timers of systemd and the lines of cron that start queue runs. */
#include "check/queue_timer.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/text.h"

#define CRONTAB_MAX ((size_t)1024 * 1024)
#define CRONTAB_SECONDS 5
#define BLANKS " \t"

/* ---- systemd ---- */

/* Appends the first path that the pattern matches. */
static bool
find_path(const char *pattern, struct str *out)
{
	glob_t found;
	bool ok = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	if (ok)
		str_add(out, found.gl_pathv[0]);
	globfree(&found);
	return ok;
}

static bool
find_system_timer(const struct user *user, struct str *out)
{
	if (user->is_service)
		return find_path("/etc/systemd/system/*.wants/"
				 "veredus-service-queue.timer",
		    out);
	return find_path(user->uid == 0
		? "/etc/systemd/system/*.wants/veredus-queue.timer"
		: "/etc/systemd/user/*.wants/veredus-queue.timer",
	    out);
}

static bool
find_user_timer(const struct user *user, struct str *out)
{
	const char *folder = user_folder(user, "XDG_CONFIG_HOME");
	struct str pattern = { 0 };
	bool ok = false;

	if (folder != NULL)
		str_add(&pattern, folder);
	else if (user->home != NULL)
		str_printf(&pattern, "%s/.config", user->home);
	if (pattern.len > 0) {
		str_add(&pattern, "/systemd/user/*.wants/veredus-queue.timer");
		ok = find_path(pattern.data, out);
	}
	str_free(&pattern);
	return ok;
}

/* ---- cron ---- */

/* Returns what follows the time and the name of the user; NULL if that is another
 * user. */
static const char *
command_of(const char *line, const char *user)
{
	size_t fields = *line == '@' ? 1 : 5, len;

	for (size_t i = 0; i < fields; i++) {
		line += strcspn(line, BLANKS);
		line += strspn(line, BLANKS);
	}
	if (user == NULL)
		return line;
	len = strcspn(line, BLANKS);
	return text_is_word(line, len, user) ? line + len : NULL;
}

bool
queue_timer_is_run(const char *line, const char *user)
{
	static const char *const programs[] = { "veredus", "sendmail" };
	const char *start = line + strspn(line, BLANKS);
	const char *command = *start != '#' ? command_of(start, user) : NULL;

	for (size_t i = 0; command != NULL && i < COUNT_OF(programs); i++) {
		const char *program = strstr(command, programs[i]);

		if (program != NULL && strstr(program, " -q") != NULL)
			return true;
	}
	return false;
}

static bool
has_run(const struct str *text, const char *user)
{
	const char *at = str_text(text), *end = at + text->len, *line;
	bool found = false;
	size_t len;

	while (!found && (line = text_next_line(&at, end, &len)) != NULL) {
		char *copy = alloc_string_n(line, len);

		found = queue_timer_is_run(copy, user);
		free(copy);
	}
	return found;
}

static bool
file_has_run(const char *path, const char *user)
{
	static const struct file_rules rules = { .max = CRONTAB_MAX };
	struct str text = { 0 };
	bool ok =
	    file_read(path, &rules, &text, NULL, NULL) && has_run(&text, user);

	str_free(&text);
	return ok;
}

/* Appends the first of the system's files that has such a line. */
static bool
find_in_files(const char *pattern, const struct user *user, struct str *out)
{
	char *name = user_name(user);
	bool ok = false;
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !ok; i++) {
			ok = file_has_run(found.gl_pathv[i], name);
			if (ok)
				str_add(out, found.gl_pathv[i]);
		}
	globfree(&found);
	free(name);
	return ok;
}

/* Only crontab(1) may read the crontab of a user. */
static bool
find_in_crontab(struct str *out)
{
	char program[] = "/usr/bin/crontab", option[] = "-l";
	char *argv[] = { program, option, NULL };
	struct str text = { 0 };
	bool ok = access(program, X_OK) == 0
	    && command_read_output(argv, CRONTAB_MAX,
		clock_after_seconds(CRONTAB_SECONDS), &text, NULL)
	    && has_run(&text, NULL);

	if (ok)
		str_add(out, "crontab -l");
	str_free(&text);
	return ok;
}

bool
queue_timer_find(const struct user *user, struct str *out)
{
	return find_system_timer(user, out)
	    || (!user->is_service && find_user_timer(user, out))
	    || find_in_files("/etc/crontab", user, out)
	    || find_in_files("/etc/cron.d/*", user, out)
	    || find_in_crontab(out);
}
