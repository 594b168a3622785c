/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and writes the first line of a queue file.
 */
#include "queue/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NAME "veredus-queue "
#define VERSION "1 "

void
queue_format_write(char *text, uint32_t checksum)
{
	char line[QUEUE_FORMAT_LENGTH + 1];

	snprintf(line, sizeof(line), NAME VERSION "%08" PRIX32 "\n", checksum);
	memcpy(text, line, QUEUE_FORMAT_LENGTH);
}

enum queue_format
queue_format_parse(const char *text, size_t len, uint32_t *checksum)
{
	static const char start[] = NAME VERSION;
	char line[QUEUE_FORMAT_LENGTH];

	if (len < QUEUE_FORMAT_LENGTH || strncmp(text, NAME, strlen(NAME)) != 0
	    || !text_is_digit(text[strlen(NAME)]) || text[strlen(NAME)] == '0')
		return QUEUE_FORMAT_NONE;
	if (strncmp(text, start, strlen(start)) != 0)
		return QUEUE_FORMAT_NEWER;
	*checksum = (uint32_t)strtoul(text + strlen(start), NULL, 16);
	queue_format_write(line, *checksum);
	return memcmp(line, text, QUEUE_FORMAT_LENGTH) == 0 ? QUEUE_FORMAT_THIS
							    : QUEUE_FORMAT_NONE;
}
