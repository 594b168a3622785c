/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for the codes of a device, and then for the tokens. */
#include "helpers/oauth/device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "helpers/oauth/encode.h"
#include "helpers/oauth/guard.h"
#include "helpers/oauth/json.h"

#define GRANT_DEVICE "urn:ietf:params:oauth:grant-type:device_code"
#define INTERVAL_DEFAULT 5
#define INTERVAL_MAX 60
#define SLOW_DOWN 5
#define SECONDS_DEFAULT LOGIN_SECONDS
#define SECONDS_MAX 1800
#define CODE_MAX 100

static unsigned
number_of(const json_t *object, const char *name, unsigned otherwise,
    unsigned max)
{
	int64_t number;

	if (!json_number(object, name, &number) || number <= 0)
		return otherwise;
	return number < max ? (unsigned)number : max;
}

static bool
has_expired(const json_t *object)
{
	int64_t seconds;

	return json_number(object, "expires_in", &seconds) && seconds <= 0;
}

/* A person types it; and the address follows it behind a blank. */
static bool
is_user_code(const char *code)
{
	size_t len = strlen(code);

	return len > 0 && len <= CODE_MAX && text_is_visible(code, len);
}

bool
device_parse(struct device *d, const char *text, size_t len,
    struct oauth_failure *failure)
{
	json_t *object = json_parse(text, len);
	const char *address = json_text(object, "verification_uri");
	const char *code = json_text(object, "user_code");
	bool ok;

	/* Google and others have the name of an early draft. */
	if (address == NULL)
		address = json_text(object, "verification_url");
	json_secret(object, "device_code", &d->code);
	d->seconds =
	    number_of(object, "expires_in", SECONDS_DEFAULT, SECONDS_MAX);
	d->interval =
	    number_of(object, "interval", INTERVAL_DEFAULT, INTERVAL_MAX);
	ok = secret_is_set(&d->code) && address != NULL && code != NULL
	    && is_user_code(code);
	if (!ok)
		oauth_fail(failure, OAUTH_TEMPORARY,
		    "oauth_device_url: the answer has no code for a device");
	else if (has_expired(object))
		ok = oauth_fail(failure, OAUTH_TEMPORARY,
		    "oauth_device_url: the code for a device has expired "
		    "already");
	ok = ok && http_check_url(address, "oauth_device_url", failure);
	if (ok) {
		d->address = alloc_string(address);
		d->user_code = alloc_string(code);
	}
	json_decref(object);
	return ok;
}

void
device_free(struct device *d)
{
	secret_free(&d->code);
	free(d->user_code);
	free(d->address);
	*d = (struct device){ 0 };
}

static bool
fail_start(struct login *l)
{
	struct http *h = &l->job->http;
	struct answer answer = { 0 };

	answer_parse(&answer, h->status, str_text(&h->response.body),
	    h->response.body.len, &l->job->sent);
	job_fail_answer(l->job, l->endpoints.device_url, &answer);
	answer_free(&answer);
	return false;
}

/* Section 3.1. */
static bool
start(struct login *l, struct device *d)
{
	struct job *job = l->job;
	struct str *body = &job->http.response.body;
	struct client_request request = { 0 };
	bool ok;

	client_begin(&request, NULL);
	encode_form(&request.form, "scope", job->params.scope);
	ok = client_authenticate(&job->client, l->endpoints.device_url,
		 time(NULL), &request, &job->failure)
	    && http_post(&job->http, l->endpoints.device_url, &request.form,
		&request.authorization, &job->failure);
	job_hide(job, &request);
	client_request_free(&request);
	if (!ok)
		return false;
	if (job->http.status != 200)
		return fail_start(l);
	ok = device_parse(d, str_text(body), body->len, &job->failure);
	secret_wipe(body->data, body->len);
	str_truncate(body, 0);
	return ok;
}

/* Section 3.4.  False only if the request cannot be made. */
static bool
ask_once(struct login *l, const struct device *d, bool *has_response)
{
	struct client_request request = { 0 };
	bool ok;

	client_begin(&request, GRANT_DEVICE);
	encode_form_secret(&request.form, "device_code", &d->code);
	ok = client_authenticate(&l->job->client, l->endpoints.token_url,
	    time(NULL), &request, &l->job->failure);
	answer_free(&l->answer);
	*has_response = ok && login_ask(l, &request);
	client_request_free(&request);
	return ok;
}

/* Whether the answer tells to wait; otherwise it is the last one (section 3.5). */
static bool
must_wait(const struct answer *a, bool has_response, unsigned *interval)
{
	bool is_slow = has_response && text_equal(a->error, "slow_down");

	if (has_response && text_equal(a->error, "authorization_pending"))
		return true;
	if (!is_slow && has_response && !answer_is_server_failure(a))
		return false;
	*interval = is_slow ? *interval + SLOW_DOWN : *interval * 2;
	if (*interval > INTERVAL_MAX)
		*interval = INTERVAL_MAX;
	return true;
}

/* What the provider or the network lacked last is the reason; otherwise it is the
 * person. */
static bool
fail_late(struct login *l, bool was_asked, bool has_response)
{
	struct job *job = l->job;

	if (was_asked && !has_response)
		return false; /* the failure of the request */
	if (was_asked && answer_is_server_failure(&l->answer))
		return job_fail_answer(job, l->endpoints.token_url, &l->answer);
	return oauth_fail(&job->failure, OAUTH_LOGIN,
	    "nobody entered the code in time");
}

/* Nothing is expected from the caller, except that it may give up. */
static bool
wait_interval(struct job *job, unsigned seconds)
{
	return !dialogue_wait(&job->dialogue, clock_after_seconds(seconds))
	    && !job->dialogue.at_end && process_signal() == 0;
}

/* Until the person has consented, or the code has expired. */
static bool
poll_for_token(struct login *l, struct device *d)
{
	int64_t deadline = clock_after_seconds(d->seconds);
	bool was_asked = false, has_response = false;

	do {
		if (clock_has_passed(deadline))
			return fail_late(l, was_asked, has_response);
		if (!wait_interval(l->job, d->interval))
			return login_give_up(l->job);
		was_asked = true;
		if (!ask_once(l, d, &has_response))
			return false;
	} while (must_wait(&l->answer, has_response, &d->interval));
	return answer_has_token(&l->answer)
	    || job_fail_answer(l->job, l->endpoints.token_url, &l->answer);
}

static void
say_code(const struct device *d)
{
	struct str line = { 0 };

	str_printf(&line, "%s %s", d->user_code, d->address);
	dialogue_say("code", line.data);
	dialogue_say_number("wait", d->seconds);
	str_free(&line);
}

bool
device_ask(struct login *l)
{
	struct device d = { 0 };
	bool ok;

	if (l->endpoints.device_url == NULL)
		return oauth_fail(&l->job->failure, OAUTH_CONFIG,
		    "oauth_device_url is not set: this provider has no login "
		    "by a device");
	ok = start(l, &d);
	if (ok)
		say_code(&d);
	ok = ok && poll_for_token(l, &d);
	device_free(&d);
	return ok;
}
