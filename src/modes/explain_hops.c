/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/explain_hops.h"

#include <stdlib.h>

#include "delivery/next_hops.h"
#include "modes/output.h"
#include "net/resolve.h"

/* The names that the certificate may be for, as tls_start() takes them. */
static void
add_names(const struct account *a, const struct next_hop *host, struct str *out)
{
	const struct strv *names = &host->demand.names;
	char *joined = strv_join(names, " or ");

	str_add(out, "a certificate for ");
	str_add(out,
	    a->tls.host_override != NULL ? a->tls.host_override
		: names->count > 0       ? joined
					 : host->name);
	free(joined);
}

/* What the account alone asks of the certificate. */
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
		str_add(out, "a certificate with tls_fingerprint");
	if (pinned && params->certcheck == CERTCHECK_ON)
		str_add(out, ", and ");
	if (!pinned || params->certcheck == CERTCHECK_ON)
		add_names(a, host, out);
}

static void
add_check(const struct account *a, const struct next_hop *host, struct str *out)
{
	const struct tls_policy *demand = &host->demand;

	switch (demand->strength) {
	case TLS_LEVEL_DANE:
		str_printf(out, "a certificate as %zu TLSA %s",
		    demand->record_count,
		    demand->record_count == 1 ? "record says" : "records say");
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
	const char *who = tls_demanded_by(&host->demand);
	struct str setting = { 0 };

	if (who != NULL)
		str_add(&setting, who);
	else if (a->tls_mode_source == TLS_MODE_BY_LOCAL_HOST)
		str_add(&setting, "default on this machine");
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
	    account_uses_srv(a) ? !host->tls_first : a->tls.starttls;
	bool required = tls_is_required(&a->tls, &host->demand);
	struct str text = { 0 };

	if (!required && a->tls.mode == TLS_OFF) {
		str_add(&text, "off");
	} else {
		str_printf(&text, "%s, %s, ", required ? "required" : "tried",
		    starttls ? "by STARTTLS" : "from the first byte");
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
show_error(struct str *out, const char *label, const char *prefix,
    const struct error *err)
{
	char *message = error_describe(err);

	output_format(out, OUTPUT_PART, label, "%s%s", prefix, message);
	free(message);
}

/* Those that the route does not know are looked up as for a connection. */
static bool
find_addresses(const struct account *a, const struct next_hop *host,
    int64_t deadline, struct str *out, struct error *err)
{
	struct endpoint_list list = { 0 };
	bool ok = true;

	if (host->addresses.count > 0) {
		add_addresses(out, &host->addresses);
	} else if (a->server.proxy_host != NULL) {
		output_format(out, OUTPUT_PART, "addresses",
		    "known to the proxy %s port %u", a->server.proxy_host,
		    a->server.proxy_port);
	} else {
		ok = resolve_host(host->name, host->port, a->server.family,
		    deadline, &list, err);
		if (ok)
			add_addresses(out, &list);
		else
			show_error(out, "addresses", "none: ", err);
	}
	endpoint_list_free(&list);
	return ok;
}

/* What the DNS has told of it: that it is the host only if that was asked. */
static void
add_proof(const struct account *a, const struct next_hop *host, struct str *out)
{
	bool asked = account_uses_srv(a) || account_uses_mx(a);

	if (host->canonical != NULL)
		output_line(out, OUTPUT_PART, "alias of", host->canonical);
	if (!asked && host->secure)
		output_line(out, OUTPUT_PART, "DNSSEC", "proves its addresses");
	if (!asked || *host->name == '[')
		return;
	output_line(out, OUTPUT_PART, "DNSSEC",
	    host->proven && host->secure ? "proves the host and its addresses"
		: host->proven           ? "proves the host"
					 : "proves nothing");
}

static bool
explain_host(const struct account *a, const struct next_hop *host,
    int64_t deadline, struct str *out, struct error *err)
{
	bool ok = true;

	if (a->server.socket != NULL) {
		output_line(out, OUTPUT_TOP, "Socket", a->server.socket);
		explain_tls(a, host, out);
		return true;
	}
	output_format(out, OUTPUT_TOP, "Host", "%s port %u", host->name,
	    host->port);
	if (error_is_set(&host->trouble)) {
		show_error(out, "not tried", "", &host->trouble);
		error_copy(err, &host->trouble);
		return false;
	}
	ok = find_addresses(a, host, deadline, out, err);
	add_proof(a, host, out);
	explain_tls(a, host, out);
	return ok;
}

/* As for a delivery: a host that may do better later decides. */
static void
keep_best(struct error *best, const struct error *next)
{
	if (!error_is_set(best) || (next->temporary && !best->temporary))
		error_copy(best, next);
}

/* Succeeds if at least one host of the route has an address. */
static bool
explain_route(const struct account *a, const struct destination *r,
    int64_t deadline, struct str *out, struct error *err)
{
	struct error why = { 0 };
	bool found = false;

	if (r->domain != NULL)
		output_format(out, OUTPUT_TOP, "Domain", "%s", r->domain);
	if (r->sts_testing)
		output_line(out, OUTPUT_PART, "MTA-STS",
		    "policy in testing mode, not enforced");
	if (r->count == 0)
		show_error(out, "no host", "", &r->outcome);
	error_copy(err, &r->outcome);
	for (size_t i = 0; i < r->count; i++) {
		if (explain_host(a, &r->hosts[i], deadline, out, &why))
			found = true;
		else
			keep_best(err, &why);
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
	struct destinations routes = { 0 };
	struct error why = { 0 };
	bool ok = next_hops_find(&routes, a, e, params->sts, deadline, err);

	for (size_t i = 0; ok && i < routes.count; i++) {
		explain_route(a, &routes.items[i], deadline, out, &why);
		error_merge(err, &why);
		error_free(&why);
	}
	if (ok && routes.count == 0)
		output_line(out, OUTPUT_TOP, "Hosts",
		    "those of each recipient's domain (host mx)");
	destinations_free(&routes);
	return !error_is_set(err);
}
