/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for the stages of an SMTP session, and their grouping. */
#include "base/stage.h"

static const struct {
	const char *name;
	const char *word;
	enum smtp_stage group;
} stages[STAGES] = {
	[STAGE_DNS] = { "DNS", "dns", STAGE_DNS },
	[STAGE_CONNECT] = { "TCP", "connect", STAGE_CONNECT },
	[STAGE_GREETING] = { "greeting", "greeting", STAGE_GREETING },
	[STAGE_EHLO] = { "EHLO", "ehlo", STAGE_GREETING },
	[STAGE_TLS] = { "TLS", "tls", STAGE_TLS },
	[STAGE_AUTH] = { "AUTH", "auth", STAGE_AUTH },
	[STAGE_MAIL] = { "envelope", "mail", STAGE_MAIL },
	[STAGE_RCPT] = { "envelope", "rcpt", STAGE_MAIL },
	[STAGE_DATA] = { "envelope", "data", STAGE_MAIL },
	[STAGE_BODY] = { "body", "body", STAGE_BODY },
	[STAGE_END_OF_DATA] = { "final reply", "end_of_data",
	    STAGE_END_OF_DATA },
	[STAGE_RSET] = { "envelope", "rset", STAGE_MAIL },
	[STAGE_ETRN] = { "envelope", "etrn", STAGE_MAIL },
	[STAGE_XQUEUE] = { "envelope", "xqueue", STAGE_MAIL },
};

const char *
stage_name(enum smtp_stage stage)
{
	return stages[stage].name;
}

const char *
stage_word(enum smtp_stage stage)
{
	return stages[stage].word;
}

enum smtp_stage
stage_group(enum smtp_stage stage)
{
	return stages[stage].group;
}
