/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reply to the end of the message (RFC 5321 section 4.1.1.4), with LMTP one
 * for each accepted recipient (RFC 2033 section 4.2).
 */
#ifndef VEREDUS_CLIENT_FINAL_REPLY_H
#define VEREDUS_CLIENT_FINAL_REPLY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/status.h"
#include "client/transaction.h"
#include "smtp/reply.h"

/*
 * Whether the reply accepts the message, or a chunk of it: it is 250 or another
 * 25z.  Other positive replies belong to other commands, for example 221 to
 * QUIT; after one of them it is uncertain whether the message was accepted.
 */
bool final_reply_accepts(const struct reply *reply);

/*
 * Reads the final reply, or what came with the replies to the envelope, and
 * makes the accepted recipients DELIVERED or FAILED.  err is the error of a
 * missing reply, else the first rejection.  Leaves the last reply in *reply.
 */
bool final_reply_read(struct transaction *t, struct reply *reply,
    struct error *err);

/*
 * Checks the reply to QUIT after a positive final reply.  An unsolicited reply
 * before it would show here: then the positive one belongs to another command,
 * and the reply in the place of that to QUIT is the true final reply.
 *
 * True if it is positive, because then the server has accepted the message in
 * either case; if it is 421 and nothing follows, as from a server that is shut
 * down (RFC 5321 section 3.8); or if there is none, because the server closes
 * the connection or stays silent, or a signal ends the wait.  Behind a pipeline,
 * where a positive reply may be that to RSET, it must be 221 if there is one.
 */
bool final_reply_check_quit(struct session *s, bool is_pipeline,
    struct error *err);

/*
 * Call this with the error and the status of a rejected BDAT.  If the server
 * does not know BDAT (500, 502 or 503) although it offers CHUNKING, it has no
 * message: the session becomes SESSION_BDAT_REJECTED, so that the message can be
 * sent again with DATA.  Not in the same session: the server may have taken the
 * message for commands.  Always returns false.
 */
bool final_reply_check_bdat(struct transaction *t,
    const struct smtp_status *status, struct error *err);

#endif
