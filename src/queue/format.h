/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first line of a queue file, which has a fixed length: the version of the
 * format, and the checksum of the head and the message.
 */
#ifndef VEREDUS_QUEUE_FORMAT_H
#define VEREDUS_QUEUE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* "veredus-queue 1 1234ABCD" LF */
#define QUEUE_FORMAT_LENGTH ((size_t)25)

enum queue_format { QUEUE_FORMAT_THIS, QUEUE_FORMAT_NEWER, QUEUE_FORMAT_NONE };

/* Writes the line to the first octets of the text. */
void queue_format_write(char *text, uint32_t checksum);
/* Reads the line at the start of a text. */
enum queue_format queue_format_parse(const char *text, size_t len,
    uint32_t *checksum);

#endif
