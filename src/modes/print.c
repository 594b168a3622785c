/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the message in the form that a delivery gives it. */
#include "modes/print.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "client/body.h"
#include "client/downgrade.h"
#include "client/transaction.h"

static bool
add_message(struct str *out, const struct message *m, struct error *err)
{
	char *block = alloc_bytes(BODY_BLOCK);
	uint64_t at = 0;
	size_t got = 0;
	bool ok = true;

	str_append(out, str_text(&m->header), m->header.len);
	str_add_char(out, '\n');
	while (ok && at < m->body.size) {
		ok = buffer_file_read(&m->body, at, block, BODY_BLOCK, &got,
		    err);
		if (ok)
			str_append(out, block, got);
		at += got;
	}
	free(block);
	return ok;
}

bool
print(struct context *context, struct str *out, struct error *err)
{
	struct submission *s = &context->submission;
	struct session server = { .params = &context->account.session };
	struct transaction t = { .session = &server,
		.envelope = &s->envelope,
		.original = &s->message };
	bool ok;

	if (!context->cmdline->print_7bit)
		server.capabilities.set = CAP_8BITMIME | CAP_SMTPUTF8;
	downgrade_choose_extensions(&t);
	ok = downgrade_message(&t, err) && add_message(out, t.message, err);
	transaction_free(&t);
	return ok;
}
