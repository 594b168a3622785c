/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What veredus-oauth reads (helpers/oauth/, oauth/token.h).  Input: text, which is
 * an answer, a request of a browser, what a person pastes, and a file of the store.
 *
 *   - A token and a code are visible ASCII and not empty; what a failure says is
 *     printable.
 *   - A redirection without the state of the request is rejected.
 *   - A record that was read is written as a record that is read as the same.
 */
#include "fuzz.h"
#include "helpers/oauth/answer.h"
#include "helpers/oauth/device.h"
#include "helpers/oauth/json.h"
#include "helpers/oauth/metadata.h"
#include "helpers/oauth/redirect.h"
#include "oauth/request.h"
#include "oauth/token.h"

#define STATE "qX"

static bool
is_visible(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 33 || text[i] > 126)
			return false;
	return len > 0;
}

static void
check_secret(const struct secret *secret)
{
	struct secret_text text;

	if (!secret_is_set(secret))
		return;
	secret_reveal(secret, &text);
	fuzz_assert(is_visible(text.data, text.len));
	secret_text_free(&text);
}

static void
check_printable(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		fuzz_assert((unsigned char)*text >= 32 && *text != 127);
}

static void
check_answer(const char *text, size_t len)
{
	struct oauth_params p = { .scope = NULL };
	struct oauth_failure failure = { 0 };
	struct answer a = { 0 };

	answer_parse(&a, 200, text, len, NULL);
	check_secret(&a.access_token);
	check_secret(&a.refresh_token);
	check_printable(a.description);
	fuzz_assert(!answer_has_token(&a) || a.is_json);
	if (!answer_has_token(&a)) {
		answer_fail(&a, (enum answer_use)(len % 3), &p, "host",
		    &failure);
		fuzz_assert(failure.outcome != OAUTH_OK);
		check_printable(failure.text);
	}
	oauth_failure_free(&failure);
	answer_free(&a);
}

static void
check_documents(const char *text, size_t len)
{
	struct oauth_failure failure = { 0 };
	struct endpoints endpoints = { 0 };
	struct device device = { 0 };

	if (device_parse(&device, text, len, &failure)) {
		check_secret(&device.code);
		check_printable(device.user_code);
		fuzz_assert(strncasecmp(device.address, "https://", 8) == 0);
		fuzz_assert(device.interval > 0 && device.seconds > 0);
	}
	if (metadata_parse(&endpoints, "https://as", text, len, &failure)
	    && endpoints.token_url != NULL)
		fuzz_assert(
		    strncasecmp(endpoints.token_url, "https://", 8) == 0);
	device_free(&device);
	endpoints_free(&endpoints);
	oauth_failure_free(&failure);
}

static void
check_redirect(struct redirect *r, bool needs_state, const char *text)
{
	if (r->kind == REDIRECT_CODE)
		fuzz_assert(secret_is_set(&r->code));
	if (r->kind == REDIRECT_ERROR)
		fuzz_assert(r->error != NULL);
	if (needs_state && r->kind != REDIRECT_INVALID
	    && strchr(text, '%') == NULL)
		fuzz_assert(strstr(text, "state=" STATE) != NULL);
	check_secret(&r->code);
	redirect_free(r);
}

static void
check_redirects(const char *text, size_t len)
{
	const struct redirect_wanted wanted = { .path = "/", .state = STATE };
	struct redirect r = { .kind = REDIRECT_INVALID };

	redirect_from_query(&r, &wanted, text);
	check_redirect(&r, true, text);
	redirect_from_request(&r, &wanted, text, len);
	check_redirect(&r, true, text);
	redirect_from_paste(&r, &wanted, text);
	check_redirect(&r, false, text);
}

static void
check_record(const struct record *record, void *a, void *b, const char *text,
    size_t len)
{
	struct str first = { 0 }, second = { 0 };

	if (record_read(record, a, text, len, NULL)
	    && record_write(record, a, &first, NULL)) {
		fuzz_assert(
		    record_read(record, b, first.data, first.len, NULL));
		fuzz_assert(record_write(record, b, &second, NULL));
		fuzz_assert_text(str_equal(&second, first.data), first.data);
	}
	record_free(record, a);
	record_free(record, b);
	str_free(&first);
	str_free(&second);
}

static void
check_records(const char *text, size_t len)
{
	struct oauth_access access[2] = { { .obtained = 0 } };
	struct oauth_grant_file grant[2] = { { .login = 0 } };
	struct oauth_params params[2] = { { .user = NULL } };

	check_record(&oauth_access_record, &access[0], &access[1], text, len);
	check_record(&oauth_grant_record, &grant[0], &grant[1], text, len);
	check_record(&oauth_request, &params[0], &params[1], text, len);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *text = input_text(&in);
	size_t len = strlen(text);

	check_answer(data, size);
	check_documents(data, size);
	check_redirects(text, len);
	check_records(text, len);
	free(text);
}
