/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TLS server in a child process at the other end of a socket pair, and a
 * client for it.  tests/certs.py makes the certificates.
 */
#ifndef VEREDUS_TESTS_TLS_SERVER_H
#define VEREDUS_TESTS_TLS_SERVER_H

#include "unit.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "tls/ca_lookup.h"
#include "tls/library.h"
#include "tls/tls.h"

/* A server exits after this time, even if the test does not. */
#define SERVER_SECONDS 60
#define CLIENT_SECONDS 30
#define TINY_BUFFER 4096
#define GREETING "220 mx.test\r\n"

struct server_plan {
	const char *certificate; /* "good" is good.pem and good.key */
	const char *priorities;  /* NULL: NORMAL */
	const char *client_ca;   /* requests a certificate of this CA */
	const char *ocsp;        /* a file with the stapled response */
	unsigned repeat; /* number of copies of the certificate to send */
	bool whole_file; /* sends all certificates of the file */
	bool garbage;    /* also sends an invalid certificate */
	bool tiny;       /* uses small socket buffers */
	/* Runs after the handshake; returns the exit status. */
	int (*serve)(gnutls_session_t tls, int fd);
	int (*instead)(int fd); /* runs instead of TLS */
	/* The push function of the server, or NULL; ptr is the fd. */
	gnutls_vec_push_func push;
};

struct client {
	struct transport transport;
	struct tls_context *context;
	struct error err;
	pid_t server;
	bool ok; /* the handshake succeeded */
};

static char tls_folder[] = "/tmp/veredus-tls-XXXXXX";

/* Returns the path of a file of certs.py, in one of eight static buffers. */
static char *
cert_path(const char *file, const char *end)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % COUNT_OF(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s%s", tls_folder, file, end);
	return path;
}

static int
make_certificates(void **state)
{
	const char *source = getenv("srcdir");
	char *command;
	int status;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(tls_folder) == NULL || gnutls_global_init() < 0)
		return -1;
	command =
	    alloc_printf("exec /usr/bin/python3 -B '%s/tests/certs.py' '%s'",
		source ? source : ".", tls_folder);
	status = system(command);
	free(command);
	return status;
}

static int
remove_certificates(void **state)
{
	char *command = alloc_printf("exec rm -r '%s'", tls_folder);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

static void
read_file(const char *path, struct str *text)
{
	struct file_rules rules = { .max = 1 << 20 };

	if (!file_read(path, &rules, text, NULL, NULL))
		_exit(90);
}

static gnutls_datum_t
read_datum(const char *certificate, const char *end)
{
	struct str text = { 0 };

	read_file(cert_path(certificate, end), &text);
	return (
	    gnutls_datum_t){ (unsigned char *)text.data, (unsigned)text.len };
}

static void
use_key(gnutls_certificate_credentials_t credentials, const char *certificate,
    gnutls_pcert_st *chain, unsigned count)
{
	gnutls_datum_t data = read_datum(certificate, ".key");
	gnutls_privkey_t private_key;

	gnutls_privkey_init(&private_key);
	if (gnutls_privkey_import_x509_raw(private_key, &data,
		GNUTLS_X509_FMT_PEM, NULL, 0))
		_exit(91);
	if (gnutls_certificate_set_key(credentials, NULL, 0, chain, (int)count,
		private_key))
		_exit(92);
}

/* Sends the certificate several times, which is not a valid chain. */
static void
use_repeated(gnutls_certificate_credentials_t credentials,
    const struct server_plan *plan)
{
	gnutls_datum_t data = read_datum(plan->certificate, ".pem");
	gnutls_pcert_st *chain = alloc_zeroed(plan->repeat, sizeof(*chain));

	for (unsigned i = 0; i < plan->repeat; i++)
		gnutls_pcert_import_x509_raw(&chain[i], &data,
		    GNUTLS_X509_FMT_PEM, 0);
	use_key(credentials, plan->certificate, chain, plan->repeat);
}

/* Sends all certificates of the file, whether they form a chain or not. */
static void
use_whole_file(gnutls_certificate_credentials_t credentials,
    const struct server_plan *plan)
{
	gnutls_datum_t data = read_datum(plan->certificate, ".pem");
	unsigned count = 8;
	gnutls_pcert_st *chain = alloc_zeroed(count, sizeof(*chain));

	if (gnutls_pcert_list_import_x509_raw(chain, &count, &data,
		GNUTLS_X509_FMT_PEM, 0))
		_exit(96);
	if (plan->garbage) {
		chain[count].type = GNUTLS_CRT_X509;
		chain[count++].cert =
		    (gnutls_datum_t){ (unsigned char *)GREETING, 10 };
	}
	use_key(credentials, plan->certificate, chain, count);
}

/* Staples any file.  The function of GnuTLS for this would check the
 * response. */
static int
staple_response(gnutls_session_t tls, void *file, gnutls_datum_t *proof)
{
	struct str text = { 0 };

	(void)tls;
	read_file(file, &text);
	proof->data = gnutls_malloc(text.len);
	proof->size = (unsigned)text.len;
	memcpy(proof->data, text.data, text.len);
	str_free(&text);
	return 0;
}

static void
set_up_server(gnutls_session_t tls, const struct server_plan *plan)
{
	gnutls_certificate_credentials_t credentials;

	gnutls_certificate_allocate_credentials(&credentials);
	if (plan->repeat)
		use_repeated(credentials, plan);
	else if (plan->whole_file)
		use_whole_file(credentials, plan);
	else if (gnutls_certificate_set_x509_key_file(credentials,
		     cert_path(plan->certificate, ".pem"),
		     cert_path(plan->certificate, ".key"), GNUTLS_X509_FMT_PEM))
		_exit(93);
	if (plan->ocsp)
		gnutls_certificate_set_ocsp_status_request_function(credentials,
		    staple_response, cert_path(plan->ocsp, ".ocsp"));
	if (plan->client_ca) {
		gnutls_certificate_set_x509_trust_file(credentials,
		    cert_path(plan->client_ca, ".pem"), GNUTLS_X509_FMT_PEM);
		gnutls_certificate_server_set_request(tls, GNUTLS_CERT_REQUIRE);
	}
	if (gnutls_priority_set_direct(tls,
		plan->priorities ? plan->priorities : "NORMAL", NULL))
		_exit(94);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
}

static int
serve_tls(const struct server_plan *plan, int fd)
{
	gnutls_session_t tls;
	int status;

	gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	set_up_server(tls, plan);
	gnutls_transport_set_int(tls, fd);
	if (plan->push)
		gnutls_transport_set_vec_push_function(tls, plan->push);
	do
		status = gnutls_handshake(tls);
	while (status < 0 && !gnutls_error_is_fatal(status));
	if (status < 0) {
		gnutls_alert_send_appropriate(tls, status);
		return 95;
	}
	return plan->serve ? plan->serve(tls, fd) : 0;
}

static pid_t
start_server(const struct server_plan *plan, int *fd)
{
	int pair[2], size = TINY_BUFFER;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     pair),
	    0);
	for (int i = 0; i < 2 && plan->tiny; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pair[0]);
		alarm(SERVER_SECONDS);
		_exit(plan->instead ? plan->instead(pair[1])
				    : serve_tls(plan, pair[1]));
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

/* Prepares, connects and starts TLS.  The result is in c. */
ATTR_UNUSED static void
open_with_policy(struct client *c, const struct tls_params *params,
    const char *host, const struct tls_policy *policy,
    const struct server_plan *plan)
{
	const struct tls_target target = { .host = host, .policy = policy };
	int fd;

	*c = (struct client){ .server = 0 };
	if (!tls_prepare(params, &c->context, &c->err))
		return;
	c->server = start_server(plan, &fd);
	transport_init_socket(&c->transport, fd);
	c->ok = tls_start(c->context, &c->transport, &target,
	    clock_after_seconds(CLIENT_SECONDS), &c->err);
}

ATTR_UNUSED static void
open_client(struct client *c, const struct tls_params *params, const char *host,
    const struct server_plan *plan)
{
	open_with_policy(c, params, host, NULL, plan);
}

/* Closes the connection.  Returns the exit status of the server, or -1 if a
 * signal ended the server. */
ATTR_UNUSED static int
close_client(struct client *c)
{
	int status = 0;

	transport_close(&c->transport);
	tls_context_free(c->context);
	error_free(&c->err);
	if (c->server > 0)
		assert_int_equal(waitpid(c->server, &status, 0), c->server);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

ATTR_UNUSED static bool
wait_for(struct client *c, ssize_t want)
{
	short ready;

	return transport_wait(&c->transport,
	    want == TRANSPORT_WANT_WRITE ? POLLOUT : POLLIN,
	    clock_after_seconds(CLIENT_SECONDS), &ready, &c->err);
}

/* Waits for input; returns its length, 0 at the end, or TRANSPORT_FAILED. */
ATTR_UNUSED static ssize_t
client_read(struct client *c, void *buf, size_t len)
{
	struct transport *t = &c->transport;
	ssize_t n;

	while ((n = t->read(t, buf, len, &c->err)) < TRANSPORT_FAILED)
		if (!wait_for(c, n))
			return TRANSPORT_FAILED;
	return n;
}

/* Writes and flushes the data. */
ATTR_UNUSED static bool
client_write(struct client *c, const char *data, size_t len)
{
	struct transport *t = &c->transport;

	for (;;) {
		ssize_t n = len > 0 ? t->write(t, data, len, &c->err)
				    : t->flush(t, &c->err);

		if (n == TRANSPORT_FAILED)
			return false;
		if (n < 0 && !wait_for(c, n))
			return false;
		if (n > 0 && len == 0)
			return true;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

/* Sends a greeting and expects it back. */
ATTR_UNUSED static int
greet(gnutls_session_t tls, int fd)
{
	char buf[64];
	ssize_t n;

	(void)fd;
	gnutls_record_send(tls, GREETING, strlen(GREETING));
	do
		n = gnutls_record_recv(tls, buf, sizeof(buf));
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	gnutls_bye(tls, GNUTLS_SHUT_WR);
	return n == (ssize_t)strlen(GREETING) ? 0 : 1;
}

/* The client for greet(); the server closes at the end. */
ATTR_UNUSED static void
exchange_greetings(struct client *c)
{
	char buf[64];
	ssize_t n = client_read(c, buf, sizeof(buf));

	if (n != (ssize_t)strlen(GREETING))
		fail_msg("no greeting: %s", c->err.text ? c->err.text : "end");
	assert_memory_equal(buf, GREETING, (size_t)n);
	assert_true(client_write(c, buf, (size_t)n));
	assert_int_equal(client_read(c, buf, sizeof(buf)), 0);
}

#endif
