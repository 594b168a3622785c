/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends messages that were not delivered to a mailbox file. */
#include "report/dead_letter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer_file.h"
#include "base/file.h"

#define BLOCK 32768

char *
dead_letter_file(const char *setting, const struct user *user)
{
	if (setting == NULL || strcmp(setting, "off") == 0)
		return NULL;
	if (strcmp(setting, "on") != 0)
		return alloc_string(setting);
	return user->home != NULL ? alloc_printf("%s/dead.letter", user->home)
				  : NULL;
}

static bool
set_error(const char *file, const char *why, struct error *err)
{
	return error_set(err, ERROR_CREATE, "cannot save the message in %s: %s",
	    file, why);
}

/*
 * Opens and locks the file without waiting.  Rejects links, pipes and files of
 * other users; checks the descriptor, because the name could change meanwhile.
 */
static int
open_file(const char *file, uid_t owner, struct error *err)
{
	int fd = file_open_append(file);
	struct stat info;
	const char *why = NULL;

	if (fd < 0) {
		set_error(file, strerror(errno), err);
		return -1;
	}
	if (fstat(fd, &info) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		why = strerror(errno);
	else if (!S_ISREG(info.st_mode) || info.st_nlink != 1)
		why = "it is not a regular file with exactly one link";
	else if (info.st_uid != owner)
		why = "it belongs to another user";
	if (why == NULL)
		return fd;
	set_error(file, why, err);
	close(fd);
	return -1;
}

static bool
write_text(int fd, const char *file, const struct str *text, struct error *err)
{
	return file_write(fd, text->data, text->len)
	    || set_error(file, strerror(errno), err);
}

/* Adds the line before a message in a mailbox, in UTC and English. */
static void
add_from_line(struct str *out, const struct envelope *e)
{
	const char *sender = e->sender == NULL || e->sender[0] == '\0'
	    ? "MAILER-DAEMON"
	    : e->sender;
	time_t now = time(NULL);
	struct tm parts;
	char date[64] = "";

	if (gmtime_r(&now, &parts) != NULL)
		strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &parts);
	str_printf(out, "From %s %s\n", sender, date);
}

static void
add_recipients(struct str *out, const struct envelope *e)
{
	const char *separator = "X-Failed-Recipients: ";

	for (size_t i = 0; i < e->count; i++) {
		if (e->recipients[i].state == RECIPIENT_DELIVERED)
			continue;
		str_printf(out, "%s%s", separator, e->recipients[i].address);
		separator = ",\n\t";
	}
	if (separator[0] == ',')
		str_add_char(out, '\n');
}

/*
 * Adds text with a ">" before each line that begins with "From ", ">From " and
 * so on, because such a line would start a new message.  *in_line is whether
 * the preceding text ended inside a line.  The text should end at a line end: a
 * "From " that is split between two calls is not recognized.
 */
static void
add_quoted(struct str *out, const char *text, size_t len, bool *in_line)
{
	for (const char *end = text + len; text < end;) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t count =
		    (size_t)((newline == NULL ? end : newline + 1) - text);
		size_t marks = 0;

		while (marks < count && text[marks] == '>')
			marks++;
		if (!*in_line && count - marks >= 5
		    && memcmp(text + marks, "From ", 5) == 0)
			str_add_char(out, '>');
		str_append(out, text, count);
		*in_line = newline == NULL;
		text += count;
	}
}

/* Returns the length up to the last line end, or the whole length. */
static size_t
length_of_lines(const char *block, size_t len)
{
	const char *last = memrchr(block, '\n', len);

	return last == NULL ? len : (size_t)(last + 1 - block);
}

static bool
write_body(int fd, const struct buffer_file *body, const char *file,
    struct error *err)
{
	char *block = alloc_bytes(BLOCK);
	struct str text = { 0 };
	bool in_line = false, ok = true;
	uint64_t at = 0;
	size_t got = 1;

	while (ok && got > 0) {
		ok = buffer_file_read(body, at, block, BLOCK, &got, err);
		if (!ok || got == 0)
			break;
		got = length_of_lines(block, got);
		str_truncate(&text, 0);
		add_quoted(&text, block, got, &in_line);
		at += got;
		ok = write_text(fd, file, &text, err);
	}
	str_free(&text);
	free(block);
	return ok;
}

static bool
write_letter(int fd, const char *file, const struct envelope *e,
    const struct message *m, struct error *err)
{
	struct str text = { 0 };
	bool ok;

	add_from_line(&text, e);
	add_recipients(&text, e);
	str_append(&text, str_text(&m->header), m->header.len);
	str_add_char(&text, '\n');
	ok = write_text(fd, file, &text, err);
	ok = ok && write_body(fd, &m->body, file, err);
	str_truncate(&text, 0);
	str_add_char(&text, '\n');
	ok = ok && write_text(fd, file, &text, err);
	str_free(&text);
	return ok;
}

bool
dead_letter_save(const char *file, const struct user *user,
    const struct envelope *e, const struct message *m, struct error *err)
{
	off_t start;
	bool ok;
	int fd;

	if (user->uid < DEAD_LETTER_UID_MIN)
		return error_set(err, ERROR_PERMISSION,
		    "no dead letter is saved for uid %u, because nobody reads "
		    "the mail of root and of system users",
		    (unsigned)user->uid);
	fd = open_file(file, user->uid, err);
	if (fd < 0)
		return false;
	start = lseek(fd, 0, SEEK_END);
	ok = write_letter(fd, file, e, m, err);
	if (!ok && ftruncate(fd, start) != 0)
		error_prefix(err, "a part of the message remains in the file");
	if (close(fd) != 0 && ok)
		return set_error(file, strerror(errno), err);
	return ok;
}
