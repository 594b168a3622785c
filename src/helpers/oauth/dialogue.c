/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and writes lines, in memory that is wiped. */
#include "helpers/oauth/dialogue.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "oauth/request.h"

/* A request, or a pasted address. */
#define INPUT_MAX RECORD_MAX
#define REQUEST_END "\nend\n"

/* Reads once, and waits for it; false at the end, or when there is no room. */
static bool
read_more(struct dialogue *d)
{
	ssize_t n;

	if (d->at_end || d->input.len >= INPUT_MAX)
		return false;
	str_reserve(&d->input, INPUT_MAX - d->input.len);
	do
		n = read(STDIN_FILENO, d->input.data + d->input.len,
		    INPUT_MAX - d->input.len);
	while (n < 0 && errno == EINTR && process_signal() == 0);
	if (n <= 0) {
		d->at_end = true;
		return false;
	}
	d->input.len += (size_t)n;
	d->input.data[d->input.len] = '\0';
	return true;
}

bool
dialogue_read_request(struct dialogue *d, struct oauth_params *p,
    struct oauth_failure *failure)
{
	struct error err = { 0 };
	const char *end;
	size_t len;
	bool ok;

	do
		end = d->input.len > 0 ? strstr(d->input.data, REQUEST_END)
				       : NULL;
	while (end == NULL && read_more(d));
	len = end != NULL
	    ? (size_t)(end - d->input.data) + sizeof(REQUEST_END) - 1
	    : d->input.len;
	ok = oauth_request_read(p, str_text(&d->input), len, &err);
	if (!ok)
		return oauth_fail_error(failure, &err);
	str_consume(&d->input, len);
	/* The request, with its secret, is still behind what is left. */
	secret_wipe(d->input.data + d->input.len, d->input.size - d->input.len);
	return true;
}

static bool
has_input(int64_t deadline)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t before;
	int ready;

	process_hold_signals(&before);
	ready = process_signal() != 0
	    ? 0
	    : process_poll(&input, 1, deadline, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready > 0;
}

static char *
find_line(struct dialogue *d)
{
	return d->input.len > 0 ? memchr(d->input.data, '\n', d->input.len)
				: NULL;
}

const char *
dialogue_next_line(struct dialogue *d)
{
	char *end;
	size_t used = 0;

	/* The line of the last call ends with a NUL. */
	if (d->input.len > 0) {
		const char *last = memchr(d->input.data, '\0', d->input.len);

		used = last != NULL ? (size_t)(last + 1 - d->input.data) : 0;
	}
	str_consume(&d->input, used);
	while ((end = find_line(d)) == NULL && has_input(0) && read_more(d))
		;
	if (end == NULL)
		return NULL;
	*end = '\0';
	return d->input.data;
}

bool
dialogue_wait(struct dialogue *d, int64_t deadline)
{
	return find_line(d) != NULL || (!d->at_end && has_input(deadline));
}

void
dialogue_free(struct dialogue *d)
{
	str_wipe(&d->input);
}

static void
write_out(const struct str *line)
{
	(void)file_write(STDOUT_FILENO, line->data, line->len);
}

void
dialogue_say(const char *key, const char *value)
{
	struct str line = { 0 };

	str_add(&line, key);
	if (value != NULL)
		str_printf(&line, " %s", value);
	str_add_char(&line, '\n');
	write_out(&line);
	str_free(&line);
}

void
dialogue_say_number(const char *key, int64_t number)
{
	struct str line = { 0 };

	str_printf(&line, "%s %" PRId64 "\n", key, number);
	write_out(&line);
	str_free(&line);
}

void
dialogue_say_secret(const char *key, const struct secret *secret)
{
	struct secret_text text;
	struct str line = { 0 };

	str_reserve(&line, strlen(key) + SECRET_MAX + 2);
	secret_reveal(secret, &text);
	str_printf(&line, "%s ", key);
	str_append(&line, text.data, text.len);
	str_add_char(&line, '\n');
	write_out(&line);
	secret_text_free(&text);
	str_wipe(&line);
}
