/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends the message without the total deadline, and reads what the server
 * replies before it has the whole message.
 */
#include "client/upload.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/body.h"

static bool
put_bdat(struct session *s, uint64_t size, struct error *err)
{
	char *line = alloc_printf("BDAT %" PRIu64 " LAST", size);
	bool ok = stream_put_line(&s->stream, line, NULL, err);

	free(line);
	return ok;
}

static bool
write_message(struct session *s, enum upload_command command,
    const struct message *message, struct error *err)
{
	unsigned timeout = session_timeout(s, STAGE_BODY);

	switch (command) {
	case UPLOAD_BDAT_LAST:
		return stream_buffered(&s->stream) == 0 && put_bdat(s, 0, err)
		    && stream_flush(&s->stream, timeout,
			clock_after_seconds(timeout), err);
	case UPLOAD_BDAT:
		return put_bdat(s, message_size(message), err)
		    && body_write(&s->stream, message, BODY_COUNTED, timeout,
			err);
	case UPLOAD_DATA:
	default:
		return body_write(&s->stream, message, BODY_DOTTED, timeout,
		    err);
	}
}

/*
 * The upload has failed: the server replied, or the connection broke, or both.
 * A reply is a better error than a failed write, and the same reply gives the
 * same error whether a write or a check before it noticed the reply.
 */
static bool
handle_early_reply(struct session *s, const char *command, bool started,
    struct error *err)
{
	struct reply reply = { 0 };
	struct error unread = { 0 };
	int64_t deadline = stream_buffered(&s->stream) > 0
	    ? session_reply_deadline(s, STAGE_BODY)
	    : clock_now();

	if (reply_read(&s->stream, &reply, deadline, &unread)) {
		session_rejected(s, &reply, STAGE_END_OF_DATA, command, err);
		if (err->kind == ERROR_PROTOCOL) {
			alloc_replace(&err->text,
			    "the server replied before it had the whole "
			    "message");
			error_temporary(err, true);
		}
		if (err->kind == ERROR_PROTOCOL && started)
			session_uncertain(s, err);
	} else if (!error_is_set(err) || unread.kind == ERROR_PROTOCOL) {
		error_move(err, &unread);
		error_temporary(err, true);
	}
	error_free(&unread);
	reply_free(&reply);
	return session_failed(s, err);
}

bool
upload_message(struct session *s, enum upload_command command,
    const struct message *message, struct error *err)
{
	struct stream *stream = &s->stream;
	struct error failure = { 0 };
	int64_t total = stream->deadline, start = clock_now();
	uint64_t sent = stream->sent;
	bool ok;

	stream->deadline = CLOCK_NEVER;
	stream->stop_on_input = true;
	ok = write_message(s, command, message, &failure);
	stream->stop_on_input = false;
	stream->deadline = total == 0 || total == CLOCK_NEVER
	    ? total
	    : total + (clock_now() - start);
	if (ok)
		return true;
	s->state = SESSION_UNUSABLE;
	handle_early_reply(s, command == UPLOAD_DATA ? "DATA" : "BDAT",
	    stream->sent > sent, &failure);
	if (err != NULL)
		error_move(err, &failure);
	error_free(&failure);
	return false;
}
