/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends messages that were not delivered to a mailbox file. */
#include "report/dead_letter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer_file.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define BLOCK 32768
#define OPEN_ATTEMPTS 10
/* How long a letter waits for other programs. */
#define LOCK_SECONDS 5

#define STATE_FILE "veredus/dead.letter"

static bool
is_default(const char *setting)
{
	return strcmp(setting, "on") == 0;
}

char *
dead_letter_file(const char *setting, const struct user *user)
{
	const char *state;

	if (setting == NULL || strcmp(setting, "off") == 0)
		return NULL;
	if (!is_default(setting))
		return alloc_string(setting);
	state = user_folder(user, "XDG_STATE_HOME");
	if (state != NULL)
		return alloc_printf("%s/" STATE_FILE, state);
	return user->home != NULL
	    ? alloc_printf("%s/.local/state/" STATE_FILE, user->home)
	    : NULL;
}

/* Makes the folder of the default file, if it is missing. */
static void
make_folder(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *folder = alloc_string_n(file, (size_t)(slash - file));

	(void)file_make_folder(folder);
	free(folder);
}

static bool
set_error(const char *file, const char *why, struct error *err)
{
	return error_set(err, ERROR_CREATE, "cannot save the message in %s: %s",
	    file, why);
}

/* Returns NULL if the locked file can be used, or the reason why not. */
static const char *
problem_of(int fd, uid_t owner, bool *is_removed)
{
	struct stat info;

	*is_removed = false;
	if (!file_lock(fd, clock_after_seconds(LOCK_SECONDS))
	    || fstat(fd, &info) != 0)
		return errno == EAGAIN ? "another program has locked it"
				       : strerror(errno);
	*is_removed = info.st_nlink == 0;
	if (!S_ISREG(info.st_mode))
		return "it is not a regular file";
	if (info.st_nlink > 1)
		return "it has a second name (hard link)";
	return info.st_uid == owner ? NULL : "it belongs to another user";
}

/*
 * Opens and locks the file.  Rejects files of other users; checks the
 * descriptor, because the name could change meanwhile.  If a mail program took
 * the file away before it was locked, opens a new one.
 */
static int
open_file(const char *file, uid_t owner, struct error *err)
{
	const char *why = NULL;

	for (int i = 0; i < OPEN_ATTEMPTS; i++) {
		int fd = file_open_append(file, &why);
		bool is_removed;

		if (fd < 0)
			break;
		why = problem_of(fd, owner, &is_removed);
		if (why == NULL && !is_removed)
			return fd;
		close(fd);
		if (why != NULL)
			break;
		why = "other programs keep removing it";
	}
	set_error(file, why, err);
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
		if (e->recipients[i].state == RECIPIENT_DELIVERED
		    || e->recipients[i].state == RECIPIENT_QUEUED)
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

/*
 * Adds the header section.  A field "From : x", with a blank before the colon,
 * would start a new message, so the blanks are left out.  No other field can
 * begin with "From ".
 */
static void
add_header(struct str *out, const struct str *header)
{
	const char *at = str_text(header), *end = at + header->len, *line;
	size_t len;

	while ((line = text_next_line(&at, end, &len)) != NULL) {
		const char *line_end = line + len;

		if (len >= 5 && memcmp(line, "From", 4) == 0
		    && text_is_space(line[4])) {
			str_add(out, "From");
			for (line += 4;
			     line < line_end && text_is_space(*line);)
				line++;
		}
		str_append(out, line, (size_t)(line_end - line));
		str_add_char(out, '\n');
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
	str_truncate(&text, 0);
	str_add_char(&text, '\n');
	/* An empty line follows the message. */
	ok = ok && (!in_line || write_text(fd, file, &text, err));
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
	add_header(&text, &m->header);
	str_add_char(&text, '\n');
	ok = write_text(fd, file, &text, err);
	ok = ok && write_body(fd, &m->body, file, err);
	str_truncate(&text, 0);
	str_add_char(&text, '\n');
	ok = ok && write_text(fd, file, &text, err);
	str_free(&text);
	return ok;
}

static bool
save(const char *file, uid_t owner, const struct envelope *e,
    const struct message *m, struct error *err)
{
	int fd = open_file(file, owner, err);
	off_t start;
	bool ok;

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

/* Returns the file of a setting that is not "off", or NULL. */
static char *
find_file(const char *setting, const struct user *user, struct error *err)
{
	char *file;

	if (is_default(setting) && user->uid < DEAD_LETTER_UID_MIN) {
		error_set(err, ERROR_PERMISSION,
		    "no dead letter is saved for uid %u, because dead_letter "
		    "on does not count for root and system users: set a path",
		    (unsigned)user->uid);
		return NULL;
	}
	file = dead_letter_file(setting, user);
	if (file == NULL)
		error_set(err, ERROR_CREATE,
		    "no dead letter is saved: the user has no home folder");
	return file;
}

bool
dead_letter_save(const char *setting, const struct user *user,
    const struct envelope *e, const struct message *m, char **saved,
    struct error *err)
{
	char *file = find_file(setting, user, err);
	bool ok;

	if (file == NULL)
		return false;
	if (is_default(setting))
		make_folder(file);
	ok = save(file, user->uid, e, m, err);
	if (ok)
		*saved = file;
	else
		free(file);
	return ok;
}

/* Whether the file can be created, perhaps in a folder that is made first. */
static bool
check_folder(const char *file, bool makes_folder, struct error *err)
{
	char *folder = file_folder(file);
	bool ok;

	while (makes_folder && access(folder, F_OK) < 0 && errno == ENOENT
	    && strcmp(folder, "/") != 0) {
		char *parent = file_folder(folder);

		free(folder);
		folder = parent;
	}
	ok = access(folder, W_OK | X_OK) == 0;
	if (!ok)
		set_error(file, strerror(errno), err);
	free(folder);
	return ok;
}

bool
dead_letter_check(const char *setting, const struct user *user,
    struct error *err)
{
	char *file = find_file(setting, user, err);
	bool ok = false;

	if (file != NULL && access(file, F_OK) == 0) {
		int fd = open_file(file, user->uid, err);

		ok = fd >= 0;
		if (ok)
			close(fd);
	} else if (file != NULL) {
		ok = check_folder(file, is_default(setting), err);
	}
	free(file);
	return ok;
}
