/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts lines and finds octets over 127 and dots at the start of lines, by
 * vector operations.  Compilers use vector registers for them, or plain code
 * on machines without.
 */
#ifndef VEREDUS_MAIL_SCAN_H
#define VEREDUS_MAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
	uint64_t lines; /* LFs */
	bool has_8bit;  /* an octet is over 127 */
};

/* Adds the octets to the scan. */
void scan_octets(struct scan *s, const char *data, size_t len);
/*
 * The same; also returns whether a dot follows an LF.  Reads, but does not
 * count, data[len], so that two calls miss no dot between them.
 */
bool scan_with_dots(struct scan *s, const char *data, size_t len);

#endif
