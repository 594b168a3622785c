/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes MAIL and RCPT, and decides whether DATA or BDAT can be sent together
 * with them.
 */
#include "client/envelope.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/string_index.h"
#include "base/text.h"
#include "client/mail_params.h"
#include "mail/dsn.h"
#include "mail/path.h"

static bool
can(const struct transaction *t, enum capability which)
{
	return capabilities_have(&t->session->capabilities, which);
}

/*
 * The address with A-labels, for a command without SMTPUTF8.  A local part beyond
 * ASCII needs SMTPUTF8 (RFC 6531).  NULL on failure.
 */
static char *
ascii_address(const struct transaction *t, const char *address,
    struct error *err)
{
	const char *at = strrchr(address, '@');
	size_t local_length =
	    at == NULL ? strlen(address) : (size_t)(at - address);
	char *ascii = NULL, *result;

	if (at == NULL || !text_is_ascii(address, local_length)) {
		error_set(err, ERROR_UNSUPPORTED,
		    "the address needs SMTPUTF8, which %s",
		    can(t, CAP_SMTPUTF8) ? "MAIL did not declare"
					 : "the server does not offer");
		error_status(err, "5.6.7");
		return NULL;
	}
	if (!idna_to_ascii(at + 1, &ascii, err))
		return NULL;
	result = alloc_printf("%.*s@%s", (int)local_length, address, ascii);
	free(ascii);
	return result;
}

/* The address in a form that the server accepts in the command of that stage.
 * NULL on failure. */
static char *
wire_address(const struct transaction *t, const char *address,
    enum smtp_stage stage, struct error *err)
{
	char *result;

	if (t->use_smtputf8 || text_is_ascii(address, strlen(address)))
		return alloc_string(address);
	result = ascii_address(t, address, err);
	if (result == NULL && err != NULL) {
		error_subject(err, "<%s>", address);
		err->stage = stage;
	}
	return result;
}

/* Frees both, and returns the line unless it contains control characters. */
static char *
finish_line(struct str *line, char *address, struct error *err)
{
	char *checked = session_format(err, "%s", str_text(line));

	str_free(line);
	free(address);
	return checked;
}

/* RFC 5321 section 4.1.1.2; the null reverse-path is "<>". */
char *
envelope_mail_line(const struct transaction *t, uint64_t size, bool is_8bit,
    struct error *err)
{
	const struct envelope *e = t->envelope;
	char *sender = wire_address(t, e->sender == NULL ? "" : e->sender,
	    STAGE_MAIL, err);
	struct str line = { 0 };

	if (sender == NULL)
		return NULL;
	str_printf(&line, "MAIL FROM:<%s>", sender);
	if (can(t, CAP_SIZE) && size > 0)
		str_printf(&line, " SIZE=%" PRIu64, size);
	if (t->use_binarymime)
		str_add(&line, " BODY=BINARYMIME");
	else if (can(t, CAP_8BITMIME) && (is_8bit || e->declared_8bit))
		str_add(&line, " BODY=8BITMIME");
	if (t->use_smtputf8)
		str_add(&line, " SMTPUTF8");
	if (can(t, CAP_DSN))
		dsn_add_mail_parameters(&line, &e->dsn);
	mail_params_add(t->session, e->mail_params, &line);
	return finish_line(&line, sender, err);
}

char *
envelope_rcpt_line(const struct transaction *t, const struct recipient *r,
    struct error *err)
{
	char *address = wire_address(t, r->address, STAGE_RCPT, err);
	struct str line = { 0 };

	if (address == NULL)
		return NULL;
	str_printf(&line, "RCPT TO:<%s>", address);
	if (can(t, CAP_DSN))
		dsn_add_rcpt_parameters(&line, envelope_notify(t->envelope, r),
		    r->original != NULL ? r->original : r->address,
		    t->use_smtputf8);
	return finish_line(&line, address, err);
}

static void
add_command(struct command_group *g, char *line, enum smtp_stage stage,
    bool abort_on_reject)
{
	g->commands[g->count++] = (struct command){ .line = line,
		.stage = stage,
		.abort_on_reject = abort_on_reject };
}

/* Whether the server's limits (RFC 9422) allow this recipient in the same
 * transaction. */
static bool
is_within_limits(const struct command_group *g, const struct session *s,
    const char *address, struct string_index *domains)
{
	const struct server_limits *limits = &s->capabilities.limits;
	const char *domain = path_domain(address);

	if (limits->rcpt > 0 && g->count - g->mail >= limits->rcpt)
		return false;
	if (limits->rcpt_domain == 0)
		return true;
	if (domain == NULL)
		domain = "";
	if (string_index_find(domains, domain) != STRING_INDEX_NONE)
		return true;
	return domains->count < limits->rcpt_domain
	    && string_index_add(domains, domain, 0);
}

/*
 * Adds RCPT for one recipient.  An address that the server cannot accept fails
 * its recipient, or with "partial off" the transaction: false.
 */
static bool
add_recipient(struct command_group *g, const struct transaction *t,
    struct recipient *r, struct error *err)
{
	bool partial = transaction_is_partial(t);
	struct error why = { 0 };
	char *line = envelope_rcpt_line(t, r, partial ? &why : err);

	if (line != NULL) {
		g->recipients[g->count - g->mail] = r;
		add_command(g, line, STAGE_RCPT, !partial);
	} else if (partial) {
		recipient_fail(r, &why);
	}
	return line != NULL || partial;
}

static bool
too_many(size_t count, struct error *err)
{
	error_reject(err, STAGE_MAIL,
	    "the server does not accept %zu recipients at once, but \"partial "
	    "off\" requires a single transaction",
	    count);
	return error_status(err, "5.5.3");
}

static bool
add_recipients(struct command_group *g, const struct transaction *t,
    struct error *err)
{
	const struct session *s = t->session;
	struct envelope *e = t->envelope;
	struct string_index domains = { .kind = &string_nocase };
	bool ok = true;

	for (size_t i = 0; i < e->count && ok; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_PENDING)
			continue;
		if (is_within_limits(g, s, r->address, &domains))
			ok = add_recipient(g, t, r, err);
		else if (transaction_is_partial(t))
			g->more_recipients = true;
		else
			ok = too_many(e->count, err);
	}
	string_index_free(&domains);
	if (!ok || g->count > 1)
		return ok;
	error_copy(err, envelope_result(e));
	return false;
}

/* Octets for "BDAT ", a number, " LAST", QUIT and their line ends. */
#define DATA_ROOM 48

/* Whether the envelope and all of the message fit into one write. */
static bool
fits_into_group(const struct command_group *g, const struct message *m)
{
	uint64_t octets = message_size(m) + DATA_ROOM;

	for (size_t i = 0; i < g->count; i++)
		octets += strlen(g->commands[i].line) + 2;
	return octets <= STREAM_GROUP_MAX;
}

/*
 * After 354 or BDAT LAST the transaction cannot be cancelled.  So the client
 * pipelines DATA or BDAT LAST only if one accepted recipient is enough to send
 * the message.  RFC 3030 neither allows nor forbids BDAT behind RCPT; servers
 * accept it.
 */
static enum data_command
choose_data_command(const struct command_group *g, const struct transaction *t)
{
	bool one_is_enough = transaction_is_partial(t) || g->count == 2;

	if (!session_is_pipelining(t->session))
		return DATA_SEPARATE;
	if (!transaction_uses_bdat(t))
		return one_is_enough ? DATA_PIPELINED : DATA_SEPARATE;
	if (!fits_into_group(g, t->message))
		return DATA_SEPARATE;
	return one_is_enough ? BDAT_LAST : BDAT_NO_LAST;
}

static void
add_message(struct command_group *g, const struct transaction *t)
{
	const struct message *m = t->message;
	bool last = g->data_command == BDAT_LAST;
	char *line = alloc_printf("BDAT %" PRIu64 "%s", message_size(m),
	    last ? " LAST" : "");

	add_command(g, line, STAGE_END_OF_DATA, false);
	g->commands[g->count - 1].body = m;
	g->commands[g->count - 1].body_size = (size_t)message_size(m);
	g->commands[g->count - 1].quit_after =
	    last && !g->more_recipients && !t->is_pipelined;
}

/* Starts a group with room for all commands. */
static void
begin_group(struct command_group *g, size_t recipients, char *mail_line)
{
	g->commands = alloc_zeroed(recipients + 2, sizeof(*g->commands));
	g->recipients = alloc_zeroed(recipients, sizeof(*g->recipients));
	if (mail_line == NULL)
		return;
	add_command(g, mail_line, STAGE_MAIL, true);
	g->mail = 1;
}

void
build_envelope(struct command_group *g, const struct transaction *t,
    char *mail_line, const struct recipient_list *to)
{
	begin_group(g, to->count, mail_line);
	for (size_t i = 0; i < to->count; i++)
		if (to->items[i]->state == RECIPIENT_PENDING)
			(void)add_recipient(g, t, to->items[i], NULL);
}

bool
build_commands(struct command_group *g, const struct transaction *t,
    struct error *err)
{
	const struct message *m = t->message;
	char *line =
	    envelope_mail_line(t, message_size(m), message_is_8bit(m), err);

	if (line == NULL)
		return false;
	begin_group(g, t->envelope->count, line);
	if (!add_recipients(g, t, err)) {
		command_group_free(g);
		return false;
	}
	g->data_command = choose_data_command(g, t);
	if (g->data_command == DATA_PIPELINED)
		add_command(g, alloc_string("DATA"), STAGE_DATA, false);
	else if (g->data_command != DATA_SEPARATE)
		add_message(g, t);
	return true;
}

void
command_group_free(struct command_group *g)
{
	commands_free(g->commands, g->count);
	free(g->recipients);
	*g = (struct command_group){ 0 };
}
