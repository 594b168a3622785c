/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks veredus-oauth what the store has, for a person or for a monitoring system.
 */
#include "modes/login_status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "config/credentials.h"
#include "config/oauth.h"
#include "config/oauth_token.h"
#include "modes/login_account.h"
#include "modes/output.h"
#include "modes/plugin.h"
#include "modes/session.h"

#define STATUS_SECONDS 30
#define DAY 86400
#define DAYS_MAX 36600
/* The age of what has no token: older than any. */
#define NEVER UINT64_MAX

/* Of one account. */
struct status {
	struct str output; /* of veredus-oauth */
	struct str server; /* the answer of the mail server, if it was asked */
	struct error failure;
};

static int64_t
number_of(const struct str *output, const char *key)
{
	size_t len = 0;
	const char *value = oauth_line(output, key, &len);

	return value != NULL ? strtoll(value, NULL, 10) : 0;
}

static bool
ask(struct context *context, const char *name, struct status *s)
{
	struct oauth_params p = { 0 };
	struct helper helper = { .max = OAUTH_OUTPUT_MAX,
		.deadline = clock_after_seconds(STATUS_SECONDS) };
	bool ok = login_select(context, name, &p, &s->failure)
	    && login_run(context, &p, "status", &helper, &s->failure);

	str_add(&s->output, str_text(&helper.output));
	helper_free(&helper);
	oauth_params_free(&p);
	return ok;
}

/* Gets a token and logs in at the mail server, as --probe does. */
static bool
log_in(struct context *context, struct str *answer, struct error *err)
{
	const struct host_params *server = &context->account.server;
	struct delivery_params params;
	struct secret none = { 0 };
	const char *mechanism = NULL;

	credentials_with_token(&context->account, &none, &context->auth);
	if (!oauth_token_replace(&context->account, &context->user, 0,
		&context->auth, err))
		return false;
	tls_context_free(context->tls);
	context->tls = NULL;
	context_start_lookup(context);
	if (!context_prepare_connection(context, err))
		return false;
	context_delivery_params(context, &params);
	if (!session_test_login(&params, &mechanism, err)) {
		error_print(err, false, answer);
		return false;
	}
	str_printf(answer, "%s accepts the token (%s)",
	    server->host != NULL ? server->host : server->socket, mechanism);
	return true;
}

/* ---- for a person ---- */

static void
add_time(struct str *out, const char *label, const struct str *output,
    const char *key)
{
	time_t when = (time_t)number_of(output, key);
	char text[sizeof("2026-12-24 18:00:00 +0000")] = "";
	struct tm local;

	if (when == 0 || localtime_r(&when, &local) == NULL)
		return;
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &local);
	output_line(out, OUTPUT_PART, label, text);
}

static void
add_text(struct str *out, const char *label, const struct str *output,
    const char *key)
{
	size_t len = 0;
	const char *value = oauth_line(output, key, &len);
	char *text = alloc_string_n(value != NULL ? value : "", len);

	if (value != NULL)
		output_line(out, OUTPUT_PART, label, text);
	free(text);
}

static void
add_account(const struct context *context, const struct status *s,
    struct str *out)
{
	const struct account *a = &context->account;
	const struct oauth_settings *o = &a->oauth;
	char *failure;

	output_line(out, OUTPUT_TOP, "Account", a->name);
	output_line(out, OUTPUT_PART, "user", a->auth.user);
	output_line(out, OUTPUT_PART, "provider",
	    oauth_provider_word(o->provider));
	if (o->client_id != NULL)
		output_line(out, OUTPUT_PART, "client", o->client_id);
	if (o->scope != NULL)
		output_line(out, OUTPUT_PART, "scope", o->scope);
	add_time(out, "logged in", &s->output, "login");
	add_text(out, "by", &s->output, "flow");
	add_time(out, "renewed", &s->output, "renewed");
	add_time(out, "token valid until", &s->output, "expires");
	add_time(out, "last failure", &s->output, "failed");
	add_text(out, "failure", &s->output, "failure");
	if (s->server.len > 0)
		output_line(out, OUTPUT_PART, "mail server", s->server.data);
	if (!error_is_set(&s->failure)) {
		output_line(out, OUTPUT_PART, "status", "ok");
		return;
	}
	failure = error_describe(&s->failure);
	output_line(out, OUTPUT_PART, "status", failure);
	free(failure);
}

static bool
show_all(struct context *context, const struct strv *names, struct str *out,
    struct error *err)
{
	for (size_t i = 0; i == 0 || i < names->count; i++) {
		const char *name = i < names->count ? names->items[i] : NULL;
		struct status s = { 0 };

		if (ask(context, name, &s) && context->cmdline->probes)
			(void)log_in(context, &s.server, &s.failure);
		if (account_uses_oauth(&context->account))
			add_account(context, &s, out);
		if (error_is_set(&s.failure) && !error_is_set(err))
			error_move(err, &s.failure);
		error_free(&s.failure);
		str_free(&s.output);
		str_free(&s.server);
	}
	return !error_is_set(err);
}

/* ---- for a monitoring system ---- */

static bool
parse_days(const struct strv *operands, unsigned long long days[2],
    struct error *err)
{
	return (operands->count == 2
		   && text_number(operands->items[0], 0, DAYS_MAX, &days[0])
		   && text_number(operands->items[1], 0, DAYS_MAX, &days[1])
		   && days[0] <= days[1])
	    || error_set(err, ERROR_USAGE,
		"--login-status takes no operands or two numbers of days since "
		"the last renewal, the smaller one first");
}

/* The days since the token was last renewed, or NEVER; a clock may have gone
 * back. */
static uint64_t
age_of(const struct status *s, int64_t now)
{
	int64_t renewed = number_of(&s->output, "renewed");

	if (renewed == 0)
		renewed = number_of(&s->output, "obtained");
	if (renewed <= 0)
		return NEVER;
	return renewed < now ? (uint64_t)(now - renewed) / DAY : 0;
}

static enum plugin_status
level_of(const struct status *s, uint64_t age, const unsigned long long days[2])
{
	if (error_is_set(&s->failure) && !s->failure.temporary)
		return PLUGIN_CRITICAL;
	/* Without a person, the first message gets the first token. */
	if (age == NEVER)
		age = 0;
	if (age >= days[1])
		return PLUGIN_CRITICAL;
	return age >= days[0] || error_is_set(&s->failure) ? PLUGIN_WARNING
							   : PLUGIN_OK;
}

static void
add_failure(struct str *out, const struct status *s)
{
	char *text = s->server.len > 0 ? alloc_string(s->server.data)
				       : error_describe(&s->failure);

	str_add(out, ", ");
	plugin_add_text(out, text);
	free(text);
}

/* "U" is the value that is not known, for plugins. */
static void
add_check_line(struct str *out, enum plugin_status status, size_t accounts,
    uint64_t age, const char *failures, const unsigned long long days[2])
{
	plugin_begin(out, "OAUTH", status);
	str_printf(out, "%zu account%s, renewed ", accounts,
	    accounts == 1 ? "" : "s");
	if (age == NEVER)
		str_printf(out, "never%s | age=U", failures);
	else
		str_printf(out, "%" PRIu64 " day%s ago%s | age=%" PRIu64, age,
		    age == 1 ? "" : "s", failures, age);
	str_printf(out, ";%llu;%llu\n", days[0], days[1]);
}

static bool
check_all(struct context *context, const struct strv *names, struct str *out,
    struct error *err)
{
	unsigned long long days[2] = { 0 };
	uint64_t oldest = 0;
	enum plugin_status worst = PLUGIN_OK;
	struct str failures = { 0 };

	if (!parse_days(&context->cmdline->operands, days, err))
		return false;
	for (size_t i = 0; i == 0 || i < names->count; i++) {
		struct status s = { 0 };
		enum plugin_status level;
		uint64_t age;

		if (ask(context, i < names->count ? names->items[i] : NULL, &s)
		    && context->cmdline->probes)
			(void)log_in(context, &s.server, &s.failure);
		age = age_of(&s, (int64_t)time(NULL));
		level = level_of(&s, age, days);
		worst = level > worst ? level : worst;
		oldest = age > oldest ? age : oldest;
		if (error_is_set(&s.failure))
			add_failure(&failures, &s);
		error_free(&s.failure);
		str_free(&s.output);
		str_free(&s.server);
	}
	add_check_line(out, worst, names->count, oldest, str_text(&failures),
	    days);
	context->exit_status = (int)worst;
	str_free(&failures);
	return true;
}

bool
login_status(struct context *context, struct str *out, struct error *err)
{
	struct strv names = { 0 };
	bool ok = login_accounts(context, &names, err);

	if (ok && context->cmdline->operands.count > 0)
		ok = check_all(context, &names, out, err);
	else if (ok)
		ok = show_all(context, &names, out, err);
	strv_free(&names);
	return ok;
}
