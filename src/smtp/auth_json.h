/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The JSON object in which a server says what it has against a token
 * (RFC 7628 section 3.2.2, and XOAUTH2's older form).  Reads strings and
 * numbers on the first level of one object; knows nothing of SASL.
 */
#ifndef VEREDUS_SMTP_AUTH_JSON_H
#define VEREDUS_SMTP_AUTH_JSON_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Appends the value of that member: a string decoded, anything else as it is
 * written.  False, with out as it was, when text is no object or has no such
 * member.
 */
bool json_member(const struct str *text, const char *name, struct str *out);

#endif
