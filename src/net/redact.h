/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps secrets out of traces and error messages.
 *
 * The secrets themselves are not kept: a form is found by its length and a
 * fingerprint of 62 bits, which depends on random numbers of this run.
 */
#ifndef VEREDUS_NET_REDACT_H
#define VEREDUS_NET_REDACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Two numbers modulo a prime: a fingerprint, or the bases of one. */
struct redact_number {
	uint64_t parts[2];
};

struct redact_form {
	size_t len;
	struct redact_number fingerprint;
};

/* The forms of all secrets; { 0 }: none. */
struct redact_forms {
	struct redact_form *items;
	size_t count;
	size_t size; /* room in items */
	struct redact_number base;
};

/*
 * Adds the forms in which a secret may appear: as it is, cleaned by
 * text_clean(), and in base64, with and without padding.  Ignores an empty one.
 */
void redact_add(struct redact_forms *forms, const char *secret);
/* Replaces each form in the text by "[hidden]", the longest match first. */
void redact_apply(const struct redact_forms *forms, struct str *text);
void redact_free(struct redact_forms *forms);

#endif
