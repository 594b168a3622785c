/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_names.h"
#include "modes/explain.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/option.h"
#include "unit.h"

/* Makes an account of settings "name value", separated by semicolons. */
static void
make_account(struct account *a, const char *lines)
{
	struct option_context context = {
		.origin = { .kind = ORIGIN_FILE, .file = "f", .line = 7 },
		.section = 1
	};
	char *copy = alloc_string(lines);
	struct settings settings;

	settings_init(&settings, "default");
	for (char *line = strtok(copy, ";"); line; line = strtok(NULL, ";")) {
		struct error err = { 0 };
		char *value = strchr(line, ' ');

		*value++ = '\0';
		if (!option_set(&settings, option_find(line), value, &context,
			&err))
			fail_msg("%s", err.text);
	}
	account_copy(a, &settings.values);
	settings_free(&settings);
	if (a->hosts.count > 0)
		a->server.host = alloc_string(a->hosts.items[0]);
	free(copy);
}

#define PIN \
	"tls_fingerprint " \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *lines;
	const char *name; /* required in the certificate, or NULL */
	const char *tls, *by;
	enum tls_level level;
	enum tls_source source;
	size_t records;
} rows[] = {
	{ "host mx.test", NULL, "required, STARTTLS, a certificate for mx.test",
	    .by = "tls (default)" },
	{ "tls_starttls off;tls on", NULL,
	    "required, implicit TLS, a certificate for mx.test",
	    .by = "tls (f:7)" },
	{ "tls_host_override other.test", "domain.test",
	    "required, STARTTLS, a certificate for other.test",
	    .by = "tls (default)" },
	{ "tls on", "domain.test",
	    "required, STARTTLS, a certificate for domain.test",
	    .by = "tls (f:7)" },
	{ "tls off", NULL, "off", .by = "tls (f:7)" },
	{ "tls opportunistic", NULL, "tried, STARTTLS, any certificate",
	    .by = "tls (f:7)" },
	{ "tls_certcheck off", NULL, "required, STARTTLS, any certificate",
	    .by = "tls (default)" },
	{ PIN, NULL,
	    "required, STARTTLS, a certificate that matches tls_fingerprint",
	    .by = "tls (default)" },
	{ PIN ";tls_certcheck on", NULL,
	    "required, STARTTLS, a certificate that matches tls_fingerprint, and a "
	    "certificate for mx.test",
	    .by = "tls (default)" },
	{ "tls opportunistic", NULL,
	    "required, STARTTLS, a certificate that matches a TLSA record (2 usable)",
	    .by = "DANE", .source = TLS_BY_DANE, .level = TLS_LEVEL_DANE,
	    .records = 2 },
	{ "tls off", NULL,
	    "required, STARTTLS, a certificate that matches a TLSA record (1 usable)",
	    .by = "DANE", .source = TLS_BY_DANE, .level = TLS_LEVEL_DANE,
	    .records = 1 },
	{ "tls opportunistic", NULL, "required, STARTTLS, any certificate",
	    .by = "DANE", .source = TLS_BY_DANE, .level = TLS_LEVEL_ENCRYPT },
	{ "tls on", NULL, "required, STARTTLS, a certificate for mx.test",
	    .by = "DANE", .source = TLS_BY_DANE, .level = TLS_LEVEL_ENCRYPT },
	{ "tls opportunistic", "mx.test",
	    "required, STARTTLS, a certificate for mx.test", .by = "MTA-STS",
	    .source = TLS_BY_MTA_STS, .level = TLS_LEVEL_VERIFY },
};

static void
describes_the_required_tls_and_its_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account a = { 0 };
		struct next_hop host = { .name = "mx.test",
			.tls_policy.level = rows[i].level,
			.tls_policy.source = rows[i].source,
			.tls_policy.record_count = rows[i].records };
		struct explanation x = { 0 };
		struct str out = { 0 };
		char *wanted =
		    alloc_printf("Host:\n    TLS: %s\n    TLS by: %s\n",
			rows[i].tls, rows[i].by);

		make_account(&a, rows[i].lines);
		/* account_resolve() sets the default in the same way. */
		if (!account_has(&a, "tls_certcheck"))
			a.tls.certcheck = CERTCHECK_DEFAULT;
		if (rows[i].name != NULL)
			strv_add(&host.tls_policy.names, rows[i].name);
		explanation_begin(&x, EXPLAINED_HOST, NULL);
		explain_tls(&a, &host, &x);
		explanation_text(&x, &out);
		assert_string_equal(str_text(&out), wanted);
		strv_free(&host.tls_policy.names);
		explanation_free(&x);
		str_free(&out);
		free(wanted);
		account_free(&a);
	}
}

static void
describes_defaults_that_depend_on_the_host(void **state)
{
	struct next_hop host = { .name = "mx.test" };
	struct account a = { 0 };
	struct explanation x = { 0 };
	struct str out = { 0 };

	(void)state;
	make_account(&a, "host localhost");
	a.tls.mode = TLS_OFF;
	a.tls_mode_source = TLS_MODE_BY_LOCAL_HOST;
	explanation_begin(&x, EXPLAINED_HOST, "a");
	explain_tls(&a, &host, &x);
	a.tls.mode = TLS_OPPORTUNISTIC;
	a.tls_mode_source = TLS_MODE_BY_HOST_MX;
	a.tls.certcheck = CERTCHECK_DEFAULT;
	explain_tls(&a, &host, &x);
	explanation_text(&x, &out);
	assert_string_equal(str_text(&out),
	    "Host: a\n"
	    "    TLS: off\n"
	    "    TLS by: default for this machine\n"
	    "    TLS: tried, STARTTLS, any certificate\n"
	    "    TLS by: default for host mx\n");
	explanation_free(&x);
	str_free(&out);
	account_free(&a);
}

/* The test needs no name server: the hosts are addresses, or the program does
 * not look them up. */
static const struct {
	const char *lines, *recipient, *expected;
	int exit;
} accounts[] = {
	{ "host 192.0.2.1;host [2001:db8::1];tls off;port 25", NULL,
	    "Host: 192.0.2.1 port 25\n"
	    "    addresses: 192.0.2.1\n"
	    "    TLS: off\n"
	    "    TLS by: tls (f:7)\n"
	    "Host: [2001:db8::1] port 25\n"
	    "    addresses: 2001:db8::1\n"
	    "    TLS: off\n"
	    "    TLS by: tls (f:7)\n",
	    EX_OK },
	{ "socket /run/x;tls off", NULL,
	    "Socket: /run/x\n    TLS: off\n    TLS by: tls (f:7)\n", EX_OK },
	{ "host mx.test;port 25;proxy_host 192.0.2.9;tls off", NULL,
	    "Host: mx.test port 25\n"
	    "    addresses: resolved by the proxy 192.0.2.9 port 1080\n"
	    "    TLS: off\n"
	    "    TLS by: tls (f:7)\n",
	    EX_OK },
	{ "host 192.0.2.1;address_family ipv6;tls off;port 25", NULL,
	    "addresses: none: ", EX_CONFIG },
	{ "host mx;tls off", NULL,
	    "Hosts: the MX hosts of each recipient's domain (host mx)\n",
	    EX_OK },
	{ "host mx;tls off", "bob@[127.0.0.1]",
	    "Domain: [127.0.0.1]\n    no host: mail for [127.0.0.1] loops back",
	    EX_CONFIG },
	{ "host mx;tls off", "bob@[192.0.2.1]",
	    "Domain: [192.0.2.1]\n"
	    "Host: [192.0.2.1] port 25\n"
	    "    addresses: 192.0.2.1\n"
	    "    TLS: off\n",
	    EX_OK },
};

static void
lists_the_hosts_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(accounts); i++) {
		struct account a = { 0 };
		struct delivery_params params = { .account = &a,
			.deadline = clock_after_seconds(5) };
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct explanation x = { 0 };
		struct str out = { 0 };

		make_account(&a, accounts[i].lines);
		if (accounts[i].recipient != NULL)
			envelope_add(&e, accounts[i].recipient, NULL);
		explain_hops(&params, &e, &x, &err);
		explanation_text(&x, &out);
		if (strstr(str_text(&out), accounts[i].expected) == NULL
		    || error_exit_status(&err) != accounts[i].exit)
			fail_msg("%s: %d %s", accounts[i].lines,
			    error_exit_status(&err), str_text(&out));
		explanation_free(&x);
		str_free(&out);
		error_free(&err);
		envelope_free(&e);
		account_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_the_required_tls_and_its_source),
		cmocka_unit_test(describes_defaults_that_depend_on_the_host),
		cmocka_unit_test(lists_the_hosts_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
