/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts the messages of the queue, and looks for what nobody but an
 * administrator can mend. */
#include "modes/queue_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "modes/queue_open.h"
#include "modes/queue_text.h"
#include "queue/pauses.h"
#include "queue/waits.h"

#define DEFAULT_WARNING 3600
#define DEFAULT_CRITICAL (4 * 3600)

/* A walk over the queue. */
struct count {
	const struct context *context;
	struct queue_state *state;
	uint64_t now;       /* seconds since 1970 */
	struct strv usable; /* the accounts that were read */
};

/*
 * Whether the last result will be the same until somebody mends the login, the
 * certificate or the configuration: what a message waits for in spite of a
 * permanent status, and failures of TLS.
 */
static bool
needs_help(const struct queue_recipient *r)
{
	const char *status = r->status.enhanced;

	if (r->state != QUEUE_WAITING)
		return false;
	return *status == '5' || r->status.code / 100 == 5
	    || (r->status.code == 0
		&& (strcmp(status, "4.7.4") == 0
		    || strcmp(status, "4.7.5") == 0));
}

/* Reads the account of a message, as a queue run does. */
static bool
read_account(const struct cmdline *own, const struct queue_entry *entry,
    struct error *err)
{
	const struct cmdline cmdline = { .personality = own->personality,
		.name = own->name,
		.mode = MODE_SEND,
		.errors = ERRORS_PRINT,
		.service = own->service,
		.config_file = entry->configuration,
		.account = entry->account };
	struct context context;
	bool ok;

	context_init(&context, &cmdline);
	context_find_user(&context);
	ok = context_read_config(&context, err)
	    && context_select_account(&context, err);
	context_free(&context);
	return ok;
}

/* Whether the account of a message can be used; each is read once. */
static bool
is_account_usable(struct count *count, const struct queue_entry *entry,
    struct error *err)
{
	char *key = alloc_printf("%s\n%s", entry->account,
	    entry->configuration != NULL ? entry->configuration : "");
	bool ok = false;

	for (size_t i = 0; i < count->usable.count && !ok; i++)
		ok = strcmp(count->usable.items[i], key) == 0;
	if (!ok) {
		ok = read_account(count->context->cmdline, entry, err);
		if (ok)
			strv_add(&count->usable, key);
	}
	free(key);
	return ok;
}

static void
look_for_help(struct count *count, const struct queue_entry *entry)
{
	struct error err = { 0 };

	if (count->state->help.len > 0)
		return;
	if (!is_account_usable(count, entry, &err)) {
		char *why = error_describe(&err);

		str_add(&count->state->help_about, entry->id.text);
		str_add(&count->state->help, why);
		free(why);
		error_free(&err);
	}
	for (size_t i = 0; i < entry->count && count->state->help.len == 0; i++)
		if (needs_help(&entry->recipients[i])) {
			str_add(&count->state->help_about, entry->id.text);
			queue_add_reason(&count->state->help,
			    &entry->recipients[i]);
		}
}

/* Sets the reason to that of the first recipient that has one. */
static void
use_reason(struct str *reason, const struct queue_entry *entry)
{
	str_truncate(reason, 0);
	for (size_t i = 0; i < entry->count && reason->len == 0; i++)
		if (entry->recipients[i].state == QUEUE_WAITING)
			queue_add_reason(reason, &entry->recipients[i]);
}

static bool
count_message(void *ctx, const struct queue_file *file, struct error *err)
{
	struct count *count = ctx;
	struct queue_state *state = count->state;
	uint64_t arrival = (uint64_t)file->entry.arrival / 1000;

	(void)err;
	state->count++;
	if (file->place == QUEUE_HOLD)
		return true;
	if (count->now > arrival && count->now - arrival > state->oldest) {
		state->oldest = count->now - arrival;
		use_reason(&state->reason, &file->entry);
	}
	look_for_help(count, &file->entry);
	return true;
}

/* The reason of a pause is newer than those of the messages that wait for it. */
static void
look_at_pauses(struct count *count, const struct queue_folder *folder)
{
	struct queue_pauses p = { .folder = folder };

	queue_pauses_read(&p);
	queue_pauses_forget_old(&p, (int64_t)count->now * 1000);
	for (size_t i = 0; i < p.count; i++) {
		if (!p.items[i].needs_administrator)
			continue;
		str_truncate(&count->state->help, 0);
		str_truncate(&count->state->help_about, 0);
		queue_pause_print_name(&p.items[i], &count->state->help_about);
		queue_add_pause(&count->state->help, &p.items[i]);
		break;
	}
	queue_pauses_free(&p);
}

static bool
count_all(struct count *count, struct queue_folder *folder, struct error *err)
{
	struct queue_list failed = { 0 };
	bool ok = queue_walk(folder, queue_places_waiting, count_message, count,
		      &count->state->warnings, err)
	    && queue_folder_list(folder, QUEUE_FAILED_MAIL, &failed, err);

	if (count->state->count > 0)
		look_at_pauses(count, folder);
	count->state->failed = failed.count;
	queue_list_free(&failed);
	return ok;
}

void
queue_state_limits(const struct config *config, uint64_t *warning,
    uint64_t *critical)
{
	const struct settings *account = config_find(config, "default");

	*warning = DEFAULT_WARNING;
	*critical = DEFAULT_CRITICAL;
	if (account != NULL && account->values.queue.schedule.warn_after != 0)
		*critical = account->values.queue.schedule.warn_after;
	if (*warning > *critical)
		*warning = *critical;
}

bool
queue_state_read(const struct context *context, struct queue_state *state,
    struct error *err)
{
	struct count count = { .context = context,
		.state = state,
		.now = (uint64_t)time(NULL) };
	struct queue_folder folder = { 0 };
	bool ok = queue_open(context, &folder, err)
	    && queue_folder_check_access(&folder, err)
	    && count_all(&count, &folder, err);

	queue_folder_close(&folder);
	strv_free(&count.usable);
	return ok;
}

void
queue_state_add_age(struct str *out, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		char letter;
	} units[] = { { 604800, 'w' }, { 86400, 'd' }, { 3600, 'h' },
		{ 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (i + 1 < COUNT_OF(units) && seconds < units[i].seconds)
		i++;
	str_printf(out, "%" PRIu64 "%c", seconds / units[i].seconds,
	    units[i].letter);
}

void
queue_state_free(struct queue_state *state)
{
	str_free(&state->reason);
	str_free(&state->help);
	str_free(&state->help_about);
	strv_free(&state->warnings);
	*state = (struct queue_state){ 0 };
}
