/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks whether folders can be used, and changes nothing. */
#include "modes/folder_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "queue/folder.h"

/* Whether the user may create a folder in the nearest one above it that exists.
 * Errors: ERROR_FILE. */
static bool
can_be_created(const char *path, struct error *err)
{
	char *copy = alloc_string(path);
	char *slash = strrchr(copy, '/');
	bool ok = false;

	errno = ENOENT;
	while (!ok && errno == ENOENT && slash != NULL) {
		slash[slash == copy ? 1 : 0] = '\0';
		ok = faccessat(AT_FDCWD, copy, W_OK | X_OK, AT_EACCESS) == 0;
		slash = slash == copy ? NULL : strrchr(copy, '/');
	}
	if (!ok) {
		error_set(err, ERROR_FILE, "no folder can be created here: %s",
		    strerror(errno));
		error_subject(err, "%s", copy);
	}
	free(copy);
	return ok;
}

/* Whether a message can be written there, except for a lack of space.
 * Errors: ERROR_FILE. */
static bool
can_be_used(struct queue_folder *folder, struct error *err)
{
	static const enum queue_place places[] = { QUEUE_TMP, QUEUE_ACTIVE };

	if (folder->root_plus_1 == 0)
		return can_be_created(folder->path, err);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (queue_folder_place(folder, places[i], err) < 0
		    && error_is_set(err))
			return false;
	if (faccessat(folder->root_plus_1 - 1, ".", W_OK | X_OK, AT_EACCESS)
	    == 0)
		return true;
	return error_set(err, ERROR_FILE, "%s", strerror(errno));
}

bool
folder_check_queue(const char *path, bool *exists, struct error *err)
{
	struct queue_folder folder;
	bool ok = queue_folder_open(&folder, path, false, err)
	    && can_be_used(&folder, err);

	*exists = ok && folder.root_plus_1 != 0;
	queue_folder_close(&folder);
	return ok;
}

bool
folder_check(const char *path, struct error *err)
{
	char *inside = alloc_printf("%s/new", path);
	bool ok = can_be_created(inside, err);

	free(inside);
	return ok;
}
