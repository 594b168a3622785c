/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the messages that are due by the times of their files.
 */
#include "runner/due.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/string_index.h"
#include "queue/file.h"
#include "runner/events.h"

/* The time of a file that was never tried is that of its arrival. */
static int64_t
next_attempt(const struct queue_id *id, const struct stat *st)
{
	int64_t time =
	    (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;

	return time <= queue_id_arrival(id) + 1000 ? 0 : time;
}

/* Makes the time of the file what the journal says; returns it. */
static int64_t
correct_time(struct queue_folder *folder, const struct queue_id *id,
    int64_t next)
{
	struct queue_file file;
	struct error err = { 0 };

	if (queue_file_peek(&file, folder, QUEUE_ACTIVE, id, &err)
	    == QUEUE_FILE_OPEN) {
		next = file.entry.next_attempt;
		queue_file_touch(&file);
	}
	queue_file_close(&file);
	error_free(&err);
	return next;
}

static bool
is_selected(const struct due_list *list, struct queue_folder *folder,
    const struct queue_id *id, int64_t *next, int64_t now)
{
	const struct cmdline *cmdline = list->cmdline;

	if (cmdline->queue_id != NULL)
		return strcmp(cmdline->queue_id, id->text) == 0;
	if (cmdline->queue_all || queue_is_due(&list->schedule, *next, now))
		return true;
	if (list->by_journal)
		*next = correct_time(folder, id, *next);
	return queue_is_due(&list->schedule, *next, now);
}

static void
add(struct due_list *list, const struct due *due)
{
	list->items = alloc_grow(list->items, list->count, &list->size,
	    sizeof(*list->items));
	list->items[list->count++] = *due;
}

void
due_list_add(struct due_list *list, struct queue_id id, bool is_second)
{
	add(list, &(struct due){ .id = id, .is_second = is_second });
}

/* What is no regular file, or cannot be looked at, is left to queue_file_open(),
 * which tells why. */
static void
look_at(struct due_list *list, struct queue_folder *folder,
    const struct queue_id *id, int64_t now)
{
	int place = queue_folder_place(folder, QUEUE_ACTIVE, NULL);
	struct due due = { .id = *id };
	struct stat st = { 0 };

	if (fstatat(place, id->text, &st, AT_SYMLINK_NOFOLLOW) != 0
	    && errno == ENOENT)
		return;
	list->usage.messages++;
	list->usage.octets += (uint64_t)st.st_size;
	due.next = next_attempt(id, &st);
	if (is_selected(list, folder, id, &due.next, now))
		add(list, &due);
}

/* Messages that were never tried come first, then those that are due longest. */
static int
compare_due(const void *a, const void *b)
{
	const struct due *x = a;
	const struct due *y = b;

	if (x->next != y->next)
		return x->next < y->next ? -1 : 1;
	return strcmp(x->id.text, y->id.text);
}

/* Both lists are sorted. */
static void
look_at_new(struct due_list *list, struct queue_folder *folder,
    const struct queue_list *now_there)
{
	const struct queue_list *seen = &list->seen;
	int64_t now = queue_now();
	size_t k = 0;

	for (size_t i = 0; i < now_there->count; i++) {
		const struct queue_id *id = &now_there->ids[i];

		while (
		    k < seen->count && queue_id_compare(&seen->ids[k], id) < 0)
			k++;
		if (k == seen->count
		    || queue_id_compare(&seen->ids[k], id) != 0)
			look_at(list, folder, id, now);
	}
}

bool
due_list_read(struct due_list *list, struct queue_folder *folder,
    struct error *err)
{
	struct queue_list now_there = { 0 };
	size_t before = list->count;

	if (!queue_folder_list(folder, QUEUE_ACTIVE, &now_there, err))
		return false;
	if (now_there.foreign > list->seen.foreign)
		log_line(LOG_WARNING,
		    "the queue has files that are no messages");
	look_at_new(list, folder, &now_there);
	queue_list_free(&list->seen);
	list->seen = now_there;
	if (list->count > before)
		qsort(list->items + before, list->count - before,
		    sizeof(*list->items), compare_due);
	return true;
}

uint32_t
due_hash_domain(const char *domain)
{
	return (uint32_t)string_nocase.hash(domain == NULL ? "" : domain, 0)
	    | 1;
}

void
due_list_free(struct due_list *list)
{
	free(list->items);
	queue_list_free(&list->seen);
	*list = (struct due_list){ 0 };
}
