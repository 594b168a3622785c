/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_names.h"
#include "error_says.h"
#include "tls_server.h"

#include <sys/stat.h>

/* A user who owns no files, for tests that run as root. */
#define OTHER_UID 65534

/* The path of this program, which a test runs again to check the actions
 * before main(). */
static const char *program;

/* Each row changes one setting of a valid configuration.  "@" stands for the
 * folder with the certificates. */
static const struct {
	const char *title;
	const char *trust, *crl, *key, *certificate, *priorities;
	const char *override;
	int version;
	const char *error; /* NULL: accepted */
} rows[] = {
	{ "nothing", .error = NULL },
	{ "two authorities", .trust = "@both.pem" },
	{ "no trust file", .trust = "@missing.pem",
	    .error = "tls_trust_file: cannot read" },
	{ "an empty trust file", .trust = "@empty.pem", .error = "is empty" },
	{ "garbage to trust", .trust = "@garbage.pem",
	    .error = "contains an invalid certificate" },
	{ "text to trust", .trust = "@text.pem",
	    .error = "tls_trust_file: @text.pem contains no " },
	{ "a key to trust", .trust = "@good.key",
	    .error = "good.key contains a key, not a certificate" },
	{ "a directory to trust", .trust = "@", .error = "a directory" },
	{ "a device to trust", .trust = "/dev/null", .error = "not a regular" },
	{ "a pipe to trust", .trust = "@pipe", .error = "not a regular" },
	{ "a revocation list", .crl = "@crl.pem" },
	{ "no revocation list", .crl = "@missing.pem",
	    .error = "tls_crl_file: cannot read" },
	{ "an empty list", .crl = "@empty.pem", .error = "is empty" },
	{ "a certificate as a list", .crl = "@ca.pem",
	    .error = "ca.pem contains a certificate, not a revocation list" },
	{ "a key and a certificate", .key = "@client.key",
	    .certificate = "@client.pem" },
	{ "a key alone", .key = "@client.key",
	    .error = "tls_key_file: it has no effect without tls_cert_file" },
	{ "a certificate alone", .certificate = "@client.pem",
	    .error = "tls_cert_file: it has no effect without tls_key_file" },
	{ "no such key", .key = "@missing.key", .certificate = "@client.pem",
	    .error = "tls_key_file: cannot read" },
	{ "no such certificate", .key = "@client.key",
	    .certificate = "@missing.pem",
	    .error = "tls_cert_file: cannot read" },
	{ "the key of another", .key = "@good.key",
	    .certificate = "@client.pem",
	    .error = "tls_key_file: cannot use the key" },
	{ "a certificate as a key", .key = "@client.pem",
	    .certificate = "@client.pem",
	    .error = "client.pem contains a certificate, not a key" },
	{ "a key as a certificate", .key = "@client.key",
	    .certificate = "@client.key",
	    .error = "client.key contains a key, not a certificate" },
	{ "key and certificate swapped", .key = "@client.pem",
	    .certificate = "@client.key",
	    .error = "tls_key_file: it is swapped with tls_cert_file" },
	{ "a key with a passphrase", .key = "@locked.key",
	    .certificate = "@client.pem", .error = "is encrypted" },
	{ "no such token", .key = "pkcs11:token=none;object=none",
	    .certificate = "pkcs11:token=none;object=none",
	    .error = "cannot use the key pkcs11:token=none" },
	{ "priorities", .priorities = "SECURE256:+VERS-TLS1.3" },
	{ "wrong priorities", .priorities = "NORMAL:+NONSENSE:+VERS-TLS1.3",
	    .error = "GnuTLS does not know \"+NONSENSE\"," },
	{ "priorities that leave nothing", .priorities = "NORMAL:-VERS-ALL",
	    .error = "\"NORMAL:-VERS-ALL\" does not leave a TLS version" },
	{ "another name", .override = "mx.example." },
	{ "a name that is none", .override = "mx example",
	    .error = "tls_host_override: " },
	{ "TLS 1.0", .version = 10 },
	{ "TLS 1.1", .version = 11 },
	{ "TLS 1.2", .version = 12 },
	{ "TLS 1.3", .version = 13 },
	{ "TLS 1.4", .version = 14, .error = "tls_min_version" },
};

/* So that --check can tell where the setting is. */
static bool
is_about_setting(const struct error *err)
{
	return err->subject != NULL && option_find(err->subject) != NULL;
}

/* Replaces "@" by the folder; returns NULL for NULL. */
static char *
expand(const char *text)
{
	const char *at = text ? strchr(text, '@') : NULL;

	if (at == NULL)
		return alloc_string(text);
	return alloc_printf("%.*s%s/%s", (int)(at - text), text, tls_folder,
	    at + 1);
}

static void
free_params(struct tls_params *params)
{
	free(params->trust_file);
	free(params->crl_file);
	free(params->key_file);
	free(params->cert_file);
	free(params->priorities);
	free(params->host_override);
	strv_free(&params->fingerprints);
}

static void
checks_every_setting_before_connecting(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tls_params params = {
			.trust_file =
			    expand(rows[i].trust ? rows[i].trust : "@ca.pem"),
			.crl_file = expand(rows[i].crl),
			.key_file = expand(rows[i].key),
			.cert_file = expand(rows[i].certificate),
			.priorities = alloc_string(rows[i].priorities),
			.host_override = alloc_string(rows[i].override),
			.min_version = rows[i].version,
		};
		char *error = expand(rows[i].error);
		struct tls_context *context;
		struct error err = { 0 };
		bool ok;

		ok = tls_prepare(&params, &context, &err)
		    && tls_load(context, &err);
		if (ok != (error == NULL)
		    || (!ok
			&& (err.kind != ERROR_CONFIG || !is_about_setting(&err)
			    || !error_says(&err, error))))
			fail_msg("%s: %s", rows[i].title, err.text);
		assert_true(!ok || context != NULL);
		tls_context_free(context);
		free_params(&params);
		error_free(&err);
		free(error);
	}
}

static void
rejects_unreadable_files(void **state)
{
	struct tls_params params = { .trust_file = cert_path("ca2.pem", "") };
	struct tls_context *context;
	struct error err = { 0 };
	bool root = geteuid() == 0;

	(void)state;
	assert_int_equal(chmod(params.trust_file, 0), 0);
	if (root)
		assert_int_equal(seteuid(OTHER_UID), 0);
	assert_false(tls_prepare(&params, &context, &err));
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
}

static void
prepares_nothing_when_off(void **state)
{
	struct tls_params params = { .mode = TLS_OFF,
		.trust_file = "/missing" };
	struct tls_context *context;
	struct str text = { 0 };

	(void)state;
	assert_true(tls_prepare(&params, &context, NULL));
	assert_null(context);
	assert_true(tls_is_available());
	tls_describe_library(&text);
	assert_memory_equal(str_text(&text), "GnuTLS 3.", 9);
	str_free(&text);
}

/* The program must skip the constructor of GnuTLS, so that GnuTLS does not
 * read the environment before main() has cleaned it. */
static void
starts_gnutls_at_first_use_only(void **state)
{
	char *command =
	    alloc_printf("GNUTLS_DEBUG_LEVEL=9 exec '%s' idle 2>&1", program);
	FILE *pipe = popen(command, "r");
	int c = getc(pipe);

	(void)state;
	free(command);
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(c, EOF);
}

static int
make_files(void **state)
{
	if (make_certificates(state) != 0)
		return -1;
	return mkfifo(cert_path("pipe", ""), 0600);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_every_setting_before_connecting),
		cmocka_unit_test(rejects_unreadable_files),
		cmocka_unit_test(prepares_nothing_when_off),
		cmocka_unit_test(starts_gnutls_at_first_use_only),
	};

	if (argc > 1)
		return 0;
	program = argv[0];
	return cmocka_run_group_tests(tests, make_files, remove_certificates);
}
