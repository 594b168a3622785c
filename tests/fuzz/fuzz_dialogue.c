/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole session with an arbitrary server (client/handshake.h, transaction.h,
 * body.h), with the calls of a delivery.  Input: a line with letters, and what
 * the server sends.  The letters are those of wire.h, and 1 to 9: the number of
 * recipients, L: LMTP, A: "partial off", T: STARTTLS, F: TLS fails, H: a large
 * message, D: a DSN is requested, C: with BDAT.
 *
 * session_model.h checks both sides:
 *
 *   - Before each group of commands all replies, and nothing else, have
 *     arrived.  Commands are pipelined only if the server offers PIPELINING.
 *   - Commands are in the order of RFC 5321.  Only EHLO, STARTTLS and QUIT are
 *     sent before TLS, and EHLO is sent again after it.
 *   - The recipients are those of the envelope, in their order.
 *   - The message begins only after the replies 2yz to MAIL and RCPT and 354 to
 *     DATA, or is pipelined where the replies to RCPT do not matter.  The
 *     client sends the message or its beginning: after an incomplete message it
 *     sends no final dot, no LAST and no QUIT.
 *   - A recipient is delivered if and only if its RCPT was accepted, the whole
 *     message was sent before the final reply, and the final reply is a
 *     complete 2yz, which the reply to QUIT does not contradict.  The
 *     transaction succeeds if and only if all recipients are delivered.
 *   - Every other recipient has failed with an error, or is over the limit and
 *     waits.  It is in doubt if the message was sent completely and no valid
 *     final reply arrived.
 */
#include "base/alloc.h"
#include "client/handshake.h"
#include "client/transaction.h"
#include "fake_tls.h"
#include "mail/read_message.h"
#include "session_model.h"

static const char header[] = "From: alice@example.org\nTo: r0@example.org\n"
			     "Subject: a test\n\n";
static const char body[] = ".\n..\nline\n.two.\n\n. \nQUIT\n";

/* The current session and its model. */
static struct session s;
static struct session_model model;
static bool tls_fails;

static bool
start_tls(const char *host)
{
	fuzz_assert(strcmp(host, "mx.example.org") == 0);
	fuzz_assert(!model.encrypted);
	fuzz_assert(s.stream.in.len == s.stream.in_start);
	fuzz_assert(s.stream.out.len == 0);
	if (tls_fails)
		return false;
	model.encrypted = true;
	model.sent_plain = model.w->sent.len;
	return true;
}

/* A message, and the octets that must be sent. */
struct sample {
	struct message message;
	struct str wire;  /* with DATA */
	struct str plain; /* with BDAT */
};

/* Adds lines of all lengths until the text has that size. */
static void
make_text(struct str *text, size_t size)
{
	str_add(text, header);
	str_add(text, body);
	for (size_t i = 0; text->len < size; i = (i + 7) % 200) {
		str_add(text, i % 3 == 0 ? "." : "");
		for (size_t k = 0; k < i; k++)
			str_add_char(text, 'x');
		str_add_char(text, '\n');
	}
}

static void
make_sample(struct sample *sample, size_t size)
{
	struct message_reader intake;
	struct error err = { 0 };
	struct str text = { 0 };
	struct input in;

	make_text(&text, size);
	for (in = (struct input){ text.data, text.len }; in.left > 0;) {
		struct input line = input_split(&in, '\n');

		if (line.left > 0 && *line.at == '.')
			str_add_char(&sample->wire, '.');
		str_append(&sample->wire, line.at, line.left);
		str_add(&sample->wire, "\r\n");
		str_append(&sample->plain, line.at, line.left);
		str_add(&sample->plain, "\r\n");
	}
	str_add(&sample->wire, ".\r\n");
	message_reader_begin(&intake, &sample->message, false);
	fuzz_assert(message_reader_feed(&intake, text.data, text.len, &err));
	fuzz_assert(message_reader_end(&intake, &err));
	message_reader_free(&intake);
	str_free(&text);
}

static struct sample *
find_sample(bool huge)
{
	static struct sample samples[2];
	struct sample *sample = &samples[huge];

	if (sample->wire.len == 0)
		make_sample(sample, huge ? 600000 : 0);
	return sample;
}

static void
check_trace(void *ctx, enum stream_direction direction, const char *line)
{
	(void)ctx;
	(void)direction;
	fuzz_check_shown(line);
}

static void
make_envelope(struct envelope *e, size_t count, bool dsn)
{
	envelope_set_sender(e, "alice@example.org", false);
	for (size_t i = 0; i < count; i++) {
		char *address = alloc_printf("r%zu@example.org", i);

		envelope_add(e, address, NULL);
		free(address);
	}
	if (dsn) {
		e->dsn.notify = DSN_NOTIFY_FAILURE | DSN_NOTIFY_DELAY;
		e->dsn.wanted = DSN_RETURN_HEADERS;
		e->dsn.envelope_id = alloc_string("a+b");
	}
}

/* Delivers the message over a connection that is already open. */
static bool
send_message(struct envelope *e, const struct message *m, bool starttls,
    struct error *err)
{
	const struct session_target to = {
		.tls = { .mode = starttls ? TLS_ON : TLS_OFF,
		    .starttls = starttls },
	};
	struct transaction t = { .session = &s, .envelope = e, .original = m };
	bool ok = session_greeting(&s, err) && session_ehlo(&s, starttls, err)
	    && session_starttls(&s, &to, err) && transaction_envelope(&t, err)
	    && transaction_data(&t, err) && transaction_final_reply(&t, err);

	transaction_free(&t);
	fuzz_check_result(ok, err);
	if (!ok)
		envelope_fail(e, err);
	session_close(&s);
	return ok;
}

static void
check_failed(const struct recipient *r, size_t n)
{
	bool doubtful = model_is_in_doubt(&model, n);

	fuzz_assert(r->state == RECIPIENT_FAILED);
	fuzz_check_error(&r->outcome);
	/* If QUIT was sent incompletely, the message may not have been sent,
	 * either.  After 421 the server has not accepted it. */
	fuzz_assert(r->outcome.uncertain == doubtful || model.w->fail_writes
	    || model_server_left(&model));
	fuzz_assert(
	    !r->outcome.uncertain || (doubtful && r->outcome.temporary));
	if (model.final_code[n] >= 400)
		fuzz_assert(r->outcome.status.code == model.final_code[n]);
	if (model.final_code[n] >= 400)
		fuzz_assert(
		    r->outcome.temporary == (model.final_code[n] < 500));
}

static void
check_recipients(const struct envelope *e, bool ok)
{
	size_t delivered = 0, postponed = 0;

	for (size_t n = 0; n < e->count; n++) {
		const struct recipient *r = &e->recipients[n];

		if (model.final_code[n] / 100 == 2) {
			fuzz_assert(r->state == RECIPIENT_DELIVERED);
			fuzz_assert(!error_is_set(&r->outcome));
			delivered++;
		} else if (model_is_postponed(&model, n)) {
			postponed += r->state == RECIPIENT_PENDING;
			fuzz_assert(r->state != RECIPIENT_DELIVERED);
		} else {
			check_failed(r, n);
		}
	}
	fuzz_assert(ok == (delivered + postponed == e->count));
	fuzz_assert(ok == (envelope_result(e) == NULL));
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size }, letters = input_split(&in, '\n');
	struct session_params params = { .timeout = 1,
		.partial = !input_has(&letters, 'A'),
		.chunking = input_has(&letters, 'C'),
		.pipelining = true };
	struct envelope e = { 0 };
	struct wire w = { 0 };
	struct error err = { 0 };
	struct sample *sample;
	bool ok;

	wire_set(&w, &letters);
	sample = find_sample(input_has(&letters, 'H') && w.piece == 0);
	model = (struct session_model){ .w = &w,
		.lmtp = input_has(&letters, 'L'),
		.partial = params.partial,
		.starttls = input_has(&letters, 'T'),
		.chunking = params.chunking,
		.recipients = 1,
		.message = &sample->wire,
		.plain = &sample->plain };
	for (size_t n = 1; n <= RECIPIENTS_MAX; n++)
		if (input_has(&letters, (char)('0' + n)))
			model.recipients = n;
	tls_fails = input_has(&letters, 'F');
	fake_tls.start = start_tls;
	fake_tls.verified = true;
	params.protocol = model.lmtp ? PROTOCOL_LMTP : PROTOCOL_SMTP;
	params.domain = alloc_string("client.example.org");
	make_envelope(&e, model.recipients, input_has(&letters, 'D'));
	s = (struct session){ .params = &params,
		.host = alloc_string("mx.example.org") };
	s.stream.deadline = 1;
	s.stream.trace = check_trace;
	wire_open(&w, &in, &s.stream.transport);

	ok = send_message(&e, &sample->message, model.starttls, &err);
	model_check(&model);
	check_recipients(&e, ok);
	error_free(&err);
	envelope_free(&e);
	session_free(&s);
	free(params.domain);
	wire_free(&w);
}
