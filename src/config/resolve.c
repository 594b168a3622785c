/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resolves an account: fills in the defaults that depend on other settings, and
 * expands the names in them.
 */
#include "config/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "config/conflicts.h"
#include "config/expand.h"
#include "config/oauth.h"
#include "config/option_names.h"
#include "config/queue.h"
#include "config/validate.h"
#include "dns/params.h"
#include "mail/path.h"
#include "queue/rate.h"

#define PORT_SMTP 25
#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465
#define PORT_HTTP_PROXY 8080

/*
 * A socket replaces the hosts and the proxy, as with msmtp, which wants a host
 * in every account.  The first host stays the name in the certificate.
 */
static void
use_socket(struct account *a)
{
	const char *host = a->hosts.count > 0 ? a->hosts.items[0] : NULL;

	if (a->tls.host_override == NULL && host != NULL && !account_uses_srv(a)
	    && !account_uses_mx(a))
		a->tls.host_override = alloc_string(host);
	strv_free(&a->hosts);
	alloc_replace(&a->server.proxy_host, NULL);
	alloc_replace(&a->server.proxy_user, NULL);
	secret_free(&a->server.proxy_password);
	alloc_replace(&a->proxy_passwordfile, NULL);
}

static void
resolve_proxy(struct account *a)
{
	if (a->server.proxy_type == PROXY_HTTP && !account_has(a, "proxy_port"))
		a->server.proxy_port = PORT_HTTP_PROXY;
}

static void
use_first_host(struct account *a)
{
	if (a->server.socket != NULL)
		use_socket(a);
	if (a->hosts.count > 0)
		a->server.host = alloc_string(a->hosts.items[0]);
}

/*
 * Default TLS modes: off for this machine, unless a setting asks for TLS;
 * opportunistic for MX hosts, which need not offer TLS, and whose names only
 * DANE and MTA-STS authenticate; on for all others.  The default of
 * tls_certcheck depends on fingerprints and on opportunistic TLS.
 */
static void
resolve_tls(struct account *a)
{
	bool implicit = account_has(a, "tls_starttls") && !a->tls.starttls;

	if (!account_has(a, "tls") && !implicit && account_is_local(a)) {
		a->tls.mode = TLS_OFF;
		a->tls_mode_source = TLS_MODE_BY_LOCAL_HOST;
	}
	if (!account_has(a, "tls") && account_uses_mx(a)) {
		a->tls.mode = TLS_OPPORTUNISTIC;
		a->tls_mode_source = TLS_MODE_BY_HOST_MX;
	}
	if (!account_has(a, "tls_certcheck"))
		a->tls.certcheck = CERTCHECK_DEFAULT;
	a->auth.cleartext = a->tls.mode == TLS_OFF && account_has(a, "tls")
	    && account_is_local(a);
	a->auth.unverified = a->tls.certcheck == CERTCHECK_OFF;
	a->auth.has_certificate = a->tls.cert_file != NULL;
}

/*
 * Port 465 has implicit TLS (RFC 8314 section 3.3): a server there is silent
 * until the client starts TLS.  A server on this machine may be a test or a
 * tunnel.
 */
static void
resolve_starttls(struct account *a)
{
	if (account_has(a, "tls_starttls") || a->tls.mode != TLS_ON
	    || a->server.port != PORT_SUBMISSIONS || a->server.socket != NULL
	    || account_is_local(a))
		return;
	a->tls.starttls = false;
	a->implicit_tls_by_port = true;
}

static void
resolve_port(struct account *a)
{
	if (a->server.port != 0 || a->server.socket != NULL
	    || account_uses_srv(a))
		return;
	if (a->tls.mode != TLS_OFF && !a->tls.starttls)
		a->server.port = PORT_SUBMISSIONS;
	else if (auth_is_used(&a->auth))
		a->server.port = PORT_SUBMISSION;
	else
		a->server.port = PORT_SMTP;
}

/* Expands *value, unless it is NULL, and validates the result. */
static bool
expand(char **value, const struct user *user, const char *setting,
    bool (*validate)(char **value, struct error *err), struct error *err)
{
	char *expanded = NULL;

	if (*value == NULL)
		return true;
	if (!expand_names(*value, user, &expanded, err))
		return error_subject(err, "%s", setting);
	free(*value);
	*value = expanded;
	return validate(value, err) || error_subject(err, "%s", setting);
}

/* RFC 5321 4.1.1.1 has no underscores, and servers reject them. */
static char *
greeting_name(void)
{
	char *name = host_fqdn();

	if (name != NULL && strchr(name, '_') != NULL)
		alloc_replace(&name, NULL);
	return name;
}

static bool
resolve_domain(struct account *a, const struct user *user, struct error *err)
{
	if (a->session.domain == NULL)
		a->session.domain = greeting_name();
	return expand(&a->session.domain, user, "domain", validate_greeting,
	    err);
}

/* The sender of msmtp before version 1.8: user@maildomain, or the bare name of
 * the user, which gets a domain like all bare names. */
static char *
automatic_sender(const struct account *a)
{
	if (a->maildomain == NULL)
		return alloc_string("%U");
	return alloc_printf("%%U@%s", a->maildomain);
}

static bool
resolve_sender(struct account *a, const struct user *user, struct error *err)
{
	for (size_t i = 0; i < a->from.count && a->sender == NULL; i++)
		if (!path_has_wildcard(a->from.items[i]))
			a->sender = alloc_string(a->from.items[i]);
	if (a->auto_from) {
		free(a->sender);
		a->sender = automatic_sender(a);
	}
	if (a->sender == NULL && account_login_is_sender(a)) {
		a->sender = alloc_string(a->auth.user);
		a->sender_is_login = true;
		return true;
	}
	return expand(&a->sender, user, "from", validate_sender, err);
}

/* With `host srv` the domain is also the machine name in a netrc. */
static bool
resolve_lookup(struct account *a, struct error *err)
{
	const char *at = a->sender != NULL ? strrchr(a->sender, '@') : NULL;

	for (size_t i = 0; i < a->dns_servers.count; i++)
		if (!dns_nameserver_add(&a->dns.servers,
			a->dns_servers.items[i], err))
			return false;
	if (!account_uses_srv(a))
		return true;
	if (a->domain_of == NULL && at == NULL)
		return error_set(err, ERROR_CONFIG,
		    "host srv needs a domain: set domain_of or from");
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
	account_describe_setting(a, "tls_certcheck", &note);
	str_add(&note, " is off: the server's identity is not verified");
	strv_take(notes, str_steal(&note));
}

/* A line in "defaults" is one of each account. */
static void
resolve_rates(struct account *a)
{
	for (size_t i = 0; i < RATE_KINDS; i++) {
		const struct option_row *row =
		    option_find(rate_setting((enum rate_kind)i));

		a->queue.rate.owners[i] =
		    a->origins[option_number(row)].account;
	}
}

char *
archive_folder(const struct archive_params *archive, const struct user *user)
{
	return archive->place != NULL
	    ? file_expand_home(archive->place + strlen(ARCHIVE_MAILDIR),
		user->home)
	    : NULL;
}

/* Says which account has the error, and where it was written. */
static bool
name_account(const struct account *a, struct error *err)
{
	struct str place = { 0 };

	if (a->origin.kind != ORIGIN_FILE)
		return error_prefix(err, "account %s", a->name);
	origin_describe(&a->origin, &place);
	error_prefix(err, "account %s (%s)", a->name, str_text(&place));
	str_free(&place);
	return false;
}

/* Copies the settings, and what the preset of an OAuth2 provider adds. */
static bool
copy_settings(struct account *a, const struct settings *settings,
    struct error *err)
{
	account_copy(a, &settings->values);
	a->auth.is_token = account_uses_oauth(a);
	return oauth_apply_preset(a, err);
}

bool
account_resolve(struct account *a, const struct settings *settings,
    const struct user *user, struct strv *notes, struct error *err)
{
	if (!copy_settings(a, settings, err))
		return name_account(a, err);
	use_first_host(a);
	resolve_proxy(a);
	resolve_tls(a);
	resolve_starttls(a);
	if (!conflicts_check(a, err) || !resolve_domain(a, user, err)
	    || !resolve_sender(a, user, err)
	    || !expand(&a->qualify_domain, user, "qualify_domain",
		validate_mail_domain, err)
	    || !resolve_lookup(a, err))
		return name_account(a, err);
	resolve_port(a);
	queue_params_resolve(&a->queue, user);
	resolve_rates(a);
	a->archive.folder = archive_folder(&a->archive, user);
	add_notes(a, notes);
	return true;
}
