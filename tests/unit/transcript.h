/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server that plays a transcript at the other end of a socket pair.
 *
 * A transcript is lines "S: text" (the server says; "|" is a line end inside
 * one piece), "S* text" (the same without a line end behind it), "C: text" (the
 * client must say), "BODY" (the client sends a message to its lone dot),
 * "CHUNK n" (n octets), "CLOSE", "END" (the client must say nothing more and
 * hang up).
 */
#ifndef VEREDUS_TESTS_TRANSCRIPT_H
#define VEREDUS_TESTS_TRANSCRIPT_H

#include "base/str.h"
#include "net/transport.h"

struct transcript;

/* Starts the server; the client's end is in *transport. */
struct transcript *transcript_start(const char *text,
    struct transport *transport);
/*
 * The same for the first client of a listening socket, which it then closes.
 * shutdown() of the listener ends the wait for a client that never comes.
 */
struct transcript *transcript_listen(const char *text, int listener);
/*
 * Waits for the server's end, releases it and returns what went wrong, "" if
 * nothing did; the caller frees.  body, if not NULL, gets what BODY received.
 */
char *transcript_end(struct transcript *t, struct str *body);

#endif
