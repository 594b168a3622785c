/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/finish.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/identity.h"
#include "base/text.h"
#include "config/check.h"
#include "config/option.h"
#include "mail/pattern.h"

#define PORT_SMTP 25
#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465

static char *
user(void)
{
	return identity_user();
}

/* What may follow a "%", and what to do when this host does not know it. */
static const struct substitution {
	char letter;
	char *(*get)(void);
	const char *missing;
} substitutions[] = {
	{ 'U', user, "this user has no name" },
	{ 'H', identity_host, "this host has no name" },
	{ 'C', identity_fqdn,
	    "this host has no full name (see hostname -f); write the name "
	    "itself" },
	{ 'M', identity_mailname,
	    "/etc/mailname has no name in its first line; write the name "
	    "itself" },
};

static const struct substitution *
find_substitution(const char *percent)
{
	for (size_t i = 0; i < COUNT_OF(substitutions); i++)
		if (percent[1] == substitutions[i].letter)
			return &substitutions[i];
	return NULL;
}

bool
expand_identity(const char *text, char **out, struct error *err)
{
	struct str expanded = { 0 };

	while (*text != '\0') {
		size_t plain = strcspn(text, "%");
		const struct substitution *s;
		char *value;

		str_append(&expanded, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		s = find_substitution(text);
		if (s == NULL) {
			str_add_char(&expanded, *text++);
			continue;
		}
		value = s->get();
		if (value == NULL) {
			str_free(&expanded);
			return error_set(err, ERROR_CONFIG, "%%%c: %s",
			    s->letter, s->missing);
		}
		str_add(&expanded, value);
		free(value);
		text += 2;
	}
	*out = str_steal(&expanded);
	return true;
}

static void
decide_host(struct account *a)
{
	alloc_replace(&a->server.host,
	    a->hosts.count > 0 ? a->hosts.items[0] : NULL);
}

static bool
uses_auth(const struct account *a)
{
	return strcmp(a->auth.mechanism, "off") != 0;
}

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
has_srv_and_hosts(const struct account *a)
{
	bool found = false;

	for (size_t i = 0; i < a->hosts.count; i++)
		found = found || strcmp(a->hosts.items[i], "srv") == 0;
	return found && a->hosts.count > 1;
}

static bool
has_srv_without_tls(const struct account *a)
{
	return account_asks_srv(a) && a->tls.mode != TLS_ON;
}

static bool
has_srv_and_starttls(const struct account *a)
{
	return account_asks_srv(a) && account_has(a, "tls_starttls");
}

static bool
has_srv_and_port(const struct account *a)
{
	return account_asks_srv(a) && a->server.port != 0;
}

static bool
has_srv_and_proxy(const struct account *a)
{
	return account_asks_srv(a) && a->server.proxy_host != NULL;
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
	return uses_auth(a) && a->tls.mode == TLS_OPPORTUNISTIC;
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
	    "is missing: write the name of your provider's server" },
	{ has_host_and_socket, "host", "socket",
	    "a message goes through one of them; a setting with nothing "
	    "behind it is unset" },
	{ has_srv_and_hosts, "host", NULL,
	    "srv stands alone: it is the DNS that names the hosts then" },
	{ has_srv_without_tls, "host", "tls",
	    "the DNS may lie about the host: only a certificate shows that it "
	    "is the right one; write tls on" },
	{ has_srv_and_starttls, "host", "tls_starttls",
	    "with srv the DNS says how TLS begins" },
	{ has_srv_and_port, "host", "port", "with srv the DNS says the port" },
	{ has_srv_and_proxy, "host", "proxy_host",
	    "the look-up would not go through the proxy; write the host's "
	    "name" },
	{ has_many_name_servers, "dns_server", NULL,
	    "stands more than 3 times" },
	{ has_proxy_and_socket, "proxy_host", "socket",
	    "a unix socket has no proxy" },
	{ has_source_and_socket, "source_ip", "socket",
	    "a unix socket has no addresses" },
	{ has_lmtp_without_port, "protocol", NULL,
	    "is lmtp, which has no port of its own: write port or socket" },
	{ has_key_alone, "tls_key_file", NULL, "needs tls_cert_file, too" },
	{ has_certificate_alone, "tls_cert_file", NULL,
	    "needs tls_key_file, too" },
	{ has_pin_without_check, "tls_fingerprint", "tls_certcheck",
	    "tls_certcheck off means that nothing is compared; remove one of "
	    "them" },
	{ has_opportunistic_pin, "tls_fingerprint", "tls",
	    "tls opportunistic means that nothing is compared; write tls on" },
	{ has_opportunistic_check, "tls_certcheck", "tls",
	    "tls opportunistic means that nothing is verified; write tls on" },
	{ has_opportunistic_first_byte, "tls_starttls", "tls",
	    "TLS from the first byte cannot be left out; write tls on" },
	{ has_opportunistic_auth, "auth", "tls",
	    "tls opportunistic would let anybody on the way read the login; "
	    "write tls on" },
	{ shows_secret_to_all, "auth", "tls",
	    "the password would go through the network in clear; write tls "
	    "on" },
	{ shows_secret_unasked, "auth", "tls",
	    "the password would go to this machine's server in clear; write "
	    "tls on, or tls off if that is meant" },
};

/* Appends "tls (/etc/veredus.conf:12)". */
static void
add_setting(struct str *out, const struct account *a, const char *setting)
{
	size_t number = option_number(option_find(setting));

	str_printf(out, "%s (", setting);
	origin_describe(&a->origins[number], out);
	str_add(out, ")");
}

static bool
apply_rules(const struct account *a, struct error *err)
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
		add_setting(&text, a, rules[i].first);
		str_add(&text, " and ");
		add_setting(&text, a, rules[i].second);
		str_printf(&text, " contradict each other: %s",
		    rules[i].advice);
	}
	error_set(err, ERROR_CONFIG, "%s", str_text(&text));
	str_free(&text);
	return false;
}

/*
 * Nobody listens in on the way to ourselves: no TLS there unless something
 * of it was asked for.  A certificate check that was not asked for gives way
 * to fingerprints, and to opportunistic TLS.
 */
static void
decide_tls(struct account *a)
{
	bool first_byte = account_has(a, "tls_starttls") && !a->tls.starttls;

	if (!account_has(a, "tls") && !first_byte && account_is_local(a))
		a->tls.mode = TLS_OFF;
	if (!account_has(a, "tls_certcheck"))
		a->tls.certcheck = CERTCHECK_DEFAULT;
	a->auth.cleartext = a->tls.mode == TLS_OFF && account_has(a, "tls")
	    && account_is_local(a);
	a->auth.unverified = a->tls.certcheck == CERTCHECK_OFF;
	a->auth.has_certificate = a->tls.cert_file != NULL;
}

static void
decide_port(struct account *a)
{
	if (a->server.port != 0 || a->server.socket != NULL
	    || account_asks_srv(a))
		return;
	if (a->tls.mode != TLS_OFF && !a->tls.starttls)
		a->server.port = PORT_SUBMISSIONS;
	else if (uses_auth(a))
		a->server.port = PORT_SUBMISSION;
	else
		a->server.port = PORT_SMTP;
}

/* Expands *value in place; NULL stays. */
static bool
expand(char **value, const char *setting,
    bool (*check)(char **value, struct error *err), struct error *err)
{
	char *expanded = NULL;

	if (*value == NULL)
		return true;
	if (!expand_identity(*value, &expanded, err))
		return error_prefix(err, "%s", setting);
	free(*value);
	*value = expanded;
	return check(value, err) || error_prefix(err, "%s", setting);
}

static bool
decide_domain(struct account *a, struct error *err)
{
	if (a->session.domain == NULL)
		a->session.domain = identity_fqdn();
	return expand(&a->session.domain, "domain", check_greeting, err);
}

/* msmtp before 1.8: user@maildomain. */
static char *
automatic_sender(const struct account *a)
{
	char *domain = a->maildomain != NULL ? alloc_string(a->maildomain)
					     : identity_mailname();
	char *sender;

	if (domain == NULL)
		return alloc_string("%U@%C");
	sender = alloc_printf("%%U@%s", domain);
	free(domain);
	return sender;
}

static bool
decide_sender(struct account *a, struct error *err)
{
	alloc_replace(&a->sender, NULL);
	for (size_t i = 0; i < a->from.count && a->sender == NULL; i++)
		if (!pattern_is_one(a->from.items[i]))
			a->sender = alloc_string(a->from.items[i]);
	if (a->auto_from) {
		free(a->sender);
		a->sender = automatic_sender(a);
	}
	return expand(&a->sender, "from", check_from, err);
}

static bool
decide_qualify_domain(struct account *a, struct error *err)
{
	return expand(&a->qualify_domain, "qualify_domain", check_mail_domain,
	    err);
}

/* What `host srv` stands for is also whom a password is for. */
static bool
decide_lookup(struct account *a, struct error *err)
{
	const char *at = a->sender != NULL ? strrchr(a->sender, '@') : NULL;

	endpoint_list_free(&a->dns.servers);
	for (size_t i = 0; i < a->dns_servers.count; i++)
		if (!dns_server_add(&a->dns.servers, a->dns_servers.items[i],
			err))
			return false;
	if (!account_asks_srv(a))
		return true;
	if (a->domain_of == NULL && at == NULL)
		return error_set(err, ERROR_CONFIG,
		    "host srv needs a domain: write domain_of or from");
	if (a->domain_of == NULL)
		a->domain_of = alloc_string(at + 1);
	alloc_replace(&a->server.host, a->domain_of);
	return true;
}

static void
add_notes(const struct account *a, struct strv *notes)
{
	struct str note = { 0 };

	if (notes == NULL || a->tls.certcheck != CERTCHECK_OFF
	    || a->tls.mode == TLS_OFF)
		return;
	str_printf(&note, "account %s: ", a->name);
	add_setting(&note, a, "tls_certcheck");
	str_add(&note, " is off: anybody may pass for the server");
	strv_take(notes, str_steal(&note));
}

bool
account_finish(struct account *a, struct strv *notes, struct error *err)
{
	decide_host(a);
	decide_tls(a);
	if (!apply_rules(a, err) || !decide_domain(a, err)
	    || !decide_sender(a, err) || !decide_qualify_domain(a, err)
	    || !decide_lookup(a, err))
		return error_prefix(err, "account %s", a->name);
	decide_port(a);
	add_notes(a, notes);
	return true;
}
