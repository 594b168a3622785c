/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the decisions about a message: account, sender, next hops, login. */
#include "modes/explain.h"

#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "config/credentials.h"
#include "delivery/next_hops.h"
#include "modes/explain_queue.h"
#include "modes/pretend.h"
#include "net/resolve.h"

/* Next hops */

/* Appends the names that tls_start() accepts in the certificate. */
static void
add_names(const struct account *a, const struct next_hop *host, struct str *out)
{
	const struct strv *names = &host->tls_policy.names;
	char *joined = strv_join(names, " or ");

	str_add(out, "a certificate for ");
	str_add(out,
	    a->tls.host_override != NULL ? a->tls.host_override
		: names->count > 0       ? joined
					 : host->name);
	free(joined);
}

/* Appends the check of the certificate that the settings ask for. */
static void
add_configured_check(const struct account *a, const struct next_hop *host,
    struct str *out)
{
	const struct tls_params *params = &a->tls;
	bool pinned = params->fingerprints.count > 0;

	if (params->certcheck == CERTCHECK_OFF
	    || (params->mode == TLS_OPPORTUNISTIC && !pinned)) {
		str_add(out, "any certificate");
		return;
	}
	if (pinned)
		str_add(out, "a certificate that matches tls_fingerprint");
	if (pinned && params->certcheck == CERTCHECK_ON)
		str_add(out, ", and ");
	if (!pinned || params->certcheck == CERTCHECK_ON)
		add_names(a, host, out);
}

static void
add_check(const struct account *a, const struct next_hop *host, struct str *out)
{
	const struct tls_policy *demand = &host->tls_policy;

	switch (demand->level) {
	case TLS_LEVEL_DANE:
		str_printf(out,
		    "a certificate that matches a TLSA record (%zu usable)",
		    demand->record_count);
		break;
	case TLS_LEVEL_VERIFY:
		add_names(a, host, out);
		break;
	case TLS_LEVEL_ENCRYPT:
	case TLS_LEVEL_CONFIG:
	default:
		add_configured_check(a, host, out);
	}
}

static void
add_reason(const struct account *a, const struct next_hop *host,
    struct explanation *x)
{
	const char *source = tls_source_name(&host->tls_policy);
	struct str setting = { 0 };

	if (source != NULL)
		str_add(&setting, source);
	else if (a->tls_mode_source == TLS_MODE_BY_LOCAL_HOST)
		str_add(&setting, "default for this machine");
	else if (a->tls_mode_source == TLS_MODE_BY_HOST_MX)
		str_add(&setting, "default for host mx");
	else
		account_describe_setting(a, "tls", &setting);
	explanation_add(x, PART_HOST_TLS_SOURCE, str_text(&setting));
	str_free(&setting);
}

void
explain_tls(const struct account *a, const struct next_hop *host,
    struct explanation *x)
{
	bool starttls =
	    account_uses_srv(a) ? !host->implicit_tls : a->tls.starttls;
	bool required = tls_is_required(&a->tls, &host->tls_policy);
	struct str text = { 0 };

	if (!required && a->tls.mode == TLS_OFF) {
		str_add(&text, "off");
	} else {
		str_printf(&text, "%s, %s, ", required ? "required" : "tried",
		    starttls                      ? "STARTTLS"
			: a->implicit_tls_by_port ? "implicit TLS (port 465)"
						  : "implicit TLS");
		add_check(a, host, &text);
	}
	explanation_add(x, PART_HOST_TLS, str_text(&text));
	str_free(&text);
	add_reason(a, host, x);
}

static void
add_addresses(struct explanation *x, const struct endpoint_list *list)
{
	struct str text = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		struct str address = { 0 };

		endpoint_text(&list->items[i], &address);
		str_printf(&text, "%s%s", i > 0 ? ", " : "",
		    str_text(&address));
		explanation_add(x, PART_HOST_ADDRESS, str_text(&address));
		str_free(&address);
	}
	explanation_add(x, PART_HOST_LOOKUP, str_text(&text));
	str_free(&text);
}

static void
add_error(struct explanation *x, enum explained_part part,
    const struct error *err)
{
	char *message = error_describe(err);

	explanation_add(x, part, message);
	free(message);
}

static void
add_lookup_error(struct explanation *x, const struct error *err)
{
	char *message = error_describe(err);

	explanation_add(x, PART_HOST_LOOKUP_ERROR, message);
	explanation_format(x, PART_HOST_LOOKUP, "none: %s", message);
	free(message);
}

static void
add_proxy(struct explanation *x, const struct host_params *server)
{
	struct str proxy = { 0 };

	str_printf(&proxy, "the proxy %s port %u", server->proxy_host,
	    server->proxy_port);
	explanation_add(x, PART_HOST_PROXY, str_text(&proxy));
	explanation_format(x, PART_HOST_LOOKUP, "resolved by %s",
	    str_text(&proxy));
	str_free(&proxy);
}

/* Appends the addresses from the destination, or looks them up. */
static bool
add_or_find_addresses(const struct account *a, const struct next_hop *host,
    int64_t deadline, struct explanation *x, struct error *err)
{
	struct endpoint_list list = { 0 };
	bool ok = true;

	if (host->addresses.count > 0) {
		add_addresses(x, &host->addresses);
	} else if (a->server.proxy_host != NULL) {
		add_proxy(x, &a->server);
	} else {
		ok = resolve_host(host->name, host->port, a->server.family,
		    deadline, &list, err);
		if (ok)
			add_addresses(x, &list);
		else
			add_lookup_error(x, err);
	}
	endpoint_list_free(&list);
	return ok;
}

/* Appends the alias, and what DNSSEC secures: the name of the host comes from
 * the DNS only with `host srv` and `host mx`. */
static void
add_dnssec(const struct account *a, const struct next_hop *host,
    struct explanation *x)
{
	bool from_dns = account_uses_srv(a) || account_uses_mx(a);

	if (host->canonical != NULL)
		explanation_add(x, PART_HOST_ALIAS, host->canonical);
	if (!from_dns && host->addr_authentic)
		explanation_add(x, PART_HOST_DNSSEC, "secures its addresses");
	if (!from_dns || *host->name == '[')
		return;
	explanation_add(x, PART_HOST_DNSSEC,
	    host->mx_authentic && host->addr_authentic
		? "secures the host name and its addresses"
		: host->mx_authentic ? "secures the host name"
				     : "secures nothing");
}

static void
begin_host(const struct account *a, const char *domain,
    const struct next_hop *host, struct explanation *x)
{
	char *text;

	if (a->server.socket != NULL) {
		explanation_begin_as(x, EXPLAINED_HOST, "Socket",
		    a->server.socket);
		explanation_add(x, PART_HOST_SOCKET, a->server.socket);
		return;
	}
	text = alloc_printf("%s port %u", host->name, host->port);
	explanation_begin(x, EXPLAINED_HOST, text);
	if (domain != NULL)
		explanation_add(x, PART_HOST_DOMAIN, domain);
	explanation_add(x, PART_HOST_NAME, host->name);
	explanation_format(x, PART_HOST_PORT, "%u", host->port);
	free(text);
}

static bool
explain_hop(const struct account *a, const char *domain,
    const struct next_hop *host, int64_t deadline, struct explanation *x,
    struct error *err)
{
	bool ok;

	begin_host(a, domain, host, x);
	if (a->server.socket != NULL) {
		explain_tls(a, host, x);
		return true;
	}
	if (error_is_set(&host->lookup_error)) {
		add_error(x, PART_HOST_NOT_TRIED, &host->lookup_error);
		error_copy(err, &host->lookup_error);
		return false;
	}
	ok = add_or_find_addresses(a, host, deadline, x, err);
	add_dnssec(a, host, x);
	explain_tls(a, host, x);
	return ok;
}

/* Returns whether a next hop of the destination has an address. */
static bool
explain_destination(const struct account *a, const struct destination *r,
    int64_t deadline, struct explanation *x, struct error *err)
{
	struct error why = { 0 };
	bool found = false;

	explanation_begin(x, EXPLAINED_DOMAIN, r->domain);
	if (r->sts_testing)
		explanation_add(x, PART_DOMAIN_STS,
		    "policy in testing mode, not enforced");
	if (r->count == 0) {
		add_error(x, PART_DOMAIN_FAILURE, &r->failure);
		error_copy(err, &r->failure);
	}
	for (size_t i = 0; i < r->count; i++) {
		if (explain_hop(a, r->domain, &r->hosts[i], deadline, x, &why))
			found = true;
		else
			next_hop_merge_error(&r->hosts[i], err, &why);
		error_free(&why);
	}
	if (found)
		error_free(err);
	return found;
}

bool
explain_hops(const struct delivery_params *params, const struct envelope *e,
    struct explanation *x, struct error *err)
{
	const struct account *a = params->account;
	int64_t deadline = params->deadline;
	struct destinations list = { 0 };
	struct error why = { 0 };
	bool ok = next_hops_find(&list, params, e, err);

	for (size_t i = 0; ok && i < list.count; i++) {
		explain_destination(a, &list.items[i], deadline, x, &why);
		error_merge_attempt(err, &why);
		error_free(&why);
	}
	if (ok && list.count == 0)
		explanation_begin(x, EXPLAINED_HOSTS_LATER,
		    "the MX hosts of each recipient's domain (host mx)");
	destinations_free(&list);
	return !error_is_set(err);
}

/* Appends the name of a setting and where it was set. */
static void
add_setting(struct explanation *x, const struct account *a,
    enum explained_part part, const char *setting)
{
	struct str text = { 0 };

	account_describe_setting(a, setting, &text);
	explanation_add(x, part, str_text(&text));
	str_free(&text);
}

static void
add_files(const struct context *context, struct explanation *x)
{
	const struct config *config = &context->config;

	explanation_begin(x, EXPLAINED_FILES, NULL);
	for (size_t i = 0; i < config->files.count; i++)
		explanation_add(x, PART_FILE_READ, config->files.items[i]);
	for (size_t i = 0; i < config->absent.count; i++)
		explanation_add(x, PART_FILE_ABSENT, config->absent.items[i]);
	if (config->files.count == 0 && config->absent.count == 0)
		explanation_add(x, PART_FILE_NONE,
		    "none: the command line gives the server");
}

static void
add_choice(const struct context *context, struct explanation *x)
{
	const struct selection *choice = &context->selection;
	const char *sender = context->selection_sender;

	if (choice->settings == NULL)
		explanation_add(x, PART_ACCOUNT_CHOICE,
		    "the command line, which gives the server");
	else if (choice->reason == SELECTED_BY_NAME)
		explanation_add(x, PART_ACCOUNT_CHOICE, "its name (-a)");
	else if (choice->reason == SELECTED_BY_FROM)
		explanation_format(x, PART_ACCOUNT_CHOICE,
		    "from %s, which matches the sender <%s>%s", choice->from,
		    sender, choice->shortened ? " without its +detail" : "");
	else if (sender != NULL && *sender != '\0')
		explanation_format(x, PART_ACCOUNT_CHOICE,
		    "default: no account has a matching from for <%s>", sender);
	else
		explanation_add(x, PART_ACCOUNT_CHOICE,
		    "default: no sender was given");
}

static void
add_account(const struct context *context, struct explanation *x)
{
	struct str place = { 0 };

	explanation_begin(x, EXPLAINED_ACCOUNT, context->account.name);
	if (context->account.origin.kind != ORIGIN_DEFAULT) {
		origin_describe(&context->account.origin, &place);
		if (context->account.locked)
			str_add(&place, ", locked");
		explanation_add(x, PART_ACCOUNT_PLACE, str_text(&place));
	}
	str_free(&place);
	add_choice(context, x);
}

static void
add_sender_source(const struct context *context, struct explanation *x)
{
	static const char *const sources[] = {
		[SENDER_UNKNOWN] = "",
		[SENDER_FROM_CALLER] = "-f",
		[SENDER_FROM_HEADER] = "the From field of the message",
		[SENDER_BY_DEFAULT] =
		    "default: the user name and the name of this host",
	};
	const struct account *a = &context->account;
	const struct cmdline *cmdline = context->cmdline;
	enum sender_source source = context->submission.sender_source;

	if (source == SENDER_FROM_CALLER && cmdline->sender_is_login)
		explanation_add(x, PART_SENDER_SOURCE,
		    "the login name of the client");
	else if (source == SENDER_FROM_ACCOUNT)
		add_setting(x, a, PART_SENDER_SOURCE,
		    a->sender_is_login ? "user" : "from");
	else
		explanation_add(x, PART_SENDER_SOURCE, sources[source]);
	if (cmdline->sender != NULL && !cmdline->sender_is_login
	    && source != SENDER_FROM_CALLER)
		add_setting(x, a, PART_SENDER_FORBIDDEN, "allow_from_override");
}

static void
add_sender_change(struct context *context, struct explanation *x)
{
	const char *before = context->submission.written_sender;
	const struct rewrite_rule *rule;

	if (before == NULL)
		return;
	rule = rewrite_rule_of(&context->submission.rewrite_rules, before);
	explanation_add(x, PART_SENDER_BEFORE, before);
	if (rule != NULL)
		explanation_format(x, PART_SENDER_CHANGE, "rewrite %s %s%s",
		    rule->pattern, rule->address,
		    rule->keep_reply_to ? " reply-to" : "");
	else if (strncmp(context->submission.envelope.sender, before,
		     strlen(before))
	    == 0)
		add_setting(x, &context->account, PART_SENDER_CHANGE,
		    "qualify_domain");
	else
		add_setting(x, &context->account, PART_SENDER_CHANGE,
		    "rewrite_local");
}

static void
add_envelope(struct context *context, struct explanation *x)
{
	const struct envelope *e = &context->submission.envelope;

	explanation_begin(x, EXPLAINED_SENDER,
	    *e->sender != '\0' ? e->sender : "<>");
	add_sender_source(context, x);
	add_sender_change(context, x);
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		explanation_begin(x, EXPLAINED_RECIPIENT, r->address);
		if (r->original != NULL && strcmp(r->original, r->address) != 0)
			explanation_add(x, PART_RECIPIENT_ORIGINAL,
			    r->original);
	}
}

static void
add_mechanism(const struct account *a, bool password, struct explanation *x)
{
	const char *name = auth_mechanism_name(a->auth.mechanism);
	struct str list = { 0 }, text = { 0 };

	if (name != NULL) {
		explanation_begin(x, EXPLAINED_LOGIN, name);
		return;
	}
	auth_preferences(&a->auth, password, &list);
	str_printf(&text, "the first of these that the server offers: %s",
	    str_text(&list));
	explanation_begin(x, EXPLAINED_LOGIN, str_text(&text));
	str_free(&list);
	str_free(&text);
}

static void
add_login(struct context *context, struct explanation *x)
{
	const struct account *a = &context->account;
	bool may_ask = context->cmdline->personality == PERSONALITY_VEREDUS;
	struct str source = { 0 };
	bool needed, found = false;

	if (!auth_is_used(&a->auth)) {
		explanation_begin(x, EXPLAINED_LOGIN, "none");
		add_setting(x, a, PART_LOGIN_SOURCE, "auth");
		return;
	}
	needed = auth_needs(&a->auth).password;
	if (needed)
		found = credentials_source(a, &context->user, may_ask, &source);
	add_mechanism(a, found, x);
	add_setting(x, a, PART_LOGIN_SOURCE, "auth");
	if (a->auth.user != NULL)
		explanation_add(x, PART_LOGIN_USER, a->auth.user);
	explanation_add(x, PART_LOGIN_PASSWORD,
	    needed ? str_text(&source) : "none: not needed");
	str_free(&source);
}

static void
add_notifications(const struct dsn *dsn, struct explanation *x)
{
	static const char *const returned[] = {
		[DSN_RETURN_DEFAULT] = "",
		[DSN_RETURN_FULL] = "; return the message",
		[DSN_RETURN_HEADERS] = "; return the header",
	};
	struct str text = { 0 };

	dsn_add_notify(&text, dsn->notify, ", ");
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = (char)text_lower((unsigned char)text.data[i]);
	explanation_format(x, PART_SESSION_NOTIFY, "%s%s",
	    text.len > 0 ? str_text(&text) : "the default of the server",
	    returned[dsn->wanted]);
	str_free(&text);
	if (dsn->envelope_id != NULL)
		explanation_add(x, PART_SESSION_ENVELOPE_ID, dsn->envelope_id);
}

static void
add_session(const struct context *context, struct explanation *x)
{
	const struct session_params *params = &context->account.session;

	explanation_begin(x, EXPLAINED_SESSION, NULL);
	explanation_add(x, PART_SESSION_NAME,
	    params->domain != NULL ? params->domain
				   : "the local address of the connection");
	explanation_add(x, PART_SESSION_PROTOCOL,
	    params->protocol == PROTOCOL_LMTP ? "LMTP" : "SMTP");
	explanation_format(x, PART_SESSION_DEADLINE, "%u s", params->deadline);
	explanation_format(x, PART_SESSION_SECONDS, "%u", params->deadline);
	explanation_add(x, PART_SESSION_PARTIAL,
	    params->partial ? "the other recipients get the message"
			    : "no recipient gets the message");
	add_notifications(&context->submission.envelope.dsn, x);
}

static void
add_written_setting(void *ctx, const struct pretended_setting *setting)
{
	struct explanation *x = ctx;

	explanation_begin(x, EXPLAINED_SETTING, setting->line);
	explanation_add(x, PART_SETTING_NAME, setting->name);
	explanation_add(x, PART_SETTING_VALUE, setting->value);
	explanation_add(x, PART_SETTING_ORIGIN, setting->origin);
}

/* Appends what a delivery would also log, and the differences from msmtp. */
static void
add_notes(const struct context *context, struct explanation *x)
{
	struct strv notes = { 0 };

	context_add_notes(context, &notes);
	for (size_t i = 0; i < context->submission.notes.count; i++)
		strv_add(&notes, context->submission.notes.items[i]);
	for (size_t i = 0; i < notes.count; i++)
		explanation_begin(x, EXPLAINED_NOTE, notes.items[i]);
	strv_free(&notes);
}

void
explain_begin(const struct context *context, struct explanation *x)
{
	add_files(context, x);
	if (context->account.name != NULL)
		add_account(context, x);
}

bool
explain(struct context *context, struct explanation *x, struct error *err)
{
	struct delivery_params params;

	context_delivery_params(context, &params);
	context_waive_policies(context, &params);
	add_envelope(context, x);
	explain_hops(&params, &context->submission.envelope, x, err);
	explain_queue(context, x);
	add_login(context, x);
	add_session(context, x);
	explanation_begin(x, EXPLAINED_SETTINGS, NULL);
	pretend_each_setting(&context->account, false, add_written_setting, x);
	add_notes(context, x);
	return !error_is_set(err);
}
