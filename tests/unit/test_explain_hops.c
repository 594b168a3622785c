/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/explain_hops.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/option.h"
#include "unit.h"

/* An account of lines "name value" as a file has them. */
static void
make_account(struct account *a, const char *lines)
{
	struct option_context context = { .origin = { ORIGIN_FILE, "f", 7 },
		.section = 1 };
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
	const char *name; /* that the route demands, or NULL */
	const char *tls, *by;
	enum tls_level strength;
	enum tls_source source;
	size_t records;
} rows[] = {
	{ "host mx.test", NULL,
	    "required, by STARTTLS, a certificate for mx.test",
	    .by = "tls (default)" },
	{ "tls_starttls off;tls on", NULL,
	    "required, from the first byte, a certificate for mx.test",
	    .by = "tls (f:7)" },
	{ "tls_host_override other.test", "domain.test",
	    "required, by STARTTLS, a certificate for other.test",
	    .by = "tls (default)" },
	{ "tls on", "domain.test",
	    "required, by STARTTLS, a certificate for domain.test",
	    .by = "tls (f:7)" },
	{ "tls off", NULL, "off", .by = "tls (f:7)" },
	{ "tls opportunistic", NULL, "tried, by STARTTLS, any certificate",
	    .by = "tls (f:7)" },
	{ "tls_certcheck off", NULL, "required, by STARTTLS, any certificate",
	    .by = "tls (default)" },
	{ PIN, NULL,
	    "required, by STARTTLS, a certificate with tls_fingerprint",
	    .by = "tls (default)" },
	{ PIN ";tls_certcheck on", NULL,
	    "required, by STARTTLS, a certificate with tls_fingerprint, and a "
	    "certificate for mx.test",
	    .by = "tls (default)" },
	{ "tls opportunistic", NULL,
	    "required, by STARTTLS, a certificate as 2 TLSA records say",
	    .by = "DANE", .source = TLS_BY_DANE, .strength = TLS_LEVEL_DANE,
	    .records = 2 },
	{ "tls off", NULL,
	    "required, by STARTTLS, a certificate as 1 TLSA record says",
	    .by = "DANE", .source = TLS_BY_DANE, .strength = TLS_LEVEL_DANE,
	    .records = 1 },
	{ "tls opportunistic", NULL, "required, by STARTTLS, any certificate",
	    .by = "DANE", .source = TLS_BY_DANE,
	    .strength = TLS_LEVEL_ENCRYPT },
	{ "tls on", NULL, "required, by STARTTLS, a certificate for mx.test",
	    .by = "DANE", .source = TLS_BY_DANE,
	    .strength = TLS_LEVEL_ENCRYPT },
	{ "tls opportunistic", "mx.test",
	    "required, by STARTTLS, a certificate for mx.test", .by = "MTA-STS",
	    .source = TLS_BY_MTA_STS, .strength = TLS_LEVEL_VERIFY },
};

static void
tells_what_tls_has_to_be_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account a = { 0 };
		struct next_hop host = { .name = "mx.test",
			.demand.strength = rows[i].strength,
			.demand.source = rows[i].source,
			.demand.record_count = rows[i].records };
		struct str out = { 0 };
		char *wanted = alloc_printf("    TLS: %s\n    TLS by: %s\n",
		    rows[i].tls, rows[i].by);

		make_account(&a, rows[i].lines);
		/* What resolve.c makes of a default that nobody has written. */
		if (!account_has(&a, "tls_certcheck"))
			a.tls.certcheck = CERTCHECK_DEFAULT;
		if (rows[i].name != NULL)
			strv_add(&host.demand.names, rows[i].name);
		explain_tls(&a, &host, &out);
		assert_string_equal(str_text(&out), wanted);
		strv_free(&host.demand.names);
		str_free(&out);
		free(wanted);
		account_free(&a);
	}
}

static void
tells_what_nobody_has_written(void **state)
{
	struct next_hop host = { .name = "mx.test" };
	struct account a = { 0 };
	struct str out = { 0 };

	(void)state;
	make_account(&a, "host localhost");
	a.tls.mode = TLS_OFF;
	a.tls_mode_source = TLS_MODE_BY_LOCAL_HOST;
	explain_tls(&a, &host, &out);
	a.tls.mode = TLS_OPPORTUNISTIC;
	a.tls_mode_source = TLS_MODE_BY_HOST_MX;
	a.tls.certcheck = CERTCHECK_DEFAULT;
	explain_tls(&a, &host, &out);
	assert_string_equal(str_text(&out),
	    "    TLS: off\n"
	    "    TLS by: default on this machine\n"
	    "    TLS: tried, by STARTTLS, any certificate\n"
	    "    TLS by: default for host mx\n");
	str_free(&out);
	account_free(&a);
}

/* Without an answer from anybody: all hosts are addresses. */
static const struct {
	const char *lines, *recipient, *shown;
	int exit;
} ways[] = {
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
	    "    addresses: known to the proxy 192.0.2.9 port 1080\n"
	    "    TLS: off\n"
	    "    TLS by: tls (f:7)\n",
	    EX_OK },
	{ "host 192.0.2.1;address_family ipv6;tls off;port 25", NULL,
	    "addresses: none: ", EX_CONFIG },
	{ "host mx;tls off", NULL,
	    "Hosts: those of each recipient's domain (host mx)\n", EX_OK },
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
shows_the_hosts_in_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct account a = { 0 };
		struct delivery_params params = { .account = &a,
			.deadline = clock_after_seconds(5) };
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct str out = { 0 };

		make_account(&a, ways[i].lines);
		if (ways[i].recipient != NULL)
			envelope_add(&e, ways[i].recipient, NULL);
		explain_hops(&params, &e, &out, &err);
		if (strstr(str_text(&out), ways[i].shown) == NULL
		    || error_exit_status(&err) != ways[i].exit)
			fail_msg("%s: %d %s", ways[i].lines,
			    error_exit_status(&err), str_text(&out));
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
		cmocka_unit_test(tells_what_tls_has_to_be_and_why),
		cmocka_unit_test(tells_what_nobody_has_written),
		cmocka_unit_test(shows_the_hosts_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
