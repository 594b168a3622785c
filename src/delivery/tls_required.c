/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the field TLS-Required of a message. */
#include "delivery/tls_required.h"

#include "base/str.h"
#include "base/text.h"
#include "mail/header.h"

/* The only value that there is.  A message with several fields is not valid. */
static bool
says_no(const struct message *m)
{
	static const char name[] = "TLS-Required";
	struct str value = { 0 };
	bool result = header_value(&m->header, name, &value)
	    && text_equal_nocase(str_text(&value), "No")
	    && header_count(&m->header, name) == 1;

	str_free(&value);
	return result;
}

void
tls_required_apply(struct delivery_params *params, const struct envelope *e,
    const struct message *message)
{
	const struct account *a = params->account;

	if (!a->tls_required_no || !account_uses_mx(a)
	    || (e->mail_params != NULL && e->mail_params->require_tls)
	    || !says_no(message))
		return;
	params->ignores_policies = true;
	params->sts = NULL;
	params->more = NULL;
}
