/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the message to the filter and reads its output at the same time, since
 * neither pipe holds a whole message.  The filter runs in another process, which
 * says how it ended.
 */
#include "submission/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/text.h"
#include "client/downgrade.h"
#include "client/transaction.h"
#include "mail/add_headers.h"
#include "mail/clean_headers.h"
#include "mail/header.h"
#include "mail/read_message.h"
#include "mime/downgrade.h"
#include "submission/message.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
/* So many blocks are more than any pipe holds (fs.pipe-max-size: 1 MiB). */
#define READS_MAX 32

enum pipe_end { TO_FILTER, FROM_FILTER, ANSWER, PIPE_ENDS };

struct filter_run {
	const struct submission *submission;
	const struct message *message;
	uint64_t at;   /* octets of header section, empty line and body before
	                * the block */
	char *block;   /* to be written */
	size_t len;    /* of the block */
	size_t offset; /* octets of it that were written */
	struct message_reader reader;
	char *input; /* what was read */
	uint64_t printed;
	struct pollfd ends[PIPE_ENDS]; /* fd -1: closed */
	struct filter_answer answer;
	struct str remark; /* of a filter that was successful */
	sigset_t waiting;  /* the signal mask in ppoll() */
};

static void
close_end(struct filter_run *f, enum pipe_end which)
{
	if (f->ends[which].fd >= 0)
		close(f->ends[which].fd);
	f->ends[which].fd = -1;
}

/* ---- the message to the filter ---- */

/* Copies the part of the text that begins at f->at into the block. */
static void
add_text(struct filter_run *f, const char *text, size_t len, uint64_t before)
{
	size_t skip =
	    f->at + f->len > before ? (size_t)(f->at + f->len - before) : 0;
	size_t part = skip < len ? len - skip : 0;

	if (part > BLOCK_SIZE - f->len)
		part = BLOCK_SIZE - f->len;
	memcpy(f->block + f->len, text + skip, part);
	f->len += part;
}

/* Fills the empty block; its length is 0 at the end of the message. */
static bool
fill_block(struct filter_run *f, struct error *err)
{
	const struct str *header = &f->message->header;
	const uint64_t body = header->len + 1;
	size_t got = 0;

	f->at += f->len;
	f->len = f->offset = 0;
	if (f->at < body) {
		if (f->at < header->len)
			add_text(f, header->data, header->len, 0);
		add_text(f, "\n", 1, header->len);
		return true;
	}
	if (!buffer_file_read(&f->message->body, f->at - body, f->block,
		BLOCK_SIZE, &got, err))
		return false;
	f->len = got;
	return true;
}

/* Writes as much as the pipe holds.  A filter need not read all of it. */
static bool
write_message(struct filter_run *f, struct error *err)
{
	for (;;) {
		ssize_t n;

		if (f->offset == f->len && !fill_block(f, err))
			return false;
		if (f->len == 0)
			break;
		n = write(f->ends[TO_FILTER].fd, f->block + f->offset,
		    f->len - f->offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0 && errno == EPIPE)
			break;
		if (n < 0)
			return error_set(err, ERROR_FILTER,
			    "cannot write to the filter: %s", strerror(errno));
		f->offset += (size_t)n;
	}
	close_end(f, TO_FILTER);
	return true;
}

/* ---- the output of the filter ---- */

/* A part of the message would be missing. */
static bool
fail_read(struct error *err)
{
	return error_set(err, ERROR_FILTER,
	    "cannot read the output of the filter: %s", strerror(errno));
}

static bool
fail_output(const struct submission *s, const char *text, struct error *err)
{
	struct str setting = { 0 };

	account_describe_setting(s->account, "filter", &setting);
	error_set_about(err, ERROR_FILTER, str_text(&setting), "the command %s",
	    text);
	str_free(&setting);
	return false;
}

/* The message of the caller is good: what is wrong with the output is mended in the
 * filter, and a later attempt may succeed. */
static bool
blame_filter(const struct submission *s, struct error *err)
{
	char *why, *text;

	if (err->kind != ERROR_MESSAGE && err->kind != ERROR_TOO_BIG
	    && err->kind != ERROR_UNSUPPORTED)
		return false;
	why = error_describe(err);
	text = alloc_printf("printed what cannot be sent: %s", why);
	error_free(err);
	fail_output(s, text, err);
	free(text);
	free(why);
	return false;
}

/* Reads what the pipe holds, but not for ever from a filter that prints faster than
 * the message is read: signals and the deadline count. */
static bool
read_output(struct filter_run *f, struct error *err)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		ssize_t n = read(f->ends[FROM_FILTER].fd, f->input, BLOCK_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return fail_read(err);
		if (n == 0) {
			close_end(f, FROM_FILTER);
			break;
		}
		f->printed += (uint64_t)n;
		if (!message_reader_feed(&f->reader, f->input, (size_t)n, err))
			return blame_filter(f->submission, err);
	}
	return true;
}

/* Moves octets until the filter has ended, and reads the rest of its output: a
 * background process may keep the pipe open. */
static bool
exchange(struct filter_run *f, struct error *err)
{
	while (f->ends[ANSWER].revents == 0) {
		if (process_signal() != 0) {
			process_fail_signal(
			    " while the filter ran; nothing was sent", err);
			return false;
		}
		if (clock_has_passed(f->answer.deadline))
			break;
		if (process_poll(f->ends, PIPE_ENDS, f->answer.deadline,
			&f->waiting)
		    < 0)
			for (size_t i = 0; i < PIPE_ENDS; i++)
				f->ends[i].revents = 0;
		if (f->ends[TO_FILTER].revents != 0 && !write_message(f, err))
			return false;
		if (f->ends[FROM_FILTER].revents != 0 && !read_output(f, err))
			return false;
	}
	return f->ends[FROM_FILTER].fd < 0 || read_output(f, err);
}

static bool
make_pipes(struct filter_run *f, int filter_ends[2], struct error *err)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };
	bool ok = pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0;

	f->ends[TO_FILTER] = (struct pollfd){ .fd = to[1], .events = POLLOUT };
	f->ends[FROM_FILTER] =
	    (struct pollfd){ .fd = from[0], .events = POLLIN };
	filter_ends[0] = to[0];
	filter_ends[1] = from[1];
	if (!ok)
		return error_set(err, ERROR_FILTER, "cannot create a pipe: %s",
		    strerror(errno));
	fcntl(to[1], F_SETFL, O_NONBLOCK);
	fcntl(from[0], F_SETFL, O_NONBLOCK);
	return true;
}

static bool
start(struct filter_run *f, const struct submission *s,
    const struct account_monitor *m, struct error *err)
{
	int ends[2];
	bool ok;

	f->ends[ANSWER].fd = -1;
	ok = make_pipes(f, ends, err)
	    && account_monitor_begin_filter(m, s->account, ends[0], ends[1],
		&f->answer, err);

	for (size_t i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (ok)
		f->ends[ANSWER] =
		    (struct pollfd){ .fd = f->answer.fd, .events = POLLIN };
	return ok;
}

/* Runs the filter, and makes a message of its output. */
static bool
run(struct filter_run *f, const struct submission *s,
    const struct account_monitor *m, struct error *err)
{
	bool ok = start(f, s, m, err);

	if (ok) {
		process_hold_signals(&f->waiting);
		process_await_helper(true, 0);
		ok = exchange(f, err);
		process_await_helper(false, 0);
		sigprocmask(SIG_SETMASK, &f->waiting, NULL);
	}
	close_end(f, TO_FILTER);
	close_end(f, FROM_FILTER);
	if (ok)
		ok = account_monitor_end_filter(&f->answer, &f->remark, err);
	else
		close_end(f, ANSWER);
	return ok
	    && (message_reader_end(&f->reader, err)
		|| blame_filter(f->submission, err));
}

/* ---- what becomes of it ---- */

/* An error text on the standard output of a filter is no message. */
static bool
check_output(const struct submission *s, const struct message *m,
    uint64_t printed, struct error *err)
{
	if (printed == 0)
		return fail_output(s, "printed nothing", err);
	if (m->header.len == 0)
		return fail_output(s, "printed no header section", err);
	if (header_has(&s->message.header, "From")
	    && !header_has(&m->header, "From"))
		return fail_output(s, "printed a message without From", err);
	if (header_has_author(&s->message.header)
	    && !header_has_author(&m->header))
		return fail_output(s,
		    "printed a message whose From is empty or invalid", err);
	return true;
}

/* The form that no server has to convert, if there is one.  An error is found by
 * the transaction as well. */
static void
make_ascii(struct submission *s)
{
	struct session server = { .params = &s->account->session };
	struct transaction t = { .session = &server,
		.envelope = &s->envelope,
		.original = &s->message };

	if (!message_is_8bit(&s->message))
		return;
	server.capabilities.set = CAP_SMTPUTF8;
	downgrade_choose_extensions(&t);
	if (!t.use_smtputf8)
		(void)message_make_7bit(&s->message, NULL);
	transaction_free(&t);
}

static void
note_nuls(struct submission *s, const struct message *m)
{
	if (m->nuls > 0)
		strv_take(&s->notes,
		    alloc_printf("%" PRIu64
				 " NULs were removed from the output of the "
				 "filter",
			m->nuls));
}

/* New MIME fields would make a signature invalid that says that there are none. */
static bool
declare_8bit(const struct submission *s, struct message *m, struct error *err)
{
	return s->cmdline->relayed || header_has(&m->header, "DKIM-Signature")
	    || message_declare_8bit(m, err);
}

/* A program that fails may have the exit status 0, as dkimsign does. */
static void
warn_of_remark(struct submission *s, const struct str *remark)
{
	struct str setting = { 0 };
	char *clean;

	if (remark->len == 0)
		return;
	clean = text_printable(str_text(remark));
	account_describe_setting(s->account, "filter", &setting);
	strv_take(&s->warnings,
	    alloc_printf("%s: the command had exit status 0, but wrote to "
			 "standard error: %s",
		str_text(&setting), clean));
	str_free(&setting);
	free(clean);
}

static bool
accept_output(struct submission *s, struct message *m, uint64_t printed,
    struct error *err)
{
	if (!check_output(s, m, printed, err))
		return false;
	if (!message_encode_binary(m, err))
		return blame_filter(s, err);
	message_remove_hidden(m, &s->account->header);
	if (!declare_8bit(s, m, err) || !message_shorten_lines(m, err))
		return false;
	note_nuls(s, m);
	submission_replace_message(s, m);
	return true;
}

bool
submission_filter(struct submission *s, const struct account_monitor *m,
    struct error *err)
{
	struct message output = { .body.folder = s->message.body.folder };
	struct filter_run f = { .submission = s,
		.message = &s->message,
		.block = alloc_bytes(BLOCK_SIZE),
		.input = alloc_bytes(BLOCK_SIZE) };
	bool ok;

	make_ascii(s);
	message_reader_begin(&f.reader, &output, false);
	f.reader.exact = EXACT_IF_NEEDED;
	ok = run(&f, s, m, err) && accept_output(s, &output, f.printed, err);
	warn_of_remark(s, &f.remark);
	str_free(&f.remark);
	message_reader_free(&f.reader);
	message_free(&output);
	free(f.block);
	free(f.input);
	return ok;
}
