/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searches for the word "binary", in any case and with NULs in it: without it, no
 * part of a message is declared as binary (RFC 2045 section 6.2).
 */
#ifndef VEREDUS_MAIL_BINARY_LABEL_H
#define VEREDUS_MAIL_BINARY_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"

#define BINARY_LABEL_LEN ((size_t)6)

bool binary_label_in(const char *data, size_t len);
/* Whether it begins in the first octets and ends in those after them. */
bool binary_label_across(const char *first, size_t first_len, const char *data,
    size_t len);
/*
 * Stores whether it begins in the octets of the body from *searched on, and
 * moves *searched to their end; the data follows the body.  Errors: ERROR_INPUT.
 */
bool binary_label_in_body(const struct buffer_file *body, uint64_t *searched,
    const char *data, size_t len, bool *found, struct error *err);

#endif
