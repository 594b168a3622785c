/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <sysexits.h>

#include "configure/configure.h"
#include "dns/params.h"
#include "dns_table.h"

static const struct dns_row zone[] = {
	{ "_submissions._tcp.one.example", DNS_SRV, INSECURE,
	    "0 0 465 a.mail.example 1 0 465 b.mail.example", NULL },
	{ "_submission._tcp.one.example", DNS_SRV, INSECURE,
	    "0 0 587 a.mail.example", NULL },
	{ "_submission._tcp.signed.example", DNS_SRV, SECURE,
	    "0 0 587 a.mail.example 1 0 588 later.mail.example", NULL },
	{ "_submission._tcp.own.example", DNS_SRV, INSECURE,
	    "0 0 587 own.example", NULL },
	{ "_submissions._tcp.twice.example", DNS_SRV, INSECURE,
	    "0 0 465 a.mail.example 10 0 465 A.mail.example "
	    "20 0 465 b.mail.example 30 0 465 b.mail.example",
	    NULL },
	{ "_submission._tcp.words.example", DNS_SRV, INSECURE,
	    "0 0 587 mx 1 0 587 srv", NULL },
	{ "mx", DNS_A, INSECURE, "192.0.2.5", NULL },
	{ "srv", DNS_A, INSECURE, "192.0.2.6", NULL },
	{ "own.example", DNS_A, INSECURE, "192.0.2.3", NULL },
	{ "a.mail.example", DNS_A, SECURE, "192.0.2.1", NULL },
	{ "b.mail.example", DNS_A, SECURE, "192.0.2.2", NULL },
	{ "later.mail.example", DNS_A, INSECURE, "!no response", NULL },
	{ "_submission._tcp.sick.example", DNS_SRV, INSECURE, "!SERVFAIL",
	    NULL },
	{ "_submission._tcp.none.example", DNS_SRV, INSECURE, "0 0 0 .", NULL },
	{ "_submission._tcp.gone.example", DNS_SRV, INSECURE,
	    "0 0 587 gone.mail.example", NULL },
	{ "_submission._tcp.big.example", DNS_SRV, INSECURE, "!SERVFAIL",
	    NULL },
	{ "_submissions._tcp.hosted.example", DNS_SRV, INSECURE,
	    "0 0 465 smtp.big.example", NULL },
	{ "smtp.big.example", DNS_A, INSECURE, "192.0.2.4", NULL },
	{ "mail.example", DNS_MX, INSECURE,
	    "20 x.mx.big.example 10 other.example 10 a.mx.big.example", NULL },
	{ "backup.example", DNS_MX, INSECURE,
	    "20 x.mx.big.example 10 other.example", NULL },
	{ "relay.example", DNS_MX, SECURE, "10 in.eu-1.relay.example", NULL },
	{ "evil.example", DNS_MX, INSECURE, "10 in.a.b.relay.example", NULL },
	{ "late.example", DNS_MX, INSECURE, "!no response", NULL },
	{ 0 },
};

static const struct dns_source dns = { ask_table, zone };

static const char providers[] = "provider big Big Mail\n"
				"domain big.example\n"
				"mx *.mx.big.example\n"
				"server smtp.big.example 465 tls\n"
				"login local\n"
				"oauth google\n"
				"note Use an app password.\n"
				"provider token Token Mail\n"
				"domain token.example\n"
				"server smtp.token.example 587 starttls\n"
				"login address\n"
				"oauth microsoft only\n"
				"provider relay-* Relay\n"
				"mx in.*.relay.example\n"
				"server out.*.relay.example 465 tls\n"
				"login other\n"
				"provider key Key\n"
				"server smtp.key.example 587 starttls\n"
				"login fixed apikey\n";

static struct str table;
static const char *provider_option;

/* Calls both functions as main() does; the caller frees out. */
static bool
run(struct settings *s, const char *address, struct str *out, struct error *err)
{
	static const struct user user = { .login = "alice" };
	struct configure_request request = { .account = &s->values,
		.provider = provider_option,
		.table = &table,
		.dns = &dns,
		.user = &user };
	struct configure_todo todo = { 0 };
	char *path = NULL;
	bool ok;

	if (table.len == 0)
		str_add(&table, providers);
	ok = configure_begin(s, address, &user, &path, err);
	request.address = path;
	ok = ok && configure(&request, out, &todo, err);
	configure_todo_free(&todo);
	free(path);
	return ok;
}

static void
prints_an_account_with_its_hosts(void **state)
{
	struct settings s;
	struct error err = { 0 };
	struct str out = { 0 };

	(void)state;
	settings_init(&s, "work");
	s.values.dns.trust_ad = true;
	assert_true(run(&s, "Alice <alice@one.example>", &out, &err));
	assert_string_equal(str_text(&out),
	    "# Account for alice@one.example\n"
	    "# From the SRV records of _submissions._tcp.one.example (RFC 6186, "
	    "RFC 8314).\n"
	    "# They are not secured by DNSSEC.\n"
	    "# Also found: a.mail.example port 587, tls_starttls on\n"
	    "# To look up the servers for each message, replace host, port, "
	    "tls_starttls and\n"
	    "# tls_host_override with \"host srv\" and \"domain_of "
	    "one.example\".\n"
	    "\n"
	    "account work\n"
	    "host a.mail.example\n"
	    "host b.mail.example\n"
	    "port 465\n"
	    "tls on\n"
	    "tls_starttls off\n"
	    "# The certificate must match the domain, because DNSSEC does not "
	    "secure the name\n"
	    "# of the host.  If your provider has told you this name, remove "
	    "the next line.\n"
	    "tls_host_override one.example\n"
	    "auth on\n"
	    "user alice@one.example\n"
	    "# Set one of these: a command that prints the password, or a file "
	    "that contains\n"
	    "# it and that only you can read.\n"
	    "#passwordeval pass show alice@one.example\n"
	    "#passwordfile ~/.config/veredus-work.password\n"
	    "from alice@one.example\n");
	str_free(&out);
	settings_free(&s);
}

static const struct {
	const char *address;
	const char *present[4], *absent;
} texts[] = {
	{ "alice@signed.example",
	    { "They are secured by DNSSEC: ", "\nport 587\n",
		"# The certificate must match the name of the host.\n",
		"# Also found: later.mail.example port 588, tls_starttls on "
		"(address lookup failed: no response)\n" },
	    "tls_host_override signed" },
	{ "alice@own.example",
	    { "\nhost own.example\n", "\ntls_starttls on\n",
		"# The certificate must match the name of the host.\n",
		"not secured" },
	    "tls_host_override own" },
	/* A host that the account has twice would be an error. */
	{ "alice@twice.example",
	    { "\nhost a.mail.example\nhost b.mail.example\nport 465\n",
		"\naccount default\n", "\ntls on\n", "auth on\n" },
	    "A.mail" },
	/* Without the dot, these words are no names of hosts. */
	{ "alice@words.example",
	    { "\nhost mx.\nhost srv.\nport 587\n", "\naccount default\n",
		"\ntls on\n", "auth on\n" },
	    "Also found" },
};

static void
prints_an_account_for_each_kind_of_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };

		settings_init(&s, "default");
		s.values.dns.trust_ad = true;
		assert_true(run(&s, texts[i].address, &out, &err));
		for (size_t k = 0; k < COUNT_OF(texts[i].present); k++)
			if (strstr(str_text(&out), texts[i].present[k]) == NULL)
				fail_msg("no \"%s\" in %s", texts[i].present[k],
				    str_text(&out));
		assert_null(strstr(str_text(&out), texts[i].absent));
		str_free(&out);
		settings_free(&s);
	}
}

static void
reports_when_no_name_server_is_trusted_to_check_dnssec(void **state)
{
	struct settings s;
	struct error err = { 0 };
	struct str out = { 0 };

	(void)state;
	settings_init(&s, "default");
	assert_true(
	    dns_nameserver_add(&s.values.dns.servers, "192.0.2.53", &err));
	assert_true(run(&s, "alice@one.example", &out, &err));
	assert_non_null(strstr(str_text(&out),
	    "# It is unknown whether DNSSEC secures them"));
	str_free(&out);
	settings_free(&s);
}

static void
reads_the_user_from_the_command_line(void **state)
{
	struct settings s;
	struct error err = { 0 };
	struct str out = { 0 };

	(void)state;
	settings_init(&s, "default");
	s.values.auth.user = alloc_string("al");
	assert_true(run(&s, "alice@one.example", &out, &err));
	assert_non_null(strstr(str_text(&out), "\nuser al\n"));
	assert_non_null(strstr(str_text(&out), "\nfrom alice@one.example\n"));
	str_free(&out);
	settings_free(&s);
}

static const struct {
	const char *account, *address, *text;
	int exit;
} failures[] = {
	{ "default", "alice@none.example", "names no submission server",
	    EX_NOHOST },
	{ "default", "alice@absent.example", "names no submission server",
	    EX_NOHOST },
	{ "default", "alice@gone.example", "has an address", EX_NOHOST },
	/* Only the MX hosts of the lowest preference count. */
	{ "default", "alice@backup.example", "names no submission server",
	    EX_NOHOST },
	/* The "*" of a server is one label. */
	{ "default", "alice@evil.example", "names no submission server",
	    EX_NOHOST },
	{ "default", "alice@late.example", "MX lookup for late.example failed",
	    EX_TEMPFAIL },
	{ "default", "alice@sick.example", "SERVFAIL", EX_TEMPFAIL },
	{ "default", "alice@[192.0.2.1]",
	    "cannot look up the submission servers", EX_DATAERR },
	{ "default", "alice", "has no domain", EX_DATAERR },
	{ "default", "<>", "has no domain", EX_DATAERR },
	{ "default", "a b@c@d", "--configure: ", EX_DATAERR },
	{ "default", "alice@one.example, bob@one.example",
	    "is not a single address", EX_DATAERR },
	{ "default", "alice:bob@one.example", "is not a single address",
	    EX_DATAERR },
	{ "a:b", "alice@one.example", "must not contain a colon", EX_USAGE },
};

static void
reports_why_it_finds_no_account(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };

		settings_init(&s, failures[i].account);
		assert_false(run(&s, failures[i].address, &out, &err));
		if (error_exit_status(&err) != failures[i].exit
		    || strstr(err.text, failures[i].text) == NULL)
			fail_msg("%s: %d %s", failures[i].address,
			    error_exit_status(&err), err.text);
		assert_int_equal(out.len, 0);
		error_free(&err);
		settings_free(&s);
	}
}

static const struct {
	const char *provider, *address;
	const char *present[5], *absent;
} entries[] = {
	/* The table knows the domain, although the DNS fails. */
	{ NULL, "al.ice@big.example",
	    { "# Big Mail, from ", "# The domain is big.example.\n",
		"# Use an app password.\n",
		"\nport 465\ntls on\ntls_starttls off\n", "\nuser al.ice\n" },
	    "DNSSEC" },
	{ NULL, "alice@mail.example",
	    { "# The MX host of the domain is a.mx.big.example.\n",
		"# DNSSEC does not secure that", "\nhost smtp.big.example\n",
		"#passwordeval", "\n#oauth_provider google\n" },
	    "\noauth_provider" },
	{ NULL, "alice@relay.example",
	    { "# The MX host of the domain is in.eu-1.relay.example.\n",
		"\nhost out.eu-1.relay.example\n", "\n#user NAME\n", "Relay",
		"\nfrom alice@relay.example\n" },
	    "DNSSEC" },
	{ NULL, "alice@token.example",
	    { "\nport 587\n", "\ntls_starttls on\n",
		"\noauth_provider microsoft\n#oauth_client_id ID\n",
		"\nuser alice@token.example\n", "Token Mail takes a token" },
	    "passwordfile" },
	/* SRV records prevail; the table has the name of their server. */
	{ NULL, "alice@hosted.example",
	    { "_submissions._tcp.hosted.example",
		"# The server is that of Big Mail.\n",
		"# Use an app password.\n", "\nuser alice\n",
		"# The certificate must match the name of the host.\n" },
	    "tls_host_override" },
	{ "key", "alice@absent.example",
	    { "# Key, from ", "\nuser apikey\n", "\nhost smtp.key.example\n",
		"\nport 587\n", "#passwordfile" },
	    "oauth" },
	{ "relay-us", "alice@absent.example",
	    { "\nhost out.us.relay.example\n", "Relay", "\nport 465\n",
		"#user NAME", "auth on\n" },
	    "MX" },
};

static void
finds_the_entry_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(entries); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };

		settings_init(&s, "default");
		provider_option = entries[i].provider;
		if (!run(&s, entries[i].address, &out, &err))
			fail_msg("%s: %s", entries[i].address, err.text);
		for (size_t k = 0; k < COUNT_OF(entries[i].present); k++)
			if (strstr(str_text(&out), entries[i].present[k])
			    == NULL)
				fail_msg("no \"%s\" in %s",
				    entries[i].present[k], str_text(&out));
		if (strstr(str_text(&out), entries[i].absent) != NULL)
			fail_msg("\"%s\" in %s", entries[i].absent,
			    str_text(&out));
		str_free(&out);
		settings_free(&s);
	}
	provider_option = NULL;
}

static void
names_the_entries_if_one_is_unknown(void **state)
{
	struct settings s;
	struct error err = { 0 };
	struct str out = { 0 };

	(void)state;
	settings_init(&s, "default");
	provider_option = "relay-a.b";
	assert_false(run(&s, "alice@absent.example", &out, &err));
	provider_option = NULL;
	assert_int_equal(error_exit_status(&err), EX_USAGE);
	assert_non_null(strstr(err.text, "but big, token, relay-*, key"));
	error_free(&err);
	settings_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_an_account_with_its_hosts),
		cmocka_unit_test(prints_an_account_for_each_kind_of_records),
		cmocka_unit_test(
		    reports_when_no_name_server_is_trusted_to_check_dnssec),
		cmocka_unit_test(reads_the_user_from_the_command_line),
		cmocka_unit_test(reports_why_it_finds_no_account),
		cmocka_unit_test(finds_the_entry_of_the_table),
		cmocka_unit_test(names_the_entries_if_one_is_unknown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	str_free(&table);
	return failed;
}
