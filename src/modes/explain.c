/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the decisions about a message: account, sender, next hops, login. */
#include "modes/explain.h"

#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/attr.h"
#include "base/text.h"
#include "config/credentials.h"
#include "delivery/next_hops.h"
#include "modes/explain_queue.h"
#include "modes/output.h"
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
    struct str *out)
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
	output_line(out, OUTPUT_PART, "TLS by", str_text(&setting));
	str_free(&setting);
}

void
explain_tls(const struct account *a, const struct next_hop *host,
    struct str *out)
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
	output_line(out, OUTPUT_PART, "TLS", str_text(&text));
	str_free(&text);
	add_reason(a, host, out);
}

static void
add_addresses(struct str *out, const struct endpoint_list *list)
{
	struct str text = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		str_add(&text, i > 0 ? ", " : "");
		endpoint_text(&list->items[i], &text);
	}
	output_line(out, OUTPUT_PART, "addresses", str_text(&text));
	str_free(&text);
}

static void
add_error(struct str *out, const char *label, const char *prefix,
    const struct error *err)
{
	char *message = error_describe(err);

	output_format(out, OUTPUT_PART, label, "%s%s", prefix, message);
	free(message);
}

/* Appends the addresses from the destination, or looks them up. */
static bool
add_or_find_addresses(const struct account *a, const struct next_hop *host,
    int64_t deadline, struct str *out, struct error *err)
{
	struct endpoint_list list = { 0 };
	bool ok = true;

	if (host->addresses.count > 0) {
		add_addresses(out, &host->addresses);
	} else if (a->server.proxy_host != NULL) {
		output_format(out, OUTPUT_PART, "addresses",
		    "resolved by the proxy %s port %u", a->server.proxy_host,
		    a->server.proxy_port);
	} else {
		ok = resolve_host(host->name, host->port, a->server.family,
		    deadline, &list, err);
		if (ok)
			add_addresses(out, &list);
		else
			add_error(out, "addresses", "none: ", err);
	}
	endpoint_list_free(&list);
	return ok;
}

/* Appends the alias, and what DNSSEC secures: the name of the host comes from
 * the DNS only with `host srv` and `host mx`. */
static void
add_dnssec(const struct account *a, const struct next_hop *host,
    struct str *out)
{
	bool from_dns = account_uses_srv(a) || account_uses_mx(a);

	if (host->canonical != NULL)
		output_line(out, OUTPUT_PART, "alias of", host->canonical);
	if (!from_dns && host->addr_authentic)
		output_line(out, OUTPUT_PART, "DNSSEC",
		    "secures its addresses");
	if (!from_dns || *host->name == '[')
		return;
	output_line(out, OUTPUT_PART, "DNSSEC",
	    host->mx_authentic && host->addr_authentic
		? "secures the host name and its addresses"
		: host->mx_authentic ? "secures the host name"
				     : "secures nothing");
}

static bool
explain_hop(const struct account *a, const struct next_hop *host,
    int64_t deadline, struct str *out, struct error *err)
{
	bool ok;

	output_host(out, a->server.socket, host->name, host->port);
	if (a->server.socket != NULL) {
		explain_tls(a, host, out);
		return true;
	}
	if (error_is_set(&host->lookup_error)) {
		add_error(out, "not tried", "", &host->lookup_error);
		error_copy(err, &host->lookup_error);
		return false;
	}
	ok = add_or_find_addresses(a, host, deadline, out, err);
	add_dnssec(a, host, out);
	explain_tls(a, host, out);
	return ok;
}

/* Returns whether a next hop of the destination has an address. */
static bool
explain_destination(const struct account *a, const struct destination *r,
    int64_t deadline, struct str *out, struct error *err)
{
	struct error why = { 0 };
	bool found = false;

	if (r->domain != NULL)
		output_format(out, OUTPUT_TOP, "Domain", "%s", r->domain);
	if (r->sts_testing)
		output_line(out, OUTPUT_PART, "MTA-STS",
		    "policy in testing mode, not enforced");
	if (r->count == 0) {
		add_error(out, "no host", "", &r->failure);
		error_copy(err, &r->failure);
	}
	for (size_t i = 0; i < r->count; i++) {
		if (explain_hop(a, &r->hosts[i], deadline, out, &why))
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
    struct str *out, struct error *err)
{
	const struct account *a = params->account;
	int64_t deadline = params->deadline;
	struct destinations list = { 0 };
	struct error why = { 0 };
	bool ok = next_hops_find(&list, a, e, params->sts, deadline, err);

	for (size_t i = 0; ok && i < list.count; i++) {
		explain_destination(a, &list.items[i], deadline, out, &why);
		error_merge_attempt(err, &why);
		error_free(&why);
	}
	if (ok && list.count == 0)
		output_line(out, OUTPUT_TOP, "Hosts",
		    "the MX hosts of each recipient's domain (host mx)");
	destinations_free(&list);
	return !error_is_set(err);
}

/* Appends the name of a setting and where it was set. */
static void
add_setting(struct str *out, const struct account *a, const char *label,
    const char *setting)
{
	struct str text = { 0 };

	account_describe_setting(a, setting, &text);
	output_line(out, OUTPUT_PART, label, str_text(&text));
	str_free(&text);
}

static void
add_files(const struct context *context, struct str *out)
{
	const struct config *config = &context->config;

	str_add(out, "Files:\n");
	for (size_t i = 0; i < config->files.count; i++)
		output_line(out, OUTPUT_PART, "read", config->files.items[i]);
	for (size_t i = 0; i < config->absent.count; i++)
		output_line(out, OUTPUT_PART, "not found",
		    config->absent.items[i]);
	if (config->files.count == 0 && config->absent.count == 0)
		output_line(out, OUTPUT_PART, "read",
		    "none: the command line gives the server");
}

static void
add_choice(const struct context *context, struct str *out)
{
	const struct selection *choice = &context->selection;
	const char *sender = context->selection_sender;

	if (choice->settings == NULL)
		output_line(out, OUTPUT_PART, "chosen by",
		    "the command line, which gives the server");
	else if (choice->reason == SELECTED_BY_NAME)
		output_line(out, OUTPUT_PART, "chosen by", "its name (-a)");
	else if (choice->reason == SELECTED_BY_FROM)
		output_format(out, OUTPUT_PART, "chosen by",
		    "from %s, which matches the sender <%s>%s", choice->from,
		    sender, choice->shortened ? " without its +detail" : "");
	else if (sender != NULL && *sender != '\0')
		output_format(out, OUTPUT_PART, "chosen by",
		    "default: no account has a matching from for <%s>", sender);
	else
		output_line(out, OUTPUT_PART, "chosen by",
		    "default: no sender was given");
}

static void
add_account(const struct context *context, struct str *out)
{
	struct str place = { 0 };

	output_line(out, OUTPUT_TOP, "Account", context->account.name);
	if (context->account.origin.kind != ORIGIN_DEFAULT) {
		origin_describe(&context->account.origin, &place);
		if (context->account.locked)
			str_add(&place, ", locked");
		output_line(out, OUTPUT_PART, "written in", str_text(&place));
	}
	str_free(&place);
	add_choice(context, out);
}

static void
add_sender_source(const struct context *context, struct str *out)
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
		output_line(out, OUTPUT_PART, "given by",
		    "the login name of the client");
	else if (source == SENDER_FROM_ACCOUNT)
		add_setting(out, a, "given by",
		    a->sender_is_login ? "user" : "from");
	else
		output_line(out, OUTPUT_PART, "given by", sources[source]);
	if (cmdline->sender != NULL && !cmdline->sender_is_login
	    && source != SENDER_FROM_CALLER)
		add_setting(out, a, "-f forbidden by", "allow_from_override");
}

static void
add_sender_change(struct context *context, struct str *out)
{
	const char *before = context->submission.written_sender;
	const struct rewrite_rule *rule;

	if (before == NULL)
		return;
	rule = rewrite_rule_of(&context->submission.rewrite_rules, before);
	output_line(out, OUTPUT_PART, "before", before);
	if (rule != NULL)
		output_format(out, OUTPUT_PART, "changed by", "rewrite %s %s%s",
		    rule->pattern, rule->address,
		    rule->keep_reply_to ? " reply-to" : "");
	else if (strncmp(context->submission.envelope.sender, before,
		     strlen(before))
	    == 0)
		add_setting(out, &context->account, "changed by",
		    "qualify_domain");
	else
		add_setting(out, &context->account, "changed by",
		    "rewrite_local");
}

static void
add_envelope(struct context *context, struct str *out)
{
	const struct envelope *e = &context->submission.envelope;

	output_line(out, OUTPUT_TOP, "Sender",
	    *e->sender != '\0' ? e->sender : "<>");
	add_sender_source(context, out);
	add_sender_change(context, out);
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		output_line(out, OUTPUT_TOP, "Recipient", r->address);
		if (r->original != NULL && strcmp(r->original, r->address) != 0)
			output_line(out, OUTPUT_PART, "in place of",
			    r->original);
	}
}

static void
add_mechanism(const struct account *a, bool password, struct str *out)
{
	const char *name = auth_mechanism_name(a->auth.mechanism);
	struct str list = { 0 };

	if (name != NULL) {
		output_line(out, OUTPUT_TOP, "Login", name);
		return;
	}
	auth_preferences(&a->auth, password, &list);
	output_format(out, OUTPUT_TOP, "Login",
	    "the first of these that the server offers: %s", str_text(&list));
	str_free(&list);
}

static void
add_login(struct context *context, struct str *out)
{
	const struct account *a = &context->account;
	bool may_ask = context->cmdline->personality == PERSONALITY_VEREDUS;
	struct str source = { 0 };
	bool needed, found = false;

	if (!auth_is_used(&a->auth)) {
		output_line(out, OUTPUT_TOP, "Login", "none");
		add_setting(out, a, "by", "auth");
		return;
	}
	needed = auth_needs(&a->auth).password;
	if (needed)
		found = credentials_source(a, &context->user, may_ask, &source);
	add_mechanism(a, found, out);
	add_setting(out, a, "by", "auth");
	if (a->auth.user != NULL)
		output_line(out, OUTPUT_PART, "user", a->auth.user);
	output_line(out, OUTPUT_PART, "password from",
	    needed ? str_text(&source) : "none: not needed");
	str_free(&source);
}

static void
add_notifications(const struct dsn *dsn, struct str *out)
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
	output_format(out, OUTPUT_PART, "notifications", "%s%s",
	    text.len > 0 ? str_text(&text) : "the default of the server",
	    returned[dsn->wanted]);
	str_free(&text);
	if (dsn->envelope_id != NULL)
		output_line(out, OUTPUT_PART, "envelope id", dsn->envelope_id);
}

static void
add_session(const struct context *context, struct str *out)
{
	const struct session_params *params = &context->account.session;

	str_add(out, "Session:\n");
	output_line(out, OUTPUT_PART, "greets as",
	    params->domain != NULL ? params->domain
				   : "the local address of the connection");
	output_line(out, OUTPUT_PART, "protocol",
	    params->protocol == PROTOCOL_LMTP ? "LMTP" : "SMTP");
	output_format(out, OUTPUT_PART, "deadline", "%u s", params->deadline);
	output_line(out, OUTPUT_PART, "when some are rejected",
	    params->partial ? "the other recipients get the message"
			    : "no recipient gets the message");
	add_notifications(&context->submission.envelope.dsn, out);
}

/* Appends what a delivery would also log, and the differences from msmtp. */
static void
add_notes(const struct context *context, struct str *out)
{
	struct strv notes = { 0 };

	context_add_notes(context, &notes);
	for (size_t i = 0; i < context->submission.notes.count; i++)
		strv_add(&notes, context->submission.notes.items[i]);
	for (size_t i = 0; i < notes.count; i++)
		output_line(out, OUTPUT_TOP, "Note", notes.items[i]);
	strv_free(&notes);
}

void
explain_begin(const struct context *context, struct str *out)
{
	add_files(context, out);
	if (context->account.name != NULL)
		add_account(context, out);
}

bool
explain(struct context *context, struct str *out, struct error *err)
{
	struct delivery_params params;

	context_delivery_params(context, &params);
	add_envelope(context, out);
	explain_hops(&params, &context->submission.envelope, out, err);
	explain_queue(context, out);
	add_login(context, out);
	add_session(context, out);
	str_add(out, "Settings:\n");
	pretend_settings(out, OUTPUT_PART, &context->account, false);
	add_notes(context, out);
	return !error_is_set(err);
}
