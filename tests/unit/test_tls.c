/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS sessions with a server of GnuTLS. */
#include "tls_server.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_1 "NORMAL:-VERS-ALL:+VERS-TLS1.1"
#define TLS_1_0 "NORMAL:-VERS-ALL:+VERS-TLS1.0"

static struct tls_params
trusting_ca(void)
{
	return (struct tls_params){ .trust_file = cert_path("ca.pem", "") };
}

static void
open_or_fail(struct client *c, const struct tls_params *params,
    const struct server_plan *plan)
{
	open_client(c, params, "mx.test", plan);
	if (!c->ok)
		fail_msg("%s", c->err.text);
}

static const struct {
	const char *server;
	int minimum;
	const char *user; /* priorities of the client */
	const char *described;
	const char *error;
} versions[] = {
	{ NULL, 0, NULL, "TLS1.3 TLS_AES_256_GCM_SHA384 verified",
	    .error = NULL },
	{ NULL, 13, NULL, "TLS1.3 ", .error = NULL },
	{ TLS_1_2, 12, NULL,
	    "TLS1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 verified",
	    .error = NULL },
	{ TLS_1_1, 11, NULL, "TLS1.1 ", .error = NULL },
	{ TLS_1_0, 10, NULL, "TLS1.0 ", .error = NULL },
	{ TLS_1_0, 0, NULL, NULL, "tls_min_version" },
	{ TLS_1_1, 12, NULL, NULL, "tls_min_version" },
	{ TLS_1_0, 11, NULL, NULL, "tls_min_version" },
	{ TLS_1_2, 13, NULL, NULL, "tls_min_version" },
	/* tls_priorities does not lower the minimum. */
	{ TLS_1_1, 12, "NORMAL", NULL, "tls_min_version" },
	{ NULL, 12, "NORMAL:-VERS-TLS1.3", "TLS1.2 ", NULL },
	{ NULL, 10, "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305",
	    "TLS1.3 TLS_CHACHA20_POLY1305_SHA256 ", NULL },
	{ "NORMAL:-CIPHER-ALL:+NULL:+MAC-ALL:-VERS-TLS1.3", 10,
	    "NORMAL:+NULL:+MAC-ALL", NULL, "alert" },
	{ "NORMAL:-KX-ALL:+ANON-ECDH:-VERS-TLS1.3", 10, "NORMAL:+ANON-ECDH",
	    NULL, "alert" },
};

static void
uses_no_version_below_the_minimum(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct server_plan plan = { "good", versions[i].server,
			.serve = greet };
		struct tls_params params = trusting_ca();
		struct str text = { 0 };
		struct client c;

		params.min_version = versions[i].minimum;
		params.priorities = (char *)versions[i].user;
		open_client(&c, &params, "mx.test", &plan);
		if (c.ok == (versions[i].described == NULL))
			fail_msg("%zu: %s", i, c.err.text);
		if (c.ok) {
			exchange_greetings(&c);
			tls_describe(&c.transport, &text);
			assert_memory_equal(text.data, versions[i].described,
			    strlen(versions[i].described));
		} else {
			assert_int_equal(c.err.kind, ERROR_TLS);
			assert_non_null(strstr(c.err.text, versions[i].error));
		}
		str_free(&text);
		close_client(&c);
	}
}

/* Servers that do not use TLS, or stop. */

static int
say(int fd, const char *text, size_t len)
{
	char buf[4096];

	if (write(fd, text, len) != (ssize_t)len)
		return 1;
	while (read(fd, buf, sizeof(buf)) > 0)
		continue;
	return 0;
}

static int
send_smtp(int fd)
{
	return say(fd, "220 mx.test ESMTP\r\n", 19);
}

static int
send_http(int fd)
{
	return say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

static int
send_noise(int fd)
{
	return say(fd, "\x16\x03\x03\xff\xff\x8d\x11\x00\x42\xfe", 10);
}

static int
send_alert(int fd)
{
	return say(fd, "\x15\x03\x03\x00\x02\x02\x28", 7);
}

static int
send_nothing(int fd)
{
	return say(fd, "", 0);
}

static int
send_part(int fd)
{
	return say(fd, "\x16\x03\x03\x00\x7a\x02", 6);
}

static int
close_at_once(int fd)
{
	char buf[4096];

	return read(fd, buf, sizeof(buf)) > 0 ? 0 : 1;
}

static int
warn_forever(int fd)
{
	for (int i = 0; i < 10000; i++)
		if (write(fd, "\x15\x03\x03\x00\x02\x01\x5a", 7) != 7)
			return 0;
	return say(fd, "", 0);
}

/* Sends only the first octets, and discards the rest. */
static ssize_t
push_little(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	static size_t passed;
	ssize_t total = 0;

	for (int i = 0; i < count; i++) {
		size_t len = parts[i].iov_len;
		size_t part = passed < 200 ? 200 - passed : 0;

		part = part < len ? part : len;
		if (part > 0
		    && write((int)(intptr_t)ptr, parts[i].iov_base, part) < 0)
			return -1;
		passed += len;
		total += (ssize_t)len;
	}
	return total;
}

static const struct {
	const char *title;
	struct server_plan plan;
	bool by_starttls;
	enum error_kind kind;
	const char *text;
} peers[] = {
	{ "SMTP", { .instead = send_smtp }, false, ERROR_TLS,
	    "try tls_starttls on" },
	{ "SMTP after STARTTLS", { .instead = send_smtp }, true, ERROR_TLS,
	    "accepted STARTTLS, but did not start TLS" },
	{ "HTTP", { .instead = send_http }, false, ERROR_TLS,
	    "does not use implicit TLS" },
	{ "noise", { .instead = send_noise }, false, ERROR_TLS, "" },
	{ "an alert", { .instead = send_alert }, false, ERROR_TLS,
	    "the alert \"Handshake failed\" (40)" },
	{ "warnings", { .instead = warn_forever }, false, ERROR_TLS,
	    "too many warning alerts" },
	{ "the end", { .instead = close_at_once }, false, ERROR_NETWORK,
	    "the server closed the connection" },
	{ "silence", { .instead = send_nothing }, false, ERROR_TIMEOUT,
	    "TLS handshake: " },
	{ "silence within a record", { .instead = send_part }, false,
	    ERROR_TIMEOUT, "" },
	{ "silence after ServerHello", { "good", .push = push_little }, false,
	    ERROR_TIMEOUT, "" },
	{ "silence after ServerHello, TLS 1.2",
	    { "good", TLS_1_2, .push = push_little }, false, ERROR_TIMEOUT,
	    "" },
};

static void
fails_with_servers_that_do_not_use_tls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(peers); i++) {
		struct tls_params params = trusting_ca();
		struct client c = { .server = 0 };
		struct tls_target target = { .host = "mx.test" };
		int64_t started = clock_now();
		int fd;

		assert_true(tls_prepare(&params, &c.context, &c.err));
		c.server = start_server(&peers[i].plan, &fd);
		transport_init_socket(&c.transport, fd);
		target.implicit = !peers[i].by_starttls;
		if (tls_start(c.context, &c.transport, &target,
			clock_after_seconds(1), &c.err))
			fail_msg("%s", peers[i].title);
		if (c.err.kind != peers[i].kind
		    || !strstr(c.err.text, peers[i].text))
			fail_msg("%s: %s", peers[i].title, c.err.text);
		assert_true(clock_now() - started < 10000);
		close_client(&c);
	}
}

static int
send_name_of_client(gnutls_session_t tls, int fd)
{
	gnutls_x509_crt_t certificate;
	const gnutls_datum_t *peer = gnutls_certificate_get_peers(tls, NULL);
	gnutls_datum_t name;

	(void)fd;
	gnutls_x509_crt_init(&certificate);
	if (peer == NULL
	    || gnutls_x509_crt_import(certificate, peer, GNUTLS_X509_FMT_DER)
	    || gnutls_x509_crt_get_dn3(certificate, &name, 0))
		return 1;
	gnutls_record_send(tls, name.data, name.size);
	return 0;
}

static void
sends_its_certificate_if_the_server_requests_one(void **state)
{
	static const char *const priorities[] = { NULL, TLS_1_2 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(priorities); i++) {
		/* The client sends its certificate independent of the CA in
		 * the request. */
		struct server_plan plan = { "good", priorities[i], "ca2",
			.serve = send_name_of_client };
		struct tls_params params = trusting_ca();
		struct client c;
		char buf[100] = "";

		params.key_file = cert_path("client", ".key");
		params.cert_file = cert_path("client", ".pem");
		open_or_fail(&c, &params, &plan);
		assert_true(tls_sent_certificate(&c.transport));
		assert_true(client_read(&c, buf, sizeof(buf) - 1) > 0);
		assert_string_equal(buf, "CN=alice,O=Veredus  Tests");
		close_client(&c);

		plan.client_ca = NULL;
		plan.serve = greet;
		open_or_fail(&c, &params, &plan);
		assert_false(tls_sent_certificate(&c.transport));
		exchange_greetings(&c);
		close_client(&c);
	}
}

static void
reports_that_the_server_requires_a_certificate(void **state)
{
	struct server_plan plan = { "good", NULL, "ca", .serve = greet };
	struct tls_params params = trusting_ca();
	struct client c;
	char buf[100];

	(void)state;
	open_or_fail(&c, &params, &plan);
	assert_int_equal(client_read(&c, buf, sizeof(buf)), TRANSPORT_FAILED);
	assert_int_equal(c.err.kind, ERROR_TLS);
	assert_non_null(strstr(c.err.text, "ertificate"));
	assert_false(tls_sent_certificate(&c.transport));
	close_client(&c);
}

static int
send_bindings(gnutls_session_t tls, int fd)
{
	static const gnutls_channel_binding_t kinds[] = {
		GNUTLS_CB_TLS_EXPORTER, GNUTLS_CB_TLS_UNIQUE
	};
	gnutls_datum_t data;

	(void)fd;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (gnutls_session_channel_binding(tls, kinds[i], &data) == 0)
			gnutls_record_send(tls, data.data, data.size);
	return greet(tls, fd);
}

static void
expect_binding(struct client *c, enum tls_binding kind, size_t len)
{
	struct str ours = { 0 };
	char theirs[64];

	assert_int_equal(client_read(c, theirs, len), len);
	assert_true(tls_channel_binding(&c->transport, kind, &ours));
	assert_int_equal(ours.len, len);
	assert_memory_equal(theirs, ours.data, len);
	str_free(&ours);
}

static void
has_the_same_channel_binding_as_the_server(void **state)
{
	struct tls_params params = trusting_ca();
	struct server_plan plan = { "good", NULL, .serve = send_bindings };
	struct str none = { 0 };
	struct client c;

	(void)state;
	open_or_fail(&c, &params, &plan);
	expect_binding(&c, TLS_BINDING_EXPORTER, 32);
	assert_false(
	    tls_channel_binding(&c.transport, TLS_BINDING_UNIQUE, &none));
	exchange_greetings(&c);
	close_client(&c);

	/* With false start the handshake is complete after the first read. */
	plan.priorities = TLS_1_2;
	open_or_fail(&c, &params, &plan);
	assert_true(tls_is_verified(&c.transport));
	assert_false(
	    tls_channel_binding(&c.transport, TLS_BINDING_UNIQUE, &none));
	assert_int_equal(none.len, 0);
	expect_binding(&c, TLS_BINDING_EXPORTER, 32);
	expect_binding(&c, TLS_BINDING_UNIQUE, 12);
	exchange_greetings(&c);
	close_client(&c);

	/* Without extended master secret there is no tls-exporter. */
	plan.priorities = TLS_1_2 ":%NO_SESSION_HASH";
	plan.serve = greet;
	open_or_fail(&c, &params, &plan);
	exchange_greetings(&c);
	assert_false(
	    tls_channel_binding(&c.transport, TLS_BINDING_EXPORTER, &none));
	assert_true(
	    tls_channel_binding(&c.transport, TLS_BINDING_UNIQUE, &none));
	close_client(&c);
	str_free(&none);
}

static void
describes_the_certificate_of_the_server(void **state)
{
	struct tls_params params = trusting_ca();
	struct server_plan plan = { "good", NULL, .serve = greet };
	struct str text = { 0 };
	struct tls_peer peer;
	struct client c;

	(void)state;
	params.certcheck = CERTCHECK_OFF;
	open_or_fail(&c, &params, &plan);
	assert_true(tls_peer_info(&c.transport, 0, &peer));
	assert_string_equal(peer.subject.data, "CN=good,O=Veredus Tests");
	assert_string_equal(peer.issuer.data, "CN=Test CA,O=Veredus Tests");
	assert_string_equal(peer.names.data,
	    "mx.test, localhost, 127.0.0.1, ::1");
	assert_int_equal(strlen(peer.sha256.certificate), 64);
	assert_int_equal(strlen(peer.sha256.key), 64);
	assert_int_equal(peer.expiration - peer.activation, 31 * 86400);
	tls_describe(&c.transport, &text);
	assert_non_null(strstr(text.data, " unverified"));
	exchange_greetings(&c);
	close_client(&c);

	/* The same certificate, verified by its fingerprint. */
	params.certcheck = CERTCHECK_DEFAULT;
	strv_add(&params.fingerprints, peer.sha256.certificate);
	tls_peer_free(&peer);
	str_truncate(&text, 0);
	open_or_fail(&c, &params, &plan);
	tls_describe(&c.transport, &text);
	assert_non_null(strstr(text.data, " pinned"));
	exchange_greetings(&c);
	close_client(&c);
	strv_free(&params.fingerprints);
	str_free(&text);
}

static void
returns_the_certificates_in_the_order_of_the_server(void **state)
{
	struct tls_params params = trusting_ca();
	struct server_plan plan = { "chained", NULL, .serve = greet };
	struct tls_peer own, next, none;
	struct client c;

	(void)state;
	open_or_fail(&c, &params, &plan);
	assert_true(tls_peer_info(&c.transport, 0, &own));
	assert_true(tls_peer_info(&c.transport, 1, &next));
	assert_false(tls_peer_info(&c.transport, 2, &none));
	assert_string_equal(own.subject.data, "CN=chained,O=Veredus Tests");
	assert_string_equal(own.issuer.data, next.subject.data);
	assert_string_equal(next.issuer.data, "CN=Test CA,O=Veredus Tests");
	assert_string_not_equal(own.sha256.key, next.sha256.key);
	exchange_greetings(&c);
	close_client(&c);
	tls_peer_free(&own);
	tls_peer_free(&next);
	tls_peer_free(&none);
}

static void
returns_nothing_about_a_transport_without_tls(void **state)
{
	struct transport t = { .fd_plus_1 = 0 };
	struct str text = { 0 };
	struct tls_peer peer;

	(void)state;
	tls_describe(&t, &text);
	assert_int_equal(text.len, 0);
	assert_false(tls_is_verified(&t));
	assert_false(tls_sent_certificate(&t));
	assert_false(tls_peer_info(&t, 0, &peer));
	tls_peer_free(&peer);
	assert_false(tls_channel_binding(&t, TLS_BINDING_EXPORTER, &text));
	tls_context_free(NULL);
}

/* Sends the requested name, or "-" if there is none. */
static int
send_server_name(gnutls_session_t tls, int fd)
{
	char name[100];
	size_t size = sizeof(name);
	unsigned type;

	(void)fd;
	if (gnutls_server_name_get(tls, name, &size, &type, 0) != 0)
		strcpy(name, "-");
	gnutls_record_send(tls, name, strlen(name));
	return 0;
}

static void
sends_the_expected_name_as_sni(void **state)
{
	static const struct {
		const char *host, *override, *asked;
	} cases[] = { { "mx.test.", NULL, "mx.test" },
		{ "127.0.0.1", NULL, "-" },
		{ "127.0.0.1", "mx.test", "mx.test" },
		{ "mx.test", "localhost", "localhost" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_plan plan = { "good", .serve = send_server_name };
		struct tls_params params = trusting_ca();
		struct client c;
		char buf[100] = "";

		params.host_override = (char *)cases[i].override;
		open_client(&c, &params, cases[i].host, &plan);
		assert_true(c.ok);
		assert_true(client_read(&c, buf, sizeof(buf) - 1) > 0);
		assert_string_equal(buf, cases[i].asked);
		close_client(&c);
	}
}

static void
rejects_an_invalid_host(void **state)
{
	struct server_plan plan = { .instead = send_nothing };
	struct tls_params params = trusting_ca();
	struct client c;

	(void)state;
	open_client(&c, &params, "mx test", &plan);
	assert_false(c.ok);
	assert_int_equal(c.err.kind, ERROR_CONFIG);
	close_client(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_no_version_below_the_minimum),
		cmocka_unit_test(fails_with_servers_that_do_not_use_tls),
		cmocka_unit_test(
		    sends_its_certificate_if_the_server_requests_one),
		cmocka_unit_test(
		    reports_that_the_server_requires_a_certificate),
		cmocka_unit_test(has_the_same_channel_binding_as_the_server),
		cmocka_unit_test(describes_the_certificate_of_the_server),
		cmocka_unit_test(
		    returns_the_certificates_in_the_order_of_the_server),
		cmocka_unit_test(returns_nothing_about_a_transport_without_tls),
		cmocka_unit_test(sends_the_expected_name_as_sni),
		cmocka_unit_test(rejects_an_invalid_host),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
