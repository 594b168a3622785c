/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the queue with limits. */
#include "modes/queue_check.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "modes/plugin.h"
#include "modes/queue_state.h"

#define SERVICE "QUEUE"
#define AGE_MAX (3650U * 86400)

struct limits {
	bool are_ages; /* in seconds */
	uint64_t warning;
	uint64_t critical;
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

static bool
find_limits(const struct context *context, struct limits *limits,
    struct error *err)
{
	const struct strv *operands = &context->cmdline->operands;

	if (operands->count == 0) {
		limits->are_ages = true;
		queue_state_limits(&context->config, &limits->warning,
		    &limits->critical);
		return true;
	}
	return (operands->count == 2
		   && parse_limits(operands->items[0], operands->items[1],
		       limits))
	    || error_set(err, ERROR_USAGE,
		"--queue-check takes two numbers of messages or two ages, as "
		"in \"100 1000\" or \"1h 4h\", the smaller one first");
}

/* ---- the result ---- */

static enum plugin_status
status_of(const struct queue_state *state, const struct limits *limits)
{
	uint64_t value = limits->are_ages ? state->oldest : state->count;

	if (state->help_about.len > 0
	    || (state->count > 0 && value >= limits->critical))
		return PLUGIN_CRITICAL;
	if (state->failed > 0 || state->warnings.count > 0
	    || (state->count > 0 && value >= limits->warning))
		return PLUGIN_WARNING;
	return PLUGIN_OK;
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

static void
add_result(struct str *out, const struct queue_state *state,
    const struct limits *limits, enum plugin_status status)
{
	plugin_begin(out, SERVICE, status);
	str_printf(out, "%" PRIu64 " message%s", state->count,
	    state->count == 1 ? "" : "s");
	if (state->count > 0) {
		str_add(out, ", oldest ");
		queue_state_add_age(out, state->oldest);
	}
	if (state->failed > 0)
		str_printf(out, ", %" PRIu64 " failed", state->failed);
	if (state->warnings.count > 0)
		str_add(out, ", some files cannot be used");
	if (state->help_about.len > 0) {
		str_add(out, ", ");
		plugin_add_text(out, str_text(&state->help_about));
		str_add(out, ": ");
		plugin_add_text(out, str_text(&state->help));
	}
	str_add(out, " |");
	add_value(out, "queued", state->count, "",
	    limits->are_ages ? NULL : limits);
	add_value(out, "oldest", state->oldest, "s",
	    limits->are_ages ? limits : NULL);
	str_add_char(out, '\n');
}

static bool
check_queue_state(struct context *context, struct str *out, struct error *err)
{
	struct queue_state state = { 0 };
	struct limits limits = { 0 };
	enum plugin_status status;
	bool ok = context_read_config(context, err)
	    && find_limits(context, &limits, err)
	    && queue_state_read(context, &state, err);

	for (size_t i = 0; i < state.warnings.count; i++)
		strv_add(&context->submission.warnings,
		    state.warnings.items[i]);
	if (ok) {
		status = status_of(&state, &limits);
		add_result(out, &state, &limits, status);
		context->exit_status = (int)status;
	}
	queue_state_free(&state);
	return ok;
}

bool
queue_check(struct context *context, struct str *out, struct error *err)
{
	context_find_user(context);
	if (check_queue_state(context, out, err))
		return true;
	plugin_add_unknown(out, SERVICE, err);
	error_free(err);
	context->exit_status = PLUGIN_UNKNOWN;
	return true;
}
