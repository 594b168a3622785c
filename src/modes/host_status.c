/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists and ends the pauses of destinations.
 */
#include "modes/host_status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "modes/output.h"
#include "modes/queue_open.h"
#include "modes/queue_text.h"
#include "queue/pauses.h"
#include "queue/waits.h"

#define HEADINGS \
	" -------------- Hostname --------------- How long ago " \
	"---------Results---------\n"
#define NAME_WIDTH 39
#define AGE_WIDTH 12

static int64_t
now_in_milliseconds(void)
{
	return (int64_t)time(NULL) * 1000;
}

static int
compare_until(const void *a, const void *b)
{
	const struct queue_pause *x = a;
	const struct queue_pause *y = b;

	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	return strcmp(x->account, y->account);
}

/* Appends a duration as Sendmail does: "00:01:33", or "2+00:01:33". */
static void
add_age(struct str *out, int64_t seconds)
{
	struct str age = { 0 };

	if (seconds < 0)
		seconds = 0;
	if (seconds >= 86400)
		str_printf(&age, "%" PRId64 "+", seconds / 86400);
	str_printf(&age, "%02d:%02d:%02d", (int)(seconds / 3600 % 24),
	    (int)(seconds / 60 % 60), (int)(seconds % 60));
	str_printf(out, " %*s ", AGE_WIDTH, age.data);
	str_free(&age);
}

static void
add_name(struct str *out, const struct queue_pause *pause)
{
	struct str name = { 0 };
	size_t before = out->len;

	queue_pause_print_name(pause, &name);
	output_text(out, str_text(&name));
	if (out->len - before < NAME_WIDTH)
		str_printf(out, "%*s", (int)(NAME_WIDTH - (out->len - before)),
		    "");
	str_free(&name);
}

static void
add_line(struct str *out, const struct queue_pauses *p,
    const struct queue_pause *pause, int64_t now)
{
	str_add_char(out, ' ');
	add_name(out, pause);
	add_age(out, (now - pause->last) / 1000);
	if (queue_pause_lasts(p, pause, now)) {
		str_add(out, "until ");
		queue_add_time(out, pause->until);
	} else {
		str_add(out, "due");
	}
	str_add(out, ": ");
	queue_add_pause(out, pause);
	str_add_char(out, '\n');
}

static void
add_member(struct json_writer *json, const char *name, const char *value)
{
	if (value != NULL)
		json_add_string(json, name, value);
}

static void
add_object(struct str *out, const struct queue_pause *pause)
{
	struct json_writer json = { .out = out };
	struct str reason = { 0 };

	queue_add_pause(&reason, pause);
	json_begin_object(&json, NULL);
	add_member(&json, "account", pause->account);
	add_member(&json, "configuration", pause->configuration);
	add_member(&json, "domain", pause->domain);
	add_member(&json, "host", pause->host);
	json_add_string(&json, "reason", str_text(&reason));
	json_add_bool(&json, "needs_administrator", pause->needs_administrator);
	json_add_number(&json, "failures", pause->failures);
	json_add_number(&json, "last_failure", pause->last / 1000);
	json_add_number(&json, "next_attempt", pause->until / 1000);
	json_end_object(&json);
	str_add_char(out, '\n');
	str_free(&reason);
}

bool
host_status(struct context *context, struct str *out, struct error *err)
{
	struct queue_folder folder;
	struct queue_pauses p = { .folder = &folder };
	int64_t now = now_in_milliseconds();
	bool ok = queue_open(context, &folder, err);

	if (ok) {
		queue_pauses_read(&p);
		queue_pauses_forget_old(&p, now);
	}
	if (p.count > 0) {
		qsort(p.items, p.count, sizeof(*p.items), compare_until);
		if (!context->cmdline->json)
			str_add(out, HEADINGS);
	}
	for (size_t i = 0; i < p.count; i++) {
		if (context->cmdline->json)
			add_object(out, &p.items[i]);
		else
			add_line(out, &p, &p.items[i], now);
	}
	queue_pauses_free(&p);
	queue_folder_close(&folder);
	return ok;
}

static bool
end_pauses(struct queue_pauses *p, struct error *err)
{
	queue_pauses_read(p);
	if (p->count == 0)
		return true;
	queue_pauses_lock(p);
	queue_pauses_end_all(p, now_in_milliseconds());
	if (queue_pauses_write(p))
		return true;
	error_set(err, ERROR_FILE, "cannot end the pauses: %s",
	    strerror(errno));
	return error_subject(err, "%s", p->folder->path);
}

bool
host_status_purge(struct context *context, struct str *out, struct error *err)
{
	struct queue_folder folder;
	struct queue_pauses p = { .folder = &folder };
	bool ok = queue_open(context, &folder, err) && end_pauses(&p, err);

	(void)out;
	queue_pauses_free(&p);
	queue_folder_close(&folder);
	return ok;
}
