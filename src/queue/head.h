/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of a queue file: what never changes about a queued message, as lines
 * of text.
 */
#ifndef VEREDUS_QUEUE_HEAD_H
#define VEREDUS_QUEUE_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "queue/entry.h"

/*
 * Appends the head: a line "KEY VALUE" for each value that is set, and an empty
 * line.  Errors: ERROR_CONFIG if a value has control characters.
 */
bool queue_head_write(const struct queue_entry *entry, struct str *out,
    struct error *err);

/*
 * Reads a head of len octets, with its empty line, into an empty entry.
 * Errors: ERROR_MESSAGE for what queue_head_write() does not write.
 */
bool queue_head_parse(struct queue_entry *entry, const char *text, size_t len,
    struct error *err);

#endif
