/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends whole lines. */
#include "report/append.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns where the next octet goes, or -1: a descriptor of the caller may have been
 * opened without O_APPEND. */
static off_t
next_position(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || (flags & O_APPEND) == 0)
		return lseek(fd, 0, SEEK_CUR);
	return fstat(fd, &st) == 0 ? st.st_size : -1;
}

/* A file that cannot be read is taken for one of whole lines. */
static bool
ends_within_line(int fd, off_t end)
{
	char last;

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* Returns how many octets were written; fewer than all with errno set. */
static size_t
write_octets(int fd, const struct str *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Removes what was written from `start` to `end`, if the file ends there. */
static void
take_back(int fd, off_t start, off_t end)
{
	const int errnum = errno;
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size == end
	    && ftruncate(fd, start) == 0)
		(void)lseek(fd, start, SEEK_SET);
	errno = errnum;
}

bool
append_line(int fd, const struct str *line)
{
	off_t start = next_position(fd);
	struct str text = { 0 };
	size_t done;
	bool ok;

	if (ends_within_line(fd, start))
		str_add_char(&text, '\n');
	str_append(&text, line->data, line->len);
	done = write_octets(fd, &text);
	ok = done == text.len;
	if (!ok && done > 0 && start >= 0)
		take_back(fd, start, start + (off_t)done);
	str_free(&text);
	return ok;
}
