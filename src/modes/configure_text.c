/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints an account for the submission servers that were found. */
#include "modes/configure_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/path.h"
#include "modes/configure_check.h"
#include "modes/output.h"

static void
add_line(struct str *out, const char *keyword, const char *value)
{
	str_printf(out, "%s ", keyword);
	output_text(out, value);
	str_add_char(out, '\n');
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

static void
add_hosts(struct str *out, const struct destination *r,
    const struct next_hop *first)
{
	add_line(out, "host", first->name);
	for (size_t i = 0; i < r->count; i++)
		if (&r->hosts[i] != first
		    && fits_account_of(first, &r->hosts[i]))
			add_line(out, "host", r->hosts[i].name);
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

static void
add_user(struct str *out, const struct configure_finding *f)
{
	const struct provider *p = f->provider;
	const char *user = f->account->auth.user;
	struct str local = { 0 };

	if (user == NULL && p != NULL && p->login == PROVIDER_LOGIN_OTHER) {
		str_add(out,
		    "# Set the user that the provider gave you.\n"
		    "#user NAME\n");
		return;
	}
	str_append(&local, f->address, path_local_length(f->address));
	if (user == NULL && p != NULL && p->login == PROVIDER_LOGIN_LOCAL)
		user = str_text(&local);
	if (user == NULL && p != NULL)
		user = p->user;
	add_line(out, "user", user != NULL ? user : f->address);
	str_free(&local);
}

static void
add_password(struct str *out, const char *address)
{
	str_add(out,
	    "# Set one of these: a command that prints the password, or a file "
	    "that contains\n# it and that only you can read.\n");
	add_line(out, "#passwordeval pass show", address);
	str_add(out, "#passwordfile ~/.config/veredus.password\n");
}

/* No client ID comes with this program; see config/oauth.h. */
static void
add_oauth(struct str *out, const struct provider *p)
{
	if (p->oauth_only)
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
}

static void
add_login(struct str *out, const struct configure_finding *f)
{
	const struct provider *p = f->provider;
	struct str from = { 0 };
	bool only = p != NULL && p->oauth_only;

	if (!only) /* Else it follows from oauth_provider. */
		str_add(out, "auth on\n");
	add_user(out, f);
	if (!only)
		add_password(out, f->address);
	if (p != NULL && p->oauth != NULL)
		add_oauth(out, p);
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
	add_line(out, "host", p->server);
	str_printf(out, "port %u\n", p->port);
	add_tls(out, p->implicit_tls, NULL);
}

void
configure_text(const struct configure_finding *f, struct str *out)
{
	add_line(out, "# Account for", f->address);
	if (f->srv != NULL)
		add_srv_account(out, f);
	else
		add_table_account(out, f);
	add_login(out, f);
}
