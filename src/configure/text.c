/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints an account for the submission servers that were found. */
#include "configure/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "configure/check.h"
#include "mail/path.h"
#include "modes/output.h"

static void
add_line(struct str *out, const char *keyword, const char *value)
{
	str_printf(out, "%s ", keyword);
	output_text(out, value);
	str_add_char(out, '\n');
}

char *
configure_host_value(const char *name)
{
	bool is_word = strcmp(name, "mx") == 0 || strcmp(name, "srv") == 0;

	return alloc_printf("%s%s", name, is_word ? "." : "");
}

static void
add_host(struct str *out, const char *name)
{
	char *value = configure_host_value(name);

	add_line(out, "host", value);
	free(value);
}

/* Whether one account can have both hosts: it has one port for all hosts. */
static bool
fits_account_of(const struct next_hop *first, const struct next_hop *host)
{
	return !error_is_set(&host->lookup_error) && host->port == first->port
	    && host->implicit_tls == first->implicit_tls
	    && host->mx_authentic == first->mx_authentic;
}

static void
add_srv_origin(struct str *out, const struct configure_finding *f,
    const struct next_hop *first)
{
	str_printf(out,
	    "# From the SRV records of %s.%s (RFC 6186, RFC 8314).\n",
	    first->implicit_tls ? "_submissions._tcp" : "_submission._tcp",
	    f->srv->name);
	if (first->mx_authentic)
		str_printf(out, "# They are secured by DNSSEC: %s.\n",
		    f->trust);
	else if (f->trust != NULL)
		str_add(out, "# They are not secured by DNSSEC.\n");
	else
		str_add(out,
		    "# It is unknown whether DNSSEC secures them: no name "
		    "server is trusted to\n# check that (dns_trust_ad).\n");
}

/* Appends the hosts that do not fit into this account. */
static void
add_others(struct str *out, const struct destination *r,
    const struct next_hop *first)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct next_hop *host = &r->hosts[i];

		if (host == first || fits_account_of(first, host))
			continue;
		str_printf(out, "# Also found: %s port %u, tls_starttls %s",
		    host->name, host->port, host->implicit_tls ? "off" : "on");
		if (error_is_set(&host->lookup_error)) {
			char *why = error_describe(&host->lookup_error);

			str_printf(out, " (%s)", why);
			free(why);
		}
		str_add_char(out, '\n');
	}
}

/* Whether an earlier host of the account has the name: records may differ in
 * their priority alone, and an account has each host once. */
static bool
is_repeated(const struct destination *r, size_t i, const struct next_hop *first)
{
	const char *name = r->hosts[i].name;

	if (&r->hosts[i] == first || text_equal_nocase(name, first->name))
		return true;
	for (size_t k = 0; k < i; k++)
		if (fits_account_of(first, &r->hosts[k])
		    && text_equal_nocase(name, r->hosts[k].name))
			return true;
	return false;
}

static void
add_hosts(struct str *out, const struct destination *r,
    const struct next_hop *first)
{
	add_host(out, first->name);
	for (size_t i = 0; i < r->count; i++)
		if (fits_account_of(first, &r->hosts[i])
		    && !is_repeated(r, i, first))
			add_host(out, r->hosts[i].name);
	str_printf(out, "port %u\n", first->port);
}

/* The name that the certificate must have instead of that of the host, or NULL.
 * The table of providers is not from the DNS. */
static const char *
certificate_name(const struct configure_finding *f,
    const struct next_hop *first)
{
	const struct strv *names = &first->tls_policy.names;

	return f->provider == NULL && names->count > 0
		&& !text_equal_nocase(names->items[0], first->name)
	    ? names->items[0]
	    : NULL;
}

/* RFC 6186 section 6: the name in the certificate must not come from a DNS
 * answer that an attacker may have forged. */
static void
add_tls(struct str *out, bool implicit, const char *name)
{
	str_printf(out, "tls on\ntls_starttls %s\n", implicit ? "off" : "on");
	if (name == NULL) {
		str_add(out,
		    "# The certificate must match the name of the host.\n");
		return;
	}
	str_printf(out,
	    "# The certificate must match the domain, because DNSSEC does not "
	    "secure the name\n# of the host.  If your provider has told you "
	    "this name, remove the next line.\n");
	add_line(out, "tls_host_override", name);
}

const char *
configure_host(const struct configure_finding *f)
{
	if (f->srv != NULL)
		return destination_current_hop(f->srv)->name;
	return f->online != NULL ? f->online->servers[f->online->first].host
				 : f->provider->server;
}

/* How the document says that users log in; a user on the command line does. */
static enum autoconfig_auth
online_auth(const struct configure_finding *f)
{
	enum autoconfig_auth auth = AUTOCONFIG_AUTH_UNKNOWN;

	if (f->online != NULL)
		auth = f->online->servers[f->online->first].auth;
	return auth == AUTOCONFIG_AUTH_NONE && f->account->auth.user != NULL
	    ? AUTOCONFIG_AUTH_UNKNOWN
	    : auth;
}

enum configure_login
configure_login(const struct configure_finding *f)
{
	if (f->provider != NULL && f->provider->oauth_only)
		return CONFIGURE_TOKEN;
	switch (online_auth(f)) {
	case AUTOCONFIG_AUTH_OAUTH2:
		return CONFIGURE_TOKEN;
	case AUTOCONFIG_AUTH_NONE:
	case AUTOCONFIG_AUTH_EXTERNAL:
	case AUTOCONFIG_AUTH_GSSAPI:
		return CONFIGURE_NO_PASSWORD;
	case AUTOCONFIG_AUTH_UNKNOWN:
	case AUTOCONFIG_AUTH_NTLM:
	case AUTOCONFIG_AUTH_PASSWORD:
		break;
	}
	return CONFIGURE_PASSWORD;
}

char *
configure_user(const struct configure_finding *f)
{
	const struct provider *p = f->provider;

	if (online_auth(f) == AUTOCONFIG_AUTH_NONE)
		return NULL;
	if (f->account->auth.user != NULL)
		return alloc_string(f->account->auth.user);
	if (f->user != NULL)
		return alloc_string(f->user);
	if (p == NULL)
		return f->online == NULL ? alloc_string(f->address) : NULL;
	switch (p->login) {
	case PROVIDER_LOGIN_ADDRESS:
		break;
	case PROVIDER_LOGIN_LOCAL:
		return alloc_string_n(f->address,
		    path_local_length(f->address));
	case PROVIDER_LOGIN_FIXED:
		return alloc_string(p->user);
	case PROVIDER_LOGIN_OTHER:
		return NULL;
	}
	return alloc_string(f->address);
}

bool
configure_lacks_user(const struct configure_finding *f)
{
	char *user = configure_user(f);
	bool lacks = user == NULL && online_auth(f) != AUTOCONFIG_AUTH_NONE;

	free(user);
	return lacks;
}

static void
add_user(struct str *out, const struct configure_finding *f)
{
	char *user = configure_user(f);

	if (user != NULL)
		add_line(out, "user", user);
	else
		str_add(out,
		    "# Set the user that the provider gave you.\n"
		    "#user NAME\n");
	free(user);
}

/* Each account has a file of its own. */
static void
add_password_file(struct str *out, const char *name)
{
	static const char plain[] = "@._+-0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	str_add(out, "#passwordfile ~/.config/veredus");
	if (strcmp(name, "default") != 0) {
		str_add_char(out, '-');
		for (; *name != '\0'; name++)
			str_add_char(out,
			    strchr(plain, *name) != NULL ? *name : '-');
	}
	str_add(out, ".password\n");
}

/* A command that the shell reads, in a line that is still a comment. */
static void
add_password(struct str *out, const struct configure_finding *f)
{
	struct str command = { 0 };

	if (f->keyring_lookup != NULL) {
		str_add(out,
		    "# The keyring of the desktop, which answers while you are "
		    "logged in there.\n");
		add_line(out, "passwordeval", f->keyring_lookup);
		return;
	}
	str_add(&command, "pass show ");
	output_word(&command, f->address);
	str_add(out,
	    "# Set one of these: a command that prints the password, or a file "
	    "that contains\n# it and that only you can read.\n");
	add_line(out, "#passwordeval", str_text(&command));
	add_password_file(out, f->account->name);
	str_free(&command);
}

/* No client ID comes with this program; see config/oauth.h.  A client at Microsoft
 * is public; others may have a secret. */
static void
add_oauth(struct str *out, const struct provider *p, bool only)
{
	if (only)
		str_printf(out,
		    "# %s takes a token instead of a password (OAuth2).  "
		    "Register a client\n# there as veredus-recipes(7) describes, and "
		    "set its ID.\noauth_provider %s\n",
		    p->title, p->oauth);
	else
		str_printf(out,
		    "# Or log in with OAuth2 instead of a password; see "
		    "veredus-recipes(7).\n#oauth_provider %s\n",
		    p->oauth);
	str_add(out, "#oauth_client_id ID\n");
	if (strcmp(p->oauth, "microsoft") != 0)
		str_add(out,
		    "#oauth_client_secret_file "
		    "~/.config/veredus.client\n");
}

/* A provider whose addresses nobody has told this program. */
static void
add_other_oauth(struct str *out)
{
	str_add(out,
	    "# The server takes a token instead of a password (OAuth2): see "
	    "oauth_issuer in\n# veredus.conf(5).\n"
	    "#oauth_provider other\n"
	    "#oauth_issuer URL\n"
	    "#oauth_client_id ID\n");
}

static const char *
auth_word(const struct configure_finding *f)
{
	switch (online_auth(f)) {
	case AUTOCONFIG_AUTH_NONE:
		return "off";
	case AUTOCONFIG_AUTH_EXTERNAL:
		return "external";
	case AUTOCONFIG_AUTH_NTLM:
		return "ntlm";
	case AUTOCONFIG_AUTH_GSSAPI:
		return "gssapi";
	case AUTOCONFIG_AUTH_UNKNOWN:
	case AUTOCONFIG_AUTH_OAUTH2:
	case AUTOCONFIG_AUTH_PASSWORD:
		break;
	}
	return "on";
}

static void
add_login(struct str *out, const struct configure_finding *f)
{
	const struct provider *p = f->provider;
	bool has_preset = p != NULL && p->oauth != NULL;
	enum configure_login login = configure_login(f);
	struct str from = { 0 };

	/* Else it follows from oauth_provider. */
	if (login != CONFIGURE_TOKEN || !has_preset)
		add_line(out, "auth", auth_word(f));
	if (online_auth(f) != AUTOCONFIG_AUTH_NONE)
		add_user(out, f);
	if (online_auth(f) == AUTOCONFIG_AUTH_EXTERNAL)
		str_add(out,
		    "# The server wants a certificate of the client.\n"
		    "#tls_cert_file FILE\n"
		    "#tls_key_file FILE\n");
	if (login == CONFIGURE_PASSWORD)
		add_password(out, f);
	if (has_preset && login != CONFIGURE_NO_PASSWORD)
		add_oauth(out, p, login == CONFIGURE_TOKEN);
	else if (login == CONFIGURE_TOKEN)
		add_other_oauth(out);
	configure_add_from(&from, f->address);
	add_line(out, "from", str_text(&from));
	str_free(&from);
}

static void
add_notes(struct str *out, const struct provider *p)
{
	for (size_t i = 0; p != NULL && i < p->notes.count; i++)
		add_line(out, "#", p->notes.items[i]);
}

static void
add_srv_account(struct str *out, const struct configure_finding *f)
{
	const struct next_hop *first = destination_current_hop(f->srv);
	const char *name = certificate_name(f, first);

	add_srv_origin(out, f, first);
	if (f->provider != NULL)
		str_printf(out, "# The server is that of %s.\n",
		    f->provider->title);
	add_notes(out, f->provider);
	add_others(out, f->srv, first);
	/* With host srv, the certificate must match the domain. */
	if (f->provider == NULL || first->mx_authentic)
		str_printf(out,
		    "# To look up the servers for each message, replace host, "
		    "port, tls_starttls and\n# tls_host_override with \"host "
		    "srv\" and \"domain_of %s\".\n",
		    f->srv->name);
	str_add_char(out, '\n');
	add_line(out, "account", f->account->name);
	add_hosts(out, f->srv, first);
	add_tls(out, first->implicit_tls, name);
}

static void
add_table_origin(struct str *out, const struct configure_finding *f)
{
	char *file = providers_file();

	str_printf(out, "# %s, from %s.\n", f->provider->title, file);
	free(file);
	if (f->key == PROVIDER_NAME)
		return;
	str_add(out,
	    f->key == PROVIDER_MX ? "# The MX host of the domain is "
				  : "# The domain is ");
	output_text(out, f->evidence);
	str_add(out, ".\n");
	if (f->key == PROVIDER_MX && !f->secure)
		str_add(out,
		    "# DNSSEC does not secure that: make sure that this is "
		    "your provider.\n");
}

static void
add_table_account(struct str *out, const struct configure_finding *f)
{
	const struct provider *p = f->provider;

	add_table_origin(out, f);
	add_notes(out, p);
	str_add_char(out, '\n');
	add_line(out, "account", f->account->name);
	add_host(out, p->server);
	str_printf(out, "port %u\n", p->port);
	add_tls(out, p->implicit_tls, NULL);
}

/* Appends the servers that are not in the account. */
static void
add_online_others(struct str *out, const struct autoconfig *online)
{
	for (size_t i = 0; i < online->count; i++) {
		const struct autoconfig_server *s = &online->servers[i];

		if (i == online->first)
			continue;
		if (s->tls == AUTOCONFIG_PLAIN)
			str_printf(out,
			    "# Not used, because it is without TLS: %s port "
			    "%u\n",
			    s->host, s->port);
		else
			str_printf(out,
			    "# Also found: %s port %u, tls_starttls %s\n",
			    s->host, s->port,
			    s->tls == AUTOCONFIG_TLS ? "off" : "on");
	}
}

static void
add_online_account(struct str *out, const struct configure_finding *f)
{
	const struct autoconfig *online = f->online;
	const struct autoconfig_server *s = &online->servers[online->first];

	add_line(out, "# From", online->source);
	if (online->title != NULL)
		add_line(out, "# The provider is", online->title);
	if (online->is_database)
		str_add(out,
		    "# That is the database of Thunderbird: make sure that "
		    "this is your provider.\n");
	if (f->evidence != NULL)
		add_line(out, "# It has the provider of the MX host",
		    f->evidence);
	if (f->provider != NULL)
		str_printf(out, "# The server is that of %s.\n",
		    f->provider->title);
	add_notes(out, f->provider);
	if (online->note != NULL)
		add_line(out, "# The document says:", online->note);
	if (online->help != NULL)
		add_line(out, "# See", online->help);
	add_online_others(out, online);
	str_add_char(out, '\n');
	add_line(out, "account", f->account->name);
	add_host(out, s->host);
	str_printf(out, "port %u\n", s->port);
	add_tls(out, s->tls == AUTOCONFIG_TLS, NULL);
}

void
configure_text(const struct configure_finding *f, struct str *out)
{
	add_line(out, "# Account for", f->address);
	if (f->srv != NULL)
		add_srv_account(out, f);
	else if (f->online != NULL)
		add_online_account(out, f);
	else
		add_table_account(out, f);
	add_login(out, f);
}
