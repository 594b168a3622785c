/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BDAT (RFC 3030 section 2): the message in pieces of known size, so without
 * dots and without a 354 to wait for.
 */
#ifndef VEREDUS_CLIENT_CHUNK_H
#define VEREDUS_CLIENT_CHUNK_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"
#include "mail/message.h"

/* A piece has at least so many octets, but for the last one. */
#define CHUNK_SIZE ((size_t)256 * 1024)
/* Replies that may be due while the next piece is on its way. */
#define CHUNKS_UNANSWERED 2

/*
 * Sends the message in pieces; the reply to the last one is the final reply and
 * is not read here.  The replies to the others are read as they come.
 * Errors: ERROR_REJECTED (STAGE_END_OF_DATA) when a chunk is rejected, those of stream_write() and
 * buffer_file_read(); the dialogue is broken then, and the message not complete.
 */
bool chunk_write(struct session *s, const struct message *message,
    struct error *err);

/* Sends "BDAT 0 LAST": what the server holds may go. */
bool chunk_send_last(struct session *s, struct error *err);

/*
 * After a good reply to a message that QUIT went along with: true if 221 or
 * an orderly end follows, or nothing at all.  Another reply means that one
 * reply too many came before, and that the good one was for something else.
 */
bool chunk_check_quit_reply(struct session *s, struct error *err);

#endif
