/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/conflicts.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "net/endpoint.h"

/* The mechanisms that hand the password to the server as it is; "on" may
 * come to one of them. */
static bool
shows_secret(const struct account *a)
{
	static const char *const names[] = { "on", "plain", "login", "xoauth2",
		"oauthbearer" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_equal_nocase(a->auth.mechanism, names[i]))
			return true;
	return false;
}

static bool
has_no_server(const struct account *a)
{
	return a->server.host == NULL && a->server.socket == NULL;
}

static bool
has_host_and_socket(const struct account *a)
{
	return a->server.host != NULL && a->server.socket != NULL;
}

static bool
has_lookup_and_hosts(const struct account *a)
{
	return a->hosts.count > 1
	    && (strv_has(&a->hosts, "srv") || strv_has(&a->hosts, "mx"));
}

static bool
has_srv_without_tls(const struct account *a)
{
	return account_uses_srv(a) && a->tls.mode != TLS_ON;
}

static bool
has_srv_and_starttls(const struct account *a)
{
	return account_uses_srv(a) && account_has(a, "tls_starttls");
}

static bool
has_srv_and_port(const struct account *a)
{
	return account_uses_srv(a) && a->server.port != 0;
}

static bool
has_lookup_and_proxy(const struct account *a)
{
	return (account_uses_srv(a) || account_uses_mx(a))
	    && a->server.proxy_host != NULL;
}

static bool
has_mx_and_auth(const struct account *a)
{
	return account_uses_mx(a) && account_uses_auth(a);
}

static bool
has_mx_and_lmtp(const struct account *a)
{
	return account_uses_mx(a) && a->session.protocol == PROTOCOL_LMTP;
}

static bool
has_mx_without_tls(const struct account *a)
{
	return account_uses_mx(a) && a->tls.mode == TLS_OFF;
}

static bool
has_mx_and_first_byte(const struct account *a)
{
	return account_uses_mx(a) && !a->tls.starttls;
}

static bool
has_mx_and_override(const struct account *a)
{
	return account_uses_mx(a) && a->tls.host_override != NULL;
}

/* Elsewhere the account itself says what is demanded. */
static bool
has_sts_without_mx(const struct account *a)
{
	return a->mta_sts.mode == MTA_STS_ON && !account_uses_mx(a);
}

static bool
has_dane_and_socket(const struct account *a)
{
	return a->dane == DANE_ON && a->server.socket != NULL;
}

static bool
has_dane_and_proxy(const struct account *a)
{
	return a->dane == DANE_ON && a->server.proxy_host != NULL;
}

static bool
has_dane_without_tls(const struct account *a)
{
	return a->dane == DANE_ON && a->tls.mode == TLS_OFF;
}

static bool
has_dane_and_address(const struct account *a)
{
	struct endpoint ignored;

	for (size_t i = 0; a->dane == DANE_ON && i < a->hosts.count; i++)
		if (endpoint_parse(&ignored, a->hosts.items[i]))
			return true;
	return false;
}

static bool
has_many_name_servers(const struct account *a)
{
	return a->dns_servers.count > DNS_SERVERS_MAX;
}

static bool
has_proxy_and_socket(const struct account *a)
{
	return a->server.proxy_host != NULL && a->server.socket != NULL;
}

static bool
has_source_and_socket(const struct account *a)
{
	return a->server.source_ip != NULL && a->server.socket != NULL;
}

static bool
has_lmtp_without_port(const struct account *a)
{
	return a->session.protocol == PROTOCOL_LMTP && a->server.port == 0
	    && a->server.socket == NULL;
}

static bool
has_key_alone(const struct account *a)
{
	return a->tls.key_file != NULL && a->tls.cert_file == NULL;
}

static bool
has_certificate_alone(const struct account *a)
{
	return a->tls.cert_file != NULL && a->tls.key_file == NULL;
}

static bool
has_pin_without_check(const struct account *a)
{
	return a->tls.fingerprints.count > 0
	    && a->tls.certcheck == CERTCHECK_OFF;
}

static bool
has_opportunistic_pin(const struct account *a)
{
	return a->tls.fingerprints.count > 0
	    && a->tls.mode == TLS_OPPORTUNISTIC;
}

static bool
has_opportunistic_check(const struct account *a)
{
	return a->tls.certcheck == CERTCHECK_ON
	    && account_has(a, "tls_certcheck")
	    && a->tls.mode == TLS_OPPORTUNISTIC;
}

static bool
has_opportunistic_first_byte(const struct account *a)
{
	return !a->tls.starttls && a->tls.mode == TLS_OPPORTUNISTIC;
}

static bool
has_opportunistic_auth(const struct account *a)
{
	return account_uses_auth(a) && a->tls.mode == TLS_OPPORTUNISTIC;
}

static bool
shows_secret_to_all(const struct account *a)
{
	return shows_secret(a) && a->tls.mode == TLS_OFF
	    && !account_is_local(a);
}

/* "on" may still find something for which no password is needed. */
static bool
shows_secret_unasked(const struct account *a)
{
	return shows_secret(a) && strcmp(a->auth.mechanism, "on") != 0
	    && a->tls.mode == TLS_OFF && !account_has(a, "tls");
}

/* What is wrong with an account as a whole. */
static const struct rule {
	bool (*is_broken)(const struct account *a);
	const char *first;  /* the settings that the error names */
	const char *second; /* or NULL */
	const char *advice;
} rules[] = {
	{ has_no_server, "host", NULL,
	    "is missing: set it to the name of your provider's server" },
	{ has_host_and_socket, "host", "socket",
	    "a message goes through only one of them; to unset a setting, "
	    "leave its argument empty" },
	{ has_lookup_and_hosts, "host", NULL,
	    "mx or srv cannot be combined with other hosts, because the DNS "
	    "names the hosts (for a host that is really named so, add a "
	    "trailing dot)" },
	{ has_srv_without_tls, "host", "tls",
	    "the DNS can be forged, and only a certificate proves the "
	    "identity of the host; set tls on" },
	{ has_srv_and_starttls, "host", "tls_starttls",
	    "with srv, the DNS specifies how TLS starts" },
	{ has_srv_and_port, "host", "port",
	    "with srv, the DNS specifies the port" },
	{ has_mx_and_auth, "host", "auth",
	    "the servers of the recipients do not know your password" },
	{ has_mx_and_lmtp, "host", "protocol",
	    "the servers of the recipients speak SMTP" },
	{ has_mx_without_tls, "host", "tls",
	    "the recipients' domains may require TLS; set tls opportunistic" },
	{ has_mx_and_first_byte, "host", "tls_starttls",
	    "the servers of the recipients do not offer implicit TLS" },
	{ has_mx_and_override, "host", "tls_host_override",
	    "the DNS names several hosts, and each has its own name" },
	{ has_lookup_and_proxy, "host", "proxy_host",
	    "the DNS lookup would bypass the proxy; set host to the name of "
	    "the server" },
	{ has_sts_without_mx, "mta_sts", "host",
	    "MTA-STS policies apply to host mx only; for any other host set "
	    "tls on, and remove mta_sts" },
	{ has_dane_and_socket, "dane", "socket",
	    "a unix socket has no name in the DNS" },
	{ has_dane_and_proxy, "dane", "proxy_host",
	    "the DNS lookup would bypass the proxy" },
	{ has_dane_without_tls, "dane", "tls",
	    "TLSA records describe a certificate; set tls on" },
	{ has_dane_and_address, "dane", "host",
	    "TLSA records belong to a host name, not to an address; set host "
	    "to a name" },
	{ has_many_name_servers, "dns_server", NULL,
	    "is set more than 3 times" },
	{ has_proxy_and_socket, "proxy_host", "socket",
	    "a unix socket cannot be reached through a proxy" },
	{ has_source_and_socket, "source_ip", "socket",
	    "a unix socket has no source address" },
	{ has_lmtp_without_port, "protocol", NULL,
	    "lmtp has no default port: set port or socket" },
	{ has_key_alone, "tls_key_file", NULL, "requires tls_cert_file" },
	{ has_certificate_alone, "tls_cert_file", NULL,
	    "requires tls_key_file" },
	{ has_pin_without_check, "tls_fingerprint", "tls_certcheck",
	    "with tls_certcheck off, the fingerprint is not checked; remove "
	    "one of the settings" },
	{ has_opportunistic_pin, "tls_fingerprint", "tls",
	    "with tls opportunistic, the fingerprint is not checked; set tls "
	    "on" },
	{ has_opportunistic_check, "tls_certcheck", "tls",
	    "with tls opportunistic, the certificate is not verified; set tls "
	    "on" },
	{ has_opportunistic_first_byte, "tls_starttls", "tls",
	    "implicit TLS cannot be opportunistic; set tls on" },
	{ has_opportunistic_auth, "auth", "tls",
	    "with tls opportunistic, others on the network could read the "
	    "login; set tls on" },
	{ shows_secret_to_all, "auth", "tls",
	    "the password would be sent over the network in clear text; set "
	    "tls on" },
	{ shows_secret_unasked, "auth", "tls",
	    "the password would be sent to the server on this machine in "
	    "clear text; set tls on, or tls off if that is intended" },
};

bool
conflicts_check(const struct account *a, struct error *err)
{
	struct str text = { 0 };
	size_t i;

	for (i = 0; i < COUNT_OF(rules); i++)
		if (rules[i].is_broken(a))
			break;
	if (i == COUNT_OF(rules))
		return true;
	if (rules[i].second == NULL) {
		str_printf(&text, "%s %s", rules[i].first, rules[i].advice);
	} else {
		account_describe_setting(a, rules[i].first, &text);
		str_add(&text, " and ");
		account_describe_setting(a, rules[i].second, &text);
		str_printf(&text, " conflict: %s", rules[i].advice);
	}
	error_set(err, ERROR_CONFIG, "%s", str_text(&text));
	str_free(&text);
	return false;
}
