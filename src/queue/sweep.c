/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removes old files.
 */
#include "queue/sweep.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Status changes when the file is written or moved, and no program sets it. */
static bool
is_old(const struct stat *st, unsigned seconds)
{
	return S_ISREG(st->st_mode)
	    && time(NULL) - st->st_ctim.tv_sec > (time_t)seconds;
}

static bool
may_lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

static bool
remove_old(int place, const char *name, unsigned seconds)
{
	struct stat st;
	bool removed = false;
	int fd;

	if (fstatat(place, name, &st, AT_SYMLINK_NOFOLLOW) != 0
	    || !is_old(&st, seconds))
		return false;
	fd = openat(place, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && is_old(&st, seconds) && may_lock(fd))
		removed = unlinkat(place, name, 0) == 0;
	close(fd);
	return removed;
}

/* Whether a message has that name, for which tmp/ may have a notice. */
static bool
has_message(struct queue_folder *folder, const char *name)
{
	const enum queue_place *place = queue_places_all;

	for (; *place != QUEUE_PLACES; place++) {
		int fd = queue_folder_place(folder, *place, NULL);

		if (fd >= 0
		    && faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

unsigned
queue_sweep(struct queue_folder *folder, enum queue_place place,
    unsigned seconds)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };
	unsigned removed = 0;
	int fd;

	if (queue_folder_list(folder, place, &list, &err)) {
		fd = queue_folder_place(folder, place, &err);
		for (size_t i = 0; fd >= 0 && i < list.count; i++)
			if (place != QUEUE_TMP
			    || !has_message(folder, list.ids[i].text))
				removed +=
				    remove_old(fd, list.ids[i].text, seconds);
	}
	queue_list_free(&list);
	error_free(&err);
	return removed;
}
