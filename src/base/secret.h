/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret string.  Its memory is kept out of core files and swap if the system
 * allows it, and is overwritten before it is released.  { 0 } is no secret.
 */
#ifndef VEREDUS_BASE_SECRET_H
#define VEREDUS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret {
	char *data; /* NUL-terminated; NULL if there is no secret */
	size_t len;
	size_t size; /* of the mapping; 0 if data is allocated memory */
};

/* The maximum length of a secret, without its NUL. */
#define SECRET_MAX 65536

bool secret_is_set(const struct secret *s);
/* Replaces s by a copy of len bytes; longer data is cut at SECRET_MAX. */
void secret_set(struct secret *s, const char *data, size_t len);
/* Replaces dst by a copy of src. */
void secret_copy(struct secret *dst, const struct secret *src);
/* Overwrites and releases the secret. */
void secret_free(struct secret *s);
/* Overwrites memory so that no optimizer removes it; data may be NULL. */
void secret_wipe(void *data, size_t len);

#endif
