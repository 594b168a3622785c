/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the queue: its folder, its messages, and who starts queue runs. */
#include "check/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "check/account.h"
#include "check/config.h"
#include "check/queue_timer.h"
#include "check/remedy.h"
#include "modes/folder_check.h"
#include "modes/output.h"
#include "modes/queue_open.h"
#include "modes/queue_state.h"

static bool
is_used(const struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->accounts[i]->values.queue.mode != QUEUE_MODE_OFF)
			return true;
	return false;
}

/* The limits of an account count in the folder of the queue. */
static bool
has_rates(const struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct rate_params *rate =
		    &config->accounts[i]->values.queue.rate;

		for (size_t k = 0; k < RATE_KINDS; k++)
			if (rate->texts[k] != NULL)
				return true;
	}
	return false;
}

/* ---- the folder ---- */

/* Appends the line that names the folder, if there is one. */
static void
add_place(const struct config *config, struct str *out)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct account *a = &config->accounts[i]->values;

		if (!account_has(a, "queue_dir"))
			continue;
		account_describe_setting(a, "queue_dir", out);
		str_add(out, ": ");
		return;
	}
}

static void
add_folder_error(const struct config *config, const char *path,
    const struct error *err, struct findings *f)
{
	struct str place = { 0 }, remedy = { 0 };
	char *text = error_describe(err);

	add_place(config, &place);
	findings_add(f, FINDING_FAIL, ITEM_QUEUE, "%s%s", str_text(&place),
	    text);
	findings_set_exit(f, error_exit_status(err));
	remedy_of_folder("queue_dir", path, geteuid(), &remedy);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&place);
	str_free(&remedy);
	free(text);
}

static bool
check_folder(const struct config *config, const char *path, struct findings *f)
{
	struct error err = { 0 };
	bool exists = false;
	bool ok = folder_check_queue(path, &exists, &err);

	if (!ok)
		add_folder_error(config, path, &err, f);
	else if (!exists)
		findings_add(f, FINDING_OK, ITEM_QUEUE,
		    "%s will be created with the first message", path);
	error_free(&err);
	return ok && exists;
}

/* ---- the messages ---- */

static void
mend_with(struct findings *f, const char *before, const char *option,
    const char *after)
{
	struct str remedy = { 0 };

	str_add(&remedy, before);
	remedy_add_command(&remedy, &f->target, option, NULL);
	str_add(&remedy, after);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

static void
describe(const struct queue_state *state, const char *path, struct str *out)
{
	str_printf(out, "%" PRIu64 " message%s in %s", state->count,
	    state->count == 1 ? "" : "s", path);
	if (state->count > 0) {
		str_add(out, ", the oldest since ");
		queue_state_add_age(out, state->oldest);
	}
	if (state->failed > 0)
		str_printf(out, ", %" PRIu64 " failed", state->failed);
	if (state->help_about.len > 0)
		str_printf(out, ", %s: %s", str_text(&state->help_about),
		    str_text(&state->help));
	else if (state->reason.len > 0)
		str_printf(out, ", its last error: %s",
		    str_text(&state->reason));
	if (state->warnings.count > 0)
		str_printf(out, ", %s", state->warnings.items[0]);
}

static enum finding_level
level_of(const struct queue_state *state, const struct config *config)
{
	uint64_t warning, critical;

	queue_state_limits(config, &warning, &critical);
	if (state->help_about.len > 0
	    || (state->count > 0 && state->oldest >= critical))
		return FINDING_FAIL;
	if (state->failed > 0 || state->warnings.count > 0
	    || (state->count > 0 && state->oldest >= warning))
		return FINDING_WARN;
	return FINDING_OK;
}

static void
begin_next(struct str *remedy)
{
	if (remedy->len > 0)
		str_add(remedy, "; ");
}

static void
mend_waiting(const struct queue_state *state, const struct findings *f,
    struct str *remedy)
{
	if (state->help_about.len > 0)
		str_add(remedy, "mend what the reason names, then: ");
	remedy_add_command(remedy, &f->target, "-qf", NULL);
	if (state->help_about.len > 0)
		return;
	begin_next(remedy);
	remedy_add_command(remedy, &f->target, "-bp", NULL);
	str_add(remedy, " shows why they wait");
}

/* A queue run leaves the messages that have failed. */
static void
mend_failed(const struct findings *f, struct str *remedy)
{
	begin_next(remedy);
	str_add(remedy, "for each failed one that ");
	remedy_add_command(remedy, &f->target, "--queue-list --json", NULL);
	str_add(remedy, " shows: ");
	remedy_add_command(remedy, &f->target, "--queue-requeue=ID", NULL);
	str_add(remedy, " or --queue-delete=ID");
}

static void
mend_messages(const struct queue_state *state, struct findings *f)
{
	struct str remedy = { 0 };

	if (state->count > 0 || state->help_about.len > 0)
		mend_waiting(state, f, &remedy);
	if (state->failed > 0)
		mend_failed(f, &remedy);
	if (state->warnings.count > 0) {
		begin_next(&remedy);
		str_add(&remedy,
		    "move the files that cannot be used out of the queue");
	}
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

/* Returns whether messages wait. */
static bool
check_messages(const struct context *context, const char *path,
    struct findings *f)
{
	struct queue_state state = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };
	enum finding_level level;
	bool waits;

	if (!queue_state_read(context, &state, &err)) {
		findings_add_error(f, ITEM_QUEUE, &err);
		mend_with(f, "mend what this names; ", "-bp",
		    " lists the rest");
	} else {
		level = level_of(&state, &context->config);
		describe(&state, path, &text);
		findings_add(f, level, ITEM_QUEUE, "%s", str_text(&text));
		/* The messages are kept: what is wrong may pass. */
		if (level == FINDING_FAIL)
			findings_set_exit(f, EX_TEMPFAIL);
		if (level != FINDING_OK)
			mend_messages(&state, f);
	}
	waits = state.count > 0;
	str_free(&text);
	error_free(&err);
	queue_state_free(&state);
	return waits;
}

/* ---- queue runs ---- */

/* Appends the line for crontab(5), where "%" would end the command. */
static void
add_cron_line(const struct check_target *target, struct str *out)
{
	char *file = target->config_file != NULL
	    ? realpath(target->config_file, NULL)
	    : NULL;
	struct check_target in_cron = { .config_file = file != NULL
		    ? file
		    : target->config_file,
		.cmdline = target->cmdline,
		.of_service = target->of_service };
	struct str command = { 0 };

	remedy_add_command(&command, &in_cron, "-q", NULL);
	str_add(out, "\"* * * * * ");
	for (size_t i = 0; i < command.len; i++) {
		if (command.data[i] == '%')
			str_add_char(out, '\\');
		str_add_char(out, command.data[i]);
	}
	str_add_char(out, '"');
	str_free(&command);
	free(file);
}

/* Returns the command that starts the timer for the file that is read without
 * -C. */
static const char *
timer_command(const struct user *user)
{
	if (user->is_service)
		return "systemctl enable --now veredus-service-queue.timer";
	return user->uid == 0
	    ? "systemctl enable --now veredus-queue.timer"
	    : "systemctl --user enable --now veredus-queue.timer";
}

/* Whether the timer of systemd runs this queue. */
static bool
is_usual(const struct check_target *target)
{
	return target->config_file == NULL
	    && (target->cmdline == NULL
		|| !cmdline_sets(target->cmdline, "queue_dir"));
}

static void
mend_timer(const struct user *user, struct findings *f)
{
	const struct check_target *target = &f->target;
	struct str remedy = { 0 };

	if (user->is_service && geteuid() != 0)
		str_add(&remedy, "as root: ");
	if (is_usual(target))
		str_printf(&remedy, "%s, or ", timer_command(user));
	str_add(&remedy, "add the line ");
	add_cron_line(target, &remedy);
	str_add(&remedy, " with crontab -e");
	if (target->service_user != NULL) {
		str_add(&remedy, " -u ");
		output_word(&remedy, target->service_user);
	}
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

static void
check_timer(const struct context *context, struct findings *f)
{
	struct str where = { 0 };

	if (queue_timer_find(&context->user, &where)) {
		findings_add(f, FINDING_OK, ITEM_TIMER, "%s", str_text(&where));
	} else {
		findings_add(f, FINDING_WARN, ITEM_TIMER,
		    "no timer of systemd and no line of cron starts queue "
		    "runs: what is queued stays there");
		mend_timer(&context->user, f);
	}
	str_free(&where);
}

/* Returns whether messages wait, as far as that can be seen. */
static bool
check_queue_at(const struct context *context, const char *path,
    struct findings *f)
{
	const struct config *config = &context->config;

	if (check_leaves_folders(&context->user)) {
		findings_add(f, FINDING_NOTE, ITEM_QUEUE,
		    "no folder was tried: root may use each, the user of the "
		    "service may not");
		mend_with(f, "", "--check", "");
		return false;
	}
	return check_folder(config, path, f)
	    && check_messages(context, path, f);
}

void
check_queue(const struct context *context, struct findings *f)
{
	const struct config *config = &context->config;
	bool used = is_used(config), waits = false;
	struct error err = { 0 };
	char *path = NULL;

	/* Another folder is not the queue of this configuration. */
	if (config->queue_error != NULL
	    || !queue_find_folder(context, &path, &err)) {
		check_add_unchecked(f, ITEM_QUEUE, config->queue_error);
		error_free(&err);
		return;
	}
	if (path == NULL && used) {
		findings_add(f, FINDING_FAIL, ITEM_QUEUE,
		    "the user has no home folder for the queue");
		findings_mend(f, "set queue_dir to a folder of this user");
	} else if (path != NULL
	    && (used || has_rates(config) || access(path, F_OK) == 0)) {
		waits = check_queue_at(context, path, f);
	}
	if (path != NULL && (used || waits))
		check_timer(context, f);
	free(path);
}
