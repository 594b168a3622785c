/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the submission servers of an address in the DNS and in a table. */
#include "configure/configure.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/idna.h"
#include "base/random.h"
#include "config/autoconfig.h"
#include "config/file.h"
#include "configure/check.h"
#include "configure/keyring.h"
#include "configure/text.h"
#include "dns/dns.h"
#include "mail/address.h"
#include "mail/path.h"
#include "modes/output.h"
#include "route/srv.h"

/* An address of a list, or in a group, is not what was meant. */
static bool
parse_address(const char *text, char **address, struct error *err)
{
	struct address_list list = { 0 };
	bool ok =
	    path_parse(text, address, err) || error_prefix(err, "--configure");

	if (ok && address_parse(&list, text, strlen(text), NULL)
	    && (list.count > 1 || list.groups > 0))
		ok = error_set(err, ERROR_ADDRESS,
		    "--configure: \"%s\" is not a single address", text);
	address_list_free(&list);
	return ok;
}

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
	if (!parse_address(text, address, err))
		return false;
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

/* The state of a search. */
struct find {
	const struct configure_request *r;
	int64_t deadline;
	struct destination srv;
	struct provider provider; /* found, if it has a name */
	struct autoconfig online;
	struct configure_finding result;
	char *evidence; /* that of the result */
	char *mx;       /* the first MX host of the domain, or NULL */
	char *lookup;   /* the command for the keyring, or NULL */
};

static const char *
find_domain(const struct find *f)
{
	return f->srv.name != NULL ? f->srv.name : f->srv.domain;
}

/* Returns the MX record of the lowest preference whose host is in the table, or
 * NULL, with the entry in f->provider. */
static const struct dns_record *
find_record(struct find *f, const struct dns_answer *answer, struct error *err)
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
		if (f->mx == NULL)
			f->mx = alloc_string(record->name);
		if (!providers_find(f->r->table, PROVIDER_MX, record->name,
			&f->provider, err))
			return NULL;
		if (f->provider.name != NULL)
			return record;
	}
	return NULL;
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
		record = find_record(f, answer, err);
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

/* Whether the URL of the database ends with the domain. */
static bool
is_about(const char *url, const char *domain)
{
	const char *slash = strrchr(url, '/');

	return slash != NULL && strcmp(slash + 1, domain) == 0;
}

/* The document of the domain or of the database, and the entry with its server. */
static bool
find_online(struct find *f, struct error *err)
{
	struct autoconfig *online = &f->online;
	const struct autoconfig_server *first;

	if (!autoconfig_find(f->r->account,
		&(struct autoconfig_question){ .domain = find_domain(f),
		    .address = f->r->address,
		    .mx = f->mx },
		f->deadline, online, err))
		return false;
	if (online->absent != NULL)
		return true;
	f->result.online = online;
	if (online->is_database && !is_about(online->source, find_domain(f)))
		f->result.evidence = f->mx;
	first = &online->servers[online->first];
	if (first->user != NULL
	    && configure_check_user(first->user, f->r->user))
		f->result.user = first->user;
	return providers_find(f->r->table, PROVIDER_SERVER, first->host,
	    &f->provider, err);
}

bool
configure_check_provider(const char *name, const struct str *table,
    struct error *err)
{
	struct provider found = { 0 };
	bool ok = name == NULL
	    || (providers_find(table, PROVIDER_NAME, name, &found, err)
		&& (found.name != NULL || fail_unknown(table, name, err)));

	provider_free(&found);
	return ok;
}

static bool
find_by_name(struct find *f, struct error *err)
{
	f->result.key = PROVIDER_NAME;
	return providers_find(f->r->table, PROVIDER_NAME, f->r->provider,
		   &f->provider, err)
	    && (f->provider.name != NULL
		|| fail_unknown(f->r->table, f->r->provider, err));
}

/* Sets the reason for the missing server.  That none is known is not an error in
 * the configuration: there is none yet. */
static bool
not_found(const struct find *f, struct error *err)
{
	const struct error *failure = &f->srv.failure;
	char *why = error_describe(failure);

	if (failure->kind != ERROR_CONFIG) {
		error_set(err, failure->kind, "%s", why);
	} else {
		error_reject(err, STAGE_RCPT,
		    "%s; the table of providers does not have the domain or "
		    "its MX hosts (--provider names an entry); %s%s",
		    why,
		    f->r->online ? "no autoconfig document was found: "
				 : "--online also asks the web server of the "
				   "domain and the database of Thunderbird",
		    f->r->online ? f->online.absent : "");
		error_status(err, "5.4.4");
	}
	free(why);
	return false;
}

static bool
is_found(const struct find *f)
{
	return f->result.srv != NULL || f->result.online != NULL
	    || f->provider.name != NULL;
}

/* The table by domain, the MX hosts, and the documents. */
static bool
find_without_srv(struct find *f, struct error *err)
{
	f->evidence = alloc_string(find_domain(f));
	f->result.key = PROVIDER_DOMAIN;
	if (!providers_find(f->r->table, PROVIDER_DOMAIN, f->evidence,
		&f->provider, err))
		return false;
	if (is_found(f))
		return true;
	free(f->evidence);
	f->evidence = NULL;
	/* After a temporary failure, the SRV records may prevail later. */
	if (f->srv.failure.kind != ERROR_CONFIG)
		return not_found(f, err);
	return find_by_mx(f, err)
	    && (is_found(f) || !f->r->online || find_online(f, err))
	    && (is_found(f) || not_found(f, err));
}

/* SRV records (RFC 6186, RFC 8314), and what else is known. */
static bool
find_by_domain(struct find *f, struct error *err)
{
	struct random random;
	struct srv_params params = { .random = &random };
	const struct next_hop *first;

	random_start(&random);
	if (!srv_find(f->r->dns, &params, &f->srv, f->deadline, err))
		return false;
	first = destination_current_hop(&f->srv);
	if (first == NULL)
		return find_without_srv(f, err);
	f->result.srv = &f->srv;
	return providers_find(f->r->table, PROVIDER_SERVER, first->name,
	    &f->provider, err);
}

/* Finds out what the person has to do, and whether the keyring can help. */
static bool
plan(struct find *f, struct configure_todo *todo, struct error *err)
{
	enum configure_login login = configure_login(&f->result);
	const char *host = configure_host(&f->result);

	todo->needs_user = configure_lacks_user(&f->result);
	todo->needs_token = login == CONFIGURE_TOKEN;
	todo->needs_password = login == CONFIGURE_PASSWORD && !f->r->keyring;
	if (!f->r->keyring)
		return true;
	if (login != CONFIGURE_PASSWORD)
		return error_set(err, ERROR_USAGE,
		    "--keyring: %s takes no password: leave --keyring out",
		    host);
	todo->keyring_store = configure_keyring_store(f->r->address, host);
	f->lookup = configure_keyring_lookup(f->r->address, host);
	f->result.keyring_lookup = f->lookup;
	return true;
}

static bool
print_result(const struct find *f, struct str *out, struct error *err)
{
	char *login = configure_user(&f->result);
	char *host = configure_host_value(configure_host(&f->result));
	const struct configure_expected expected = {
		.name = f->r->account->name,
		.address = f->r->address,
		.host = host,
		.login = login,
		.passwordeval = f->lookup,
	};
	bool ok;

	configure_text(&f->result, out);
	ok = configure_check_account(&expected, out, f->r->user, err);
	free(login);
	free(host);
	return ok;
}

bool
configure(const struct configure_request *r, struct str *out,
    struct configure_todo *todo, struct error *err)
{
	const struct account *a = r->account;
	struct find f = { .r = r,
		.deadline = clock_after_seconds(a->session.deadline),
		.srv = { .domain = alloc_string(a->domain_of) },
		.result = { .account = a, .address = r->address } };
	struct str trust = { 0 };
	bool ok = r->provider != NULL ? find_by_name(&f, err)
				      : find_by_domain(&f, err);

	if (ok) {
		if (f.provider.name != NULL)
			f.result.provider = &f.provider;
		if (f.evidence != NULL)
			f.result.evidence = f.evidence;
		if (dns_trusts_ad(&a->dns, &trust))
			f.result.trust = str_text(&trust);
		ok = plan(&f, todo, err) && print_result(&f, out, err);
	}
	str_free(&trust);
	free(f.evidence);
	free(f.mx);
	free(f.lookup);
	provider_free(&f.provider);
	autoconfig_free(&f.online);
	destination_free(&f.srv);
	return ok;
}
