/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks the order of the commands of a transaction, and passes senders,
 * recipients and messages to the actions.
 */
#include "server/transaction.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "server/args.h"
#include "server/data.h"
#include "server/held.h"
#include "server/io.h"

void
server_reset(struct server *s)
{
	s->has_sender = s->smtputf8 = s->binarymime = false;
	s->recipients = s->recipients_rejected = 0;
	server_free_chunks(s);
	s->actions->reset(s->ctx);
}

/* The envelope */

bool
server_mail(struct server *s, const char *argument, struct error *err)
{
	struct mail_args args = { 0 };
	struct server_reply reply = { 0 };

	if (s->has_sender) {
		server_reply_set(&reply, 503, "5.5.1",
		    "a transaction is in progress: send RSET first");
	} else {
		if (mail_args_parse(&args, COMMAND_MAIL, argument, &reply))
			s->actions->sender(s->ctx, &args, &reply);
		s->smtputf8 = args.smtputf8;
		s->binarymime = args.binarymime;
		server_end_mail(s, &reply);
	}
	mail_args_free(&args);
	return server_hold_reply(s, COMMAND_MAIL, &reply, err);
}

/* Whether RCPT may come now; otherwise sets the reply. */
static bool
may_add_recipient(struct server *s, struct server_reply *reply)
{
	if (!s->has_sender)
		server_reply_set(reply, 503, "5.5.1", "send MAIL first");
	else if (s->chunks != NULL)
		server_reply_set(reply, 503, "5.5.1",
		    "the message has begun: no recipients can be added");
	else if (s->recipients + s->recipients_rejected + s->held.recipients
	    >= SERVER_RECIPIENTS_MAX)
		server_reply_set(reply, 452, "4.5.3",
		    "too many recipients: send to it in another transaction");
	else
		return true;
	s->keep_count =
	    s->transaction_failed || (s->has_sender && s->chunks == NULL);
	return false;
}

/* Passes RCPT to the action, if need be after the group before it. */
static bool
add_recipient(struct server *s, const struct mail_args *args,
    struct server_reply *reply, struct error *err)
{
	while (!s->actions->recipient(s->ctx, args, reply)) {
		if (!server_end_group(s, err))
			return false;
		if (!may_add_recipient(s, reply))
			return true;
	}
	if (reply->status.code != 0)
		server_end_rcpt(s, reply);
	return true;
}

bool
server_rcpt(struct server *s, const char *argument, struct error *err)
{
	struct mail_args args = { 0 };
	struct server_reply reply = { 0 };
	bool ok = true;

	if (may_add_recipient(s, &reply)
	    && mail_args_parse(&args, COMMAND_RCPT, argument, &reply))
		ok = add_recipient(s, &args, &reply, err);
	mail_args_free(&args);
	return ok && server_hold_reply(s, COMMAND_RCPT, &reply, err);
}

/* The message */

/* The client was not told whether its message was accepted. */
static bool
fail_unreported(struct server *s, bool accepted, const struct error *why,
    struct error *err)
{
	if (s->actions->untold != NULL)
		s->actions->untold(s->ctx, accepted, why);
	return error_set(err, ERROR_INPUT,
	    "the message was %s, but the client could not be told: %s",
	    accepted ? "accepted" : "rejected", why->text);
}

/* Sends the final reply to a message, which ends the transaction. */
static bool
send_final_reply(struct server *s, struct server_reply *reply,
    struct error *err)
{
	bool accepted = server_reply_is_positive(reply);
	struct error why = { 0 };
	bool ok = server_send_reply(s, reply, &why)
	    || fail_unreported(s, accepted, &why, err);

	error_free(&why);
	s->keep_count = s->transaction_failed = !accepted;
	if (accepted) {
		s->rejected = s->idle = 0;
		s->waited = 0;
	}
	server_reset(s);
	return ok;
}

/* Passes a complete message on, unless there was a problem with it. */
static bool
finish_message(struct server *s, struct message *m, struct error *problem,
    struct error *err)
{
	struct server_reply reply = { 0 };

	if (error_is_set(problem) && s->actions->unstored != NULL)
		s->actions->unstored(s->ctx, problem);
	if (error_is_set(problem))
		server_reply_from_error(&reply, problem, STAGE_END_OF_DATA);
	else
		s->actions->message(s->ctx, m, &reply);
	return send_final_reply(s, &reply, err);
}

/* Whether message data may come now; otherwise sets the reply. */
static bool
may_send_data(struct server *s, struct server_reply *reply)
{
	if (!s->has_sender)
		server_reply_set(reply, 503, "5.5.1", "send MAIL first");
	else if (s->recipients == 0)
		server_reply_set(reply, 554, "5.5.1", "no valid recipients");
	else
		return true;
	s->keep_count = s->has_sender || s->transaction_failed;
	return false;
}

/* RFC 3030 sections 2 and 3. */
static bool
may_use_data(struct server *s, struct server_reply *reply)
{
	if (!may_send_data(s, reply))
		return false;
	if (s->chunks != NULL)
		server_reply_set(reply, 503, "5.5.1",
		    "the message has begun with BDAT");
	else if (s->binarymime)
		server_reply_set(reply, 503, "5.5.1",
		    "a message with BODY=BINARYMIME needs BDAT");
	else
		return true;
	return false;
}

bool
server_data(struct server *s, const char *argument, struct error *err)
{
	struct server_reply reply = { 0 };
	struct message m = { 0 };
	struct error problem = { 0 };
	bool ok;

	(void)argument;
	if (!may_use_data(s, &reply))
		return server_send_reply(s, &reply, err);
	ok = server_send_text(s, 354, "",
		 "end the message with a dot alone on a line", err)
	    && server_read_data(s, &m, &problem, err)
	    && finish_message(s, &m, &problem, err);
	error_free(&problem);
	message_free(&m);
	return ok;
}

/*
 *   bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ]
 *   chunk-size = 1*DIGIT
 *   end-marker = "LAST"                       (RFC 3030 section 2)
 */
static bool
parse_chunk(const char *argument, uint64_t *size, bool *last)
{
	size_t digits = strcspn(argument, " ");
	char *number = alloc_string_n(argument, digits);
	unsigned long long value = 0;
	bool ok = text_number(number, 0, UINT64_MAX, &value);

	argument += digits + strspn(argument + digits, " ");
	*size = value;
	*last = text_equal_nocase(argument, "LAST");
	free(number);
	return ok && (*last || *argument == '\0');
}

/* Rejects message data.  Later chunks of this message follow no MAIL, so that no
 * part of it is taken for a whole message. */
static bool
drop_message(struct server *s, struct server_reply *reply, struct error *err)
{
	if (s->has_sender) {
		s->transaction_failed = true;
		server_reset(s);
	}
	return server_send_reply(s, reply, err);
}

/* Reads a chunk that cannot be accepted. */
static bool
reject_chunk(struct server *s, uint64_t size, struct server_reply *reply,
    struct error *err)
{
	if (!server_skip_chunk(s, size, err)) {
		server_reply_free(reply);
		return false;
	}
	return drop_message(s, reply, err);
}

static bool
accept_chunk(struct server *s, uint64_t size, bool last, struct error *err)
{
	struct server_reply reply = { 0 };
	struct message m = { 0 };
	struct error problem = { 0 };
	bool ok = server_read_chunk(s, size, &problem, err);

	if (ok && last && !error_is_set(&problem))
		server_end_chunks(s, &m, &problem);
	if (ok && (last || error_is_set(&problem))) {
		ok = finish_message(s, &m, &problem, err);
	} else if (ok) {
		s->idle += size == 0;
		server_reply_set(&reply, 250, "2.0.0",
		    "%" PRIu64 " octets received", size);
		ok = server_send_reply(s, &reply, err);
	}
	error_free(&problem);
	message_free(&m);
	return ok;
}

/* Whether the actions take the message together with MAIL and RCPT; then *reply
 * is the final reply. */
static bool
pass_whole(struct server *s, struct message *m, struct server_reply *reply)
{
	return s->actions->whole != NULL && server_next_is(s, "QUIT")
	    && s->actions->whole(s->ctx, m, reply);
}

/* Ends the group with a message that was read. */
static bool
finish_group(struct server *s, struct message *m, struct error *problem,
    struct error *err)
{
	struct server_reply reply = { 0 };

	if (!error_is_set(problem) && pass_whole(s, m, &reply)) {
		server_put_held(s, NULL);
		(void)may_send_data(s, &reply);
		return send_final_reply(s, &reply, err);
	}
	if (!server_end_group(s, err))
		return false;
	return may_send_data(s, &reply) ? finish_message(s, m, problem, err)
					: drop_message(s, &reply, err);
}

/* Reads the last chunk of a group before the commands have their replies. */
static bool
read_group(struct server *s, uint64_t size, struct error *err)
{
	struct message m = { 0 };
	struct error problem = { 0 };
	bool ok = server_read_chunk(s, size, &problem, err);

	if (ok && !error_is_set(&problem))
		server_end_chunks(s, &m, &problem);
	ok = ok && finish_group(s, &m, &problem, err);
	error_free(&problem);
	message_free(&m);
	return ok;
}

bool
server_bdat_is_of_group(const char *argument)
{
	uint64_t size;
	bool last;

	return parse_chunk(argument, &size, &last) && last
	    && size <= SERVER_HELD_CHUNK_MAX;
}

bool
server_bdat(struct server *s, const char *argument, struct error *err)
{
	struct server_reply reply = { 0 };
	uint64_t size;
	bool last;

	if (!parse_chunk(argument, &size, &last))
		return server_send_text(s, 501, "5.5.4",
			   "syntax: BDAT size [LAST]", err)
		    && error_set(err, ERROR_PROTOCOL,
			"the client sent BDAT without a valid size");
	if (server_holds_recipient(s))
		return read_group(s, size, err);
	if (!server_end_group(s, err))
		return false;
	return may_send_data(s, &reply) ? accept_chunk(s, size, last, err)
					: reject_chunk(s, size, &reply, err);
}
