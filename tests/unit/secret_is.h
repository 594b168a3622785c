/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares secrets. */
#ifndef VEREDUS_UNIT_SECRET_IS_H
#define VEREDUS_UNIT_SECRET_IS_H

#include <string.h>

#include "base/secret.h"

/* Whether the secret has this text. */
static inline bool
secret_is(const struct secret *s, const char *text)
{
	struct secret_text clear;
	bool same;

	secret_reveal(s, &clear);
	same = clear.data != NULL && clear.len == strlen(text)
	    && strcmp(clear.data, text) == 0;
	secret_text_free(&clear);
	return same;
}

#endif
