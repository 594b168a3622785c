/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of SASL mechanisms.  Chooses one of those that a server offers,
 * and tells why the others are not used.
 */
#include "auth/mechanism.h"

#include <string.h>

#include "auth/sasl.h"
#include "base/attr.h"
#include "base/text.h"

/* The maximum number of offered mechanisms in an error. */
#define LISTED_MAX 16
/* The maximum length of a mechanism's name (RFC 4422 section 3.1). */
#define NAME_MAX_LEN 20

#define SCRAM (MECHANISM_USER | MECHANISM_PASSWORD)
#define SHOWN (MECHANISM_USER | MECHANISM_PASSWORD | MECHANISM_SHOWS_SECRET)
#define WEAK (MECHANISM_USER | MECHANISM_PASSWORD | MECHANISM_WEAK)

/* The mechanisms in order of preference. */
static const struct mechanism mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", "scram-sha-256-plus", SCRAM | MECHANISM_BINDING,
	    NULL },
	{ "SCRAM-SHA-1-PLUS", "scram-sha-1-plus", SCRAM | MECHANISM_BINDING,
	    NULL },
	{ "SCRAM-SHA-256", "scram-sha-256", SCRAM, NULL },
	{ "SCRAM-SHA-1", "scram-sha-1", SCRAM, NULL },
	{ "EXTERNAL", "external", MECHANISM_CERTIFICATE, simple_external },
	{ "GSSAPI", "gssapi", MECHANISM_TICKET, NULL },
	{ "GS2-KRB5", "gs2-krb5", MECHANISM_TICKET, NULL },
	{ "PLAIN", "plain", SHOWN, simple_plain },
	{ "LOGIN", "login", SHOWN | MECHANISM_SERVER_FIRST, simple_login },
	{ "OAUTHBEARER", "oauthbearer", SHOWN | MECHANISM_TOKEN,
	    simple_oauthbearer },
	{ "XOAUTH2", "xoauth2", SHOWN | MECHANISM_TOKEN, simple_xoauth2 },
	{ "DIGEST-MD5", "digest-md5", WEAK | MECHANISM_SERVER_FIRST, NULL },
	{ "CRAM-MD5", "cram-md5", WEAK | MECHANISM_SERVER_FIRST, NULL },
	{ "NTLM", "ntlm", WEAK, NULL },
};

bool
mechanism_is(const struct mechanism *m, enum mechanism_trait trait)
{
	return (m->traits & trait) != 0;
}

/* The name of SASL and the setting differ in case only. */
static const struct mechanism *
find_mechanism(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (text_equal_nocase(mechanisms[i].name, name))
			return &mechanisms[i];
	return NULL;
}

/*
 * The following functions return why a mechanism cannot be used, or NULL.  In
 * these texts "@" stands for the value of `auth` that names the mechanism.
 */

static const char not_built[] = "not supported by this build or its libgsasl";

static const char *
check_settings(const struct mechanism *m, const struct auth_params *params)
{
	if (m->respond == NULL && !sasl_is_available())
		return not_built;
	if (mechanism_is(m, MECHANISM_USER) && params->user == NULL)
		return "needs a user name: set \"user\"";
	if (mechanism_is(m, MECHANISM_PASSWORD)
	    && !secret_is_set(&params->password))
		return "needs a password: set \"passwordeval\" or "
		       "\"passwordfile\"";
	return NULL;
}

/* Checks what "on" does not choose. */
static const char *
check_by_name_only(const struct mechanism *m, const struct auth_params *params)
{
	if (params->is_token)
		return mechanism_is(m, MECHANISM_TOKEN)
		    ? NULL
		    : "needs a password, and this account has an access token";
	if (mechanism_is(m, MECHANISM_WEAK))
		return "weak, used only by name: \"auth @\"";
	if (mechanism_is(m, MECHANISM_TOKEN))
		return "needs an access token, used only by name: \"auth @\"";
	if (mechanism_is(m, MECHANISM_TICKET)
	    && secret_is_set(&params->password))
		return "needs a Kerberos ticket, used with a password only by "
		       "name: \"auth @\"";
	return NULL;
}

/* Checks what the session must have, with "on" and by name. */
static const char *
check_session(const struct mechanism *m, const struct auth_offer *offer,
    const struct auth_params *params)
{
	if (mechanism_is(m, MECHANISM_BINDING) && !offer->has_binding)
		return "this session has no TLS channel binding";
	if (!mechanism_is(m, MECHANISM_CERTIFICATE))
		return NULL;
	/* On this machine the server may know the user of the socket. */
	if (!offer->encrypted && offer->local)
		return NULL;
	if (!params->has_certificate || !offer->encrypted)
		return "needs TLS with a client certificate: set "
		       "\"tls_cert_file\" and \"tls_key_file\"";
	if (!offer->sent_certificate)
		return "the server did not request a client certificate";
	return NULL;
}

/* Whether the session is safe, as auth/mechanism.h defines it. */
static bool
is_safe(const struct auth_offer *offer, const struct auth_params *params)
{
	if (params->cleartext && offer->local)
		return true;
	return offer->encrypted && (params->unverified || offer->verified);
}

/* Checks what is used in a safe session only; this one is not safe. */
static const char *
check_unsafe(const struct mechanism *m, const struct auth_offer *offer,
    bool by_name)
{
	if (mechanism_is(m, MECHANISM_SHOWS_SECRET)) {
		if (offer->encrypted)
			return "would reveal the password to an unverified "
			       "server: set \"tls on\" and \"tls_certcheck on\"";
		return offer->local
		    ? "would reveal the password without TLS: set \"tls on\", or "
		      "explicitly \"tls off\" to allow this on this machine"
		    : "would reveal the password without TLS: set \"tls on\"";
	}
	if (by_name || mechanism_is(m, MECHANISM_CERTIFICATE))
		return NULL;
	return offer->encrypted
	    ? "used with an unverified server only by name: set "
	      "\"tls_certcheck on\" or \"auth @\""
	    : "used without TLS only by name: set \"tls on\" or \"auth @\"";
}

static const char *
find_obstacle(const struct mechanism *m, const struct auth_offer *offer,
    const struct auth_params *params, bool by_name)
{
	const char *obstacle = check_settings(m, params);

	if (obstacle == NULL && !by_name)
		obstacle = check_by_name_only(m, params);
	if (obstacle == NULL)
		obstacle = check_session(m, offer, params);
	if (obstacle == NULL && !is_safe(offer, params))
		obstacle = check_unsafe(m, offer, by_name);
	/* The last check, because it may load libgsasl. */
	if (obstacle == NULL && m->respond == NULL && !sasl_has(m->name))
		obstacle = not_built;
	return obstacle;
}

static void
add_obstacle(struct str *out, const struct mechanism *m, const char *obstacle)
{
	for (; *obstacle != '\0'; obstacle++)
		if (*obstacle == '@')
			str_add(out, m->setting);
		else
			str_add_char(out, *obstacle);
}

/* Appends "CRAM-MD5 (weak, used only by name: `auth cram-md5`)". */
static void
add_skipped(struct str *out, const char *name, const struct auth_offer *offer,
    const struct auth_params *params)
{
	const struct mechanism *m = find_mechanism(name);

	str_printf(out, "%.*s (", NAME_MAX_LEN, name);
	if (m != NULL)
		add_obstacle(out, m, find_obstacle(m, offer, params, false));
	else
		str_add(out, "unknown mechanism");
	str_add(out, ")");
}

/* Appends the offered mechanisms; with params also why each is not used. */
static void
add_offer(struct str *out, const struct auth_offer *offer,
    const struct auth_params *params)
{
	const struct strv *offered = offer->mechanisms;

	for (size_t i = 0; i < offered->count && i < LISTED_MAX; i++) {
		if (i > 0)
			str_add(out, ", ");
		if (params != NULL)
			add_skipped(out, offered->items[i], offer, params);
		else
			str_printf(out, "%.*s", NAME_MAX_LEN,
			    offered->items[i]);
	}
	if (offered->count > LISTED_MAX)
		str_printf(out, " and %zu more", offered->count - LISTED_MAX);
}

static bool
not_offered(const struct auth_offer *offer, struct error *err)
{
	if (offer->has_auth)
		return error_set(err, ERROR_NO_MECHANISM,
		    "the server offers AUTH but names no mechanism");
	return error_set(err, ERROR_NO_MECHANISM,
	    "the server does not offer AUTH%s",
	    offer->encrypted
		? "; if it needs no login, set \"auth off\""
		: " without TLS; set \"tls on\", or if it needs no "
		  "login \"auth off\"");
}

static const struct mechanism *
choose_named(const struct auth_offer *offer, const struct auth_params *params,
    struct error *err)
{
	const struct mechanism *m = find_mechanism(params->mechanism);
	const char *obstacle;
	struct str text = { 0 };

	if (m == NULL) {
		error_set(err, ERROR_CONFIG, "\"auth %s\": unknown mechanism",
		    params->mechanism);
		return NULL;
	}
	if (!strv_has_nocase(offer->mechanisms, m->name)) {
		add_offer(&text, offer, NULL);
		error_set(err, ERROR_NO_MECHANISM,
		    "the server does not offer %s, which \"auth %s\" requires; it offers %s",
		    m->name, m->setting, str_text(&text));
		str_free(&text);
		return NULL;
	}
	obstacle = find_obstacle(m, offer, params, true);
	if (obstacle == NULL)
		return m;
	add_obstacle(&text, m, obstacle);
	error_set(err, ERROR_NO_MECHANISM, "cannot log in with %s: %s", m->name,
	    str_text(&text));
	str_free(&text);
	return NULL;
}

static const struct mechanism *
choose_best(const struct auth_offer *offer, const struct auth_params *params,
    struct error *err)
{
	struct str text = { 0 };

	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		const struct mechanism *m = &mechanisms[i];

		if (strv_has_nocase(offer->mechanisms, m->name)
		    && find_obstacle(m, offer, params, false) == NULL)
			return m;
	}
	add_offer(&text, offer, params);
	error_set(err, ERROR_NO_MECHANISM,
	    "no usable authentication mechanism: %s", str_text(&text));
	str_free(&text);
	return NULL;
}

const struct mechanism *
mechanism_choose(const struct auth_offer *offer,
    const struct auth_params *params, struct error *err)
{
	if (!offer->has_auth || offer->mechanisms->count == 0) {
		not_offered(offer, err);
		return NULL;
	}
	if (text_equal_nocase(params->mechanism, "on"))
		return choose_best(offer, params, err);
	return choose_named(offer, params, err);
}

bool
auth_needs_binding(const struct strv *offered)
{
	for (size_t i = 0; i < offered->count; i++) {
		const struct mechanism *m = find_mechanism(offered->items[i]);

		if (m != NULL && mechanism_is(m, MECHANISM_BINDING))
			return true;
	}
	return false;
}

const char *
auth_mechanism_name(const char *setting)
{
	const struct mechanism *m = find_mechanism(setting);

	return m == NULL ? NULL : m->name;
}

bool
auth_may_use_ticket(const struct auth_params *params)
{
	const struct mechanism *m;

	if (!auth_is_used(params))
		return false;
	m = find_mechanism(params->mechanism);
	return m != NULL ? mechanism_is(m, MECHANISM_TICKET)
			 : !secret_is_set(&params->password);
}

struct mechanism_needs
auth_needs(const struct auth_params *params)
{
	const struct mechanism *m;
	bool nothing_but_certificate;

	if (!auth_is_used(params))
		return (struct mechanism_needs){ false, false };
	m = find_mechanism(params->mechanism);
	if (m != NULL)
		return (
		    struct mechanism_needs){ mechanism_is(m, MECHANISM_USER),
			mechanism_is(m, MECHANISM_PASSWORD) };
	nothing_but_certificate = params->has_certificate
	    && params->user == NULL && !secret_is_set(&params->password);
	return (struct mechanism_needs){ !nothing_but_certificate,
		!nothing_but_certificate };
}

/* Whether "on" would choose the mechanism if a server offered it. */
static bool
may_be_chosen(const struct mechanism *m, const struct auth_params *params,
    bool password)
{
	if (params->is_token)
		return mechanism_is(m, MECHANISM_TOKEN);
	if (mechanism_is(m, MECHANISM_WEAK) || mechanism_is(m, MECHANISM_TOKEN)
	    || (mechanism_is(m, MECHANISM_TICKET) && password)
	    || (mechanism_is(m, MECHANISM_PASSWORD) && !password)
	    || (mechanism_is(m, MECHANISM_CERTIFICATE)
		&& !params->has_certificate))
		return false;
	return m->respond != NULL || sasl_is_available();
}

void
auth_preferences(const struct auth_params *params, bool password,
    struct str *out)
{
	const char *separator = "";

	for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
		if (!may_be_chosen(&mechanisms[i], params, password))
			continue;
		str_printf(out, "%s%s", separator, mechanisms[i].name);
		separator = ", ";
	}
}

void
auth_load(const struct auth_params *params)
{
	const struct mechanism *m = params->mechanism == NULL
	    ? NULL
	    : find_mechanism(params->mechanism);

	if (m != NULL && m->respond == NULL)
		sasl_has(m->name);
}

void
auth_mechanism_list(struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		str_printf(out, "%s%s", i == 0 ? "" : ", ",
		    mechanisms[i].setting);
}
