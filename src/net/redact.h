/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps secrets out of traces and error messages.
 */
#ifndef VEREDUS_NET_REDACT_H
#define VEREDUS_NET_REDACT_H

#include "base/str.h"
#include "base/strv.h"

/*
 * Adds the forms in which a secret may appear: as it is, cleaned by
 * text_clean(), and in base64, with and without padding.  Ignores an empty one.
 */
void redact_add(struct strv *hidden, const char *secret);
/* Replaces each form in the text by "[hidden]", the longest match first. */
void redact_apply(const struct strv *hidden, struct str *text);

#endif
