/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of the differences from msmtp, and the search for those that apply.
 */
#include "config/differences.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "config/option_names.h"

#define PORT_SUBMISSIONS 465

static bool
leaves(const struct account *a, const char *setting)
{
	return !account_has(a, setting);
}

static bool
list_has_text(const struct strv *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strstr(list->items[i], text) != NULL)
			return true;
	return false;
}

static bool
is_dns_host(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return account_uses_mx(a) || account_uses_srv(a);
}

static bool
has_user_letter(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return list_has_text(&a->from, "%U");
}

static bool
has_host_letter(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return list_has_text(&a->from, "%H") || list_has_text(&a->from, "%C");
}

static bool
domain_has_host_letter(const struct account *a, const struct cmdline *cmdline)
{
	const char *domain = a->session.domain;

	(void)cmdline;
	return domain != NULL
	    && (strstr(domain, "%H") != NULL || strstr(domain, "%C") != NULL);
}

static bool
sender_has_letter(const struct account *a, const struct cmdline *cmdline)
{
	static const char *const letters[] = { "%U", "%H", "%C", "%M" };

	(void)a;
	for (size_t i = 0; cmdline->sender != NULL && i < COUNT_OF(letters);
	     i++)
		if (strstr(cmdline->sender, letters[i]) != NULL)
			return true;
	return false;
}

static bool
has_error_mode(const struct account *a, const struct cmdline *cmdline)
{
	(void)a;
	return cmdline->errors != ERRORS_PRINT;
}

static bool
leaves_port(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return auth_is_used(&a->auth) && leaves(a, "port")
	    && leaves(a, "socket") && (leaves(a, "tls") || a->tls.starttls);
}

static bool
leaves_starttls(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return a->server.port == PORT_SUBMISSIONS && leaves(a, "tls_starttls")
	    && a->tls.mode == TLS_ON;
}

static bool
leaves_tls(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return leaves(a, "tls");
}

static bool
leaves_domain(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return leaves(a, "domain");
}

static bool
leaves_timeout(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return leaves(a, "timeout");
}

static bool
leaves_sender(const struct account *a, const struct cmdline *cmdline)
{
	return a->from.count == 0 && !a->auto_from && cmdline->sender == NULL;
}

static bool
leaves_password(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return auth_is_used(&a->auth) && leaves(a, "password")
	    && leaves(a, "passwordeval") && leaves(a, "passwordfile");
}

static bool
has_login_without_password(const struct account *a,
    const struct cmdline *cmdline)
{
	return strcmp(a->auth.mechanism, "on") == 0
	    && (a->tls.cert_file != NULL || leaves_password(a, cmdline));
}

static bool
leaves_syslog(const struct account *a, const struct cmdline *cmdline)
{
	(void)cmdline;
	return leaves(a, "syslog");
}

/* Under these names output would be taken for an error. */
static bool
is_silent_name(const struct account *a, const struct cmdline *cmdline)
{
	return cmdline->personality != PERSONALITY_VEREDUS && a->logfile != NULL
	    && strcmp(a->logfile, "-") == 0;
}

static bool
leaves_dots(const struct account *a, const struct cmdline *cmdline)
{
	(void)a;
	return !cmdline->ignore_dots;
}

static bool
reads_header(const struct account *a, const struct cmdline *cmdline)
{
	(void)a;
	return cmdline->recipients_from_header;
}

/* clang-format off */
const struct difference differences[] = {
	/* Files and lines. */
	{ "files", "",
	    "reads ~/.msmtprc or ~/.config/msmtp/config, and /etc/msmtprc",
	    "reads ~/.config/veredus.conf and /etc/veredus.conf",
	    DIFFERS_BY_DEFAULT, NULL },
	{ "files", "cannot be read, or others may write to them",
	    "ignores or reads them",
	    "an error", DIFFERS_TOLD, NULL },
	{ "any setting", "twice in an account, except lists",
	    "uses the last one",
	    "an error", DIFFERS_TOLD, NULL },
	{ "any path", "neither absolute nor with ~/",
	    "is relative to the current directory, ~x to the home",
	    "an error", DIFFERS_TOLD, NULL },
	{ "account", "with a name that ends in locked",
	    "is a name",
	    "locks the account, or is an error", DIFFERS_TOLD, NULL },
	{ "eval", "in the system file",
	    "runs the command",
	    "an error", DIFFERS_TOLD, NULL },
	/* The server. */
	{ "host", "repeated",
	    "uses the last one",
	    "tries them in this order", DIFFERS_IF_REPEATED, NULL },
	{ "host", "mx or srv",
	    "is the name of a host",
	    "finds the hosts in the DNS", DIFFERS_IF_FOUND, is_dns_host },
	{ "port", "not set, with auth",
	    "is 25",
	    "is 587", DIFFERS_BY_DEFAULT, leaves_port },
	{ "source_ip", "with socket",
	    "is ignored",
	    "an error", DIFFERS_TOLD, NULL },
	{ "domain", "not set",
	    "is localhost",
	    "is the name or address of this host",
	    DIFFERS_BY_DEFAULT, leaves_domain },
	{ "domain", "without an argument",
	    "is empty",
	    "is the name or address of this host", DIFFERS_IF_EMPTY, NULL },
	{ "domain", "localhost, or an unknown letter after %",
	    "is sent",
	    "an error", DIFFERS_TOLD, NULL },
	{ "domain", "with %H or %C",
	    "asks $HOSTNAME first, and the DNS for %C",
	    "asks neither", DIFFERS_IF_FOUND, domain_has_host_letter },
	{ "timeout", "not set",
	    "is that of the operating system",
	    "is that of RFC 5321", DIFFERS_BY_DEFAULT, leaves_timeout },
	{ "timeout", "",
	    "limits each wait for data",
	    "limits each reply as a whole", DIFFERS_IF_USED, NULL },
	{ "timeout", "over 86400",
	    "is used",
	    "an error", DIFFERS_TOLD, NULL },
	/* TLS. */
	{ "tls", "not set",
	    "is off",
	    "is on, except for a server on this machine",
	    DIFFERS_BY_DEFAULT, leaves_tls },
	{ "tls_starttls", "not set, with port 465",
	    "is on",
	    "is off, except for a server on this machine",
	    DIFFERS_BY_DEFAULT, leaves_starttls },
	{ "tls_trust_file", "without an argument",
	    "trusts no authority",
	    "trusts those of the system", DIFFERS_IF_EMPTY, NULL },
	{ "tls_fingerprint", "repeated",
	    "uses the last one",
	    "accepts any of them", DIFFERS_IF_REPEATED, NULL },
	{ "tls_fingerprint", "SHA-1, MD5, or with tls_certcheck off",
	    "uses it, or ignores it",
	    "an error", DIFFERS_TOLD, NULL },
	{ "tls_priorities", "without encryption or authentication",
	    "is used",
	    "an error", DIFFERS_TOLD, NULL },
	{ "tls_min_dh_prime_bits", "with a number",
	    "is used",
	    "an error", DIFFERS_TOLD, NULL },
	/* Login. */
	{ "auth", "on, with tls_cert_file or no password",
	    "chooses a mechanism with a password",
	    "also EXTERNAL or GSSAPI",
	    DIFFERS_IF_FOUND, has_login_without_password },
	{ "auth", "would send the password in clear text",
	    "is used",
	    "an error", DIFFERS_TOLD, NULL },
	{ "password", "in a file that others may read",
	    "is used",
	    "an error", DIFFERS_TOLD, NULL },
	{ "password", "not set, nor passwordeval",
	    "asks the key ring, then ~/.netrc",
	    "asks ~/.netrc; there is no key ring",
	    DIFFERS_BY_DEFAULT, leaves_password },
	/* Sender and header. */
	{ "from", "not set, without -f",
	    "an error",
	    "is user if that is an address, else made of names",
	    DIFFERS_BY_DEFAULT, leaves_sender },
	{ "from", "repeated",
	    "uses the last one",
	    "all select the account, the first address is used",
	    DIFFERS_IF_REPEATED, NULL },
	{ "from", "with %U",
	    "asks $USER, then $LOGNAME",
	    "asks them only for a name of the caller",
	    DIFFERS_IF_FOUND, has_user_letter },
	{ "from", "with %H or %C",
	    "asks $HOSTNAME first, and the DNS for %C",
	    "asks neither", DIFFERS_IF_FOUND, has_host_letter },
	{ "from", "with another letter after %",
	    "is sent as it is",
	    "an error; %% is a percent sign", DIFFERS_TOLD, NULL },
	{ "undisclosed_recipients", "on, or without an argument",
	    "replaces To, Cc and Bcc",
	    "an error", DIFFERS_TOLD, NULL },
	{ "aliases", "",
	    "replaces bare names, and needs the file",
	    "also names at this host; the file may be missing",
	    DIFFERS_IF_USED, NULL },
	{ "dsn_notify", "without DSN on the server",
	    "an error",
	    "is not sent", DIFFERS_IF_USED, NULL },
	{ "dsn_return", "without DSN on the server",
	    "an error",
	    "is not sent", DIFFERS_IF_USED, NULL },
	/* Logs. */
	{ "logfile", "-, under another name than veredus",
	    "is standard output",
	    "is ignored", DIFFERS_IF_FOUND, is_silent_name },
	{ "syslog", "not set",
	    "is off",
	    "is LOG_MAIL", DIFFERS_BY_DEFAULT, leaves_syslog },
	{ "syslog", "on, or without an argument",
	    "is LOG_USER",
	    "is LOG_MAIL", DIFFERS_IF_BARE, NULL },
	/* The message and the result. */
	{ "message", "",
	    "is sent as it is, with missing fields",
	    "is corrected, and converted for the server",
	    DIFFERS_BY_DEFAULT, NULL },
	{ "message", "with a single dot on a line, without -i",
	    "goes on",
	    "ends there", DIFFERS_BY_DEFAULT, leaves_dots },
	{ "recipients", "one is rejected",
	    "nobody gets the message",
	    "the others get it, unless partial is off",
	    DIFFERS_BY_DEFAULT, NULL },
	{ "exit status", "after a temporary failure",
	    "depends on the command",
	    "is 75", DIFFERS_BY_DEFAULT, NULL },
	/* Options. */
	{ "-B", "",
	    "is ignored",
	    "declares the body", DIFFERS_IF_USED, NULL },
	{ "-f", "with %U, %H, %C or %M",
	    "replaces them",
	    "uses the address as it is", DIFFERS_IF_FOUND, sender_has_letter },
	{ "-G", "",
	    "is ignored",
	    "adds no fields", DIFFERS_IF_USED, NULL },
	{ "-L", "",
	    "is ignored",
	    "sets the tag in the system log", DIFFERS_IF_USED, NULL },
	{ "-N", "without DSN on the server",
	    "an error",
	    "is not sent", DIFFERS_IF_USED, NULL },
	{ "-N", "with another value",
	    "an error",
	    "is ignored, with a note in the log", DIFFERS_TOLD, NULL },
	{ "-O", "",
	    "is ignored",
	    "IgnoreDots, ErrorMode, DeliveryMode and RequireTLS have an effect",
	    DIFFERS_IF_USED, NULL },
	{ "-o", "with e or v",
	    "is ignored",
	    "sets the error mode, or is -v",
	    DIFFERS_IF_FOUND, has_error_mode },
	{ "-R", "without DSN on the server",
	    "an error",
	    "is not sent", DIFFERS_IF_USED, NULL },
	{ "-R", "with another value",
	    "an error",
	    "is ignored, with a note in the log", DIFFERS_TOLD, NULL },
	{ "-t", "and Resent fields without recipients",
	    "an error",
	    "reads To, Cc and Bcc", DIFFERS_BY_DEFAULT, reads_header },
	{ "options", "after a recipient",
	    "are options",
	    "an error", DIFFERS_TOLD, NULL },
	{ "options", "long and abbreviated",
	    "are understood",
	    "an error", DIFFERS_TOLD, NULL },
	{ "recipients", "begin with -, after --",
	    "are recipients",
	    "an error", DIFFERS_TOLD, NULL },
};
/* clang-format on */

const size_t difference_count = COUNT_OF(differences);

/* Whether the name of a file is one of msmtp: the user has not adapted it. */
static bool
is_file_of_msmtp(const char *path)
{
	static const char *const ends[] = { "/.msmtprc", "/msmtprc",
		"/msmtp/config" };
	char *absolute = alloc_printf("/%s", path);
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		size_t len = strlen(absolute), end = strlen(ends[i]);

		found = found
		    || (len >= end
			&& strcmp(absolute + len - end, ends[i]) == 0);
	}
	free(absolute);
	return found;
}

static bool
has_several_values(const struct account *a, const struct option_row *row)
{
	const struct strv *list = (const void *)((const char *)a + row->offset);

	return list->count > 1;
}

static bool
setting_differs(const struct difference *d, const struct option_row *row,
    const struct account *a, const struct cmdline *cmdline)
{
	const struct origin *origin = &a->origins[option_number(row)];

	if (d->kind == DIFFERS_BY_DEFAULT || origin->kind == ORIGIN_DEFAULT)
		return false;
	switch (d->kind) {
	case DIFFERS_IF_USED:
		return true;
	case DIFFERS_IF_EMPTY:
		return origin->empty;
	case DIFFERS_IF_BARE:
		return origin->empty || origin->on;
	case DIFFERS_IF_REPEATED:
		return has_several_values(a, row);
	case DIFFERS_IF_FOUND:
		return d->applies(a, cmdline);
	case DIFFERS_BY_DEFAULT:
	case DIFFERS_TOLD:
	default:
		return false;
	}
}

static bool
option_differs(const struct difference *d, const struct account *a,
    const struct cmdline *cmdline)
{
	return d->kind == DIFFERS_IF_FOUND ? d->applies(a, cmdline)
	    : d->kind == DIFFERS_IF_USED
	    ? cmdline_has_letter(cmdline, d->name[1])
	    : false;
}

static bool
default_differs(const struct difference *d, const struct account *a,
    const struct cmdline *cmdline)
{
	return d->kind == DIFFERS_BY_DEFAULT && a->origin.kind == ORIGIN_FILE
	    && is_file_of_msmtp(a->origin.file)
	    && (d->applies == NULL || d->applies(a, cmdline));
}

static void
add_line(const struct difference *d, const char *place, struct strv *out)
{
	strv_take(out,
	    alloc_printf("%s: %s%s%s: msmtp: %s; veredus: %s", place, d->name,
		*d->when != '\0' ? ", " : "", d->when, d->msmtp, d->veredus));
}

static void
add_setting(const struct difference *d, const struct origin *origin,
    struct strv *out)
{
	struct str place = { 0 };

	origin_describe(origin, &place);
	add_line(d, str_text(&place), out);
	str_free(&place);
}

void
differences_add(const struct account *settings, const struct cmdline *cmdline,
    struct strv *out)
{
	for (size_t i = 0; i < difference_count; i++) {
		const struct difference *d = &differences[i];
		const struct option_row *row = option_find(d->name);

		if (row != NULL && setting_differs(d, row, settings, cmdline))
			add_setting(d, &settings->origins[option_number(row)],
			    out);
		else if (*d->name == '-'
		    && option_differs(d, settings, cmdline))
			add_line(d, "command line", out);
		else if (default_differs(d, settings, cmdline))
			add_line(d, settings->origin.file, out);
	}
}
