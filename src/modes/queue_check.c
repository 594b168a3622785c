/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the queue with limits. */
#include "modes/queue_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "modes/output.h"
#include "modes/queue_open.h"
#include "modes/queue_text.h"
#include "queue/pauses.h"
#include "queue/waits.h"

#define AGE_MAX (3650U * 86400)
#define DEFAULT_WARNING 3600
#define DEFAULT_CRITICAL (4 * 3600)

/* The exit statuses of a plugin. */
enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_CRITICAL, LEVEL_UNKNOWN };

struct limits {
	bool are_ages; /* in seconds */
	uint64_t warning;
	uint64_t critical;
};

struct check {
	const struct context *context;
	uint64_t now;          /* seconds since 1970 */
	uint64_t count;        /* messages in queue/ and hold/ */
	uint64_t failed;       /* in failed/ */
	uint64_t oldest;       /* seconds */
	struct str help;       /* why an administrator must do something */
	struct str help_about; /* the message or the destination */
	struct strv usable;    /* the accounts that were read */
};

/* ---- the limits ---- */

/* A number without a unit is one of messages. */
static bool
parse_limit(const char *text, bool *is_age, uint64_t *value)
{
	size_t len = strlen(text);
	unsigned long long number = 0;
	unsigned seconds = 0;
	bool ok;

	*is_age = len > 0 && !text_is_digit((unsigned char)text[len - 1]);
	ok = *is_age ? text_duration(text, 0, AGE_MAX, &seconds)
		     : text_number(text, 0, INT64_MAX, &number);
	*value = *is_age ? seconds : number;
	return ok;
}

static bool
parse_limits(const char *warning, const char *critical, struct limits *limits)
{
	bool is_age;

	return parse_limit(warning, &limits->are_ages, &limits->warning)
	    && parse_limit(critical, &is_age, &limits->critical)
	    && is_age == limits->are_ages
	    && limits->warning <= limits->critical;
}

/* The sender of a message that is older than queue_warn has been told. */
static void
use_defaults(const struct context *context, struct limits *limits)
{
	const struct settings *account =
	    config_find(&context->config, "default");

	*limits = (struct limits){ .are_ages = true,
		.warning = DEFAULT_WARNING,
		.critical = DEFAULT_CRITICAL };
	if (account != NULL && account->values.queue.schedule.warn_after != 0)
		limits->critical = account->values.queue.schedule.warn_after;
	if (limits->warning > limits->critical)
		limits->warning = limits->critical;
}

static bool
find_limits(const struct context *context, struct limits *limits,
    struct error *err)
{
	const struct strv *operands = &context->cmdline->operands;

	if (operands->count == 0) {
		use_defaults(context, limits);
		return true;
	}
	return (operands->count == 2
		   && parse_limits(operands->items[0], operands->items[1],
		       limits))
	    || error_set(err, ERROR_USAGE,
		"--queue-check takes two numbers of messages or two ages, as "
		"in \"100 1000\" or \"1h 4h\", the smaller one first");
}

/* ---- counting ---- */

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
check_account(struct check *check, const struct queue_entry *entry,
    struct error *err)
{
	char *key = alloc_printf("%s\n%s", entry->account,
	    entry->configuration != NULL ? entry->configuration : "");
	bool ok = false;

	for (size_t i = 0; i < check->usable.count && !ok; i++)
		ok = strcmp(check->usable.items[i], key) == 0;
	if (!ok) {
		ok = read_account(check->context->cmdline, entry, err);
		if (ok)
			strv_add(&check->usable, key);
	}
	free(key);
	return ok;
}

static void
look_for_help(struct check *check, const struct queue_entry *entry)
{
	struct error err = { 0 };

	if (check->help.len > 0)
		return;
	if (!check_account(check, entry, &err)) {
		char *why = error_describe(&err);

		str_add(&check->help_about, entry->id.text);
		str_add(&check->help, why);
		free(why);
		error_free(&err);
	}
	for (size_t i = 0; i < entry->count && check->help.len == 0; i++)
		if (needs_help(&entry->recipients[i])) {
			str_add(&check->help_about, entry->id.text);
			queue_add_reason(&check->help, &entry->recipients[i]);
		}
}

static bool
count_message(void *ctx, const struct queue_file *file, struct error *err)
{
	struct check *check = ctx;
	uint64_t arrival = (uint64_t)file->entry.arrival / 1000;

	(void)err;
	check->count++;
	if (file->place == QUEUE_HOLD)
		return true;
	if (check->now > arrival && check->now - arrival > check->oldest)
		check->oldest = check->now - arrival;
	look_for_help(check, &file->entry);
	return true;
}

/* The reason of a pause is newer than those of the messages that wait for it. */
static void
look_at_pauses(struct check *check, const struct queue_folder *folder)
{
	struct queue_pauses p = { .folder = folder };

	queue_pauses_read(&p);
	queue_pauses_forget_old(&p, (int64_t)check->now * 1000);
	for (size_t i = 0; i < p.count; i++) {
		if (!p.items[i].needs_administrator)
			continue;
		str_truncate(&check->help, 0);
		str_truncate(&check->help_about, 0);
		queue_pause_print_name(&p.items[i], &check->help_about);
		queue_add_pause(&check->help, &p.items[i]);
		break;
	}
	queue_pauses_free(&p);
}

static bool
count_all(struct check *check, struct queue_folder *folder,
    struct strv *warnings, struct error *err)
{
	struct queue_list failed = { 0 };
	bool ok = queue_walk(folder, queue_places_waiting, count_message, check,
		      warnings, err)
	    && queue_folder_list(folder, QUEUE_FAILED_MAIL, &failed, err);

	if (check->count > 0)
		look_at_pauses(check, folder);
	check->failed = failed.count;
	queue_list_free(&failed);
	return ok;
}

/* ---- the result ---- */

static enum level
level_of(const struct check *check, const struct limits *limits,
    const struct strv *warnings)
{
	uint64_t value = limits->are_ages ? check->oldest : check->count;

	if (check->help_about.len > 0
	    || (check->count > 0 && value >= limits->critical))
		return LEVEL_CRITICAL;
	if (check->failed > 0 || warnings->count > 0
	    || (check->count > 0 && value >= limits->warning))
		return LEVEL_WARNING;
	return LEVEL_OK;
}

/* Appends an age in the largest unit of which it has at least one. */
static void
add_age(struct str *out, uint64_t seconds)
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

static void
add_value(struct str *out, const char *name, uint64_t value, const char *unit,
    const struct limits *limits)
{
	str_printf(out, " %s=%" PRIu64 "%s", name, value, unit);
	if (limits != NULL)
		str_printf(out, ";%" PRIu64 ";%" PRIu64, limits->warning,
		    limits->critical);
}

/* The plugins' text ends at the first "|". */
static void
add_text(struct str *out, const char *text)
{
	size_t start = out->len;

	output_text(out, text);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '|')
			out->data[i] = '/';
}

static void
add_result(struct str *out, const struct check *check,
    const struct limits *limits, enum level level, size_t unusable)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL" };

	str_printf(out, "QUEUE %s - %" PRIu64 " message%s", names[level],
	    check->count, check->count == 1 ? "" : "s");
	if (check->count > 0) {
		str_add(out, ", oldest ");
		add_age(out, check->oldest);
	}
	if (check->failed > 0)
		str_printf(out, ", %" PRIu64 " failed", check->failed);
	if (unusable > 0)
		str_add(out, ", some files cannot be used");
	if (check->help_about.len > 0) {
		str_add(out, ", ");
		add_text(out, str_text(&check->help_about));
		str_add(out, ": ");
		add_text(out, str_text(&check->help));
	}
	str_add(out, " |");
	add_value(out, "queued", check->count, "",
	    limits->are_ages ? NULL : limits);
	add_value(out, "oldest", check->oldest, "s",
	    limits->are_ages ? limits : NULL);
	str_add_char(out, '\n');
}

static void
add_unknown(struct str *out, const struct error *err)
{
	char *text = error_describe(err);

	str_add(out, "QUEUE UNKNOWN - ");
	add_text(out, text);
	str_add_char(out, '\n');
	free(text);
}

static bool
check(struct context *context, struct str *out, struct error *err)
{
	struct strv *warnings = &context->submission.warnings;
	struct check check = { .context = context,
		.now = (uint64_t)time(NULL) };
	struct limits limits = { 0 };
	struct queue_folder folder = { 0 };
	enum level level;
	bool ok = context_read_config(context, err)
	    && find_limits(context, &limits, err)
	    && queue_open(context, &folder, err)
	    && count_all(&check, &folder, warnings, err);

	if (ok) {
		level = level_of(&check, &limits, warnings);
		add_result(out, &check, &limits, level, warnings->count);
		context->exit_status = (int)level;
	}
	queue_folder_close(&folder);
	str_free(&check.help);
	str_free(&check.help_about);
	strv_free(&check.usable);
	return ok;
}

bool
queue_check(struct context *context, struct str *out, struct error *err)
{
	context_find_user(context);
	if (check(context, out, err))
		return true;
	add_unknown(out, err);
	error_free(err);
	context->exit_status = LEVEL_UNKNOWN;
	return true;
}
