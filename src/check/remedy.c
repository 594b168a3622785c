/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the setting or the command that helps against an error. */
#include "check/remedy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "modes/output.h"

/* The first row that matches counts; STAGE_NONE is any stage. */
static const struct remedy_row {
	enum error_kind kind;
	enum smtp_stage stage;
	const char *settings[2]; /* to look at, or NULL */
	const char *advice;
} rows[] = {
	{ ERROR_ADDRESS, STAGE_NONE, { NULL, NULL }, "check the address" },
	{ ERROR_RESOLVE, STAGE_NONE, { "host", "dns_server" },
	    "the name server did not answer: see /etc/resolv.conf" },
	{ ERROR_CONFIG, STAGE_DNS, { "host", "dns_server" },
	    "the name is wrong, or this name server does not know it" },
	{ ERROR_CONNECT, STAGE_NONE, { "host", "port" },
	    "nothing listens there, or a firewall is in between; mail servers "
	    "take connections at port 465 or 587" },
	{ ERROR_TIMEOUT, STAGE_GREETING, { "port", "tls_starttls" },
	    "a server that is silent wants implicit TLS (port 465, "
	    "tls_starttls off)" },
	{ ERROR_TIMEOUT, STAGE_NONE, { "host", "port" },
	    "a firewall or the provider may block the port: try 465 or 587" },
	{ ERROR_NETWORK, STAGE_NONE, { "port", "tls_starttls" },
	    "a server at port 465 wants implicit TLS (tls_starttls off)" },
	{ ERROR_TLS_MISSING, STAGE_NONE, { "port", "tls" },
	    "use the port of the server that has TLS, 465 or 587; \"tls off\" "
	    "only if nobody else is on the network" },
	{ ERROR_TLS, STAGE_NONE, { "port", "tls_starttls" },
	    "the port has STARTTLS or implicit TLS, and tls_starttls says "
	    "which; an old server may need tls_min_version" },
	{ ERROR_NO_MECHANISM, STAGE_NONE, { "auth", "port" },
	    "servers often let users log in at port 587 or 465 only" },
	{ ERROR_PROTOCOL, STAGE_NONE, { "host", "port" },
	    "this may be no mail server" },
	{ ERROR_REJECTED, STAGE_DNS, { NULL, NULL },
	    "check the address of the recipient" },
	{ ERROR_REJECTED, STAGE_AUTH, { "user", NULL },
	    "many providers want an app password in place of that of the "
	    "mailbox, or OAuth2; --configure with your address tells which" },
	{ ERROR_REJECTED, STAGE_MAIL, { "from", "user" },
	    "use an address that belongs to this login" },
	{ ERROR_REJECTED, STAGE_RCPT, { "auth", NULL },
	    "check the address; a server that does not relay wants a login, "
	    "at port 587 or 465" },
	{ ERROR_REJECTED, STAGE_NONE, { "domain", "port" },
	    "the server does not want this host: see what it says" },
};

/* Appends "check host (FILE:1) and port (FILE:2): ". */
static void
add_settings(const struct account *a, const char *const settings[2],
    struct str *out)
{
	if (settings[0] == NULL)
		return;
	str_add(out, "check ");
	account_describe_setting(a, settings[0], out);
	if (settings[1] != NULL) {
		str_add(out, " and ");
		account_describe_setting(a, settings[1], out);
	}
	str_add(out, ": ");
}

static bool
add_row(const struct account *a, enum smtp_stage stage, const struct error *err,
    struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct remedy_row *row = &rows[i];

		if (row->kind != err->kind
		    || (row->stage != STAGE_NONE && row->stage != stage))
			continue;
		add_settings(a, row->settings, out);
		str_add(out, row->advice);
		return true;
	}
	return false;
}

void
remedy_of_error(const struct account *a, enum smtp_stage stage,
    const struct error *err, struct str *out)
{
	if (account_uses_oauth(a) && stage == STAGE_NONE
	    && (err->kind == ERROR_GRANT || err->kind == ERROR_CONFIG)) {
		if (err->kind == ERROR_CONFIG)
			str_add(out, "mend what this names, then: ");
		remedy_add_command(out, "--login", a->name);
	} else if (err->kind == ERROR_SECRET) {
		str_add(out, "run the command of ");
		account_describe_setting(a,
		    a->passwordeval != NULL ? "passwordeval"
					    : "oauth_client_secret_eval",
		    out);
		str_add(out, " yourself");
	} else if (!add_row(a, stage, err, out)) {
		str_add(out,
		    "change the setting that this names: see veredus.conf(5)");
	}
}

/* Appends the pin that accepts the certificate. */
static void
add_pin(const struct tls_peer *peer, struct str *out)
{
	str_printf(out,
	    "; if you know that this is the right server: tls_fingerprint %s",
	    peer->sha256.certificate);
}

void
remedy_of_certificate(const struct account *a,
    const struct session_facts *facts, struct str *out)
{
	const struct tls_peer *peer = facts->certificates;
	static const char *const settings[2] = { "host", "tls_trust_file" };

	if (facts->certificate_count == 0) {
		add_settings(a, settings, out);
		str_add(out, "see what is wrong with the certificate");
	} else if (peer->expiration < time(NULL)) {
		str_add(out,
		    "ask the administrator of the server to renew its "
		    "certificate");
		add_pin(peer, out);
	} else {
		add_settings(a, settings, out);
		str_printf(out, "the certificate is for %s, from %s",
		    str_text(&peer->names), str_text(&peer->issuer));
		add_pin(peer, out);
	}
}

bool
remedy_of_file(const char *path, bool has_secret, struct str *out)
{
	mode_t forbidden;
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT) {
		str_printf(out,
		    has_secret ? "create %s with mode 0600" : "create %s",
		    path);
		return true;
	}
	if (stat(path, &st) < 0)
		return false;
	/* Root may let a group read a secret. */
	forbidden = !has_secret ? 022 : st.st_uid == 0 ? 037 : 077;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		str_printf(out, "chown %lu %s", (unsigned long)geteuid(), path);
	else if (geteuid() != 0 && st.st_uid == 0 && access(path, R_OK) < 0)
		str_printf(out, "as root: chgrp %lu %s; chmod 640 %s",
		    (unsigned long)getegid(), path, path);
	else if ((st.st_mode & forbidden) != 0)
		str_printf(out, has_secret ? "chmod 600 %s" : "chmod go-w %s",
		    path);
	else
		return false;
	return true;
}

void
remedy_add_command(struct str *out, const char *option, const char *name)
{
	str_printf(out, "veredus %s -a ", option);
	output_word(out, name);
}
