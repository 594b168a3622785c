/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue in a temporary folder.
 */
#ifndef VEREDUS_TESTS_QUEUE_FOLDER_H
#define VEREDUS_TESTS_QUEUE_FOLDER_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "queue/folder.h"

static struct queue_folder folder;
static char queue_parent[] = "/tmp/veredus-queue-XXXXXX";
/* Does not exist at the start of a test. */
static char *queue_path;

ATTR_UNUSED static int
make_queue_parent(void **state)
{
	(void)state;
	umask(077);
	if (mkdtemp(queue_parent) == NULL)
		return -1;
	queue_path = alloc_printf("%s/queue", queue_parent);
	return 0;
}

ATTR_UNUSED static int
remove_queue(void **state)
{
	char *command = alloc_printf("rm -rf %s", queue_path);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

ATTR_UNUSED static int
open_queue_folder(void **state)
{
	(void)state;
	return queue_folder_open(&folder, queue_path, true, NULL) ? 0 : -1;
}

ATTR_UNUSED static int
close_queue_folder(void **state)
{
	queue_folder_close(&folder);
	return remove_queue(state);
}

ATTR_UNUSED static int
remove_queue_parent(void **state)
{
	(void)state;
	free(queue_path);
	return rmdir(queue_parent);
}

#endif
