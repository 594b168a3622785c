/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server that plays a transcript at the other end of a socket pair.
 *
 * The lines of a transcript:
 *   S: text   the server sends the text; "|" is a line end within one write
 *   S* text   the same without a line end after the text
 *   C: text   the client must send this line
 *   BODY      the client sends a message that ends with a single dot
 *   CHUNK n   the client sends n octets
 *   READ n    the client sends n octets of any kind
 *   STALL     the server reads nothing until the client closes
 *   DRAIN     the client may send anything, and closes the connection
 *   SLOW n    the same, but the server reads a block every n seconds
 *   CLOSE     the server closes the connection
 *   END       the client must send nothing more and close the connection
 */
#ifndef VEREDUS_TESTS_TRANSCRIPT_H
#define VEREDUS_TESTS_TRANSCRIPT_H

#include <stdbool.h>

#include "base/str.h"
#include "net/transport.h"

struct transcript;

/* Starts the server, and sets *transport to the end of the client. */
struct transcript *transcript_start(const char *text,
    struct transport *transport);
/*
 * Starts the server for the first client of a listening socket, which the
 * server then closes.  shutdown() of the socket ends the wait if no client
 * connects.
 */
struct transcript *transcript_listen(const char *text, int listener);
/* Whether a server does what its client may have to wait for: STALL, DRAIN, SLOW
 * or END. */
bool transcript_is_silent(void);
/*
 * Waits for the end of the server and frees the transcript.  Returns a
 * description of the first fault, or "" if there is none; the caller frees
 * it.  If body is not NULL, it receives the message that BODY read.
 */
char *transcript_end(struct transcript *t, struct str *body);

#endif
