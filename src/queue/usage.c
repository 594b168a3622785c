/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and writes the file "state" below the folder of a queue, under a lock.
 */
#include "queue/usage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"

#define NAME "state"
/* The text has a fixed length: "messages N octets N" LF. */
#define MESSAGES "messages "
#define OCTETS " octets "
#define DIGITS 20
#define TEXT_SIZE (sizeof(MESSAGES OCTETS) - 1 + 2 * DIGITS + 1)

/* Returns a descriptor of the locked file, or -1. */
static int
open_state(const struct queue_folder *folder)
{
	return queue_folder_lock(folder, NAME, true);
}

/* Copies the digits at that position, which end at a blank or LF. */
static bool
read_number(const char *text, size_t at, uint64_t *value)
{
	char digits[DIGITS + 1];
	unsigned long long number;

	memcpy(digits, text + at, DIGITS);
	digits[DIGITS] = '\0';
	if (!text_number(digits, 0, INT64_MAX, &number))
		return false;
	*value = number;
	return true;
}

/* A damaged file counts as that of an empty queue, until the next run. */
static void
read_state(int fd, struct queue_usage *usage)
{
	char text[TEXT_SIZE];

	if (pread(fd, text, sizeof(text), 0) != (ssize_t)sizeof(text)
	    || !read_number(text, strlen(MESSAGES), &usage->messages)
	    || !read_number(text, strlen(MESSAGES) + DIGITS + strlen(OCTETS),
		&usage->octets))
		*usage = (struct queue_usage){ 0 };
}

static bool
write_state(int fd, const struct queue_usage *usage)
{
	char text[TEXT_SIZE + 1];

	snprintf(text, sizeof(text),
	    MESSAGES "%0*" PRIu64 OCTETS "%0*" PRIu64 "\n", DIGITS,
	    usage->messages, DIGITS, usage->octets);
	return pwrite(fd, text, TEXT_SIZE, 0) == (ssize_t)TEXT_SIZE;
}

static bool
fail(const struct queue_folder *folder, struct error *err)
{
	const int errnum = errno;

	error_set(err,
	    errnum == ENOSPC || errnum == EDQUOT ? ERROR_SPACE : ERROR_FILE,
	    "cannot update %s: %s", NAME, strerror(errnum));
	return error_subject(err, "%s", folder->path);
}

static bool
full(const struct queue_folder *folder, struct error *err, const char *why)
{
	error_set(err, ERROR_SPACE, "the queue is full: %s", why);
	return error_subject(err, "%s", folder->path);
}

/* While the message is written, it needs room for the next one's beginning. */
static bool
has_room(const struct queue_folder *folder, uint64_t octets)
{
	struct statvfs fs;

	return fstatvfs(folder->root_plus_1 - 1, &fs) != 0
	    || (uint64_t)fs.f_bavail * fs.f_frsize >= octets + octets / 2;
}

bool
queue_usage_add(struct queue_folder *folder, uint64_t octets,
    const struct queue_usage *limits, struct error *err)
{
	struct queue_usage usage;
	int fd;
	bool ok;

	if (!has_room(folder, octets))
		return full(folder, err, "the file system has no room left");
	fd = open_state(folder);
	if (fd < 0)
		return fail(folder, err);
	read_state(fd, &usage);
	usage.messages++;
	usage.octets += octets;
	if (usage.messages > limits->messages)
		ok = full(folder, err, "queue_limit allows no more messages");
	else if (usage.octets > limits->octets)
		ok = full(folder, err, "queue_limit allows no more octets");
	else
		ok = write_state(fd, &usage) || fail(folder, err);
	close(fd);
	return ok;
}

static uint64_t
at_least_zero(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void
queue_usage_subtract_all(struct queue_folder *folder,
    const struct queue_usage *removed)
{
	struct queue_usage usage;
	int fd = open_state(folder);

	if (fd < 0)
		return;
	read_state(fd, &usage);
	usage.messages = at_least_zero(usage.messages, removed->messages);
	usage.octets = at_least_zero(usage.octets, removed->octets);
	(void)write_state(fd, &usage);
	close(fd);
}

void
queue_usage_subtract(struct queue_folder *folder, uint64_t octets)
{
	const struct queue_usage removed = { .messages = 1, .octets = octets };

	queue_usage_subtract_all(folder, &removed);
}

void
queue_usage_set(struct queue_folder *folder, const struct queue_usage *counted)
{
	int fd = open_state(folder);

	if (fd < 0)
		return;
	(void)write_state(fd, counted);
	close(fd);
}
