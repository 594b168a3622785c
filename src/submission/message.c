/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the message from standard input, rewrites the addresses of its header,
 * and adds the fields that are missing.
 */
#include "submission/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/idna.h"
#include "base/process.h"
#include "base/str.h"
#include "base/text.h"
#include "mail/add_headers.h"
#include "mail/clean_headers.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/path.h"
#include "mail/read_message.h"
#include "mime/downgrade.h"
#include "submission/envelope.h"
#include "submission/received.h"

static void
note_changes(struct submission *s)
{
	const struct message *m = &s->message;

	if (m->ignored > 0)
		strv_take(&s->notes,
		    alloc_printf(
			"%" PRIu64
			" octets after a lone dot were ignored, because -i "
			"was not given",
			m->ignored));
	if (m->nuls > 0)
		strv_take(&s->notes,
		    alloc_printf("%" PRIu64
				 " NULs were removed from the message",
			m->nuls));
}

/* The caller relies on the message being sent once it has been read. */
static void
note_end_of_message(struct submission *s)
{
	s->message_read = true;
	process_ignore_hangup();
	note_changes(s);
}

/*
 * With -t, the octet in place of the NUL may be missing from an address, and the
 * rest could be the address of somebody else.
 */
static bool
check_nuls(const struct submission *s, struct error *err)
{
	const struct cmdline *cmdline = s->cmdline;
	const char *name = s->message.nul_field;

	if (name == NULL
	    || !(
		cmdline->recipients_from_header || cmdline->read_envelope_from))
		return true;
	return error_set(err, ERROR_ADDRESS,
	    "the field %s contains a NUL, so its addresses may be damaged: "
	    "remove the NUL",
	    name);
}

bool
submission_read_message(struct submission *s, struct error *err)
{
	const struct cmdline *cmdline = s->cmdline;
	bool trusts_environment = cmdline->personality == PERSONALITY_VEREDUS;
	struct message_rules rules = { .fd = STDIN_FILENO,
		.dot_ends = !cmdline->ignore_dots,
		.folder = trusts_environment ? getenv("TMPDIR") : NULL };

	if (!message_read(&s->message, &rules, err)
	    || !message_encode_binary(&s->message, err))
		return false;
	note_end_of_message(s);
	return check_nuls(s, err);
}

void
submission_set_message(struct submission *s, struct message *m)
{
	message_free(&s->message);
	s->message = *m;
	*m = (struct message){ 0 };
	note_end_of_message(s);
}

static void
remember_message_id(struct submission *s)
{
	struct header_field field;
	struct str value = { 0 };

	free(s->message_id);
	s->message_id = NULL;
	if (!header_find(&s->message.header, "Message-ID", &field))
		return;
	header_unfold(&field, &value);
	s->message_id = str_steal(&value);
}

void
submission_replace_message(struct submission *s, struct message *m)
{
	message_free(&s->message);
	s->message = *m;
	*m = (struct message){ 0 };
	remember_message_id(s);
}

/* The right-hand side of a Message-ID, in ASCII: the sender's domain, else this
 * host's name. */
static char *
message_id_domain(const struct submission *s)
{
	const char *domain = path_domain(s->envelope.sender);
	char *name;

	if (domain != NULL && text_is_ascii(domain, strlen(domain)))
		return alloc_string(domain);
	if (domain != NULL && idna_to_ascii(domain, &name, NULL))
		return name;
	name = host_fqdn();
	return name != NULL ? name : host_short_name();
}

/* Avoids a lookup in the password database if no From field is added. */
static bool
needs_full_name(const struct message *m)
{
	size_t start, end;

	return !header_has(&m->header, "From")
	    || header_find_resent(&m->header, &start, &end);
}

/*
 * Whether the message is for the recipients of its current Resent block: with -t,
 * or if the block names one of the envelope.  Other blocks are about earlier
 * deliveries.
 */
static bool
is_resent(const struct submission *s)
{
	const struct envelope *e = &s->envelope;
	struct envelope named = { 0 };
	size_t start, end;
	bool found = false;

	if (s->cmdline->recipients_from_header)
		return true;
	if (!header_find_resent(&s->message.header, &start, &end))
		return false;
	envelope_add_header(&named, &s->message.header, NULL);
	for (size_t i = 0; i < e->count && !found; i++) {
		const struct recipient *r = &e->recipients[i];

		found = envelope_find(&named, r->address) != NULL
		    || (r->original != NULL
			&& envelope_find(&named, r->original) != NULL);
	}
	envelope_free(&named);
	return found;
}

/* Adds the missing fields; `phrase` is the display name in From, or NULL. */
static bool
complete(struct submission *s, const char *from, const char *phrase,
    const char *domain, bool resends, struct error *err)
{
	const struct account *account = s->account;
	const struct cmdline *cmdline = s->cmdline;
	char *full_name =
	    alloc_string(cmdline->full_name != NULL ? cmdline->full_name
						    : account->from_full_name);
	struct header_settings settings = account->header;
	struct header_values values = { .from = from,
		.reply_to = s->reply_to,
		.phrase = phrase,
		.domain = domain,
		.operands = &s->operands,
		.resends = resends };
	bool ok;

	settings.add_nothing = cmdline->relayed;
	if (full_name == NULL && phrase == NULL && needs_full_name(&s->message))
		full_name = user_full_name(s->user);
	values.full_name = full_name;
	ok = message_add_headers(&s->message, &settings, &values, err);
	free(full_name);
	return ok;
}

/* The address for an added From field: the sender, or for the null sender the one
 * that the message would have without it. */
static char *
header_sender(struct submission *s)
{
	char *before, *sender;

	if (s->envelope.sender[0] != '\0')
		return alloc_string(s->envelope.sender);
	before = s->account->sender != NULL ? alloc_string(s->account->sender)
					    : submission_default_sender(s);
	free(s->reply_to);
	sender = rewrite_sender(&s->rewrite_rules, before, &s->reply_to);
	free(before);
	return sender;
}

bool
submission_complete_message(struct submission *s, struct error *err)
{
	char *from = header_sender(s);
	char *domain = message_id_domain(s), *phrase = NULL;
	bool resends = is_resent(s), ok;

	if (!s->cmdline->relayed) {
		rewrite_header(&s->rewrite_rules, &s->message.header);
		header_clean(&s->message.header, &s->account->header, resends,
		    &phrase, &s->notes);
	}
	ok = complete(s, from, phrase, domain, resends, err)
	    && message_shorten_lines(&s->message, err);
	free(from);
	free(domain);
	free(phrase);
	if (ok) {
		remember_message_id(s);
		submission_add_received(s);
	}
	return ok;
}
