/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VEREDUS_MAIL_DECLARED_CHARSET_H
#define VEREDUS_MAIL_DECLARED_CHARSET_H

#include "base/str.h"

/* The charset parameter of Content-Type, as charset_named(), which the caller
 * frees. */
char *charset_declared(const struct str *header);

#endif
