/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stages of an SMTP session with a server.  Errors, timeouts, observers
 * and the table of enhanced status codes all use this one list.
 */
#ifndef VEREDUS_BASE_STAGE_H
#define VEREDUS_BASE_STAGE_H

/* In the order in which a session passes through them. */
enum smtp_stage {
	STAGE_NONE, /* not in a session, or in the session as a whole */
	STAGE_DNS,
	STAGE_CONNECT,
	STAGE_GREETING,
	STAGE_EHLO, /* EHLO, LHLO or HELO */
	STAGE_TLS,  /* STARTTLS and the handshake */
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_BODY,        /* one block of the message */
	STAGE_END_OF_DATA, /* the final reply to the message */
	STAGE_RSET,
	STAGE_ETRN,
	STAGE_XQUEUE,
	STAGES
};

/*
 * The word that a user reads for a stage ("greeting"); not for STAGE_NONE.
 * All stages from MAIL to DATA are the "envelope".
 */
const char *stage_name(enum smtp_stage stage);
/* The word for a stage that programs read ("end_of_data"); NULL for STAGE_NONE. */
const char *stage_word(enum smtp_stage stage);
/* The first of the stages whose times --time and --probe add up. */
enum smtp_stage stage_group(enum smtp_stage stage);

#endif
