/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for the stages of an SMTP session, and their grouping. */
#include "base/stage.h"

static const struct {
	const char *name;
	enum smtp_stage group;
} stages[STAGES] = {
	[STAGE_DNS] = { "DNS", STAGE_DNS },
	[STAGE_CONNECT] = { "TCP", STAGE_CONNECT },
	[STAGE_GREETING] = { "greeting", STAGE_GREETING },
	[STAGE_EHLO] = { "EHLO", STAGE_GREETING },
	[STAGE_TLS] = { "TLS", STAGE_TLS },
	[STAGE_AUTH] = { "AUTH", STAGE_AUTH },
	[STAGE_MAIL] = { "envelope", STAGE_MAIL },
	[STAGE_RCPT] = { "envelope", STAGE_MAIL },
	[STAGE_DATA] = { "envelope", STAGE_MAIL },
	[STAGE_BODY] = { "body", STAGE_BODY },
	[STAGE_END_OF_DATA] = { "final reply", STAGE_END_OF_DATA },
	[STAGE_RSET] = { "envelope", STAGE_MAIL },
	[STAGE_ETRN] = { "envelope", STAGE_MAIL },
	[STAGE_XQUEUE] = { "envelope", STAGE_MAIL },
};

const char *
stage_name(enum smtp_stage stage)
{
	return stages[stage].name;
}

enum smtp_stage
stage_group(enum smtp_stage stage)
{
	return stages[stage].group;
}
