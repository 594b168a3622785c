/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the submission servers of an address in the DNS and in a table. */
#include "modes/configure.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/idna.h"
#include "base/random.h"
#include "config/file.h"
#include "dns/dns.h"
#include "mail/path.h"
#include "modes/configure_check.h"
#include "modes/configure_text.h"
#include "modes/output.h"
#include "route/srv.h"

bool
configure_begin(struct settings *s, const char *text, const struct user *user,
    char **address, struct error *err)
{
	const char *domain;

	*address = NULL;
	if (strpbrk(s->values.name, ":,") != NULL)
		return error_set(err, ERROR_USAGE,
		    "the name of an account must not contain a colon or comma: "
		    "\"%s\"",
		    s->values.name);
	if (!configure_check_name(s->values.name, user))
		return error_set(err, ERROR_USAGE,
		    "a configuration file cannot contain the account name "
		    "\"%s\"",
		    s->values.name);
	if (!path_parse(text, address, err))
		return error_prefix(err, "--configure");
	domain = path_domain(*address);
	if (domain == NULL)
		return error_set(err, ERROR_ADDRESS,
		    "--configure: the address \"%s\" has no domain", text);
	if (!configure_check_address(*address, user, err))
		return false;
	strv_add(&s->values.hosts, "srv");
	alloc_replace(&s->values.domain_of, domain);
	return true;
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

/* Appends a sentence about the account that mail from the address uses. */
static void
add_first(struct str *comment, const char *address, const struct str *first)
{
	str_add(comment, "# Mail from ");
	output_text(comment, address);
	str_add(comment, " uses the account ");
	output_text(comment, str_text(first));
	str_add(comment, ";\n# this one is used with -a only.\n");
}

/* Gives the account the name of the address, since the place has the other one. */
static bool
rename_account(struct settings *s, const char *address,
    const struct configure_target *target, const struct str *place,
    struct error *err)
{
	struct str other = { 0 };
	bool ok = true;

	if (!configure_check_name(address, target->user)
	    || find_definition(address, target->file, &other))
		ok = fail_defined(address, other.len > 0 ? &other : place, err);
	else
		alloc_replace(&s->values.name, address);
	str_free(&other);
	return ok;
}

static bool
choose_name(struct settings *s, bool is_given, const char *address,
    const struct configure_target *target, struct str *comment,
    struct error *err)
{
	struct str place = { 0 };
	bool ok = true;

	if (find_definition(s->values.name, target->file, &place)) {
		str_printf(comment, "# The account \"%s\" is in ",
		    s->values.name);
		output_text(comment, str_text(&place));
		str_add(comment, ".\n");
		ok = is_given ? fail_defined(s->values.name, &place, err)
			      : rename_account(s, address, target, &place, err);
	}
	str_free(&place);
	return ok;
}

bool
configure_name(struct settings *s, bool is_given, const char *address,
    const struct configure_target *target, struct str *comment,
    struct error *err)
{
	struct str first = { 0 };
	bool ok = configure_check_file(target, address, &first, err);

	if (target->has_text)
		str_add_char(comment, '\n');
	ok = ok && choose_name(s, is_given, address, target, comment, err);
	if (ok && first.len > 0 && target->write && !is_given)
		ok = error_set(err, ERROR_USAGE,
		    "mail from %s already uses the account %s: change that "
		    "account, or name another one with -a",
		    address, str_text(&first));
	else if (ok && first.len > 0)
		add_first(comment, address, &first);
	str_free(&first);
	return ok;
}

/* Sets the reason for the missing server.  That none is known is not an error in
 * the configuration: there is none yet. */
static bool
not_found(const struct destination *srv, struct error *err)
{
	char *why = error_describe(&srv->failure);

	if (srv->failure.kind != ERROR_CONFIG) {
		error_set(err, srv->failure.kind, "%s", why);
	} else {
		error_reject(err, STAGE_RCPT,
		    "%s; the table of providers does not have the domain or "
		    "its MX hosts (--provider names an entry)",
		    why);
		error_status(err, "5.4.4");
	}
	free(why);
	return false;
}

static bool
fail_unknown(const struct str *table, const char *name, struct error *err)
{
	struct strv names = { 0 };
	char *list;

	if (!providers_names(table, &names, err))
		return false;
	list = strv_join(&names, ", ");
	error_set(err, ERROR_USAGE,
	    "--provider: the table of providers does not have \"%s\", but %s",
	    name, list);
	free(list);
	strv_free(&names);
	return false;
}

/* Returns the MX record of the lowest preference whose host is in the table, or
 * NULL, with the entry in *p. */
static const struct dns_record *
find_record(const struct str *table, const struct dns_answer *answer,
    struct provider *p, struct error *err)
{
	unsigned lowest = UINT_MAX;

	for (size_t i = 0; i < answer->count; i++)
		if (answer->records[i].preference < lowest)
			lowest = answer->records[i].preference;
	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (record->preference != lowest
		    || !idna_is_host_name(record->name))
			continue;
		if (!providers_find(table, PROVIDER_MX, record->name, p, err))
			return NULL;
		if (p->name != NULL)
			return record;
	}
	return NULL;
}

/* The state of a search. */
struct find {
	const struct configure_request *r;
	int64_t deadline;
	struct destination srv;
	struct provider *p;
	struct configure_finding result; /* without its provider */
	char *evidence;                  /* that of the result */
};

static const char *
find_domain(const struct find *f)
{
	return f->srv.name != NULL ? f->srv.name : f->srv.domain;
}

/* A domain that a provider hosts: its MX hosts tell which one.  Without one,
 * succeeds and leaves the provider empty. */
static bool
find_by_mx(struct find *f, struct error *err)
{
	struct dns_questions q = { 0 };
	const struct dns_answer *answer;
	const struct dns_record *record = NULL;
	size_t asked = dns_questions_add(&q, DNS_MX, "%s", find_domain(f));
	bool ok = dns_ask(f->r->dns, &q, f->deadline, err);

	answer = dns_questions_answer(&q, asked);
	if (ok && answer->status == DNS_FAILED)
		ok =
		    error_set(err, ERROR_RESOLVE, "MX lookup for %s failed: %s",
			find_domain(f), dns_answer_reason(answer));
	if (ok) {
		record = find_record(f->r->table, answer, f->p, err);
		ok = !error_is_set(err);
	}
	if (record != NULL) {
		f->evidence = alloc_string(record->name);
		f->result.secure = answer->secure;
		f->result.key = PROVIDER_MX;
	}
	dns_questions_free(&q);
	return ok;
}

static bool
find_by_name(struct find *f, struct error *err)
{
	f->result.key = PROVIDER_NAME;
	return providers_find(f->r->table, PROVIDER_NAME, f->r->provider, f->p,
		   err)
	    && (f->p->name != NULL
		|| fail_unknown(f->r->table, f->r->provider, err));
}

/* SRV records (RFC 6186, RFC 8314), the table by domain, the MX hosts. */
static bool
find_by_domain(struct find *f, struct error *err)
{
	struct random random;
	struct srv_params params = { .random = &random };
	const struct str *table = f->r->table;
	const struct next_hop *first;

	random_start(&random);
	if (!srv_find(f->r->dns, &params, &f->srv, f->deadline, err))
		return false;
	first = destination_current_hop(&f->srv);
	if (first != NULL) {
		f->result.srv = &f->srv;
		return providers_find(table, PROVIDER_SERVER, first->name, f->p,
		    err);
	}
	f->evidence = alloc_string(find_domain(f));
	f->result.key = PROVIDER_DOMAIN;
	if (!providers_find(table, PROVIDER_DOMAIN, f->evidence, f->p, err))
		return false;
	if (f->p->name != NULL)
		return true;
	free(f->evidence);
	f->evidence = NULL;
	/* After a temporary failure, the SRV records may prevail later. */
	if (f->srv.failure.kind == ERROR_CONFIG && !find_by_mx(f, err))
		return false;
	return f->p->name != NULL || not_found(&f->srv, err);
}

bool
configure(const struct configure_request *r, struct str *out,
    struct provider *provider, struct error *err)
{
	const struct account *a = r->account;
	struct find f = { .r = r,
		.deadline = clock_after_seconds(a->session.deadline),
		.srv = { .domain = alloc_string(a->domain_of) },
		.p = provider,
		.result = { .account = a, .address = r->address } };
	struct str trust = { 0 };
	bool ok = r->provider != NULL ? find_by_name(&f, err)
				      : find_by_domain(&f, err);

	if (ok) {
		f.result.provider = provider->name != NULL ? provider : NULL;
		f.result.evidence = f.evidence;
		if (dns_trusts_ad(&a->dns, &trust))
			f.result.trust = str_text(&trust);
		configure_text(&f.result, out);
		ok = configure_check_account(a, r->address, out, r->user, err);
	}
	str_free(&trust);
	free(f.evidence);
	destination_free(&f.srv);
	return ok;
}
