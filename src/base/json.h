/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes JSON (RFC 8259).
 */
#ifndef VEREDUS_BASE_JSON_H
#define VEREDUS_BASE_JSON_H

#include "base/str.h"

/*
 * Appends a string with its quotation marks, valid for any text: octets that
 * are not UTF-8 become U+FFFD, and control characters are escaped.
 */
void json_add_string(struct str *out, const char *text);

#endif
