/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message in a queue in a temporary folder, and what became of it.
 */
#ifndef VEREDUS_TESTS_QUEUE_MESSAGE_H
#define VEREDUS_TESTS_QUEUE_MESSAGE_H

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "queue/create.h"
#include "queue/file.h"
#include "queue_folder.h"
#include "runner/events.h"
#include "runner/settle.h"

#define DAYS ((int64_t)86400 * 1000)

static struct queue_file file;
static struct queue_params queue_params;
static const struct settle_params settle_params = { .queue = &queue_params,
	.host = "host.example.org" };

ATTR_UNUSED static int
open_queue(void **state)
{
	struct error err = { 0 };

	(void)state;
	queue_params = (struct queue_params){
		.schedule = { .first_pause = 60,
		    .longest_pause = 600,
		    .lifetime = 5 * 86400,
		    .warn_after = 4 * 3600 },
	};
	return queue_folder_open(&folder, queue_path, true, &err) ? 0 : -1;
}

ATTR_UNUSED static int
close_queue(void **state)
{
	queue_file_close(&file);
	return close_queue_folder(state);
}

/* Makes the entry of a message that arrived so long ago. */
ATTR_UNUSED static struct queue_entry
new_entry(const char *sender, int64_t age)
{
	struct queue_entry entry = { .arrival = queue_now() - age,
		.account = alloc_string("default"),
		.sender = alloc_string(sender) };

	queue_entry_add(&entry, "bob@example.com", NULL);
	queue_entry_add(&entry, "carol@example.com", NULL);
	return entry;
}

/* Puts the message into the queue, and leaves its file open. */
ATTR_UNUSED static void
put_entry_with(struct queue_entry *entry, const char *fields)
{
	struct message m = { .body_lines = 1 };
	struct error err = { 0 };

	str_add(&m.header, fields);
	str_add(&m.header, "Subject: test\n");
	assert_true(buffer_file_add(&m.body, "Hello.\n", 7, &err));
	assert_true(queue_create(&file, &folder, entry, &m, &err));
	message_free(&m);
}

ATTR_UNUSED static void
put_entry(struct queue_entry *entry, size_t received)
{
	struct str fields = { 0 };

	for (size_t i = 0; i < received; i++)
		str_add(&fields, "Received: by a.example\n");
	put_entry_with(entry, str_text(&fields));
	str_free(&fields);
}

ATTR_UNUSED static void
put_message(const char *sender, int64_t age)
{
	struct queue_entry entry = new_entry(sender, age);

	put_entry(&entry, 0);
}

/* Opens the only message in that place as `found`. */
ATTR_UNUSED static void
open_only(enum queue_place place, struct queue_file *found)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };

	assert_true(queue_folder_list(&folder, place, &list, &err));
	assert_int_equal(list.count, 1);
	assert_int_equal(queue_file_open(found, &folder, place, &list.ids[0],
			     &err),
	    QUEUE_FILE_OPEN);
	queue_list_free(&list);
}

ATTR_UNUSED static size_t
count_messages(enum queue_place place)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };
	size_t count;

	assert_true(queue_folder_list(&folder, place, &list, &err));
	count = list.count;
	queue_list_free(&list);
	return count;
}

/* Whether the text of the message has that part. */
ATTR_UNUSED static bool
message_has(const struct queue_file *found, const char *part)
{
	struct str text = { 0 };
	struct message m = { 0 };
	struct error err = { 0 };
	char block[4096];
	bool has;
	ssize_t n;
	int fd;

	assert_true(queue_file_message(found, &m, &err));
	message_free(&m);
	fd = found->fd_plus_1 - 1;
	for (off_t at = 0; (n = pread(fd, block, sizeof(block), at)) > 0;
	     at += n)
		str_append(&text, block, (size_t)n);
	has = strstr(str_text(&text), part) != NULL;
	str_free(&text);
	return has;
}

#endif
