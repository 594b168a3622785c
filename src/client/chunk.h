/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BDAT (RFC 3030 section 2): sends the message in chunks of known size, without
 * dot-stuffing and without waiting for 354.
 */
#ifndef VEREDUS_CLIENT_CHUNK_H
#define VEREDUS_CLIENT_CHUNK_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"
#include "mail/message.h"

/* The least number of octets in a chunk, except the last one. */
#define CHUNK_SIZE ((size_t)256 * 1024)
/* How many replies may be outstanding while the next chunk is sent. */
#define CHUNKS_UNANSWERED 2

/*
 * Sends the message and reads the reply to each chunk except the last one,
 * whose reply is the final reply.  After a failure the session cannot be used.
 * Errors: ERROR_REJECTED (STAGE_END_OF_DATA) if the server rejects a chunk,
 * those of stream_write() and buffer_file_read().
 */
bool chunk_write(struct session *s, const struct message *message,
    struct error *err);

/* Sends "BDAT 0 LAST": the server may deliver the chunks that it has. */
bool chunk_send_last(struct session *s, struct error *err);

/*
 * Checks the reply to a QUIT that was sent together with the message, after a
 * positive final reply.  True if it is 221, or if the server closes the
 * connection or stays silent.  Another reply shows that an earlier one was
 * unsolicited, so that the positive one belongs to another command.
 */
bool chunk_check_quit_reply(struct session *s, struct error *err);

#endif
