/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the command of `filter` with the few variables that programs expect. */
#include "config/filter_command.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"

#define FILTER_SECONDS 30

unsigned
filter_command_seconds(const struct account *account)
{
	unsigned seconds = account->session.deadline;

	return seconds == 0 || seconds > FILTER_SECONDS ? FILTER_SECONDS
							: seconds;
}

/* The name of the user that the process runs as; the client of a service is
 * another one. */
static char *
own_name(const struct user *user)
{
	struct user own = *user;

	own.is_service = false;
	return user_name(&own);
}

bool
filter_command_run(const struct account *account, const struct user *user,
    int input, int output, struct str *remark, struct error *err)
{
	char path[] = "PATH=" FILTER_COMMAND_PATH;
	char shell[] = "SHELL=/bin/sh", lang[] = "LANG=C.UTF-8";
	char *name = own_name(user);
	char *home =
	    alloc_printf("HOME=%s", user->home != NULL ? user->home : "/");
	char *login = alloc_printf("LOGNAME=%s", name);
	char *login_too = alloc_printf("USER=%s", name);
	char *const environment[] = { path, shell, lang, home, login, login_too,
		NULL };
	const struct command_filter filter = { .input = input,
		.output = output,
		.environment = environment,
		.remark = remark };
	struct str setting = { 0 };
	bool ok;

	account_describe_setting(account, "filter", &setting);
	ok = command_filter(str_text(&setting), account->filter, &filter,
	    clock_after_seconds(filter_command_seconds(account)), err);
	str_free(&setting);
	free(login_too);
	free(login);
	free(home);
	free(name);
	return ok;
}
