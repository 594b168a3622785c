/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in octets, found in as few instructions as a machine needs: by
 * vectors, which compilers make of its own registers or of plain code.
 */
#ifndef VEREDUS_MAIL_SCAN_H
#define VEREDUS_MAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
	uint64_t lines; /* LFs */
	bool has_8bit;  /* octets over 127 */
};

/* Adds what stands in the octets. */
void scan_octets(struct scan *s, const char *data, size_t len);
/*
 * The same, and whether a dot stands behind an LF.  One more octet is looked
 * at than counted, data[len], so that none is missed between two calls.
 */
bool scan_with_dots(struct scan *s, const char *data, size_t len);

#endif
