/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the command for the password, for as long as a delivery may take. */
#include "config/password_command.h"

#include "auth/mechanism.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/str.h"

#define COMMAND_SECONDS 30

bool
password_command_is_needed(const struct account *account)
{
	return account->passwordeval != NULL && account->passwordfile == NULL
	    && !secret_is_set(&account->auth.password)
	    && auth_needs(&account->auth).password;
}

unsigned
password_command_seconds(const struct account *account)
{
	unsigned seconds = account->session.deadline;

	return seconds == 0 || seconds > COMMAND_SECONDS ? COMMAND_SECONDS
							 : seconds;
}

bool
password_command_run(const struct account *account, struct secret *password,
    struct error *err)
{
	int64_t deadline =
	    clock_after_seconds(password_command_seconds(account));
	struct str setting = { 0 };
	bool ok;

	account_describe_setting(account, "passwordeval", &setting);
	ok = command_read_line(str_text(&setting), account->passwordeval,
	    deadline, password, err);
	str_free(&setting);
	return ok;
}
