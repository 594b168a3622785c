/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks an account for settings that contradict each other or need others.
 * The first conflict that is found becomes the error.
 */
#include "config/conflicts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/text.h"
#include "config/option_names.h"
#include "net/endpoint.h"
#include "net/socks.h"

struct conflict {
	bool exists;
	const char *first;  /* the settings that the error names */
	const char *second; /* or NULL */
	const char *advice;
};

static bool
check_table(const struct account *a, const struct conflict *conflicts,
    size_t count, struct error *err)
{
	const struct conflict *c = conflicts;
	struct str text = { 0 };

	while (c < conflicts + count && !c->exists)
		c++;
	if (c == conflicts + count)
		return true;
	if (c->second == NULL) {
		str_printf(&text, "%s %s", c->first, c->advice);
	} else {
		account_describe_setting(a, c->first, &text);
		str_add(&text, " and ");
		account_describe_setting(a, c->second, &text);
		str_printf(&text, " conflict: %s", c->advice);
	}
	error_set(err, ERROR_CONFIG, "%s", str_text(&text));
	str_free(&text);
	return false;
}

static bool
check_host(const struct account *a, struct error *err)
{
	const struct strv *hosts = &a->hosts;
	bool host = a->server.host != NULL;
	bool socket = a->server.socket != NULL;
	bool srv = account_uses_srv(a), mx = account_uses_mx(a);
	const struct conflict conflicts[] = {
		{ !host && !socket, "host", NULL,
		    "is missing: set it to the name of your provider's "
		    "server" },
		{ hosts->count > 1
			&& (strv_has(hosts, "srv") || strv_has(hosts, "mx")),
		    "host", NULL,
		    "mx or srv cannot be combined with other hosts, because "
		    "the DNS names the hosts (for a host that is really named "
		    "so, add a trailing dot)" },
		{ srv && a->tls.mode != TLS_ON, "host", "tls",
		    "the DNS can be forged, and only a certificate proves the "
		    "identity of the host; set \"tls on\"" },
		{ srv && account_has(a, "tls_starttls"), "host", "tls_starttls",
		    "with srv, the DNS specifies how TLS starts" },
		{ srv && a->server.port != 0, "host", "port",
		    "with srv, the DNS specifies the port" },
		{ mx && auth_is_used(&a->auth), "host", "auth",
		    "the servers of the recipients do not know your password" },
		{ mx && a->session.protocol == PROTOCOL_LMTP, "host",
		    "protocol", "the servers of the recipients speak SMTP" },
		{ mx && a->tls.mode == TLS_OFF, "host", "tls",
		    "the recipients' domains may require TLS; set "
		    "\"tls opportunistic\"" },
		{ mx && !a->tls.starttls, "host", "tls_starttls",
		    "the servers of the recipients do not offer implicit TLS" },
		{ mx && a->tls.host_override != NULL, "host",
		    "tls_host_override",
		    "the DNS names several hosts, and each has its own name" },
		{ (srv || mx) && a->server.proxy_host != NULL, "host",
		    "proxy_host",
		    "the DNS lookup would bypass the proxy; set host to the "
		    "name of the server" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

static bool
has_address_as_host(const struct account *a)
{
	struct endpoint ignored;

	for (size_t i = 0; i < a->hosts.count; i++)
		if (endpoint_parse(&ignored, a->hosts.items[i]))
			return true;
	return false;
}

static bool
check_connection(const struct account *a, struct error *err)
{
	bool dane = a->dane == DANE_ON;
	bool socket = a->server.socket != NULL;
	bool proxy = a->server.proxy_host != NULL;
	const char *user = a->server.proxy_user;
	const struct secret *password = &a->server.proxy_password;
	bool file = a->proxy_passwordfile != NULL;
	bool socks = a->server.proxy_type == PROXY_SOCKS5;
	const struct conflict conflicts[] = {
		{ a->mta_sts.mode == MTA_STS_ON && !account_uses_mx(a),
		    "mta_sts", "host",
		    "MTA-STS policies apply to host mx only; for any other "
		    "host set \"tls on\", and remove mta_sts" },
		{ dane && socket, "dane", "socket",
		    "a unix socket has no name in the DNS" },
		{ dane && proxy, "dane", "proxy_host",
		    "the DNS lookup would bypass the proxy" },
		{ user != NULL && !proxy && !socket, "proxy_user", NULL,
		    "requires proxy_host" },
		{ (user != NULL) != (password->len > 0 || file), "proxy_user",
		    NULL,
		    "requires proxy_passwordfile or proxy_password, and they "
		    "require proxy_user" },
		{ password->len > 0 && file, "proxy_password",
		    "proxy_passwordfile", "the password is set once" },
		{ socks && user != NULL && strlen(user) > SOCKS_LOGIN_MAX,
		    "proxy_user", NULL, "is longer than 255 octets" },
		{ socks && password->len > SOCKS_LOGIN_MAX, "proxy_password",
		    NULL, "is longer than 255 octets" },
		{ !socks && user != NULL && strchr(user, ':') != NULL,
		    "proxy_user", "proxy_type",
		    "a login at an HTTP proxy has no colon in its name" },
		{ dane && a->tls.mode == TLS_OFF, "dane", "tls",
		    "TLSA records describe a certificate; set \"tls on\"" },
		{ dane && has_address_as_host(a), "dane", "host",
		    "TLSA records belong to a host name, not to an address; "
		    "set host to a name" },
		{ a->dns_servers.count > DNS_SERVERS_MAX, "dns_server", NULL,
		    "is set more than 3 times" },
		{ a->server.source_ip != NULL && socket, "source_ip", "socket",
		    "a unix socket has no source address" },
		{ a->session.protocol == PROTOCOL_LMTP && a->server.port == 0
			&& !socket,
		    "protocol", NULL,
		    "lmtp has no default port: set port or socket" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

/*
 * Whether the mechanism sends the password itself to the server; "on" may
 * select such a mechanism.
 */
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
check_tls(const struct account *a, struct error *err)
{
	bool key = a->tls.key_file != NULL, cert = a->tls.cert_file != NULL;
	bool pin = a->tls.fingerprints.count > 0;
	bool opportunistic = a->tls.mode == TLS_OPPORTUNISTIC;
	bool exposed = a->tls.mode == TLS_OFF && shows_secret(a);
	const struct conflict conflicts[] = {
		{ key && !cert, "tls_key_file", NULL,
		    "requires tls_cert_file" },
		{ cert && !key, "tls_cert_file", NULL,
		    "requires tls_key_file" },
		{ pin && a->tls.certcheck == CERTCHECK_OFF, "tls_fingerprint",
		    "tls_certcheck",
		    "with \"tls_certcheck off\", the fingerprint is not checked; "
		    "remove one of the settings" },
		{ pin && opportunistic, "tls_fingerprint", "tls",
		    "with \"tls opportunistic\", the fingerprint is not checked; "
		    "set \"tls on\"" },
		{ opportunistic && a->tls.certcheck == CERTCHECK_ON
			&& account_has(a, "tls_certcheck"),
		    "tls_certcheck", "tls",
		    "with \"tls opportunistic\", the certificate is not verified; "
		    "set \"tls on\"" },
		{ opportunistic && !a->tls.starttls, "tls_starttls", "tls",
		    "implicit TLS cannot be opportunistic; set \"tls on\"" },
		{ opportunistic && auth_is_used(&a->auth), "auth", "tls",
		    "with \"tls opportunistic\", others on the network could read "
		    "the login; set \"tls on\"" },
		{ exposed && !account_is_local(a), "auth", "tls",
		    "the password would be sent over the network in clear "
		    "text; set \"tls on\"" },
		/* "on" may select a mechanism that needs no password. */
		{ exposed && strcmp(a->auth.mechanism, "on") != 0
			&& !account_has(a, "tls"),
		    "auth", "tls",
		    "the password would be sent to the server on this machine "
		    "in clear text; set \"tls on\", or \"tls off\" if that is "
		    "intended" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

static bool
is_token_mechanism(const char *name)
{
	return text_equal_nocase(name, "on")
	    || text_equal_nocase(name, "oauthbearer")
	    || text_equal_nocase(name, "xoauth2");
}

/* A token would go to whoever answers. */
static bool
check_oauth_session(const struct account *a, struct error *err)
{
	const struct conflict conflicts[] = {
		{ !is_token_mechanism(a->auth.mechanism), "oauth_provider",
		    "auth",
		    "a token needs the mechanism oauthbearer or xoauth2; "
		    "remove auth" },
		{ secret_is_set(&a->auth.password), "oauth_provider",
		    "password",
		    "the login has a token or a password; "
		    "remove one of the settings" },
		{ a->passwordfile != NULL, "oauth_provider", "passwordfile",
		    "the login has a token or a password; remove one of the "
		    "settings" },
		{ a->passwordeval != NULL, "oauth_provider", "passwordeval",
		    "the login has a token or a password; remove one of the "
		    "settings" },
		{ a->auth.user == NULL, "user", NULL,
		    "is missing: set it to the address of the mailbox" },
		{ a->tls.mode != TLS_ON, "oauth_provider", "tls",
		    "a token is sent through TLS only; set \"tls on\"" },
		{ a->tls.certcheck == CERTCHECK_OFF, "oauth_provider",
		    "tls_certcheck",
		    "a token is sent to a verified server only; remove "
		    "tls_certcheck, or use tls_fingerprint" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

/* How the client proves its identity.  A service account signs besides that. */
static bool
check_oauth_proof(const struct oauth_settings *o, const struct account *a,
    struct error *err)
{
	const char *secret = secret_is_set(&o->client_secret)
	    ? "oauth_client_secret"
	    : o->client_secret_file != NULL ? "oauth_client_secret_file"
	    : o->client_secret_eval != NULL ? "oauth_client_secret_eval"
					    : NULL;
	bool key = o->key_file != NULL && o->grant != OAUTH_SERVICE_ACCOUNT;
	bool none = o->client_auth == OAUTH_AUTH_NONE;
	bool needs_secret = o->client_auth == OAUTH_AUTH_POST
	    || o->client_auth == OAUTH_AUTH_BASIC;
	const struct conflict conflicts[] = {
		{ needs_secret && secret == NULL, "oauth_client_auth", NULL,
		    "needs oauth_client_secret_file, unless it is key or "
		    "none" },
		{ secret != NULL && none, secret, "oauth_client_auth",
		    "none sends no secret; remove one of the settings" },
		{ secret != NULL && key, secret, "oauth_key_file",
		    "a client has a secret or a key; remove one of the "
		    "settings" },
		{ key && none, "oauth_key_file", "oauth_client_auth",
		    "none signs nothing; remove one of the settings" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

static bool
check_oauth_client(const struct oauth_settings *o, const struct account *a,
    struct error *err)
{
	bool secret = secret_is_set(&o->client_secret);
	bool file = o->client_secret_file != NULL;
	bool eval = o->client_secret_eval != NULL;
	bool assertion = o->grant == OAUTH_SERVICE_ACCOUNT
	    || o->client_auth == OAUTH_AUTH_KEY;
	const char *once =
	    "a client has one secret; remove one of the settings";
	const struct conflict conflicts[] = {
		{ o->client_id == NULL && o->grant != OAUTH_SERVICE_ACCOUNT,
		    "oauth_client_id", NULL,
		    "is missing: register a client with the provider, see "
		    "veredus-recipes(7)" },
		{ secret && file, "oauth_client_secret",
		    "oauth_client_secret_file", once },
		{ secret && eval, "oauth_client_secret",
		    "oauth_client_secret_eval", once },
		{ file && eval, "oauth_client_secret_file",
		    "oauth_client_secret_eval", once },
		{ assertion && o->key_file == NULL, "oauth_key_file", NULL,
		    "is missing: it has the key that signs assertions" },
		{ o->cert_file != NULL && o->key_file == NULL,
		    "oauth_cert_file", NULL, "requires oauth_key_file" },
		{ o->grant == OAUTH_CLIENT_CREDENTIALS && !secret && !file
			&& !eval && o->key_file == NULL,
		    "oauth_grant", NULL,
		    "client_credentials needs oauth_client_secret_file or "
		    "oauth_key_file" },
		{ strcmp(o->proxy, "on") == 0 && a->server.proxy_host == NULL,
		    "oauth_proxy", NULL, "on needs proxy_host" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

/* Names of several tenants, of which none can give a token without a person. */
static bool
is_shared_tenant(const char *tenant)
{
	return strcmp(tenant, "common") == 0
	    || strcmp(tenant, "organizations") == 0
	    || strcmp(tenant, "consumers") == 0;
}

static bool
check_oauth_provider(const struct oauth_settings *o, const struct account *a,
    struct error *err)
{
	bool microsoft = o->provider == OAUTH_PROVIDER_MICROSOFT;
	bool person = o->grant == OAUTH_CODE;
	bool found = o->issuer != NULL;
	const struct conflict conflicts[] = {
		{ !microsoft && account_has(a, "oauth_tenant"), "oauth_tenant",
		    "oauth_provider",
		    "only microsoft has tenants; remove oauth_tenant" },
		{ microsoft && !person && is_shared_tenant(o->tenant),
		    "oauth_grant", "oauth_tenant",
		    "without a person, only one tenant can give a token; set "
		    "oauth_tenant to its domain or identifier" },
		{ !found && o->token_url == NULL, "oauth_token_url", NULL,
		    "is missing: set it or oauth_issuer" },
		{ person && !found && o->auth_url == NULL
			&& o->device_url == NULL,
		    "oauth_auth_url", NULL,
		    "is missing: set it, oauth_device_url or oauth_issuer" },
		{ person && o->flow == OAUTH_DEVICE && !found
			&& o->device_url == NULL,
		    "oauth_flow", NULL,
		    "device needs oauth_device_url, which this provider does "
		    "not have" },
		{ person && (o->flow == OAUTH_BROWSER || o->flow == OAUTH_PASTE)
			&& !found && o->auth_url == NULL,
		    "oauth_auth_url", NULL, "is missing: set it" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

/* In "defaults", the setting is for those accounts that have a provider. */
static bool
check_no_oauth(const struct account *a, struct error *err)
{
	const struct origin *origin;

	if (a->oauth.client_id == NULL || account_has(a, "oauth_provider"))
		return true;
	origin = &a->origins[option_number(option_find("oauth_client_id"))];
	return origin->account == NULL
	    || error_set(err, ERROR_CONFIG,
		"oauth_client_id needs oauth_provider");
}

static bool
check_oauth(const struct account *a, struct error *err)
{
	if (!account_uses_oauth(a))
		return check_no_oauth(a, err);
	return check_oauth_session(a, err)
	    && check_oauth_client(&a->oauth, a, err)
	    && check_oauth_proof(&a->oauth, a, err)
	    && check_oauth_provider(&a->oauth, a, err);
}

static int
compare_hosts(const void *a, const void *b)
{
	char *const *left = a, *const *right = b;

	return strcasecmp(*left, *right);
}

/* A second attempt at the same host helps nobody; another name was meant. */
static bool
check_hosts_differ(const struct account *a, struct error *err)
{
	struct strv sorted = { 0 };
	struct str place = { 0 };
	const char *twice = NULL;

	if (a->hosts.count < 2)
		return true;
	strv_copy(&sorted, &a->hosts);
	qsort(sorted.items, sorted.count, sizeof(*sorted.items), compare_hosts);
	for (size_t i = 1; i < sorted.count && twice == NULL; i++)
		if (compare_hosts(&sorted.items[i - 1], &sorted.items[i]) == 0)
			twice = sorted.items[i];
	if (twice != NULL) {
		account_describe_setting(a, "host", &place);
		error_set(err, ERROR_CONFIG,
		    "%s names \"%s\" twice: remove one of the lines",
		    str_text(&place), twice);
	}
	str_free(&place);
	strv_free(&sorted);
	return twice == NULL;
}

static bool
check_message(const struct account *a, struct error *err)
{
	const struct mail_params *params = &a->mail_params;
	const struct conflict conflicts[] = {
		{ params->hold_for != 0 && params->hold_until != NULL,
		    "hold_for", "hold_until",
		    "a message has only one time; remove one of the settings "
		    "(hold_for off, or hold_until without an argument)" },
	};

	return check_table(a, conflicts, COUNT_OF(conflicts), err);
}

bool
conflicts_check(const struct account *a, struct error *err)
{
	return check_host(a, err) && check_hosts_differ(a, err)
	    && check_oauth(a, err) && check_connection(a, err)
	    && check_tls(a, err) && check_message(a, err);
}
