/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the faults of servers in a file, to which lines are only appended:
 *
 *   line        = checksum SP time SP faults SP server LF
 *
 * The checksum is the CRC-32C of what follows it.
 */
#include "queue/faults.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"

#define NAME "faults"
/* With more octets than these, the file is begun again. */
#define FILE_MAX ((off_t)64 * 1024)
#define CHECKSUM_LENGTH 8
#define LIFETIME ((int64_t)30 * 86400 * 1000)

static int
open_faults(const struct queue_folder *folder, int flags)
{
	return folder->root_plus_1 == 0
	    ? -1
	    : openat(folder->root_plus_1 - 1, NAME,
		flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
}

/* Returns the text of the file, which the caller frees; it may be empty. */
static char *
read_faults(const struct queue_folder *folder)
{
	char *text = alloc_bytes((size_t)FILE_MAX + 1);
	int fd = open_faults(folder, O_RDONLY);
	ssize_t got = fd < 0 ? 0 : pread(fd, text, (size_t)FILE_MAX, 0);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

/* Writes the checksum of a text with a NUL behind it. */
static void
write_checksum(const char *text, char sum[CHECKSUM_LENGTH + 1])
{
	snprintf(sum, CHECKSUM_LENGTH + 1, "%08" PRIX32,
	    crc32c(0, text, strlen(text)));
}

static bool
read_number(const char *word, unsigned long long *value)
{
	return word != NULL && text_number(word, 0, INT64_MAX, value);
}

/* Returns the faults in a line if it is about the server, and not too old.
 * Changes the line. */
static unsigned
parse_line(char *line, const char *server, int64_t now)
{
	char sum[CHECKSUM_LENGTH + 1];
	const char *word = strsep(&line, " ");
	unsigned long long time, faults;

	if (line == NULL)
		return 0;
	write_checksum(line, sum);
	if (strcmp(word, sum) != 0 || !read_number(strsep(&line, " "), &time)
	    || !read_number(strsep(&line, " "), &faults) || line == NULL
	    || strcmp(line, server) != 0)
		return 0;
	/* A clock that was wrong must not make it last. */
	return (int64_t)time <= now && now - (int64_t)time < LIFETIME
	    ? (unsigned)faults
	    : 0;
}

unsigned
queue_faults_find(const struct queue_folder *folder, const char *server,
    int64_t now)
{
	char *text = read_faults(folder);
	char *rest = text;
	char *line;
	unsigned faults = 0;

	while ((line = strsep(&rest, "\n")) != NULL)
		faults |= parse_line(line, server, now);
	free(text);
	return faults;
}

void
queue_faults_add(const struct queue_folder *folder, const char *server,
    unsigned faults, int64_t now)
{
	char sum[CHECKSUM_LENGTH + 1];
	struct str line = { 0 };
	char *rest = alloc_printf("%" PRId64 " %u %s", now, faults, server);
	int fd = -1;
	struct stat st;

	if (text_is_wire_safe(rest, strlen(rest)))
		fd = open_faults(folder, O_WRONLY | O_CREAT | O_APPEND);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
	    && (st.st_size <= FILE_MAX / 2 || ftruncate(fd, 0) == 0)) {
		write_checksum(rest, sum);
		str_printf(&line, "%s %s\n", sum, rest);
		(void)file_write(fd, line.data, line.len);
	}
	if (fd >= 0)
		close(fd);
	free(rest);
	str_free(&line);
}
