/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What veredus-oauth needs to know about an account with OAuth2 (RFC 6749).  The
 * configuration resolves it: a preset, a tenant and defaults are already in the
 * values.  { 0 } is valid and empty; a text that is not set is NULL.
 */
#ifndef VEREDUS_OAUTH_PARAMS_H
#define VEREDUS_OAUTH_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

enum oauth_grant {
	OAUTH_CODE,               /* a person consents once */
	OAUTH_CLIENT_CREDENTIALS, /* RFC 6749 section 4.4 */
	OAUTH_SERVICE_ACCOUNT,    /* an assertion for a user: RFC 7523 */
	OAUTH_GRANTS
};

/* How a person consents. */
enum oauth_flow {
	OAUTH_BROWSER, /* with a listener on this host: RFC 8252 section 7.3 */
	OAUTH_PASTE,   /* the person copies the address out of the browser */
	OAUTH_DEVICE,  /* RFC 8628 */
	OAUTH_FLOWS
};

/* How the client authenticates to the provider. */
enum oauth_client_auth {
	/* OAUTH_AUTH_POST if there is a secret, else OAUTH_AUTH_KEY if there is a
	 * key file, else OAUTH_AUTH_NONE.  A service account signs with its key,
	 * and needs no other authentication. */
	OAUTH_AUTH_AUTO,
	OAUTH_AUTH_POST,  /* client_secret in the body */
	OAUTH_AUTH_BASIC, /* RFC 6749 section 2.3.1 */
	OAUTH_AUTH_NONE,  /* a public client */
	OAUTH_AUTH_KEY,   /* private_key_jwt: RFC 7523 section 2.2 */
	OAUTH_AUTHS
};

/* The algorithm of a signature (RFC 7518 section 3.1). */
enum oauth_key_alg { OAUTH_RS256, OAUTH_PS256, OAUTH_ES256, OAUTH_ALGS };

/* The words of these values in settings, requests and files, in the order of the
 * enum, ended by NULL. */
extern const char *const oauth_grant_words[];
extern const char *const oauth_flow_words[];
extern const char *const oauth_client_auth_words[];
extern const char *const oauth_key_alg_words[];

struct oauth_params {
	/* For the text "veredus -C FILE --login -a ACCOUNT"; no file is named if
	 * veredus reads it by itself. */
	char *config_file;
	char *account;
	char *provider; /* the word of oauth_provider, for hints */
	char *user;     /* the mailbox */
	enum oauth_grant grant;
	enum oauth_flow flow;
	char *client_id;
	struct secret client_secret;
	/* Read by veredus-oauth if client_secret is not set. */
	char *client_secret_file;
	enum oauth_client_auth client_auth;
	char *key_file;
	char *cert_file;
	char *key_id;
	enum oauth_key_alg key_alg;
	char *subject;  /* NULL: user */
	char *audience; /* NULL: the token URL */
	char *scope; /* separated by single spaces; NULL: none is asked for */
	/* If it is set, the URLs that are not set come from its metadata. */
	char *issuer;
	char *auth_url;
	char *token_url;
	char *device_url;
	char *revoke_url;
	char *auth_params;      /* a=b&c=d, for the authorization request */
	char *redirect_host;    /* 127.0.0.1 or localhost */
	char *redirect_path;    /* begins with "/" */
	unsigned redirect_port; /* 0: any free one */
	char *store;            /* the folder */
	char *trust_file;       /* NULL: the CA certificates of the system */
	char *proxy;            /* http://HOST:PORT or socks5h://...; or NULL */
	char *proxy_user;       /* NULL: there is no login at the proxy */
	struct secret proxy_password;
	unsigned timeout; /* of one HTTP request, in seconds */
	/* In how many seconds the caller stops waiting; 0: it waits to the end. */
	unsigned deadline;
	/* When the token was obtained that the mail server has rejected; 0: none
	 * was.  The same token is then not used again. */
	int64_t rejected;
	/* A person asks: a failure that was noted before does not count. */
	bool retry;
	bool no_sandbox;
	/* The facility of the system log, and 1; 0: nothing is logged. */
	unsigned syslog_plus_1;
};

/* Replaces dst, which is valid, by a copy of src. */
void oauth_params_copy(struct oauth_params *dst,
    const struct oauth_params *src);
/* Overwrites the secret and releases everything. */
void oauth_params_free(struct oauth_params *p);

/* What the tokens of an account belong to, for its files: the token URL, or the
 * issuer whose metadata has it.  NULL if neither is set. */
const char *oauth_params_origin(const struct oauth_params *p);

#endif
