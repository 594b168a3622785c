/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in a block of octets, found in as few instructions as a machine
 * needs: the loops are written so that compilers make vectors of them.
 */
#ifndef VEREDUS_MAIL_SCAN_H
#define VEREDUS_MAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Counts the LFs; every bit that any octet has is set in *bits. */
size_t scan_lines(const char *data, size_t len, unsigned char *bits);

/* Whether a dot stands behind an LF, both among the octets; len is over 0. */
bool scan_has_line_dot(const char *data, size_t len);

#endif
