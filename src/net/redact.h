/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets kept out of what people see.
 */
#ifndef VEREDUS_NET_REDACT_H
#define VEREDUS_NET_REDACT_H

#include "base/str.h"
#include "base/strv.h"

/*
 * Adds the forms in which a secret may be seen: as it is, cleaned, in base64,
 * and that without its padding.  An empty secret is none.
 */
void redact_add(struct strv *hidden, const char *secret);
/* Replaces each of them in text by "[hidden]", the longest first. */
void redact_apply(const struct strv *hidden, struct str *text);

#endif
