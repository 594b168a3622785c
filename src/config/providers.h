/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of mail providers (etc/providers), which describes its own syntax:
 * which submission server belongs to a domain or to an MX host, and how its users
 * log in.  Only --configure reads it.
 */
#ifndef VEREDUS_CONFIG_PROVIDERS_H
#define VEREDUS_CONFIG_PROVIDERS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

/* What an entry is found by. */
enum provider_key {
	PROVIDER_NAME,
	PROVIDER_DOMAIN,
	PROVIDER_MX,
	PROVIDER_SERVER
};

/* What the user name of a login is. */
enum provider_login {
	PROVIDER_LOGIN_ADDRESS,
	PROVIDER_LOGIN_LOCAL, /* the local part of the address */
	PROVIDER_LOGIN_FIXED, /* the same for all users */
	PROVIDER_LOGIN_OTHER  /* something that only the user knows */
};

struct provider {
	char *name;
	char *title; /* for people */
	char *server;
	unsigned port;
	bool implicit_tls;
	enum provider_login login;
	char *user;        /* of PROVIDER_LOGIN_FIXED */
	char *oauth;       /* the value of oauth_provider, or NULL */
	bool oauth_only;   /* the provider takes no password */
	struct strv notes; /* lines for people; some of PROVIDER_MX alone */
};

/* The path of the table; the caller frees it. */
char *providers_file(void);
/* Appends the table to text.  Errors: those of file_read(). */
bool providers_read(struct str *text, struct error *err);
/*
 * Finds the first entry whose pattern for the key matches the value, and fills an
 * empty struct with it; p->name is NULL if there is none.  The server is a valid
 * host name or address.  Errors: ERROR_CONFIG, with the line of the table.
 */
bool providers_find(const struct str *table, enum provider_key key,
    const char *value, struct provider *p, struct error *err);
/* Appends the names of all entries.  Errors: ERROR_CONFIG. */
bool providers_names(const struct str *table, struct strv *names,
    struct error *err);
void provider_free(struct provider *p);

#endif
