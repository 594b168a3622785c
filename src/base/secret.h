/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret: a string whose memory is kept out of core files and swap where
 * the system allows it, and is overwritten before it is released.
 */
#ifndef VEREDUS_BASE_SECRET_H
#define VEREDUS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret {
	char *data; /* NUL-ended, or NULL when there is none */
	size_t len;
	size_t size; /* of the mapping */
};

/* The longest secret that is taken, without its NUL. */
#define SECRET_MAX 65536

bool secret_is_set(const struct secret *s);
/* Replaces the secret by a copy of the bytes; len is at most SECRET_MAX. */
void secret_set(struct secret *s, const char *data, size_t len);
void secret_copy(struct secret *dst, const struct secret *src);
void secret_free(struct secret *s);
/* Overwrites memory in a way that no optimiser removes. */
void secret_wipe(void *data, size_t len);

#endif
