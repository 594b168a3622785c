/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the form of the message by the server's capabilities. */
#include "client/downgrade.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "client/command_lines.h"
#include "mail/header_encode.h"
#include "mail/path.h"
#include "mime/downgrade.h"

static bool
can(const struct transaction *t, enum capability which)
{
	return capabilities_have(&t->session->capabilities, which);
}

/* RFC 1870 section 6.1: a limit of 0 means that there is no limit. */
static bool
check_size(const struct transaction *t, struct error *err)
{
	uint64_t limit = t->session->capabilities.size_limit;
	uint64_t size;

	if (!can(t, CAP_SIZE) || limit == 0)
		return true;
	size = message_size(t->message);
	if (size <= limit)
		return true;
	return error_set(err, ERROR_TOO_BIG,
	    "the message has %" PRIu64
	    " octets; the server accepts at most %" PRIu64,
	    size, limit);
}

/* A header section for a server without SMTPUTF8 must not have an address that
 * needs it. */
static bool
check_header(const struct transaction *t, struct error *err)
{
	const struct message *m = t->original;
	struct str address = { 0 }, name = { 0 };
	bool found = m->has_8bit_header && !t->use_smtputf8
	    && header_find_utf8_address(&m->header, &address, &name);

	if (found) {
		error_set(err, ERROR_UNSUPPORTED,
		    "the address <%s> in the field %s needs SMTPUTF8, which %s",
		    str_text(&address), str_text(&name),
		    can(t, CAP_SMTPUTF8) ? "MAIL did not declare"
					 : "the server does not offer");
		error_status(err, "5.6.7");
	}
	str_free(&address);
	str_free(&name);
	return !found;
}

/* RFC 6531 section 3.1: SMTPUTF8 implies 8BITMIME. */
static bool
choose_form(struct transaction *t, struct error *err)
{
	struct message_form form = {
		.ascii_header = !t->use_smtputf8,
		.ascii = !can(t, CAP_8BITMIME) && !t->use_binarymime
		    && !t->use_smtputf8,
		.short_lines = !t->use_binarymime,
	};

	message_free(&t->downgraded);
	t->message = t->original;
	if (message_fits(t->original, &form))
		return true;
	if (!message_downgrade(t->original, &form, &t->downgraded, err))
		return false;
	t->message = &t->downgraded;
	return true;
}

/* With SMTPUTF8 the header section is UTF-8 (RFC 6532). */
static bool
make_utf8(struct transaction *t, struct error *err)
{
	const struct message *m = t->message;

	if (!m->has_8bit_header
	    || text_is_utf8(str_text(&m->header), m->header.len))
		return true;
	if (m == t->original)
		message_share(&t->downgraded, m);
	t->message = &t->downgraded;
	return header_encode(&t->downgraded.header, HEADER_UTF8, err);
}

bool
downgrade_message(struct transaction *t, struct error *err)
{
	return check_header(t, err) && choose_form(t, err) && make_utf8(t, err)
	    && check_size(t, err);
}

/* Whether the local part of the address is not ASCII. */
static bool
has_utf8_local_part(const char *address)
{
	const char *domain = address == NULL ? NULL : path_domain(address);
	size_t len = domain != NULL ? (size_t)(domain - address)
	    : address != NULL       ? strlen(address)
				    : 0;

	return address != NULL && !text_is_ascii(address, len);
}

static bool
has_utf8_address(const struct envelope *e)
{
	bool found = has_utf8_local_part(e->sender);

	for (size_t i = 0; i < e->count && !found; i++)
		found = e->recipients[i].state == RECIPIENT_PENDING
		    && has_utf8_local_part(e->recipients[i].address);
	return found;
}

static bool
has_utf8_header(const struct message *m)
{
	return m->has_8bit_header
	    && header_find_utf8_address(&m->header, NULL, NULL);
}

void
downgrade_choose_extensions(struct transaction *t)
{
	const struct message *m = t->original;

	t->has_command_lines =
	    session_is_chunking(t->session) && message_has_command_lines(m);
	t->use_smtputf8 = can(t, CAP_SMTPUTF8)
	    && (has_utf8_address(t->envelope) || has_utf8_header(m));
	t->use_binarymime = session_is_chunking(t->session)
	    && !t->has_command_lines && can(t, CAP_BINARYMIME)
	    && (m->has_long_lines
		|| (m->has_8bit_body && !can(t, CAP_8BITMIME)));
}

void
downgrade_choose_declared(struct transaction *t,
    const struct declared_message *declared)
{
	t->use_smtputf8 = can(t, CAP_SMTPUTF8)
	    && (declared->smtputf8 || has_utf8_local_part(t->envelope->sender));
	t->use_binarymime = declared->binarymime
	    && session_is_chunking(t->session) && can(t, CAP_BINARYMIME);
}
