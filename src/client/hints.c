/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names the setting that would help after a reply: the server knows what it
 * lacks, and the user which setting that is.
 */
#include "client/hints.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"

/* What a session has, as a condition of a hint. */
enum lack { ANY, NO_TLS, NO_LOGIN };

static const struct hint_row {
	enum smtp_stage stage; /* STAGE_NONE: any but AUTH and STARTTLS */
	int code;              /* 0: any */
	const char *enhanced;  /* NULL: any */
	const char *word;      /* in the reply or the command; NULL: any */
	enum lack lack;
	bool needs_config; /* no other attempt can succeed */
	const char *text;
} rows[] = {
	{ STAGE_NONE, 530, NULL, "TLS", NO_TLS, true, "set \"tls on\"" },
	{ STAGE_NONE, 530, NULL, NULL, NO_LOGIN, true,
	    "this account does not log in: set \"auth on\" and \"user\"" },
	{ STAGE_NONE, 0, "5.7.57", NULL, NO_LOGIN, true,
	    "this account does not log in: set \"auth on\" and \"user\"" },
	{ STAGE_EHLO, 501, NULL, NULL, ANY, false,
	    "set \"domain\" to a name that this server accepts" },
	{ STAGE_TLS, 530, NULL, NULL, ANY, true, HINT_IMPLICIT_TLS },
	{ STAGE_TLS, 0, NULL, NULL, ANY, false, HINT_IMPLICIT_TLS },
	{ STAGE_AUTH, 0, "5.7.30", NULL, ANY, true,
	    "this server wants OAuth2: set \"oauth_provider microsoft\"" },
	{ STAGE_AUTH, 501, NULL, NULL, ANY, false,
	    "\"auth\" can name another mechanism" },
	{ STAGE_AUTH, 504, NULL, NULL, ANY, false,
	    "\"auth\" can name another mechanism" },
	{ STAGE_RCPT, 0, NULL, "TO:<root>", ANY, false,
	    "set \"qualify_domain\", or add an alias for root to the file that "
	    "\"aliases\" names" },
	{ STAGE_RCPT, 0, NULL, "TO:<root@", ANY, false,
	    "an alias for root in the file that \"aliases\" names sends its mail "
	    "to a person" },
};

static bool
has_word(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

static bool
fits(const struct hint_row *row, const struct session *s,
    const struct error *err)
{
	if (row->stage != STAGE_NONE
		? row->stage != err->stage
		: err->stage == STAGE_AUTH || err->stage == STAGE_TLS)
		return false;
	if ((row->code != 0 && row->code != err->status.code)
	    || (row->enhanced != NULL
		&& strcmp(row->enhanced, err->status.enhanced) != 0))
		return false;
	if (row->word != NULL && !has_word(err->said, row->word)
	    && !has_word(err->command, row->word))
		return false;
	return row->lack == ANY
	    || (row->lack == NO_TLS ? !s->encrypted : s->mechanism == NULL);
}

void
hints_add(const struct session *s, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!fits(&rows[i], s, err))
			continue;
		err->needs_config = rows[i].needs_config;
		alloc_replace(&err->text, rows[i].text);
		return;
	}
}
