/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks the account's file with flock(2), and keeps the note in it. */
#include "helpers/oauth/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/str.h"
#include "oauth/store.h"

#define PAUSE_NS 70000000L
#define NOTE_MAX 4096

static bool
check_file(const struct lock *lock, uid_t owner, struct oauth_failure *failure)
{
	struct error err = { 0 };
	struct file_info info = { 0 };
	struct stat st;

	if (fstat(lock->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return oauth_fail(failure, OAUTH_CONFIG,
		    "%s is not a regular file", lock->path);
	info.owner = st.st_uid;
	info.mode = st.st_mode;
	info.linked = st.st_nlink > 1;
	return oauth_store_check_file(lock->path, &info, owner, &err)
	    || oauth_fail_error(failure, &err);
}

static bool
fail_open(const struct lock *lock, const struct oauth_params *p, int errnum,
    struct oauth_failure *failure)
{
	if (errnum == ELOOP || errnum == EISDIR || errnum == ENXIO)
		return oauth_fail(failure, OAUTH_CONFIG, "%s must not be %s",
		    lock->path,
		    errnum == ELOOP ? "a symbolic link" : "a folder or pipe");
	return oauth_fail(failure,
	    errnum == ENOSPC || errnum == EDQUOT  ? OAUTH_SPACE
		: file_errno_is_temporary(errnum) ? OAUTH_TEMPORARY
						  : OAUTH_CONFIG,
	    "cannot keep a new token in %s: %s", p->store, strerror(errnum));
}

bool
lock_open(struct lock *lock, const struct oauth_params *p, uid_t owner,
    struct oauth_failure *failure)
{
	struct error err = { 0 };

	lock->path = oauth_store_path(p, OAUTH_LOCK_SUFFIX, &err);
	if (lock->path == NULL)
		return oauth_fail_error(failure, &err);
	lock->fd = open(lock->path,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	if (lock->fd < 0)
		return fail_open(lock, p, errno, failure);
	return check_file(lock, owner, failure);
}

void
lock_free(struct lock *lock)
{
	if (lock->path != NULL && lock->fd >= 0)
		close(lock->fd);
	free(lock->path);
	*lock = (struct lock){ 0 };
}

bool
lock_try(struct lock *lock, struct oauth_failure *failure)
{
	lock->held = flock(lock->fd, LOCK_EX | LOCK_NB) == 0;
	return lock->held || errno == EWOULDBLOCK || errno == EINTR
	    || oauth_fail(failure, OAUTH_TEMPORARY,
		"cannot lock %s: %s: put oauth_store on a file system with "
		"locks",
		lock->path, strerror(errno));
}

void
lock_pause(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	nanosleep(&pause, NULL);
}

bool
lock_wait(struct lock *lock, int64_t deadline, struct oauth_failure *failure)
{
	for (;;) {
		if (!lock_try(lock, failure))
			return false;
		if (lock->held)
			return true;
		if (clock_has_passed(deadline))
			return oauth_fail(failure, OAUTH_TEMPORARY,
			    "another veredus has been renewing the token for "
			    "too long: try again later");
		lock_pause();
	}
}

void
lock_read_note(const struct lock *lock, struct oauth_failure *note)
{
	char text[NOTE_MAX];
	ssize_t len = pread(lock->fd, text, sizeof(text), 0);

	if (len <= 0
	    || !record_read(&oauth_failure_record, note, text, (size_t)len,
		NULL))
		oauth_failure_free(note);
}

void
lock_write_note(const struct lock *lock, const struct oauth_failure *note)
{
	struct str text = { 0 };

	if (note == NULL) {
		(void)!ftruncate(lock->fd, 0);
		return;
	}
	if (record_write(&oauth_failure_record, note, &text, NULL)
	    && pwrite(lock->fd, text.data, text.len, 0) == (ssize_t)text.len)
		(void)!ftruncate(lock->fd, (off_t)text.len);
	str_free(&text);
}
