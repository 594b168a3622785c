/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shows what veredus-oauth prints during a login, passes on what the person
 * pastes, and decides by a login at the mail server whether the token is kept.
 */
#include "modes/login.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/host.h"
#include "base/text.h"
#include "config/credentials.h"
#include "config/oauth_token.h"
#include "modes/enter_sandbox.h"
#include "modes/login_account.h"
#include "modes/login_terminal.h"
#include "modes/output.h"
#include "modes/session.h"
#include "tls/tls.h"

#define KEEP "keep\n"
#define DROP "drop\n"

/* A login under way. */
struct dialog {
	struct context *context;
	const struct oauth_params *params;
	struct helper helper;
	struct paste paste;
	size_t read; /* octets of helper.output whose lines were used */
	struct str *out;
	const char *mechanism; /* of the test */
	bool is_tested, is_stored;
	struct error failure; /* of the test */
};

/* ---- how a person consents ---- */

/* A browser on this host can be seen by whoever sits before it. */
static bool
has_browser(void)
{
	return getenv("SSH_CONNECTION") == NULL
	    && (getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL);
}

/* Microsoft blocks the codes of devices in most organizations. */
static bool
has_device_flow(const struct oauth_settings *o)
{
	return o->device_url != NULL
	    && !(o->provider == OAUTH_PROVIDER_MICROSOFT
		&& (strcmp(o->tenant, "common") == 0
		    || strcmp(o->tenant, "organizations") == 0));
}

static enum oauth_flow
choose_flow(const struct oauth_settings *o)
{
	bool only_device = o->auth_url == NULL && o->issuer == NULL;

	if (only_device || (!has_browser() && has_device_flow(o)))
		return OAUTH_DEVICE;
	if (!has_browser() && o->provider == OAUTH_PROVIDER_MICROSOFT)
		return OAUTH_PASTE;
	return OAUTH_BROWSER;
}

static bool
set_flow(const struct account *a, struct oauth_params *p, struct error *err)
{
	const struct oauth_settings *o = &a->oauth;
	bool needs_terminal =
	    o->flow == OAUTH_FLOW_AUTO || o->flow == OAUTH_PASTE;

	if (o->grant != OAUTH_CODE)
		return true;
	p->flow = o->flow == OAUTH_FLOW_AUTO ? choose_flow(o) : o->flow;
	return !needs_terminal || isatty(STDIN_FILENO)
	    || error_set(err, ERROR_USAGE,
		"--login needs a terminal to talk to you; without one, choose "
		"--oauth-flow=device or --oauth-flow=browser");
}

/* ---- what the person reads ---- */

static void
add_address_line(struct dialog *d, const char *url)
{
	bool local = d->params->flow == OAUTH_BROWSER;

	str_printf(d->out, "Open this address in a browser%s, and log in as ",
	    local ? " on this machine" : "");
	output_text(d->out, d->params->user);
	str_add(d->out, ":\n\n  ");
	output_text(d->out, url);
	str_add(d->out, "\n\n");
	if (!local)
		str_printf(d->out,
		    "Paste here the address that the browser shows at the end, "
		    "even if the page\ncannot be opened (it begins with "
		    "http://%s).\n",
		    d->params->redirect_host);
}

static void
add_port_line(struct dialog *d, const char *port)
{
	char *name = host_name();

	str_printf(d->out,
	    "On another machine: run there  ssh -L %s:127.0.0.1:%s ", port,
	    port);
	output_text(d->out, name != NULL ? name : "THISHOST");
	str_add(d->out, "  first");
	free(name);
	if (d->paste.fd >= 0)
		str_printf(d->out,
		    ", or paste here\nthe address that the browser shows at the "
		    "end (it begins with http://%s:%s)",
		    d->params->redirect_host, port);
	str_add(d->out, ".\n");
}

/* "CODE ADDRESS" */
static void
add_code_line(struct dialog *d, const char *value)
{
	size_t len = strcspn(value, " ");
	char *code = alloc_string_n(value, len);

	str_add(d->out, "Open ");
	output_text(d->out, value + len + (value[len] == ' '));
	str_add(d->out, " on any device and enter the code  ");
	output_text(d->out, code);
	str_add_char(d->out, '\n');
	free(code);
}

static void
add_wait_line(struct dialog *d, const char *value)
{
	time_t end = time(NULL) + (time_t)strtoul(value, NULL, 10);
	char until[sizeof("23:59")] = "";
	struct tm local;

	if (localtime_r(&end, &local) != NULL)
		(void)strftime(until, sizeof(until), "%H:%M", &local);
	str_printf(d->out, "Waiting until %s; Ctrl-C gives up.\n", until);
}

static void
add_invalid_line(struct dialog *d, const char *value)
{
	(void)value;
	str_add(d->out,
	    "This is not the address that belongs to this login; try again.\n");
}

static void
add_refused_line(struct dialog *d, const char *value)
{
	(void)value;
	str_add(d->out,
	    "The provider does not accept this code; paste the whole address "
	    "again.\n");
}

static void
add_issuer_line(struct dialog *d, const char *value)
{
	(void)value;
	str_add(d->out,
	    "An answer without the right iss was ignored: it may be that of "
	    "another provider, or\noauth_issuer is wrong.  Still waiting.\n");
}

static void
note_stored(struct dialog *d, const char *value)
{
	(void)value;
	d->is_stored = true;
}

/* ---- the test ---- */

/* What is wrong with the files for the test is found before a person consents. */
static bool
prepare_test(struct context *context, struct error *err)
{
	return context->cmdline->oauth_no_test
	    || (context_prepare_connection(context, err)
		&& tls_load(context->tls, err));
}

static bool
test_token(struct dialog *d, struct error *err)
{
	struct context *context = d->context;
	struct delivery_params params;

	context_start_lookup(context);
	context_delivery_params(context, &params);
	return context_enter_sandbox(context, err)
	    && session_test_login(&params, &d->mechanism, err);
}

static void
use_token(struct dialog *d, const char *value)
{
	struct secret token = { 0 };
	bool ok = true;

	secret_set(&token, value, strlen(value));
	credentials_with_token(&d->context->account, &token, &d->context->auth);
	secret_free(&token);
	if (!d->context->cmdline->oauth_no_test) {
		d->is_tested = true;
		ok = test_token(d, &d->failure);
	}
	d->helper.deadline =
	    clock_after_seconds(d->params->timeout + OAUTH_EXTRA_SECONDS);
	(void)helper_write(&d->helper, ok ? KEEP : DROP, strlen(KEEP), NULL);
}

static const struct {
	const char *key;
	void (*use)(struct dialog *d, const char *value);
} lines[] = {
	{ "url", add_address_line },
	{ "listen", add_port_line },
	{ "code", add_code_line },
	{ "wait", add_wait_line },
	{ "invalid", add_invalid_line },
	{ "refused", add_refused_line },
	{ "issuer", add_issuer_line },
	{ "token", use_token },
	{ "stored", note_stored },
};

/* ---- the dialog ---- */

static void
use_line(struct dialog *d, const char *line, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		size_t key = strlen(lines[i].key);
		struct str value = { 0 };

		if (len < key || memcmp(line, lines[i].key, key) != 0
		    || (len > key && line[key] != ' '))
			continue;
		str_reserve(&value, len);
		if (len > key)
			str_append(&value, line + key + 1, len - key - 1);
		lines[i].use(d, str_text(&value));
		str_wipe(&value);
		return;
	}
}

/* Uses the lines that are complete, and prints what they say. */
static bool
use_output(struct dialog *d, struct error *err)
{
	const struct str *output = &d->helper.output;

	for (;;) {
		const char *start = str_text(output) + d->read;
		const char *end = memchr(start, '\n', output->len - d->read);

		if (end == NULL)
			break;
		use_line(d, start, (size_t)(end - start));
		d->read += (size_t)(end - start) + 1;
	}
	return d->out->len == 0 || output_flush(d->out, err);
}

static bool
pass_on(struct dialog *d, struct error *err)
{
	struct str line = { 0 };
	bool ok;

	str_reserve(&line, d->paste.line.len + sizeof("paste \n"));
	str_add(&line, "paste ");
	str_append(&line, d->paste.line.data, d->paste.line.len);
	str_add_char(&line, '\n');
	ok = helper_write(&d->helper, line.data, line.len, err);
	str_wipe(&line);
	str_truncate(&d->paste.line, 0);
	return ok;
}

/* veredus-oauth says when a person has waited for too long. */
static bool
talk(struct dialog *d, struct error *err)
{
	bool ok = true;

	d->helper.deadline = CLOCK_NEVER;
	while (ok && !helper_is_at_end(&d->helper)) {
		bool typed = false;

		ok = helper_wait(&d->helper, d->paste.fd, &typed, err)
		    && use_output(d, err);
		if (ok && typed && paste_read(&d->paste))
			ok = pass_on(d, err);
		if (d->paste.is_ended)
			helper_close_input(&d->helper);
	}
	return ok;
}

static void
add_success(struct dialog *d)
{
	const struct account *a = &d->context->account;

	str_add(d->out, "Logged in as ");
	output_text(d->out, d->params->user);
	if (d->is_tested)
		str_printf(d->out, " at %s (%s)",
		    a->server.host != NULL ? a->server.host : a->server.socket,
		    d->mechanism);
	else
		str_add(d->out, ", not tested");
	str_add(d->out, ".  The token renews itself;\nit is in ");
	output_text(d->out, d->params->store);
	str_add(d->out, ".\n");
	if (a->oauth.provider == OAUTH_PROVIDER_GOOGLE
	    && a->oauth.grant == OAUTH_CODE)
		str_add(d->out,
		    "If Google asks again in 7 days, your app is in Testing: "
		    "publish it.\n");
}

/* Why the test has failed: only some failures are about the token. */
static void
add_test_failure(struct dialog *d)
{
	const struct error *failure = &d->failure;
	bool is_refused = !failure->temporary
	    && (failure->kind == ERROR_REJECTED
		|| failure->kind == ERROR_NO_MECHANISM);

	if (is_refused)
		str_add(d->out,
		    "The mail server does not accept the token, so that nothing "
		    "is kept.  Is the user\nthe account that you have logged in "
		    "to?  Is SMTP AUTH on for this mailbox?\n");
	else
		str_add(d->out,
		    "The test of the token at the mail server was not possible, "
		    "so that nothing is kept.\nLog in again later, or with "
		    "--oauth-no-test, which keeps the token untested.\n");
}

static bool
finish(struct dialog *d, struct error *err)
{
	int status;

	d->helper.deadline = clock_after_seconds(1);
	status = helper_end(&d->helper);
	if (error_is_set(&d->failure)) {
		add_test_failure(d);
		error_move(err, &d->failure);
		return false;
	}
	if (status != 0 || !d->is_stored)
		return oauth_helper_failed(&d->context->account, status,
		    &d->helper.errors, err);
	add_success(d);
	return true;
}

static bool
run_dialog(struct dialog *d, struct oauth_params *p, struct error *err)
{
	bool ok;

	if (!login_start(d->context, p, "login", &d->helper, err))
		return false;
	if (p->grant == OAUTH_CODE && p->flow != OAUTH_DEVICE)
		paste_begin(&d->paste);
	ok = talk(d, err);
	paste_end(&d->paste);
	if (ok)
		return finish(d, err);
	/* It notices that nobody listens any more. */
	d->helper.deadline = 0;
	(void)helper_end(&d->helper);
	return false;
}

bool
login(struct context *context, struct str *out, struct error *err)
{
	struct oauth_params p = { 0 };
	struct dialog d = { .context = context,
		.params = &p,
		.helper = { .max = OAUTH_OUTPUT_MAX,
		    .deadline = clock_after_seconds(30) },
		.paste = { .fd = -1 },
		.out = out };
	char *name = NULL;
	bool ok = login_one_account(context, &name, err)
	    && login_select(context, name, &p, err)
	    && set_flow(&context->account, &p, err)
	    && prepare_test(context, err) && run_dialog(&d, &p, err);

	helper_free(&d.helper);
	error_free(&d.failure);
	oauth_params_free(&p);
	free(name);
	return ok;
}

/* ---- --logout ---- */

static void
add_logout(const struct context *context, const struct str *output,
    struct str *out)
{
	size_t len = 0;
	const char *why = oauth_line(output, "valid", &len);
	char *text = alloc_string_n(why != NULL ? why : "", len);

	str_add(out, "Account ");
	output_text(out, context->account.name);
	if (strstr(str_text(output), "removed\n") == NULL)
		str_add(out, ": there were no tokens.\n");
	else
		str_add(out, ": the tokens are removed.\n");
	if (why != NULL) {
		str_add(out, "At the provider, the permission remains: ");
		output_text(out, text);
		str_add(out,
		    ".\nRemove it on the provider's web page for the apps of "
		    "your account.\n");
	}
	free(text);
}

bool
logout(struct context *context, struct str *out, struct error *err)
{
	struct oauth_params p = { 0 };
	struct helper helper = { .max = OAUTH_OUTPUT_MAX };
	char *name = NULL;
	bool ok = login_one_account(context, &name, err)
	    && login_select(context, name, &p, err);

	helper.deadline = clock_after_seconds(p.timeout + OAUTH_EXTRA_SECONDS);
	ok = ok && login_run(context, &p, "logout", &helper, err);
	if (ok)
		add_logout(context, &helper.output, out);
	helper_free(&helper);
	oauth_params_free(&p);
	free(name);
	return ok;
}
