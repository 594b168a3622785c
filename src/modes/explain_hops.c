/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the next hops of a message, and the TLS that each must offer. */
#include "modes/explain_hops.h"

#include <stdlib.h>

#include "delivery/next_hops.h"
#include "modes/output.h"
#include "net/resolve.h"

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
		    starttls ? "STARTTLS" : "implicit TLS");
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
