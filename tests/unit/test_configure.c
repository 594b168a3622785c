/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <sysexits.h>

#include "dns/nameserver.h"
#include "dns_table.h"
#include "modes/configure.h"

static const struct dns_row zone[] = {
	{ "_submissions._tcp.one.example", DNS_SRV, INSECURE,
	    "0 0 465 a.mail.example 1 0 465 b.mail.example", NULL },
	{ "_submission._tcp.one.example", DNS_SRV, INSECURE,
	    "0 0 587 a.mail.example", NULL },
	{ "_submission._tcp.signed.example", DNS_SRV, SECURE,
	    "0 0 587 a.mail.example 1 0 588 later.mail.example", NULL },
	{ "_submission._tcp.own.example", DNS_SRV, INSECURE,
	    "0 0 587 own.example", NULL },
	{ "own.example", DNS_A, INSECURE, "192.0.2.3", NULL },
	{ "a.mail.example", DNS_A, SECURE, "192.0.2.1", NULL },
	{ "b.mail.example", DNS_A, SECURE, "192.0.2.2", NULL },
	{ "later.mail.example", DNS_A, INSECURE, "!no answer", NULL },
	{ "_submission._tcp.sick.example", DNS_SRV, INSECURE, "!SERVFAIL",
	    NULL },
	{ "_submission._tcp.none.example", DNS_SRV, INSECURE, "0 0 0 .", NULL },
	{ "_submission._tcp.gone.example", DNS_SRV, INSECURE,
	    "0 0 587 gone.mail.example", NULL },
	{ 0 },
};

static const struct dns_source dns = { ask_table, zone };

/* Runs it as main() does; the text is the caller's. */
static bool
run(struct settings *s, const char *address, struct str *out, struct error *err)
{
	char *path = NULL;
	bool ok;

	ok = configure_begin(s, address, &path, err)
	    && configure(&s->values, path, &dns, out, err);
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
	    "# Mail from alice@one.example\n"
	    "# From the SRV records of _submissions._tcp.one.example (RFC 6186, "
	    "RFC 8314).\n"
	    "# They are not secured by DNSSEC.\n"
	    "# Also named: a.mail.example port 587, tls_starttls on\n"
	    "# In place of host, port, tls_starttls and tls_host_override, "
	    "\"host srv\" and\n"
	    "# \"domain_of one.example\" have the DNS asked for each message.\n"
	    "\n"
	    "account work\n"
	    "host a.mail.example\n"
	    "host b.mail.example\n"
	    "port 465\n"
	    "tls on\n"
	    "tls_starttls off\n"
	    "# The certificate must be for the domain, as nothing proves that "
	    "the host is\n"
	    "# its server.  If you know from your provider that it is, remove "
	    "this line.\n"
	    "tls_host_override one.example\n"
	    "auth on\n"
	    "user alice@one.example\n"
	    "# One of these: a command that prints the password, or a file that "
	    "holds it\n"
	    "# and that only you may read.\n"
	    "#passwordeval pass show alice@one.example\n"
	    "#passwordfile ~/.config/veredus.password\n"
	    "from alice@one.example\n");
	str_free(&out);
	settings_free(&s);
}

static const struct {
	const char *address;
	const char *shown[4], *hidden;
} texts[] = {
	{ "alice@signed.example",
	    { "They are secured by DNSSEC: ", "\nport 587\n",
		"# The certificate must be for the name of the host.\n",
		"# Also named: later.mail.example port 588, tls_starttls on "
		"(address lookup failed: no answer)\n" },
	    "tls_host_override signed" },
	{ "alice@own.example",
	    { "\nhost own.example\n", "\ntls_starttls on\n",
		"# The certificate must be for the name of the host.\n",
		"not secured" },
	    "tls_host_override own" },
};

static void
tells_whose_certificate_is_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };

		settings_init(&s, "default");
		s.values.dns.trust_ad = true;
		assert_true(run(&s, texts[i].address, &out, &err));
		for (size_t k = 0; k < COUNT_OF(texts[i].shown); k++)
			if (strstr(str_text(&out), texts[i].shown[k]) == NULL)
				fail_msg("no \"%s\" in %s", texts[i].shown[k],
				    str_text(&out));
		assert_null(strstr(str_text(&out), texts[i].hidden));
		str_free(&out);
		settings_free(&s);
	}
}

static void
says_when_nobody_can_know_of_dnssec(void **state)
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
	    "# Whether DNSSEC secures them is not known"));
	str_free(&out);
	settings_free(&s);
}

static void
lets_the_user_have_another_name(void **state)
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
	const char *account, *address, *said;
	int exit;
} failures[] = {
	{ "default", "alice@none.example", "names no submission server",
	    EX_NOHOST },
	{ "default", "alice@absent.example", "names no submission server",
	    EX_NOHOST },
	{ "default", "alice@gone.example", "has an address", EX_NOHOST },
	{ "default", "alice@sick.example", "SERVFAIL", EX_TEMPFAIL },
	{ "default", "alice@[192.0.2.1]",
	    "cannot look up the submission servers", EX_DATAERR },
	{ "default", "alice", "has no domain", EX_DATAERR },
	{ "default", "<>", "has no domain", EX_DATAERR },
	{ "default", "a b@c@d", "--configure: ", EX_DATAERR },
	{ "a:b", "alice@one.example", "no colons", EX_USAGE },
};

static void
says_why_there_is_nothing_to_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };

		settings_init(&s, failures[i].account);
		assert_false(run(&s, failures[i].address, &out, &err));
		if (error_exit_status(&err) != failures[i].exit
		    || strstr(err.text, failures[i].said) == NULL)
			fail_msg("%s: %d %s", failures[i].address,
			    error_exit_status(&err), err.text);
		assert_int_equal(out.len, 0);
		error_free(&err);
		settings_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_an_account_with_its_hosts),
		cmocka_unit_test(tells_whose_certificate_is_expected),
		cmocka_unit_test(says_when_nobody_can_know_of_dnssec),
		cmocka_unit_test(lets_the_user_have_another_name),
		cmocka_unit_test(says_why_there_is_nothing_to_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
