/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/login_terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

/* A terminal in place of standard input and output. */
struct console {
	int main_side;
	int input, output; /* those of the test */
};

static void
open_console(struct console *c)
{
	int side;

	c->main_side = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(c->main_side >= 0);
	assert_int_equal(grantpt(c->main_side), 0);
	assert_int_equal(unlockpt(c->main_side), 0);
	side = open(ptsname(c->main_side), O_RDWR | O_NOCTTY);
	assert_true(side >= 0);
	c->input = dup(STDIN_FILENO);
	c->output = dup(STDOUT_FILENO);
	dup2(side, STDIN_FILENO);
	dup2(side, STDOUT_FILENO);
	close(side);
}

static void
close_console(struct console *c)
{
	dup2(c->input, STDIN_FILENO);
	dup2(c->output, STDOUT_FILENO);
	close(c->input);
	close(c->output);
	close(c->main_side);
}

/* Types the keys; returns whether they complete a line, of which the caller has a
 * copy. */
static bool
type(const char *keys, char *line, size_t size, bool *is_ended)
{
	struct console c;
	struct paste p = { 0 };
	bool complete = false;

	open_console(&c);
	paste_begin(&p);
	if (write(c.main_side, keys, strlen(keys)) != (ssize_t)strlen(keys))
		p.fd = -1;
	for (size_t i = 0; keys[i] != '\0' && !complete && p.fd >= 0; i++)
		complete = paste_read(&p);
	(void)snprintf(line, size, "%s", str_text(&p.line));
	*is_ended = p.is_ended;
	paste_end(&p);
	close_console(&c);
	return complete;
}

static void
reads_a_line(void **state)
{
	static const struct {
		const char *keys, *line;
		bool complete, ended;
	} rows[] = {
		{ "abc\r", "abc", true, false },
		{ "abc\n", "abc", true, false },
		{ "abc", "abc", false, false },
		{ "\r\rabc\r", "abc", true, false },
		{ "a b\tc\r", "abc", true, false },
		{ "abx\177c\r", "abc", true, false },
		{ "\b\babx\bc\r", "abc", true, false },
		{ "wrong\025abc\r", "abc", true, false },
		{ "\004", "", false, true },
		{ "ab\004", "ab", false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[100];
		bool is_ended;

		assert_int_equal(type(rows[i].keys, line, sizeof(line),
				     &is_ended),
		    rows[i].complete);
		assert_string_equal(line, rows[i].line);
		assert_int_equal(is_ended, rows[i].ended);
	}
}

static void
restores_the_terminal(void **state)
{
	struct console c;
	struct paste p = { 0 };
	struct termios before, during, after;

	(void)state;
	open_console(&c);
	tcgetattr(STDIN_FILENO, &before);
	paste_begin(&p);
	tcgetattr(STDIN_FILENO, &during);
	paste_end(&p);
	tcgetattr(STDIN_FILENO, &after);
	close_console(&c);
	assert_int_equal(during.c_lflag & (ECHO | ICANON), 0);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(before.c_iflag, after.c_iflag);
	assert_int_equal(p.fd, -1);
}

static void
needs_a_terminal(void **state)
{
	struct paste p = { 0 };
	int input = dup(STDIN_FILENO);
	int null = open("/dev/null", O_RDONLY);

	(void)state;
	dup2(null, STDIN_FILENO);
	paste_begin(&p);
	dup2(input, STDIN_FILENO);
	close(input);
	close(null);
	assert_int_equal(p.fd, -1);
	paste_end(&p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_line),
		cmocka_unit_test(restores_the_terminal),
		cmocka_unit_test(needs_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
