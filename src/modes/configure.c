/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints an account for the submission servers that the DNS names. */
#include "modes/configure.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "config/file.h"
#include "dns/dns.h"
#include "mail/path.h"
#include "modes/output.h"
#include "route/srv.h"

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

/* trust says why the name server's DNSSEC validation is trusted; NULL: it is
 * not. */
static void
add_origin(struct str *out, const struct destination *r,
    const struct next_hop *first, const char *trust)
{
	str_printf(out,
	    "# From the SRV records of %s.%s (RFC 6186, RFC 8314).\n",
	    first->implicit_tls ? "_submissions._tcp" : "_submission._tcp",
	    r->name);
	if (first->mx_authentic)
		str_printf(out, "# They are secured by DNSSEC: %s.\n", trust);
	else if (trust != NULL)
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

/* RFC 6186 section 6: the name in the certificate must not come from a DNS
 * answer that an attacker may have forged. */
static void
add_tls(struct str *out, const struct next_hop *first)
{
	const struct strv *names = &first->tls_policy.names;
	const char *name = names->count > 0 ? names->items[0] : first->name;

	str_printf(out, "tls on\ntls_starttls %s\n",
	    first->implicit_tls ? "off" : "on");
	if (text_equal_nocase(name, first->name)) {
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
add_login(struct str *out, const char *address, const char *user)
{
	str_add(out, "auth on\n");
	add_line(out, "user", user != NULL ? user : address);
	str_add(out,
	    "# Set one of these: a command that prints the password, or a file "
	    "that contains\n# it and that only you can read.\n");
	add_line(out, "#passwordeval pass show", address);
	str_add(out, "#passwordfile ~/.config/veredus.password\n");
	add_line(out, "from", address);
}

/* Appends the account; the destination has a host. */
static void
add_account(struct str *out, const struct account *a, const char *address,
    const struct destination *r, const char *trust)
{
	const struct next_hop *first = destination_current_hop(r);

	add_line(out, "# Account for", address);
	add_origin(out, r, first, trust);
	add_others(out, r, first);
	str_printf(out,
	    "# To look up the servers for each message, replace host, port, "
	    "tls_starttls and\n# tls_host_override with \"host srv\" and "
	    "\"domain_of %s\".\n\n",
	    r->name);
	add_line(out, "account", a->name);
	add_hosts(out, r, first);
	add_tls(out, first);
	add_login(out, address, a->auth.user);
}

bool
configure_begin(struct settings *s, const char *text, char **address,
    struct error *err)
{
	const char *domain;

	*address = NULL;
	if (strpbrk(s->values.name, ":,") != NULL)
		return error_set(err, ERROR_USAGE,
		    "the name of an account must not contain a colon or comma: "
		    "\"%s\"",
		    s->values.name);
	if (!path_parse(text, address, err))
		return error_prefix(err, "--configure");
	domain = path_domain(*address);
	if (domain == NULL)
		return error_set(err, ERROR_ADDRESS,
		    "--configure: the address \"%s\" has no domain", text);
	strv_add(&s->values.hosts, "srv");
	alloc_replace(&s->values.domain_of, domain);
	return true;
}

/* Whether standard output is a file, and what has been written to it. */
static bool
output_is_file(off_t *size)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*size = st.st_size;
	return true;
}

/* Returns the file to which the output is written or will be copied, or NULL. */
static char *
target_file(const struct user *user)
{
	char path[PATH_MAX];
	off_t size;
	ssize_t len;

	if (!output_is_file(&size))
		return config_user_file(user);
	len = readlink("/proc/self/fd/1", path, sizeof(path));
	return len > 0 && (size_t)len < sizeof(path)
	    ? alloc_string_n(path, (size_t)len)
	    : NULL;
}

/* Appends where the account is defined, or returns false if it is not. */
static bool
find_definition(const char *name, const char *file, struct str *place)
{
	struct config_sources sources = { .system_file = config_system_file() };
	struct config config = { 0 };
	const struct settings *locked;
	unsigned line = file != NULL ? config_file_defines(file, name) : 0;

	if (line > 0) {
		str_printf(place, "%s:%u", file, line);
		return true;
	}
	/* An error in the system's file is no concern of this mode. */
	config_read(&config, &sources, NULL);
	locked = config_find_locked(&config, name);
	if (locked != NULL)
		origin_describe(&locked->values.origin, place);
	config_free(&config);
	return locked != NULL;
}

static bool
fail_defined(const char *name, const struct str *place, struct error *err)
{
	return error_set(err, ERROR_USAGE,
	    "the account \"%s\" is already defined in %s: choose another name "
	    "with -a",
	    name, str_text(place));
}

bool
configure_name(struct settings *s, bool is_given, const char *address,
    const struct user *user, struct str *comment, struct error *err)
{
	const char *name = s->values.name;
	char *file = target_file(user);
	struct str place = { 0 }, other = { 0 };
	off_t size = 0;
	bool ok = true;

	if (output_is_file(&size) && size > 0)
		str_add_char(comment, '\n');
	if (find_definition(name, file, &place)) {
		if (is_given)
			ok = fail_defined(name, &place, err);
		else if (strpbrk(address, ":,") != NULL
		    || find_definition(address, file, &other))
			ok = fail_defined(address,
			    other.len > 0 ? &other : &place, err);
		if (ok) {
			str_printf(comment, "# The account \"%s\" is in ",
			    name);
			output_text(comment, str_text(&place));
			str_add(comment,
			    "; this one is used for mail\n# from its address, "
			    "or with -a.\n");
			alloc_replace(&s->values.name, address);
		}
	}
	str_free(&place);
	str_free(&other);
	free(file);
	return ok;
}

/* Moves the reason for the missing host.  A domain without a submission server
 * is not an error in the configuration: there is none yet. */
static bool
not_found(struct destination *r, struct error *err)
{
	error_move(err, &r->failure);
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
	struct destination found = { .domain = alloc_string(a->domain_of) };
	struct random random;
	struct srv_params params = { .random = &random };
	struct str trust = { 0 };
	bool ok;

	random_start(&random);
	ok = srv_find(dns, &params, &found,
	    clock_after_seconds(a->session.deadline), err);
	if (ok && destination_current_hop(&found) == NULL)
		ok = not_found(&found, err);
	if (ok)
		add_account(out, a, address, &found,
		    dns_trusts_ad(&a->dns, &trust) ? str_text(&trust) : NULL);
	str_free(&trust);
	destination_free(&found);
	return ok;
}
