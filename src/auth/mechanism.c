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

/* Of an offer that is too long only so much is listed. */
#define LISTED_MAX 16
/* RFC 4422: the length of a mechanism's name. */
#define NAME_MAX_LEN 20

#define SCRAM (MECHANISM_USER | MECHANISM_PASSWORD)
#define SHOWN (MECHANISM_USER | MECHANISM_PASSWORD | MECHANISM_SHOWS_SECRET)
#define WEAK (MECHANISM_USER | MECHANISM_PASSWORD | MECHANISM_WEAK)

/* In order of preference.  Another mechanism is another row. */
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

/* Why a mechanism that is offered is not used. */
enum obstacle {
	OBSTACLE_NONE,
	OBSTACLE_NOT_BUILT,
	OBSTACLE_NO_USER,
	OBSTACLE_NO_PASSWORD,
	OBSTACLE_NO_CERTIFICATE,
	OBSTACLE_CERTIFICATE_NOT_SENT,
	OBSTACLE_NO_BINDING,
	OBSTACLE_SHOWN_WITHOUT_TLS,
	OBSTACLE_SHOWN_LOCALLY,
	OBSTACLE_SHOWN_UNVERIFIED,
	OBSTACLE_GUESSED_WITHOUT_TLS,
	OBSTACLE_GUESSED_UNVERIFIED,
	OBSTACLE_WEAK,
	OBSTACLE_TOKEN,
	OBSTACLE_TICKET
};

static const struct obstacle_row {
	const char *text;
	bool by_name; /* `auth NAME` would change it, and is added */
} obstacles[] = {
	[OBSTACLE_NOT_BUILT] = { "not in this build, or not in its libgsasl",
	    false },
	[OBSTACLE_NO_USER] = { "needs a user name: set `user`", false },
	[OBSTACLE_NO_PASSWORD] = { "needs a password: set `passwordeval` or "
				   "`passwordfile`",
	    false },
	[OBSTACLE_NO_CERTIFICATE] = { "needs TLS with a client certificate: set "
				      "`tls_cert_file` and `tls_key_file`",
	    false },
	[OBSTACLE_CERTIFICATE_NOT_SENT] = { "the server did not ask for our certificate",
	    false },
	[OBSTACLE_NO_BINDING] = { "this session has no TLS channel binding",
	    false },
	[OBSTACLE_SHOWN_WITHOUT_TLS] = { "would show the password without TLS: set `tls on`",
	    false },
	[OBSTACLE_SHOWN_LOCALLY] = { "would show the password without TLS: set "
				     "`tls on`, or `tls off` in so many words to "
				     "allow that on this machine",
	    false },
	[OBSTACLE_SHOWN_UNVERIFIED] = { "would show the password to a server that was not verified: set "
					"`tls on` and `tls_certcheck on`",
	    false },
	[OBSTACLE_GUESSED_WITHOUT_TLS] = { "without TLS only by name; set `tls on`, or",
	    true },
	[OBSTACLE_GUESSED_UNVERIFIED] = { "with a server that was not verified only by name; set "
					  "`tls_certcheck on`, or",
	    true },
	[OBSTACLE_WEAK] = { "weak, so only by name:", true },
	[OBSTACLE_TOKEN] = { "wants a token as the password, so only by name:",
	    true },
	[OBSTACLE_TICKET] = { "wants a Kerberos ticket, so with a password only by name:",
	    true },
};

bool
mechanism_is(const struct mechanism *m, enum mechanism_trait trait)
{
	return (m->traits & trait) != 0;
}

static const struct mechanism *
find_name(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (text_equal_nocase(mechanisms[i].name, name))
			return &mechanisms[i];
	return NULL;
}

static const struct mechanism *
find_setting(const char *setting)
{
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		if (text_equal_nocase(mechanisms[i].setting, setting))
			return &mechanisms[i];
	return NULL;
}

static bool
is_built(const struct mechanism *m)
{
	return m->respond != NULL || sasl_has(m->name);
}

/* What the account lacks for it. */
static enum obstacle
missing(const struct mechanism *m, const struct auth_params *params)
{
	if (m->respond == NULL && !sasl_is_available())
		return OBSTACLE_NOT_BUILT;
	if (mechanism_is(m, MECHANISM_USER) && params->user == NULL)
		return OBSTACLE_NO_USER;
	if (mechanism_is(m, MECHANISM_PASSWORD)
	    && !secret_is_set(&params->password))
		return OBSTACLE_NO_PASSWORD;
	return OBSTACLE_NONE;
}

/* What the session lacks for it, however it was asked for. */
static enum obstacle
unfit(const struct mechanism *m, const struct auth_offer *offer,
    const struct auth_params *params)
{
	if (mechanism_is(m, MECHANISM_BINDING) && !offer->has_binding)
		return OBSTACLE_NO_BINDING;
	if (!mechanism_is(m, MECHANISM_CERTIFICATE))
		return OBSTACLE_NONE;
	/* On this machine the server may know us by the socket itself. */
	if (!offer->encrypted && offer->local)
		return OBSTACLE_NONE;
	if (!params->has_certificate || !offer->encrypted)
		return OBSTACLE_NO_CERTIFICATE;
	if (!offer->sent_certificate)
		return OBSTACLE_CERTIFICATE_NOT_SENT;
	return OBSTACLE_NONE;
}

/* Whether the session is safe, as auth/mechanism.h defines it. */
static bool
is_safe(const struct auth_offer *offer, const struct auth_params *params)
{
	if (params->cleartext && offer->local)
		return true;
	return offer->encrypted && (params->unverified || offer->verified);
}

static enum obstacle
unsafe(const struct mechanism *m, const struct auth_offer *offer, bool by_name)
{
	if (mechanism_is(m, MECHANISM_SHOWS_SECRET)) {
		if (offer->encrypted)
			return OBSTACLE_SHOWN_UNVERIFIED;
		return offer->local ? OBSTACLE_SHOWN_LOCALLY
				    : OBSTACLE_SHOWN_WITHOUT_TLS;
	}
	if (by_name || mechanism_is(m, MECHANISM_CERTIFICATE))
		return OBSTACLE_NONE;
	return offer->encrypted ? OBSTACLE_GUESSED_UNVERIFIED
				: OBSTACLE_GUESSED_WITHOUT_TLS;
}

/* What "on" does not take. */
static enum obstacle
unasked(const struct mechanism *m, const struct auth_params *params)
{
	if (mechanism_is(m, MECHANISM_WEAK))
		return OBSTACLE_WEAK;
	if (mechanism_is(m, MECHANISM_TOKEN))
		return OBSTACLE_TOKEN;
	if (mechanism_is(m, MECHANISM_TICKET)
	    && secret_is_set(&params->password))
		return OBSTACLE_TICKET;
	return OBSTACLE_NONE;
}

static enum obstacle
find_obstacle(const struct mechanism *m, const struct auth_offer *offer,
    const struct auth_params *params, bool by_name)
{
	enum obstacle obstacle = missing(m, params);

	if (obstacle == OBSTACLE_NONE && !by_name)
		obstacle = unasked(m, params);
	if (obstacle == OBSTACLE_NONE)
		obstacle = unfit(m, offer, params);
	if (obstacle == OBSTACLE_NONE && !is_safe(offer, params))
		obstacle = unsafe(m, offer, by_name);
	/* Last, for it may load the library. */
	if (obstacle == OBSTACLE_NONE && !is_built(m))
		obstacle = OBSTACLE_NOT_BUILT;
	return obstacle;
}

static void
add_obstacle(struct str *out, const struct mechanism *m, enum obstacle obstacle)
{
	const struct obstacle_row *row = &obstacles[obstacle];

	str_add(out, row->text);
	if (row->by_name)
		str_printf(out, " `auth %s`", m->setting);
}

/* "CRAM-MD5 (weak, so only by name: `auth cram-md5`)" */
static void
add_skipped(struct str *out, const char *name, const struct auth_offer *offer,
    const struct auth_params *params)
{
	const struct mechanism *m = find_name(name);

	str_printf(out, "%.*s (", NAME_MAX_LEN, name);
	if (m != NULL)
		add_obstacle(out, m, find_obstacle(m, offer, params, false));
	else
		str_add(out, "not known here");
	str_add(out, ")");
}

/* What was offered; with params also why each was skipped. */
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
	    offer->encrypted ? "; if it wants no login, set `auth off`"
			     : " without TLS; set `tls on`, or if it wants no "
			       "login `auth off`");
}

static const struct mechanism *
choose_named(const struct auth_offer *offer, const struct auth_params *params,
    struct error *err)
{
	const struct mechanism *m = find_setting(params->mechanism);
	enum obstacle obstacle;
	struct str text = { 0 };

	if (m == NULL) {
		error_set(err, ERROR_CONFIG,
		    "`auth %s`: no mechanism of that name", params->mechanism);
		return NULL;
	}
	if (!strv_has_nocase(offer->mechanisms, m->name)) {
		add_offer(&text, offer, NULL);
		error_set(err, ERROR_NO_MECHANISM,
		    "the server does not offer %s, which `auth %s` demands, but %s",
		    m->name, m->setting, str_text(&text));
		str_free(&text);
		return NULL;
	}
	obstacle = find_obstacle(m, offer, params, true);
	if (obstacle == OBSTACLE_NONE)
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
		    && find_obstacle(m, offer, params, false) == OBSTACLE_NONE)
			return m;
	}
	add_offer(&text, offer, params);
	error_set(err, ERROR_NO_MECHANISM,
	    "of the ways to log in that the server offers none fits: %s",
	    str_text(&text));
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
		const struct mechanism *m = find_name(offered->items[i]);

		if (m != NULL && mechanism_is(m, MECHANISM_BINDING))
			return true;
	}
	return false;
}

const char *
auth_mechanism_name(const char *setting)
{
	const struct mechanism *m = find_setting(setting);

	return m == NULL ? NULL : m->name;
}

struct mechanism_needs
auth_needs(const struct auth_params *params)
{
	const struct mechanism *m;
	bool nothing_but_certificate;

	if (params->mechanism == NULL
	    || text_equal_nocase(params->mechanism, "off"))
		return (struct mechanism_needs){ false, false };
	m = find_setting(params->mechanism);
	if (m != NULL)
		return (
		    struct mechanism_needs){ mechanism_is(m, MECHANISM_USER),
			mechanism_is(m, MECHANISM_PASSWORD) };
	nothing_but_certificate = params->has_certificate
	    && params->user == NULL && !secret_is_set(&params->password);
	return (struct mechanism_needs){ !nothing_but_certificate,
		!nothing_but_certificate };
}

/* Whether nothing but the server's offer is missing. */
static bool
may_be_chosen(const struct mechanism *m, const struct auth_params *params,
    bool password)
{
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
	const struct mechanism *m =
	    params->mechanism == NULL ? NULL : find_setting(params->mechanism);

	if (m != NULL && m->respond == NULL)
		sasl_has(m->name);
}

void
auth_mechanism_list(struct str *out)
{
	str_add(out, "off, on");
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		str_printf(out, ", %s", mechanisms[i].setting);
}
