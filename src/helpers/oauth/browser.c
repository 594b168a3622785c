/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for a code by the browser, and gets tokens for it. */
#include "helpers/oauth/browser.h"

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/sha256.h"
#include "base/text.h"
#include "helpers/oauth/encode.h"
#include "helpers/oauth/redirect.h"

#define HOST_DEFAULT "127.0.0.1"
#define PATH_DEFAULT "/"
#define LOGIN_HINT "login_hint"
#define PASTE "paste "
/* How many codes a person may paste. */
#define PASTES_MAX 5

static const char *
or_default(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

bool
browser_listen(struct job *job, struct listener *listener)
{
	const struct oauth_params *p = &job->params;

	return listener_open(listener,
	    or_default(p->redirect_host, HOST_DEFAULT), p->redirect_port,
	    p->flow == OAUTH_BROWSER, &job->failure);
}

static void
free_request(struct browser_request *r)
{
	str_free(&r->redirect_uri);
	str_wipe(&r->state);
	str_wipe(&r->verifier);
}

static bool
make_request(struct browser_request *r, struct job *job, unsigned port)
{
	const struct oauth_params *p = &job->params;

	str_printf(&r->redirect_uri, "http://%s:%u%s",
	    or_default(p->redirect_host, HOST_DEFAULT), port,
	    or_default(p->redirect_path, PATH_DEFAULT));
	return (encode_random(&r->state) && encode_random(&r->verifier))
	    || oauth_fail(&job->failure, OAUTH_TEMPORARY,
		"the system has no random numbers");
}

/* RFC 7636 section 4.2. */
static void
add_challenge(struct str *url, const struct str *verifier)
{
	unsigned char digest[SHA256_SIZE];
	struct str challenge = { 0 };

	sha256(verifier->data, verifier->len, digest);
	encode_base64url(&challenge, digest, sizeof(digest));
	encode_form(url, "code_challenge", challenge.data);
	encode_form(url, "code_challenge_method", "S256");
	str_free(&challenge);
}

/* A parameter without a value only removes the one that would be there. */
static void
add_own_params(struct str *url, const struct oauth_params *p)
{
	const char *at = or_default(p->auth_params, "");
	bool has_hint = false;

	while (*at != '\0') {
		size_t len = strcspn(at, "&");

		has_hint = has_hint
		    || strncmp(at, LOGIN_HINT "=", sizeof(LOGIN_HINT)) == 0;
		if (len > 0 && at[len - 1] != '=') {
			str_add_char(url, '&');
			str_append(url, at, len);
		}
		at += len + (at[len] == '&');
	}
	if (!has_hint)
		encode_form(url, LOGIN_HINT, p->user);
}

void
browser_add_url(struct str *url, const struct oauth_params *p,
    const char *auth_url, const struct browser_request *request)
{
	str_add(url, auth_url);
	if (strchr(auth_url, '?') == NULL)
		str_add_char(url, '?');
	encode_form(url, "response_type", "code");
	encode_form(url, "client_id", p->client_id);
	encode_form(url, "redirect_uri", str_text(&request->redirect_uri));
	encode_form(url, "scope", p->scope);
	encode_form(url, "state", str_text(&request->state));
	add_challenge(url, &request->verifier);
	add_own_params(url, p);
}

/* A person should learn why the login does not end; once is enough. */
static void
say_other_issuer(const struct redirect *r, bool *is_said)
{
	if (r->other_issuer && !*is_said)
		dialogue_say("issuer", NULL);
	*is_said |= r->other_issuer;
}

/* A person may paste the address; "drop" and the end of the input give up. */
static bool
read_paste(struct job *job, const struct redirect_wanted *wanted,
    struct redirect *r)
{
	const char *line;

	while ((line = dialogue_next_line(&job->dialogue)) != NULL) {
		if (strncmp(line, PASTE, sizeof(PASTE) - 1) != 0)
			return login_give_up(job);
		redirect_from_paste(r, wanted, line + sizeof(PASTE) - 1);
		r->is_pasted = r->kind != REDIRECT_INVALID;
		if (r->is_pasted)
			return true;
		dialogue_say("invalid", NULL);
	}
	return !job->dialogue.at_end || login_give_up(job);
}

/* Waits once, for input, for a client, or for a signal. */
static void
wait_once(struct listener *listener, struct pollfd *polled, int64_t deadline)
{
	sigset_t before;

	polled[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	deadline = clock_earlier(deadline, listener_poll(listener, polled + 1));
	process_hold_signals(&before);
	if (process_signal() == 0)
		(void)process_poll(polled, 1 + LISTENER_POLLED, deadline,
		    &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool
wait_for_redirect(struct login *l, struct listener *listener,
    const struct redirect_wanted *wanted, int64_t deadline, struct redirect *r)
{
	bool is_said = false;

	for (;;) {
		struct pollfd polled[1 + LISTENER_POLLED];

		if (!read_paste(l->job, wanted, r))
			return false;
		if (r->kind != REDIRECT_INVALID)
			return true;
		say_other_issuer(r, &is_said);
		if (process_signal() != 0)
			return login_give_up(l->job);
		if (clock_has_passed(deadline))
			return oauth_fail(&l->job->failure, OAUTH_LOGIN,
			    "nobody logged in within %d minutes",
			    LOGIN_SECONDS / 60);
		wait_once(listener, polled, deadline);
		if (listener_handle(listener, polled + 1, wanted, r))
			return true;
	}
}

static bool
fail_redirect(struct login *l, const struct redirect *r)
{
	answer_set_error(&l->answer, r->error, r->description);
	return job_fail_answer(l->job, l->endpoints.auth_url, &l->answer);
}

/* RFC 6749 section 4.1.3. */
static bool
exchange(struct login *l, const struct browser_request *r,
    const struct secret *code)
{
	struct client_request request = { 0 };
	bool ok;

	client_begin(&request, "authorization_code");
	encode_form_secret(&request.form, "code", code);
	encode_form(&request.form, "redirect_uri", str_text(&r->redirect_uri));
	encode_form(&request.form, "code_verifier", str_text(&r->verifier));
	ok = client_authenticate(&l->job->client, l->endpoints.token_url,
		 time(NULL), &request, &l->job->failure)
	    && login_get_token(l, &request);
	client_request_free(&request);
	return ok;
}

static bool
use_redirect(struct login *l, const struct browser_request *request,
    const struct redirect *r)
{
	return r->kind == REDIRECT_CODE ? exchange(l, request, &r->code)
					: fail_redirect(l, r);
}

/* A code that was pasted may lack a part.  Says so, and forgets it. */
static bool
may_paste_again(struct login *l, struct redirect *r, unsigned *pasted)
{
	const char *error = l->answer.error;

	if (!r->is_pasted || r->kind != REDIRECT_CODE
	    || !(text_equal(error, "invalid_grant")
		|| text_equal(error, "invalid_request"))
	    || ++*pasted >= PASTES_MAX)
		return false;
	answer_free(&l->answer);
	redirect_free(r);
	oauth_failure_free(&l->job->failure);
	dialogue_say("refused", NULL);
	return true;
}

static void
say_request(const struct login *l, const struct listener *listener,
    const struct browser_request *r)
{
	struct str url = { 0 };

	browser_add_url(&url, &l->job->params, l->endpoints.auth_url, r);
	dialogue_say("url", url.data);
	if (l->job->params.flow == OAUTH_BROWSER)
		dialogue_say_number("listen", listener->port);
	dialogue_say_number("wait", LOGIN_SECONDS);
	str_free(&url);
}

bool
browser_ask(struct login *l, struct listener *listener)
{
	struct browser_request request = { 0 };
	struct redirect r = { .kind = REDIRECT_INVALID };
	int64_t deadline = clock_after_seconds(LOGIN_SECONDS);
	bool ok = make_request(&request, l->job, listener->port), again;
	unsigned pasted = 0;
	const struct redirect_wanted wanted = {
		.path = or_default(l->job->params.redirect_path, PATH_DEFAULT),
		.state = str_text(&request.state),
		.issuer = l->job->params.issuer,
		.needs_issuer = l->endpoints.has_issuer_parameter
	};

	if (ok)
		say_request(l, listener, &request);
	do {
		bool found =
		    ok && wait_for_redirect(l, listener, &wanted, deadline, &r);

		if (!r.is_pasted)
			listener_close(listener);
		ok = found && use_redirect(l, &request, &r);
		again = found && !ok && may_paste_again(l, &r, &pasted);
		ok |= again;
	} while (again);
	listener_close(listener);
	redirect_free(&r);
	free_request(&request);
	return ok;
}
