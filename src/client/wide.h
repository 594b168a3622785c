/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * body_encode() for machines with wide registers; elsewhere, and for what is
 * left over, the plain code in body.c does the same.
 */
#ifndef VEREDUS_CLIENT_WIDE_H
#define VEREDUS_CLIENT_WIDE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the wire form of as many whole lines as it can to *to, which moves
 * behind them.  The text begins a line; there is room for twice its octets,
 * and some beyond the result are overwritten.  Returns how many octets of the
 * text were used, 0 if none.
 */
size_t wide_encode(char **to, const char *text, size_t len, bool stuff);

#endif
