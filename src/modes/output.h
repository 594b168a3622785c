/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the modes print on standard output, and the lines "LABEL: VALUE" of
 * --serverinfo, --probe and --explain.  Scripts may look for the labels.  All
 * text is cleaned here (base/text.h).
 */
#ifndef VEREDUS_MODES_OUTPUT_H
#define VEREDUS_MODES_OUTPUT_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "tls/tls.h"

/* The indentation of a line, in columns. */
#define OUTPUT_TOP 0
#define OUTPUT_PART 4
#define OUTPUT_DETAIL 8

/*
 * Writes the text to standard output, and empties it.  The caller of the program
 * needs this output, so a failure is an error: ERROR_INTERRUPTED after a signal,
 * else ERROR_INPUT.
 */
bool output_flush(struct str *text, struct error *err);

/* Appends cleaned text. */
void output_text(struct str *out, const char *text);
/* Appends a word as a shell reads it, cleaned. */
void output_word(struct str *out, const char *word);
/* Appends one line.  The value of output_format() is formatted. */
void output_line(struct str *out, int indent, const char *label,
    const char *value);
void output_format(struct str *out, int indent, const char *label,
    const char *format, ...) ATTR_PRINTF(4, 5);
/* Appends the line that begins the block of a server: its socket or, if that
 * is NULL, its host and port. */
void output_host(struct str *out, const char *socket, const char *host,
    unsigned port);
/* Returns whole days; -1 on the first day after the end. */
long output_days_until(time_t when, time_t now);
/* Appends the subject of the certificate, its validity at the time now, and
 * its fingerprints in the form of the setting tls_fingerprint. */
void output_certificate(struct str *out, int indent,
    const struct tls_peer *peer, time_t now);

#endif
