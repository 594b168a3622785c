/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret string.  { 0 } is no secret.
 *
 * A secret at rest is masked: XORed with random octets that are not in the memory
 * of the process, but in a file of the kernel that has no name.  So neither a
 * core file nor a copy of the memory contains it.  What is in memory is kept out
 * of core files and swap if the system allows it, and is overwritten before it
 * is released.
 *
 * After fork(), both processes can reveal the secrets from before it.
 */
#ifndef VEREDUS_BASE_SECRET_H
#define VEREDUS_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct secret {
	char *masked; /* NULL if there is no secret */
	size_t len;
	size_t size;      /* of the mapping; 0 if it is allocated memory */
	off_t mask_at;    /* where the file has the mask */
	int masks_plus_1; /* the file's descriptor plus 1; 0 if the system has no
			   * such file */
};

/* The clear text of a secret, for the time in which it is used. */
struct secret_text {
	char *data; /* NUL-terminated; NULL if there is no secret */
	size_t len;
	size_t size; /* of the mapping; 0 if it is allocated memory */
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

/* Fills an empty text with a copy of the secret; secret_text_free() overwrites
 * and releases it. */
void secret_reveal(const struct secret *s, struct secret_text *text);
void secret_text_free(struct secret_text *text);

/* Overwrites memory so that no optimizer removes it; data may be NULL. */
void secret_wipe(void *data, size_t len);

/*
 * Overwrites allocated memory of min to max octets that was released before, as far
 * as malloc() gives it again.  A library that has released copies of a secret may
 * not have overwritten them.
 */
void secret_wipe_released(size_t min, size_t max);

#endif
