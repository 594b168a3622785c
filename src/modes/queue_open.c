/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the queue, and reads its messages one at a time: a long queue costs no
 * more memory than its IDs.
 */
#include "modes/queue_open.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "config/queue.h"

/* The rest of a long list of problems is only counted. */
#define WARNINGS_MAX 20

/* ---- opening ---- */

/* Replaces the folder by that of --queue-dir, if it was given. */
static bool
apply_command_line(const struct context *context, char **path,
    struct error *err)
{
	struct settings settings;
	bool ok;

	if (!cmdline_sets(context->cmdline, "queue_dir"))
		return true;
	settings_init(&settings, "default");
	ok = cmdline_apply(context->cmdline, &settings, context->user.home,
	    NULL, err);
	if (ok)
		alloc_replace(path, settings.values.queue.folder);
	settings_free(&settings);
	return ok;
}

bool
queue_find_params(const struct context *context, struct queue_params *params,
    struct error *err)
{
	config_queue_params(&context->config, &context->user, params);
	return apply_command_line(context, &params->folder, err);
}

bool
queue_find_folder(const struct context *context, char **path, struct error *err)
{
	struct queue_params params;
	bool ok;

	*path = NULL;
	if (!config_check_queue(&context->config, err))
		return false;
	ok = queue_find_params(context, &params, err);
	if (ok)
		*path = alloc_string(params.folder);
	queue_params_free(&params);
	return ok;
}

bool
queue_open(const struct context *context, struct queue_folder *folder,
    struct error *err)
{
	char *path;
	bool ok;

	*folder = (struct queue_folder){ 0 };
	ok = queue_find_folder(context, &path, err)
	    && (path == NULL || queue_folder_open(folder, path, false, err));
	free(path);
	return ok;
}

/* ---- files that are no messages ---- */

char *
queue_file_problem(const struct queue_folder *folder, enum queue_place place,
    const struct queue_id *id, enum queue_file_state state,
    const struct error *reason)
{
	char *text, *line;

	if (state == QUEUE_FILE_NEWER)
		return alloc_printf(
		    "%s/%s/%s: a newer version of veredus wrote this message",
		    folder->path, queue_place_name(place), id->text);
	if (state != QUEUE_FILE_DAMAGED)
		return error_describe(reason);
	text = error_describe(reason);
	line = alloc_printf("%s/%s/%s: %s", folder->path,
	    queue_place_name(place), id->text, text);
	free(text);
	return line;
}

struct walk {
	struct queue_folder *folder;
	queue_visitor *visit;
	void *ctx;
	struct strv *warnings; /* NULL: nobody wants them */
	size_t problems;       /* files without a message */
	struct error unreadable;
};

static void
warn(struct walk *walk, char *line)
{
	if (walk->problems++ >= WARNINGS_MAX || walk->warnings == NULL) {
		free(line);
		return;
	}
	strv_take(walk->warnings, text_printable(line));
	free(line);
}

static void
warn_of_others(struct walk *walk, enum queue_place place, size_t count)
{
	if (count > 0)
		warn(walk,
		    alloc_printf("%s/%s: ignoring %zu file%s that %s not of "
				 "the queue",
			walk->folder->path, queue_place_name(place), count,
			count == 1 ? "" : "s", count == 1 ? "is" : "are"));
}

/* ---- the walk ---- */

/* The messages in one place, and those of them that were visited. */
struct part {
	enum queue_place place;
	struct queue_list list;
	size_t next;
};

/* Whether the journal says why a message is in failed/.  Without that, a queue run
 * has put it aside, for damage that the head and the journal may not show. */
static bool
has_failure(const struct queue_entry *entry)
{
	return queue_entry_count(entry, QUEUE_FAILED) > 0
	    && queue_entry_count(entry, QUEUE_WAITING) == 0;
}

static enum queue_file_state
look_at(const struct walk *walk, enum queue_place place,
    const struct queue_id *id, struct queue_file *file, struct error *reason)
{
	enum queue_file_state state =
	    queue_file_peek(file, walk->folder, place, id, reason);

	if (state != QUEUE_FILE_OPEN || place != QUEUE_FAILED_MAIL
	    || walk->warnings == NULL || has_failure(&file->entry))
		return state;
	queue_file_close(file);
	return queue_file_verify(file, walk->folder, place, id, reason);
}

static bool
visit_file(struct walk *walk, enum queue_place place, const struct queue_id *id,
    struct error *err)
{
	struct error reason = { 0 };
	struct queue_file file;
	enum queue_file_state state = look_at(walk, place, id, &file, &reason);
	bool ok = true;

	if (state == QUEUE_FILE_OPEN && !file.entry.done)
		ok = walk->visit(walk->ctx, &file, err);
	else if (state == QUEUE_FILE_UNREADABLE
	    && !error_is_set(&walk->unreadable))
		error_move(&walk->unreadable, &reason);
	else if (state != QUEUE_FILE_OPEN && state != QUEUE_FILE_GONE)
		warn(walk,
		    queue_file_problem(walk->folder, place, id, state,
			&reason));
	queue_file_close(&file);
	error_free(&reason);
	return ok;
}

/* Returns the part with the message that arrived first, or NULL. */
static struct part *
find_oldest(struct part *parts, size_t count)
{
	struct part *oldest = NULL;

	for (size_t i = 0; i < count; i++) {
		struct part *part = &parts[i];

		if (part->next < part->list.count
		    && (oldest == NULL
			|| queue_id_compare(&part->list.ids[part->next],
			       &oldest->list.ids[oldest->next])
			    < 0))
			oldest = part;
	}
	return oldest;
}

static bool
list_parts(struct walk *walk, const enum queue_place *places,
    struct part *parts, size_t *count, struct error *err)
{
	for (; places[*count] != QUEUE_PLACES; ++*count) {
		struct part *part = &parts[*count];

		*part = (struct part){ .place = places[*count] };
		if (!queue_folder_list(walk->folder, part->place, &part->list,
			err))
			return false;
		warn_of_others(walk, part->place, part->list.foreign);
	}
	return true;
}

bool
queue_walk(struct queue_folder *folder, const enum queue_place *places,
    queue_visitor *visit, void *ctx, struct strv *warnings, struct error *err)
{
	struct walk walk = { .folder = folder,
		.visit = visit,
		.ctx = ctx,
		.warnings = warnings };
	struct part parts[QUEUE_PLACES] = { 0 };
	struct part *part;
	size_t count = 0;
	bool ok = list_parts(&walk, places, parts, &count, err);

	while (ok && (part = find_oldest(parts, count)) != NULL)
		ok = visit_file(&walk, part->place,
		    &part->list.ids[part->next++], err);
	for (size_t i = 0; i < QUEUE_PLACES; i++)
		queue_list_free(&parts[i].list);
	if (walk.problems > WARNINGS_MAX && warnings != NULL)
		strv_take(warnings,
		    alloc_printf("%zu more files of the queue cannot be used",
			walk.problems - WARNINGS_MAX));
	if (ok && error_is_set(&walk.unreadable)) {
		error_move(err, &walk.unreadable);
		ok = false;
	}
	error_free(&walk.unreadable);
	return ok;
}
