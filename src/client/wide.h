/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * body_encode() with vector instructions.  Where there are none, and for the
 * rest of a text, the portable code in body.c does the same.
 */
#ifndef VEREDUS_CLIENT_WIDE_H
#define VEREDUS_CLIENT_WIDE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the wire form of as many whole lines as possible to *to, and moves *to
 * behind them.  The text must be at the start of a line.  The output needs room
 * for twice the octets of the text; octets behind the result are overwritten.
 * Returns how many octets of the text were encoded.
 */
size_t wide_encode(char **to, const char *text, size_t len, bool stuff);

#endif
