/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the setting or the command that helps against an error. */
#include "check/remedy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/text.h"
#include "config/cmdline.h"
#include "config/file.h"
#include "config/option_names.h"
#include "modes/output.h"

#define SETTINGS_MAX 3
/* The code of a reply to a client that must log in first. */
#define LOGIN_REQUIRED 530
/* A session that was opened has the right port. */
#define CLOSED \
	"the server or a firewall closed the connection: try again later, and " \
	"see the log of the server"

typedef bool condition_fn(const struct failure *f);

/* Then the proxy looks up the server's name, and connects to it. */
static bool
by_proxy(const struct failure *f)
{
	return f->account->server.proxy_host != NULL
	    && !account_uses_mx(f->account) && !account_uses_srv(f->account);
}

static bool
from_address(const struct failure *f)
{
	return f->account->server.source_ip != NULL;
}

static bool
by_mx(const struct failure *f)
{
	return account_uses_mx(f->account);
}

static bool
wants_login(const struct failure *f)
{
	return f->err->status.code == LOGIN_REQUIRED;
}

/* The service says so if its own configuration is wrong. */
static bool
is_of_service(const struct failure *f)
{
	return f->account->server.socket != NULL
	    && strcmp(f->err->status.enhanced, "4.3.5") == 0;
}

static bool
is_temporary(const struct failure *f)
{
	return f->err->temporary;
}

/* Whether the words of "AUTH XOAUTH2 OAUTHBEARER" are such mechanisms. */
static bool
offers_only_tokens(const char *mechanisms)
{
	size_t len;

	for (; *mechanisms != '\0'; mechanisms += len) {
		mechanisms += strspn(mechanisms, " ");
		len = strcspn(mechanisms, " ");
		if (!text_is_word(mechanisms, len, "XOAUTH2")
		    && !text_is_word(mechanisms, len, "OAUTHBEARER"))
			return false;
	}
	return true;
}

static bool
wants_token(const struct failure *f)
{
	static const char auth[] = "AUTH ";

	if (f->facts == NULL || account_uses_oauth(f->account))
		return false;
	for (size_t i = 0; i < f->facts->extensions.count; i++) {
		const char *extension = f->facts->extensions.items[i];

		if (strncasecmp(extension, auth, strlen(auth)) == 0)
			return offers_only_tokens(extension + strlen(auth));
	}
	return false;
}

static bool
has_token(const struct failure *f)
{
	return account_uses_oauth(f->account);
}

static bool
has_password(const struct failure *f)
{
	return !has_token(f);
}

static bool
is_without_tls(const struct failure *f)
{
	return f->facts != NULL && !f->facts->encrypted;
}

static bool
wants_utf8(const struct failure *f)
{
	return strcmp(f->err->status.enhanced, "5.6.7") == 0;
}

/* The server lacks what a setting wants, and was not asked. */
static bool
is_own_demand(const struct failure *f)
{
	return f->err->said == NULL;
}

static const struct check_target usual_service = { .of_service = true,
	.service_user = REMEDY_SERVICE_USER };

/* The first row that matches counts; STAGE_NONE is any stage. */
static const struct remedy_row {
	enum error_kind kind;
	enum smtp_stage stage;
	condition_fn *condition;            /* NULL: always */
	const char *settings[SETTINGS_MAX]; /* to look at */
	const char *advice;
} rows[] = {
	{ ERROR_ADDRESS, STAGE_NONE, NULL, { NULL }, "check the address" },
	{ ERROR_SPACE, STAGE_NONE, NULL, { NULL },
	    "make room on the file system of the folder that this names" },
	{ ERROR_RESOLVE, STAGE_NONE, by_proxy, { "proxy_host", "dns_server" },
	    "the name server did not answer: see /etc/resolv.conf" },
	{ ERROR_CONFIG, STAGE_DNS, by_proxy, { "proxy_host", "dns_server" },
	    "the name is wrong, or this name server does not know it" },
	{ ERROR_CONFIG, STAGE_DNS, by_mx, { NULL },
	    "check the address of the recipient" },
	{ ERROR_CONNECT, STAGE_CONNECT, by_proxy,
	    { "proxy_host", "proxy_port", "proxy_type" },
	    "the proxy is down, or does not let this host connect to that "
	    "server and port" },
	{ ERROR_NETWORK, STAGE_CONNECT, by_proxy,
	    { "proxy_host", "proxy_port", "proxy_type" },
	    "this may be no proxy, or one of another kind" },
	{ ERROR_TIMEOUT, STAGE_CONNECT, by_proxy,
	    { "proxy_host", "proxy_port", "proxy_type" },
	    "the proxy does not answer, or the server does not answer it" },
	{ ERROR_CONNECT, STAGE_CONNECT, from_address, { "source_ip", "host" },
	    "source_ip must be an address of this host that reaches the "
	    "server" },
	{ ERROR_RESOLVE, STAGE_NONE, NULL, { "host", "dns_server" },
	    "the name server did not answer: see /etc/resolv.conf" },
	{ ERROR_CONFIG, STAGE_DNS, NULL, { "host", "dns_server" },
	    "the name is wrong, or this name server does not know it" },
	{ ERROR_CONNECT, STAGE_NONE, NULL, { "host", "port" },
	    "nothing listens there, or a firewall is in between; mail servers "
	    "take connections at port 465 or 587" },
	{ ERROR_TIMEOUT, STAGE_GREETING, NULL, { "port", "tls_starttls" },
	    "a server that is silent wants implicit TLS (port 465, "
	    "tls_starttls off)" },
	{ ERROR_TIMEOUT, STAGE_CONNECT, NULL, { "host", "port" },
	    "a firewall or the provider may block the port: try 465 or 587" },
	{ ERROR_TIMEOUT, STAGE_DNS, NULL, { "host", "dns_server" },
	    "the name server did not answer: see /etc/resolv.conf" },
	{ ERROR_TIMEOUT, STAGE_NONE, NULL, { "host", "timeout" },
	    "the server is too slow for --check; a message waits longer" },
	{ ERROR_NETWORK, STAGE_AUTH, NULL, { NULL }, CLOSED },
	{ ERROR_NETWORK, STAGE_MAIL, NULL, { NULL }, CLOSED },
	{ ERROR_NETWORK, STAGE_RCPT, NULL, { NULL }, CLOSED },
	{ ERROR_NETWORK, STAGE_NONE, NULL, { "port", "tls_starttls" },
	    "a server at port 465 wants implicit TLS (tls_starttls off)" },
	{ ERROR_TLS_MISSING, STAGE_NONE, NULL, { "port", "tls" },
	    "use the port of the server that has TLS, 465 or 587; \"tls off\" "
	    "only if nobody else is on the network" },
	{ ERROR_TLS, STAGE_NONE, NULL, { "port", "tls_starttls" },
	    "the port has STARTTLS or implicit TLS, and tls_starttls says "
	    "which; an old server may need tls_min_version" },
	{ ERROR_NO_MECHANISM, STAGE_NONE, wants_token, { "auth" },
	    "this server wants OAuth2: set oauth_provider, then: " },
	{ ERROR_NO_MECHANISM, STAGE_NONE, is_without_tls, { "tls" },
	    "set \"tls on\", because many servers let users log in with TLS "
	    "only" },
	{ ERROR_UNSUPPORTED, STAGE_NONE, wants_utf8, { NULL },
	    "the server does not support SMTPUTF8: use an address in ASCII, or "
	    "another server" },
	{ ERROR_NO_MECHANISM, STAGE_NONE, NULL, { "auth", "port" },
	    "servers often let users log in at port 587 or 465 only" },
	{ ERROR_PROTOCOL, STAGE_NONE, NULL, { "host", "port" },
	    "this may be no mail server" },
	{ ERROR_REJECTED, STAGE_DNS, NULL, { NULL },
	    "check the address of the recipient" },
	{ ERROR_REJECTED, STAGE_NONE, wants_login, { "auth", "tls" },
	    "the server wants a login (\"auth on\" and user), or TLS before "
	    "it" },
	{ ERROR_REJECTED, STAGE_NONE, is_of_service, { NULL },
	    "see the log of the server; if it is the service of veredus: " },
	{ ERROR_REJECTED, STAGE_RCPT, is_temporary, { NULL },
	    "try again in some minutes: many servers make an unknown client "
	    "wait; \"queue on\" does that for each message" },
	{ ERROR_REJECTED, STAGE_MAIL, is_own_demand, { NULL },
	    "remove the line of the setting that this names, or use another "
	    "server" },
	{ ERROR_REJECTED, STAGE_NONE, is_temporary, { NULL },
	    "try again later: the server says that this may pass" },
	{ ERROR_REJECTED, STAGE_AUTH, has_token, { "user" },
	    "the mailbox may have to allow SMTP first; log in anew: " },
	{ ERROR_REJECTED, STAGE_AUTH, has_password, { "user" },
	    "many providers want an app password in place of that of the "
	    "mailbox, or OAuth2; this shows which: " },
	{ ERROR_REJECTED, STAGE_MAIL, NULL, { "from", "user" },
	    "use an address that belongs to this login" },
	{ ERROR_REJECTED, STAGE_RCPT, NULL, { "auth" },
	    "check the address; a server that does not relay wants a login, "
	    "at port 587 or 465" },
	{ ERROR_REJECTED, STAGE_NONE, NULL, { "domain", "port" },
	    "the server does not want this host: see what it says" },
};

/* Only the last of several lines `host` has a place: then the host itself tells
 * which one it is. */
static void
add_setting(const struct account *a, const char *host, const char *setting,
    struct str *out)
{
	if (strcmp(setting, "host") != 0 || a->hosts.count < 2)
		account_describe_setting(a, setting, out);
	else
		str_printf(out, "host%s%s", host != NULL ? " " : "",
		    host != NULL ? host : "");
}

/* Appends "check host (FILE:1) and port (FILE:2): ". */
static void
add_settings(const struct account *a, const char *host,
    const char *const settings[SETTINGS_MAX], struct str *out)
{
	size_t count = 0;

	while (count < SETTINGS_MAX && settings[count] != NULL)
		count++;
	for (size_t i = 0; i < count; i++) {
		str_add(out,
		    i == 0              ? "check "
			: i + 1 < count ? ", "
					: " and ");
		add_setting(a, host, settings[i], out);
	}
	if (count > 0)
		str_add(out, ": ");
}

/* Appends the command that an advice ends with. */
static void
add_row_command(const struct failure *f, const struct remedy_row *row,
    struct str *out)
{
	condition_fn *condition = row->condition;

	if (condition == wants_token || condition == has_token)
		remedy_add_command(out, f->target, "--login", f->account->name);
	else if (condition == has_password)
		remedy_add_command(out, NULL, "--configure ADDRESS", NULL);
	else if (condition == is_of_service)
		remedy_add_command(out, &usual_service, "--check", NULL);
}

static bool
add_row(const struct failure *f, struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct remedy_row *row = &rows[i];

		if (row->kind != f->err->kind
		    || (row->stage != STAGE_NONE && row->stage != f->stage)
		    || (row->condition != NULL && !row->condition(f)))
			continue;
		add_settings(f->account, f->host, row->settings, out);
		str_add(out, row->advice);
		add_row_command(f, row, out);
		return true;
	}
	return false;
}

void
remedy_of_failure(const struct failure *f, struct str *out)
{
	const struct account *a = f->account;
	enum error_kind kind = f->err->kind;

	if (account_uses_oauth(a) && f->stage == STAGE_NONE
	    && (kind == ERROR_GRANT || kind == ERROR_CONFIG)) {
		if (kind == ERROR_CONFIG)
			str_add(out, "mend what this names, then: ");
		remedy_add_command(out, f->target, "--login", a->name);
	} else if (kind == ERROR_SECRET && account_uses_oauth(a)
	    && a->oauth.client_secret_eval == NULL) {
		str_add(out, "try again later; ");
		remedy_add_command(out, f->target, "--login-status", a->name);
		str_add(out, " shows the last failure");
	} else if (kind == ERROR_SECRET) {
		str_add(out, "run the command of ");
		account_describe_setting(a,
		    a->passwordeval != NULL ? "passwordeval"
					    : "oauth_client_secret_eval",
		    out);
		str_add(out, " yourself, to see why it fails");
	} else if (!add_row(f, out)) {
		str_add(out,
		    "change the setting that this names: see veredus.conf(5)");
	}
}

/* Appends the pin that accepts the certificate. */
static void
add_pin(const struct tls_peer *peer, struct str *out)
{
	str_printf(out,
	    "; if you know that this is the right server, add the line "
	    "\"tls_fingerprint %s\"",
	    peer->sha256.certificate);
}

/* Whether the account has pins, and none is of this certificate. */
static bool
is_no_pin(const struct account *a, const struct tls_peer *peer)
{
	const struct strv *pins = &a->tls.fingerprints;

	for (size_t i = 0; i < pins->count; i++)
		if (tls_fingerprint_matches(pins->items[i], &peer->sha256))
			return false;
	return pins->count > 0;
}

void
remedy_of_certificate(const struct account *a,
    const struct session_facts *facts, struct str *out)
{
	const struct tls_peer *peer = facts->certificates;
	static const char *const settings[SETTINGS_MAX] = { "host",
		"tls_trust_file" };
	static const char *const pins[SETTINGS_MAX] = { "tls_fingerprint" };

	if (facts->certificate_count == 0) {
		add_settings(a, facts->host, settings, out);
		str_add(out, "see what is wrong with the certificate");
	} else if (is_no_pin(a, peer)) {
		add_settings(a, facts->host, pins, out);
		str_printf(out,
		    "the server has another certificate, for %s, from %s",
		    str_text(&peer->names), str_text(&peer->issuer));
		add_pin(peer, out);
	} else if (peer->expiration < time(NULL)) {
		str_add(out,
		    "ask the administrator of the server to renew its "
		    "certificate");
		add_pin(peer, out);
	} else {
		add_settings(a, facts->host, settings, out);
		str_printf(out, "the certificate is for %s, from %s",
		    str_text(&peer->names), str_text(&peer->issuer));
		add_pin(peer, out);
	}
}

/* ---- files and folders ---- */

/* Returns a word for a shell; the caller frees it. */
static char *
quote(const char *path)
{
	struct str word = { 0 };

	output_word(&word, path);
	return str_steal(&word);
}

/* `word` is the path for a shell. */
static bool
add_permissions(const char *path, const char *word, const struct stat *st,
    bool has_secret, struct str *out)
{
	/* Root may let a group read a secret. */
	mode_t forbidden = !has_secret ? 022 : st->st_uid == 0 ? 037 : 077;
	bool readable = access(path, R_OK) == 0;

	if (st->st_uid != geteuid() && st->st_uid != 0)
		str_printf(out, "as root: chown %lu %s",
		    (unsigned long)geteuid(), word);
	else if (geteuid() != 0 && st->st_uid == 0 && !readable)
		str_printf(out, "as root: chgrp %lu %s; chmod 640 %s",
		    (unsigned long)getegid(), word, word);
	else if ((st->st_mode & forbidden) != 0)
		str_printf(out, has_secret ? "chmod 600 %s" : "chmod go-w %s",
		    word);
	else if (!readable)
		str_printf(out, "chmod u+r %s", word);
	else
		return false;
	return true;
}

/* For a file that exists. */
static bool
add_to_file(const char *path, const struct stat *st, bool has_secret,
    struct str *out)
{
	char *word = quote(path);
	bool found = true;

	if (!S_ISREG(st->st_mode))
		str_printf(out, "name a regular file in place of %s", path);
	else if (has_secret && st->st_nlink > 1)
		str_printf(out, "cp -p %s %s.copy; mv %s.copy %s", word, word,
		    word, word);
	else if (add_permissions(path, word, st, has_secret, out))
		;
	else if (has_secret && st->st_size == 0)
		str_printf(out, "write the secret to the first line of %s",
		    path);
	else
		found = false;
	free(word);
	return found;
}

bool
remedy_of_file(const char *path, bool has_secret, struct str *out)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return add_to_file(path, &st, has_secret, out);
	if (errno == ENOENT)
		str_printf(out,
		    has_secret ? "create %s with mode 0600" : "create %s",
		    path);
	else
		str_printf(out,
		    "name another file than %s, or give this user the right "
		    "to enter its folder",
		    path);
	return true;
}

static bool
is_read_only(const char *path)
{
	struct statvfs system;

	return statvfs(path, &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

/* For a folder that exists, or one that cannot be reached. */
static void
add_owner(const char *setting, const char *path, bool is_owner, uid_t owner,
    struct str *out)
{
	char *word = quote(path);

	if (!is_owner)
		str_printf(out,
		    "set %s to a folder of this user, or as root: chown -R "
		    "%lu %s; ",
		    setting, (unsigned long)owner, word);
	str_printf(out, "chmod -R u+rwX,go= %s", word);
	free(word);
}

/* Other permissions help only where there is a folder that can be written to. */
void
remedy_of_folder(const char *setting, const char *path, uid_t owner,
    struct str *out)
{
	struct stat st;
	bool exists = lstat(path, &st) == 0;
	char *word;

	if (!exists && errno == ENOENT) {
		word = quote(path);
		str_printf(out,
		    "set %s to a folder of this user, or as root: install -d "
		    "-o %lu -m 700 %s",
		    setting, (unsigned long)owner, word);
		free(word);
	} else if (exists ? !S_ISDIR(st.st_mode) : errno == ENOTDIR) {
		str_printf(out, "set %s to a folder: %s is none", setting,
		    path);
	} else if (exists && is_read_only(path)) {
		str_printf(out,
		    "set %s to a folder of another file system, or make that "
		    "of %s writable",
		    setting, path);
	} else {
		add_owner(setting, path, exists && st.st_uid == owner, owner,
		    out);
	}
}

/* ---- commands ---- */

/* What the program does not do with --service acts on the file of the service. */
static const struct file_command {
	const char *option;
	bool as_root; /* else as the user of the service */
} file_commands[] = {
	{ "--login", true },
	{ "--login-status", true },
	{ "--print", false },
};

static const struct file_command *
find_file_command(const char *option)
{
	for (size_t i = 0; i < COUNT_OF(file_commands); i++)
		if (strcmp(file_commands[i].option, option) == 0)
			return &file_commands[i];
	return NULL;
}

/* Appends "runuser -u USER -- veredus --service", or what takes its place.  Sets
 * *file to the file that the command must name. */
static void
add_service_program(struct str *out, const struct check_target *target,
    const char *option, const char **file)
{
	const struct file_command *row = find_file_command(option);

	if (row != NULL && *file == NULL)
		*file = config_service_file();
	if (row != NULL && row->as_root) {
		str_add(out, "as root: ");
	} else if (target->service_user != NULL) {
		str_add(out, "runuser -u ");
		output_word(out, target->service_user);
		str_add(out, " -- ");
	}
	str_add(out, row != NULL ? "veredus" : "veredus --service");
}

/* Appends the settings of the command line.  All commands that act on the queue alone
 * need is its folder. */
static void
add_overrides(struct str *out, const struct cmdline *cmdline, bool of_account)
{
	for (size_t i = 0; i < cmdline->override_count; i++) {
		const struct override *o = &cmdline->overrides[i];
		struct str option = { 0 };

		str_add(&option, "--");
		if ((of_account || strcmp(o->row->name, "queue_dir") == 0)
		    && option_long_name(o->row, &option)) {
			str_printf(&option, "=%s", o->value);
			str_add_char(out, ' ');
			output_word(out, str_text(&option));
		}
		str_free(&option);
	}
}

void
remedy_add_command(struct str *out, const struct check_target *target,
    const char *option, const char *account)
{
	const char *file = target != NULL ? target->config_file : NULL;

	if (target != NULL && target->of_service)
		add_service_program(out, target, option, &file);
	else
		str_add(out, "veredus");
	if (file != NULL) {
		str_add(out, " -C ");
		output_word(out, file);
	}
	str_printf(out, " %s", option);
	if (target != NULL && target->cmdline != NULL) {
		add_overrides(out, target->cmdline, account != NULL);
		/* The account is that of the command line. */
		if (cmdline_has_host(target->cmdline))
			account = NULL;
	}
	if (account != NULL) {
		str_add(out, " -a ");
		output_word(out, account);
	}
}
