/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs SASL mechanisms with libgsasl, and checks what libgsasl does not check. */
#include "auth/sasl.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/base64.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * The iteration counts that a SCRAM server may choose.  RFC 7677 requires 4096
 * or more; the maximum prevents a server from keeping the client busy.
 */
#define ITERATIONS_MIN 4096
#define ITERATIONS_MAX 1000000

struct sasl {
	Gsasl *library;
	Gsasl_session *session;
	char *mechanism;
	char *peer;     /* "smtp@mail.example.org" */
	unsigned steps; /* so far */
};

static const char *
library_version(void)
{
	return gsasl_check_version(NULL);
}

static bool
has(const char *mechanism)
{
	Gsasl *library;
	bool has;

	if (gsasl_init(&library) != GSASL_OK)
		return false;
	has = gsasl_client_support_p(library, mechanism) != 0;
	gsasl_done(library);
	return has;
}

static bool
starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
is_kerberos(const char *mechanism)
{
	return strcmp(mechanism, "GSSAPI") == 0
	    || strcmp(mechanism, "GS2-KRB5") == 0;
}

/* Sets a channel binding in base64; one that is empty stays unset. */
static int
set_binding(Gsasl_session *session, Gsasl_property property,
    const struct str *binding)
{
	struct str encoded = { 0 };
	int rc;

	if (binding == NULL || binding->len == 0)
		return GSASL_OK;
	base64_encode(&encoded, str_text(binding), binding->len);
	rc = gsasl_property_set(session, property, str_text(&encoded));
	str_wipe(&encoded);
	return rc;
}

/*
 * Appends the domain to the user of NTLM: libgsasl sends GSASL_REALM in the
 * first message only, and in the response the part after "@".
 */
static char *
user_with_domain(const struct sasl_input *input)
{
	if (input->domain == NULL || input->user == NULL
	    || strcmp(input->mechanism, "NTLM") != 0
	    || strchr(input->user, '@') != NULL)
		return alloc_string(input->user);
	return alloc_printf("%s@%s", input->user, input->domain);
}

static int
set_properties(Gsasl_session *session, const struct sasl_input *input)
{
	char *user = user_with_domain(input);
	bool kerberos = is_kerberos(input->mechanism);
	const struct {
		Gsasl_property property;
		const char *value;
	} rows[] = {
		{ GSASL_AUTHID, user },
		{ GSASL_PASSWORD, kerberos ? NULL : input->password },
		{ GSASL_AUTHZID, kerberos ? input->user : NULL },
		{ GSASL_SERVICE, input->service },
		{ GSASL_HOSTNAME, input->host },
		{ GSASL_REALM, input->domain },
	};
	int rc = GSASL_OK;

	for (size_t i = 0; i < COUNT_OF(rows) && rc == GSASL_OK; i++)
		if (rows[i].value != NULL)
			rc = gsasl_property_set(session, rows[i].property,
			    rows[i].value);
	free(user);
	if (rc == GSASL_OK)
		rc = set_binding(session, GSASL_CB_TLS_EXPORTER,
		    input->binding_exporter);
	if (rc == GSASL_OK)
		rc = set_binding(session, GSASL_CB_TLS_UNIQUE,
		    input->binding_unique);
	return rc;
}

/* Overwrites the copies of the secret, which libgsasl only releases. */
static void
wipe_properties(Gsasl_session *session)
{
	static const Gsasl_property secrets[] = { GSASL_PASSWORD,
		GSASL_SCRAM_SALTED_PASSWORD, GSASL_DIGEST_MD5_HASHED_PASSWORD };

	for (size_t i = 0; i < COUNT_OF(secrets); i++) {
		const char *value = gsasl_property_fast(session, secrets[i]);

		if (value != NULL)
			secret_wipe((char *)value, strlen(value));
	}
}

static void
end(struct sasl *sasl)
{
	if (sasl == NULL)
		return;
	if (sasl->session != NULL) {
		wipe_properties(sasl->session);
		gsasl_finish(sasl->session);
	}
	if (sasl->library != NULL)
		gsasl_done(sasl->library);
	free(sasl->mechanism);
	free(sasl->peer);
	free(sasl);
}

static bool
begin(const struct sasl_input *input, struct sasl **sasl, struct error *err)
{
	struct sasl *new = alloc_zeroed(1, sizeof(*new));
	int rc = gsasl_init(&new->library);

	new->mechanism = alloc_string(input->mechanism);
	new->peer = alloc_printf("%s@%s", input->service, input->host);
	if (rc == GSASL_OK)
		rc = gsasl_client_start(new->library, input->mechanism,
		    &new->session);
	if (rc == GSASL_OK)
		rc = set_properties(new->session, input);
	*sasl = new;
	if (rc == GSASL_OK)
		return true;
	end(new);
	*sasl = NULL;
	return error_set(err, ERROR_CONFIG, "libgsasl cannot use %s: %s",
	    input->mechanism, gsasl_strerror(rc));
}

/*
 * RFC 5802 section 7:
 *
 *   server-first-message = [reserved-mext ","] nonce "," salt ","
 *                          iteration-count ["," extensions]
 *   iteration-count      = "i=" posit-number
 */
static bool
check_iterations(const struct str *challenge, struct error *err)
{
	const char *count = strstr(str_text(challenge), ",i=");
	unsigned long long value;
	char *digits;
	bool ok;

	if (count == NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the server's SCRAM challenge has no iteration count");
	count += strlen(",i=");
	digits = alloc_string_n(count, strcspn(count, ","));
	ok = text_number(digits, ITERATIONS_MIN, ITERATIONS_MAX, &value);
	if (!ok)
		error_reject(err, STAGE_AUTH,
		    "the server requires %s SCRAM iterations, but only %d to "
		    "%d are allowed: ask its administrator, or set another "
		    "\"auth\"",
		    digits, ITERATIONS_MIN, ITERATIONS_MAX);
	free(digits);
	return ok;
}

/* Step 2 gets the server-first-message, step 3 the server-final-message. */
static bool
check_scram(const struct sasl *sasl, const struct str *challenge,
    struct error *err)
{
	if (sasl->steps == 2)
		return check_iterations(challenge, err);
	if (sasl->steps == 3 && starts_with(str_text(challenge), "e="))
		return error_reject(err, STAGE_AUTH,
		    "the server rejected the SCRAM proof: %s",
		    str_text(challenge) + strlen("e="));
	return true;
}

static bool
check_challenge(const struct sasl *sasl, const struct str *challenge,
    struct error *err)
{
	/* libgsasl ignores what follows a NUL, except in binary messages. */
	if (challenge != NULL && !is_kerberos(sasl->mechanism)
	    && strcmp(sasl->mechanism, "NTLM") != 0
	    && memchr(str_text(challenge), '\0', challenge->len) != NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the server's %s challenge contains a NUL octet",
		    sasl->mechanism);
	if (challenge == NULL || !starts_with(sasl->mechanism, "SCRAM-"))
		return true;
	return check_scram(sasl, challenge, err);
}

static bool
is_kerberos_failure(int rc)
{
	return rc >= GSASL_GSSAPI_RELEASE_BUFFER_ERROR
	    && rc <= GSASL_GSSAPI_UNSUPPORTED_PROTECTION_ERROR;
}

static bool
step_failed(const struct sasl *sasl, int rc, struct error *err)
{
	if (rc == GSASL_SASLPREP_ERROR)
		return error_set(err, ERROR_CONFIG,
		    "user or password contains a character that %s cannot send "
		    "(SASLprep, RFC 4013), or is not UTF-8",
		    sasl->mechanism);
	if (is_kerberos_failure(rc))
		return error_reject(err, STAGE_AUTH,
		    "Kerberos cannot authenticate with %s to %s: %s (is there a "
		    "ticket? see klist)",
		    sasl->mechanism, sasl->peer, gsasl_strerror(rc));
	if (rc == GSASL_AUTHENTICATION_ERROR || rc == GSASL_INTEGRITY_ERROR)
		return error_reject(err, STAGE_AUTH,
		    "the server did not prove that it knows the password, as %s "
		    "requires: it may be an impostor",
		    sasl->mechanism);
	return error_set(err, ERROR_PROTOCOL,
	    "the server's %s challenge is invalid: %s", sasl->mechanism,
	    gsasl_strerror(rc));
}

/* libgsasl releases copies of the password as they are: in another character set,
 * and for DIGEST-MD5 together with the user and the realm of the challenge. */
static void
wipe_released(const struct sasl *sasl, const struct str *challenge)
{
	const char *user = gsasl_property_fast(sasl->session, GSASL_AUTHID);
	const char *password =
	    gsasl_property_fast(sasl->session, GSASL_PASSWORD);
	size_t len;

	if (user == NULL || password == NULL)
		return;
	len = strlen(password);
	secret_wipe_released(len / 2,
	    strlen(user) + (challenge == NULL ? 0 : challenge->len) + len
		+ sizeof("::"));
}

static bool
step(struct sasl *sasl, const struct str *challenge, struct str *response,
    bool *done, struct error *err)
{
	char *output = NULL;
	size_t len = 0;
	int rc;

	*done = false;
	sasl->steps++;
	if (!check_challenge(sasl, challenge, err))
		return false;
	rc = gsasl_step(sasl->session,
	    challenge == NULL ? NULL : str_text(challenge),
	    challenge == NULL ? 0 : challenge->len, &output, &len);
	wipe_released(sasl, challenge);
	if (output != NULL) {
		str_append(response, output, len);
		secret_wipe(output, len);
		gsasl_free(output);
	}
	*done = rc == GSASL_OK;
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE)
		return true;
	return step_failed(sasl, rc, err);
}

ATTR_EXPORT const struct sasl_library sasl_gsasl_library = { library_version,
	has, begin, step, end };
