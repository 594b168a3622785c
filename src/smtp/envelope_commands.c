/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/envelope_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"
#include "mail/convert.h"
#include "mail/encode.h"
#include "mail/header_encode.h"
#include "mail/path.h"
#include "smtp/demand.h"

static bool
can(const struct session *s, enum capability which)
{
	return capabilities_have(&s->capabilities, which);
}

/* RFC 1870 section 6.1: a limit of 0 is none. */
static bool
check_size(const struct session *s, const struct message *m, struct error *err)
{
	uint64_t limit = s->capabilities.size_limit;

	if (!can(s, CAP_SIZE) || limit == 0 || message_size(m) <= limit)
		return true;
	return error_set(err, ERROR_TOO_BIG,
	    "the message has %" PRIu64 " octets, the server takes %" PRIu64,
	    message_size(m), limit);
}

/*
 * An address as this server can take it: domains beyond ASCII as A-labels.
 * A local part beyond ASCII needs SMTPUTF8 (RFC 6531).  NULL on failure.
 */
static char *
wire_address(const struct session *s, const char *address, struct error *err)
{
	const char *at = strrchr(address, '@');
	size_t local_length =
	    at == NULL ? strlen(address) : (size_t)(at - address);
	char *ascii = NULL, *result;

	if (s->utf8 || text_is_ascii(address, strlen(address)))
		return alloc_string(address);
	if (at == NULL || !text_is_ascii(address, local_length)) {
		error_set(err, ERROR_UNSUPPORTED,
		    "<%s> needs SMTPUTF8, which the server does not offer",
		    address);
		error_status(err, "5.6.7");
		return NULL;
	}
	if (!idna_to_ascii(at + 1, &ascii, err))
		return NULL;
	result = alloc_printf("%.*s@%s", (int)local_length, address, ascii);
	free(ascii);
	return result;
}

static void
add_dsn_of_mail(struct str *line, const struct dsn *dsn)
{
	static const char *const wanted[] = {
		[DSN_RETURN_DEFAULT] = "",
		[DSN_RETURN_FULL] = " RET=FULL",
		[DSN_RETURN_HEADERS] = " RET=HDRS",
	};

	str_add(line, wanted[dsn->wanted]);
	if (dsn->envelope_id != NULL) {
		str_add(line, " ENVID=");
		encode_xtext(line, dsn->envelope_id, strlen(dsn->envelope_id));
	}
}

bool
envelope_adapt(const struct session *s, struct message *m, struct error *err)
{
	bool fits = !message_is_8bit(m) || can(s, CAP_8BITMIME) || s->binary;

	if (m->has_8bit_header && !s->utf8) {
		if (!header_encode(&m->header, err))
			return false;
		m->has_8bit_header = false;
	}
	return (fits || message_make_7bit(m, err))
	    && (s->binary || message_break_lines(m, err))
	    && check_size(s, m, err);
}

/*
 * BINARYMIME (RFC 3030 section 3) is asked for only where the message would
 * have to be changed without it: the servers behind this one may not have it.
 */
static bool
needs_binary(const struct session *s, const struct message *m)
{
	return session_is_chunking(s) && can(s, CAP_BINARYMIME)
	    && (m->has_long_lines
		|| (m->has_8bit_body && !can(s, CAP_8BITMIME)));
}

static bool
is_beyond_ascii(const char *address)
{
	const char *domain = address == NULL ? NULL : path_domain(address);
	size_t len = domain != NULL ? (size_t)(domain - address)
	    : address != NULL       ? strlen(address)
				    : 0;

	return address != NULL && !text_is_ascii(address, len);
}

/*
 * SMTPUTF8 (RFC 6531) is asked for only where nothing else will do, because
 * the servers behind this one may not have it: for a local part beyond ASCII,
 * or a header field that has no other form.
 */
static bool
adapt_message(struct session *s, const struct envelope *e, struct message *m,
    struct error *err)
{
	struct error why = { 0 };
	bool needed = is_beyond_ascii(e->sender);

	for (size_t i = 0; i < e->count && !needed; i++)
		needed = e->recipients[i].state == RECIPIENT_PENDING
		    && is_beyond_ascii(e->recipients[i].address);
	s->utf8 = needed && can(s, CAP_SMTPUTF8);
	s->binary = needs_binary(s, m);
	if (envelope_adapt(s, m, &why))
		return true;
	s->utf8 = !s->utf8 && can(s, CAP_SMTPUTF8) && m->has_8bit_header
	    && text_is_utf8(str_text(&m->header), m->header.len);
	if (!s->utf8) {
		error_move(err, &why);
		return false;
	}
	error_free(&why);
	return envelope_adapt(s, m, err);
}

/* RFC 5321 section 4.1.1.2; the null reverse-path is "<>". */
char *
envelope_mail_line(const struct session *s, const struct envelope *e,
    uint64_t size, bool is_8bit, struct error *err)
{
	char *sender = wire_address(s, e->sender == NULL ? "" : e->sender, err);
	struct str line = { 0 };
	char *checked;

	if (sender == NULL)
		return NULL;
	str_printf(&line, "MAIL FROM:<%s>", sender);
	if (can(s, CAP_SIZE) && size > 0)
		str_printf(&line, " SIZE=%" PRIu64, size);
	if (s->binary)
		str_add(&line, " BODY=BINARYMIME");
	else if (can(s, CAP_8BITMIME) && (is_8bit || e->declared_8bit))
		str_add(&line, " BODY=8BITMIME");
	if (s->utf8)
		str_add(&line, " SMTPUTF8");
	if (can(s, CAP_DSN))
		add_dsn_of_mail(&line, &e->dsn);
	demand_add(s, e->demands, &line);
	checked = session_format(err, "%s", str_text(&line));
	str_free(&line);
	free(sender);
	return checked;
}

/* RFC 3461 section 4.1. */
static void
add_notify(struct str *line, unsigned notify)
{
	static const struct {
		enum dsn_notify bit;
		const char *name;
	} names[] = {
		{ DSN_NOTIFY_NEVER, "NEVER" },
		{ DSN_NOTIFY_SUCCESS, "SUCCESS" },
		{ DSN_NOTIFY_FAILURE, "FAILURE" },
		{ DSN_NOTIFY_DELAY, "DELAY" },
	};
	const char *separator = " NOTIFY=";

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if ((notify & names[i].bit) == 0)
			continue;
		str_add(line, separator);
		str_add(line, names[i].name);
		separator = ",";
	}
}

/* RFC 3461 section 4.2: the address as the caller wrote it. */
static void
add_original(struct str *line, const struct recipient *r)
{
	const char *original = r->original != NULL ? r->original : r->address;

	if (!text_is_ascii(original, strlen(original)))
		return;
	str_add(line, " ORCPT=rfc822;");
	encode_xtext(line, original, strlen(original));
}

char *
envelope_rcpt_line(const struct session *s, const struct dsn *dsn,
    const struct recipient *r, struct error *err)
{
	char *address = wire_address(s, r->address, err);
	struct str line = { 0 };
	char *checked;

	if (address == NULL)
		return NULL;
	str_printf(&line, "RCPT TO:<%s>", address);
	if (can(s, CAP_DSN) && dsn->notify != DSN_NOTIFY_DEFAULT) {
		add_notify(&line, dsn->notify);
		add_original(&line, r);
	}
	checked = session_format(err, "%s", str_text(&line));
	str_free(&line);
	free(address);
	return checked;
}

static void
add_command(struct flight *f, char *line, enum smtp_stage stage, bool essential)
{
	f->commands[f->count++] = (struct command){ .line = line,
		.stage = stage,
		.essential = essential };
}

/*
 * Whether one more recipient may go into this transaction (RFC 9422).  Those
 * who may not wait for the next one.
 */
static bool
has_room(const struct flight *f, const struct session *s, const char *address,
    struct strv *domains)
{
	const struct server_limits *limits = &s->capabilities.limits;
	const char *domain = path_domain(address);

	if (limits->rcpt > 0 && f->count - 1 >= limits->rcpt)
		return false;
	if (limits->rcpt_domain == 0)
		return true;
	if (domain == NULL)
		domain = "";
	if (strv_has_nocase(domains, domain))
		return true;
	if (domains->count >= limits->rcpt_domain)
		return false;
	strv_add(domains, domain);
	return true;
}

/* Adds RCPT for one recipient; false when that ends the whole. */
static bool
add_recipient(struct flight *f, const struct session *s, struct envelope *e,
    struct recipient *r, struct error *err)
{
	bool partial = s->params->partial;
	struct error why = { 0 };
	char *line = envelope_rcpt_line(s, &e->dsn, r, partial ? &why : err);

	if (line != NULL) {
		f->recipients[f->count - 1] = r;
		add_command(f, line, STAGE_RCPT, !partial);
	} else if (partial) {
		recipient_fail(r, &why);
	}
	return line != NULL || partial;
}

static bool
too_many(size_t count, struct error *err)
{
	error_reject(err, STAGE_MAIL,
	    "the server does not take %zu recipients at once, and \"partial "
	    "off\" forbids to part them",
	    count);
	return error_status(err, "5.5.3");
}

static bool
add_recipients(struct flight *f, const struct session *s, struct envelope *e,
    struct error *err)
{
	struct strv domains = { 0 };
	bool ok = true;

	for (size_t i = 0; i < e->count && ok; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_PENDING)
			continue;
		if (has_room(f, s, r->address, &domains))
			ok = add_recipient(f, s, e, r, err);
		else if (s->params->partial)
			f->others_wait = true;
		else
			ok = too_many(e->count, err);
	}
	strv_free(&domains);
	if (!ok || f->count > 1)
		return ok;
	error_copy(err, envelope_worst(e));
	return false;
}

/* "BDAT ", a number, " LAST", QUIT and their line ends. */
#define TAIL_ROOM 48

/* Whether the envelope and all of the message are one flight. */
static bool
is_one_flight(const struct flight *f, const struct message *m)
{
	uint64_t octets = message_size(m) + TAIL_ROOM;

	for (size_t i = 0; i < f->count; i++)
		octets += strlen(f->commands[i].line) + 2;
	return octets <= STREAM_FLIGHT_MAX;
}

/*
 * After 354 or BDAT LAST there is no way back.  So they go along only when
 * every answer leaves us wanting to send to whoever was accepted.  RFC 3030
 * tells of BDAT behind RCPT neither good nor bad; servers take it.
 */
static enum flight_tail
choose_tail(const struct flight *f, const struct session *s,
    const struct message *m)
{
	bool any_will_do = s->params->partial || f->count == 2;

	if (!can(s, CAP_PIPELINING))
		return TAIL_NONE;
	if (!session_is_chunking(s))
		return any_will_do ? TAIL_DATA : TAIL_NONE;
	if (!is_one_flight(f, m))
		return TAIL_NONE;
	return any_will_do ? TAIL_WHOLE : TAIL_HELD;
}

static void
add_message(struct flight *f, const struct message *m)
{
	bool whole = f->tail == TAIL_WHOLE;
	char *line = alloc_printf("BDAT %" PRIu64 "%s", message_size(m),
	    whole ? " LAST" : "");

	add_command(f, line, STAGE_END_OF_DATA, false);
	f->commands[f->count - 1].body = m;
	f->commands[f->count - 1].body_size = (size_t)message_size(m);
	f->commands[f->count - 1].then_quit = whole && !f->others_wait;
}

bool
flight_prepare(struct flight *f, struct session *s, struct envelope *e,
    struct message *m, struct error *err)
{
	char *line;

	if (!demand_check(s, e->demands, err) || !adapt_message(s, e, m, err))
		return false;
	line =
	    envelope_mail_line(s, e, message_size(m), message_is_8bit(m), err);
	if (line == NULL)
		return false;
	f->commands = alloc_zeroed(e->count + 2, sizeof(*f->commands));
	f->recipients = alloc_zeroed(e->count, sizeof(*f->recipients));
	add_command(f, line, STAGE_MAIL, true);
	if (!add_recipients(f, s, e, err)) {
		flight_free(f);
		return false;
	}
	f->tail = choose_tail(f, s, m);
	if (f->tail == TAIL_DATA)
		add_command(f, alloc_string("DATA"), STAGE_DATA, false);
	else if (f->tail != TAIL_NONE)
		add_message(f, m);
	return true;
}

void
flight_free(struct flight *f)
{
	commands_free(f->commands, f->count);
	free(f->recipients);
	*f = (struct flight){ 0 };
}
