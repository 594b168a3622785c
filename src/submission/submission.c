/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Initialises and releases submissions.
 */
#include "submission/submission.h"

#include <stdlib.h>

#include "base/clock.h"

void
submission_begin(struct submission *s, const struct cmdline *cmdline,
    const struct user *user, const struct account *account,
    struct aliases *aliases)
{
	*s = (struct submission){ .cmdline = cmdline,
		.user = user,
		.account = account,
		.aliases = aliases,
		.start = clock_now() };
}

void
submission_free(struct submission *s)
{
	message_free(&s->message);
	envelope_free(&s->envelope);
	rewrite_rules_free(&s->rewrite_rules);
	free(s->written_sender);
	free(s->reply_to);
	strv_free(&s->operands);
	free(s->message_id);
	strv_free(&s->notes);
	strv_free(&s->warnings);
	*s = (struct submission){ 0 };
}
