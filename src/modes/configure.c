/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/configure.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "dns/query.h"
#include "mail/path.h"
#include "route/srv.h"

static void
add_line(struct str *out, const char *keyword, const char *value)
{
	str_printf(out, "%s ", keyword);
	text_clean(out, value, strlen(value), PATH_ADDRESS_MAX);
	str_add_char(out, '\n');
}

/* Both services are asked for; which one a host is of shows in its TLS. */
static const char *
service_of(const struct next_hop *host)
{
	return host->tls_first ? "_submissions._tcp" : "_submission._tcp";
}

/* Whether one account can name both: there is one port for all its hosts. */
static bool
goes_with(const struct next_hop *host, const struct next_hop *first)
{
	return !error_is_set(&host->trouble) && host->port == first->port
	    && host->tls_first == first->tls_first
	    && host->proven == first->proven;
}

static void
add_origin(struct str *out, const struct destination *r,
    const struct next_hop *first, const char *trust)
{
	str_printf(out,
	    "# From the SRV records of %s.%s (RFC 6186, RFC 8314).\n",
	    service_of(first), r->name);
	if (first->proven)
		str_printf(out, "# They are secured by DNSSEC: %s.\n", trust);
	else if (trust != NULL)
		str_add(out, "# They are not secured by DNSSEC.\n");
	else
		str_add(out,
		    "# Whether DNSSEC secures them is not known: no name server "
		    "is trusted to check\n# that (dns_trust_ad).\n");
}

/* What else there is, but not for this account. */
static void
add_others(struct str *out, const struct destination *r,
    const struct next_hop *first)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct next_hop *host = &r->hosts[i];

		if (host == first || goes_with(host, first))
			continue;
		str_printf(out, "# Also named: %s port %u, %s", host->name,
		    host->port,
		    host->tls_first ? "tls_starttls off" : "tls_starttls on");
		if (error_is_set(&host->trouble)) {
			char *why = error_describe(&host->trouble);

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
		if (&r->hosts[i] != first && goes_with(&r->hosts[i], first))
			add_line(out, "host", r->hosts[i].name);
	str_printf(out, "port %u\n", first->port);
}

static const char *
certificate_name(const struct next_hop *host)
{
	return host->demand.names.count > 0 ? host->demand.names.items[0]
					    : host->name;
}

/* RFC 6186 section 6: a look-up that may be forged must not decide which
 * name a certificate has. */
static void
add_tls(struct str *out, const struct next_hop *first)
{
	const char *name = certificate_name(first);

	str_printf(out, "tls on\ntls_starttls %s\n",
	    first->tls_first ? "off" : "on");
	if (text_equal_nocase(name, first->name)) {
		str_add(out,
		    "# The certificate must be for the name of the host.\n");
		return;
	}
	str_printf(out,
	    "# The certificate must be for the domain, as nothing proves that "
	    "the host is\n# its server.  If you know from your provider that it "
	    "is, remove this line.\n");
	add_line(out, "tls_host_override", name);
}

static void
add_login(struct str *out, const struct configured *what)
{
	str_add(out, "auth on\n");
	add_line(out, "user", what->user != NULL ? what->user : what->address);
	str_add(out,
	    "# One of these: a command that prints the password, or a file that "
	    "holds it\n# and that only you may read.\n");
	add_line(out, "#passwordeval pass show", what->address);
	str_add(out, "#passwordfile ~/.config/veredus.password\n");
	add_line(out, "from", what->address);
}

void
configure_print(struct str *out, const struct configured *what,
    const struct destination *route, const char *trust)
{
	const struct next_hop *first = destination_current_hop(route);

	add_line(out, "# Mail from", what->address);
	add_origin(out, route, first, trust);
	add_others(out, route, first);
	str_printf(out,
	    "# In place of host, port, tls_starttls and tls_host_override, "
	    "\"host srv\" and\n# \"domain_of %s\" have the DNS asked for each "
	    "message.\n\n",
	    route->name);
	add_line(out, "account", what->account);
	add_hosts(out, route, first);
	add_tls(out, first);
	add_login(out, what);
}

bool
configure_begin(struct settings *s, const char *text, char **address,
    struct error *err)
{
	const char *domain;

	*address = NULL;
	if (strpbrk(s->values.name, ":,") != NULL)
		return error_set(err, ERROR_USAGE,
		    "the name of an account has no colons or commas: \"%s\"",
		    s->values.name);
	if (!path_parse(text, address, err))
		return error_prefix(err, "--configure");
	domain = path_domain(*address);
	if (domain == NULL)
		return error_set(err, ERROR_ADDRESS,
		    "--configure: \"%s\" has no domain whose servers could be "
		    "looked for",
		    text);
	strv_add(&s->values.hosts, "srv");
	alloc_replace(&s->values.domain_of, domain);
	return true;
}

/* It is not the configuration that is wrong, there is none yet. */
static bool
not_found(struct destination *r, struct error *err)
{
	error_move(err, &r->outcome);
	if (err->kind != ERROR_CONFIG)
		return false;
	err->kind = ERROR_REJECTED;
	err->stage = STAGE_RCPT;
	return error_status(err, "5.4.4");
}

bool
configure(const struct account *a, const char *address,
    const struct dns_source *dns, struct str *out, struct error *err)
{
	struct configured what = { a->name, address, a->auth.user };
	struct destination route = { .domain = alloc_string(a->domain_of) };
	struct random random;
	struct srv_params params = { .random = &random };
	struct str trust = { 0 };
	bool ok;

	random_start(&random);
	ok = srv_find(dns, &params, &route,
	    clock_after_seconds(a->session.deadline), err);
	if (ok && destination_current_hop(&route) == NULL)
		ok = not_found(&route, err);
	if (ok)
		configure_print(out, &what, &route,
		    dns_trusts_ad(&a->dns, &trust) ? str_text(&trust) : NULL);
	str_free(&trust);
	destination_free(&route);
	return ok;
}
