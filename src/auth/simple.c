/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the responses of the mechanisms that need no library. */
#include "auth/simple.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

static bool
reject_challenge(struct error *err)
{
	return error_set(err, ERROR_PROTOCOL,
	    "the server sent an unexpected challenge");
}

static void
add_secret(struct str *out, const struct secret *secret)
{
	struct secret_text text;

	secret_reveal(secret, &text);
	str_append(out, text.data, text.len);
	secret_text_free(&text);
}

/*
 * Reserves memory for the whole response, because a string that grows leaves
 * copies of the secret behind.
 */
static void
reserve(struct str *out, const struct auth_params *params, size_t extra)
{
	size_t user = params->user == NULL ? 0 : strlen(params->user);

	/* add_saslname() replaces one character by three. */
	str_reserve(out, 3 * user + params->password.len + extra);
}

/* RFC 4616: message = [authzid] UTF8NUL authcid UTF8NUL passwd */
bool
simple_plain(struct simple_exchange *x, const struct str *challenge ATTR_UNUSED,
    struct str *response, struct error *err)
{
	if (x->steps++ > 0)
		return reject_challenge(err);
	reserve(response, x->params, 2);
	str_append(response, "", 1);
	str_add(response, x->params->user);
	str_append(response, "", 1);
	add_secret(response, &x->params->password);
	x->done = true;
	return true;
}

/*
 * LOGIN was never standardised.  The prompts are ignored, because servers word
 * them differently: the first asks for the user, the second for the password.
 */
bool
simple_login(struct simple_exchange *x, const struct str *challenge ATTR_UNUSED,
    struct str *response, struct error *err)
{
	reserve(response, x->params, 0);
	switch (x->steps++) {
	case 0:
		str_add(response, x->params->user);
		return true;
	case 1:
		add_secret(response, &x->params->password);
		x->done = true;
		return true;
	default:
		return reject_challenge(err);
	}
}

/* The authorization identity, which may be empty (RFC 4422 appendix A). */
bool
simple_external(struct simple_exchange *x,
    const struct str *challenge ATTR_UNUSED, struct str *response,
    struct error *err)
{
	if (x->steps++ > 0)
		return reject_challenge(err);
	if (x->params->user != NULL)
		str_add(response, x->params->user);
	x->done = true;
	return true;
}

/* RFC 6750: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static bool
is_bearer_token(const char *token, size_t token_len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~+/";
	size_t len = strspn(token, letters);

	return len > 0 && len + strspn(token + len, "=") == token_len;
}

static bool
check_token(const struct simple_exchange *x, struct error *err)
{
	struct secret_text token;
	bool ok;

	secret_reveal(&x->params->password, &token);
	ok = token.data != NULL && is_bearer_token(token.data, token.len);
	secret_text_free(&token);
	return ok
	    || error_set(err, ERROR_CONFIG,
		"\"auth %s\" needs an access token in place of the password, but the "
		"password is not one: a token contains only letters, digits and "
		"-._~+/=",
		x->params->mechanism);
}

/*
 * Stores why the server rejects the token: a JSON object in a challenge (RFC
 * 7628 section 3.2.2).  JSON may contain "\/" for "/" (RFC 8259 section 7); this
 * is undone, because a token that the server repeats is hidden only if it is
 * spelt as the client sent it.  For the same reason the text is not shortened
 * here.
 */
static void
keep_token_error(struct simple_exchange *x, const struct str *challenge)
{
	struct str text = { 0 };

	for (size_t i = 0; i < challenge->len; i++) {
		const char *c = str_text(challenge) + i;

		if (c[0] != '\\' || c[1] != '/')
			str_add_char(&text, c[0]);
	}
	text_clean(&x->token_error, str_text(&text), text.len, text.len);
	str_wipe(&text);
}

/*
 * The second step of both OAuth mechanisms.  The challenge contains the reason
 * why the token is rejected; after a dummy response the server rejects AUTH (RFC
 * 7628 section 3.2.3).
 */
static bool
respond_to_token_error(struct simple_exchange *x, const struct str *challenge,
    const char *dummy, struct str *response, struct error *err)
{
	if (x->steps > 2 || challenge == NULL)
		return reject_challenge(err);
	keep_token_error(x, challenge);
	str_add(response, dummy);
	x->done = false; /* success is no longer possible */
	return true;
}

/* "user=" user %x01 "auth=Bearer " token %x01 %x01, as Google specifies it. */
bool
simple_xoauth2(struct simple_exchange *x, const struct str *challenge,
    struct str *response, struct error *err)
{
	if (x->steps++ > 0)
		return respond_to_token_error(x, challenge, "", response, err);
	if (!check_token(x, err))
		return false;
	reserve(response, x->params, 64);
	str_printf(response, "user=%s\001auth=Bearer ", x->params->user);
	add_secret(response, &x->params->password);
	str_add(response, "\001\001");
	x->done = true;
	return true;
}

/* saslname encodes "," and "=" as "=2C" and "=3D" (RFC 5801 section 4). */
static void
add_saslname(struct str *out, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == ',')
			str_add(out, "=2C");
		else if (*name == '=')
			str_add(out, "=3D");
		else
			str_add_char(out, *name);
	}
}

/*
 * RFC 7628 section 3.1:
 *
 *   client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
 *   kvpair      = key "=" value kvsep
 *   kvsep       = %x01
 */
bool
simple_oauthbearer(struct simple_exchange *x, const struct str *challenge,
    struct str *response, struct error *err)
{
	size_t host = x->host == NULL ? 0 : strlen(x->host);

	if (x->steps++ > 0)
		return respond_to_token_error(x, challenge, "\001", response,
		    err);
	if (!check_token(x, err))
		return false;
	reserve(response, x->params, host + 64);
	str_add(response, "n,a=");
	add_saslname(response, x->params->user);
	str_add(response, ",\001");
	if (x->host != NULL && x->port != NULL)
		str_printf(response, "host=%s\001port=%s\001", x->host,
		    x->port);
	str_add(response, "auth=Bearer ");
	add_secret(response, &x->params->password);
	str_add(response, "\001\001");
	x->done = true;
	return true;
}

void
simple_free(struct simple_exchange *x)
{
	str_free(&x->token_error);
	*x = (struct simple_exchange){ 0 };
}
