/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what an account says about itself, and the files that it names. */
#include "check/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/host.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "check/filter.h"
#include "check/remedy.h"
#include "check/secrets.h"
#include "check/unused.h"
#include "config/option_names.h"
#include "config/password_file.h"
#include "mail/alias_expansion.h"
#include "mail/path.h"
#include "modes/folder_check.h"
#include "net/params.h"
#include "report/dead_letter.h"
#include "submission/envelope.h"

/* As in etc/systemd/system/veredus.socket. */
#define SERVICE_SOCKET "/run/veredus/submit"

/* ---- errors with the place of a setting ---- */

/* Adds an error of a file that a setting names. */
static void
add_setting_error(struct findings *f, enum check_item item,
    const struct account *a, const char *setting, const struct error *err)
{
	struct str place = { 0 };
	char *text = error_describe(err);

	account_describe_setting(a, setting, &place);
	findings_add(f, FINDING_FAIL, item, "%s: %s", str_text(&place), text);
	findings_set_exit(f, error_exit_status(err));
	str_free(&place);
	free(text);
}

/* The setting that the error is about, or NULL. */
static const struct option_row *
setting_of(const struct error *err)
{
	return err->subject != NULL ? option_find(err->subject) : NULL;
}

void
check_add_error(struct findings *f, enum check_item item,
    const struct account *a, const struct error *err)
{
	const struct option_row *row = setting_of(err);
	struct error placed = *err;
	struct str place = { 0 };
	char *text;

	if (row != NULL && account_has(a, row->name)) {
		account_describe_setting(a, row->name, &place);
		placed.subject = place.data;
	}
	text = error_describe(&placed);
	findings_add(f, FINDING_FAIL, item, "%s", text);
	findings_set_exit(f, error_exit_status(err));
	str_free(&place);
	free(text);
}

static void
mend_file(struct findings *f, const char *path, bool has_secret,
    const char *otherwise)
{
	struct str remedy = { 0 };

	if (!remedy_of_file(path, has_secret, &remedy))
		str_add(&remedy, otherwise);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

/* ---- identity ---- */

/* A server on this host does not mind. */
static void
add_bad_greeting(const struct account *a, const char *place, struct findings *f)
{
	enum finding_level level =
	    a->server.socket != NULL || account_is_local(a) ? FINDING_NOTE
							    : FINDING_WARN;

	if (a->session.domain != NULL)
		findings_add(f, level, ITEM_EHLO,
		    "greets as %s, by %s, which is no fully qualified name: "
		    "some servers reject that",
		    a->session.domain, place);
	else
		findings_add(f, level, ITEM_EHLO,
		    "this host has no fully qualified name, and greets with "
		    "its address: some servers reject that");
	findings_mend(f,
	    account_has(a, "domain")
		? "change domain to the full name of this host"
		: "set domain to the full name of this host, or write that to "
		  "/etc/mailname");
}

static void
check_ehlo(const struct account *a, struct findings *f)
{
	const char *name = a->session.domain;
	struct str place = { 0 };

	account_describe_setting(a, "domain", &place);
	if (name != NULL && (*name == '[' || strchr(name, '.') != NULL))
		findings_add(f, FINDING_OK, ITEM_EHLO, "greets as %s, by %s",
		    name, str_text(&place));
	else
		add_bad_greeting(a, str_text(&place), f);
	str_free(&place);
}

/* Providers let users send as themselves. */
static void
compare_with_user(const struct account *a, const char *sender,
    struct findings *f)
{
	findings_add(f, FINDING_NOTE, ITEM_SENDER,
	    "sends as %s, but logs in as %s: many providers reject that",
	    sender, a->auth.user);
	findings_mend(f,
	    "set from to %s, unless the provider knows %s as yours",
	    a->auth.user, sender);
}

static void
add_sender(const struct context *context, struct findings *f)
{
	const struct account *a = &context->account;
	const struct submission *s = &context->submission;
	const char *sender = s->envelope.sender;
	struct str place = { 0 };

	if (s->sender_source == SENDER_BY_DEFAULT && !account_is_local(a)) {
		findings_add(f, FINDING_WARN, ITEM_SENDER,
		    "sends as %s, made of the names of the user and of this "
		    "host, which other servers may not know",
		    sender);
		findings_mend(f, "set from to an address of the account");
	} else if (account_login_is_sender(a)
	    && !text_equal_nocase(a->auth.user, sender)) {
		compare_with_user(a, sender, f);
	} else {
		account_describe_setting(a,
		    a->sender_is_login ? "user" : "from", &place);
		findings_add(f, FINDING_OK, ITEM_SENDER, "sends as %s, by %s",
		    *sender != '\0' ? sender : "<>",
		    s->sender_source == SENDER_FROM_ACCOUNT ? str_text(&place)
			: s->sender_source == SENDER_FROM_CALLER
			? "-f"
			: "the names of the user and of this host");
	}
	str_free(&place);
}

static void
check_sender(struct context *context, struct findings *f)
{
	struct error err = { 0 };

	context_next_submission(context);
	if (submission_set_sender(&context->submission, &err)) {
		add_sender(context, f);
	} else {
		findings_add_error(f, ITEM_SENDER, &err);
		findings_mend(f, "set from to an address of the account");
	}
	error_free(&err);
}

/* ---- files ---- */

static void
add_alias_errors(const struct aliases *aliases, struct findings *f)
{
	for (size_t i = 0; i < aliases->errors.count; i++) {
		findings_add(f, FINDING_FAIL, ITEM_ALIASES, "%s",
		    aliases->errors.items[i]);
		findings_mend(f, "edit %s", aliases->file);
	}
}

static void
add_aliases(const struct account *a, const struct aliases *aliases,
    struct findings *f)
{
	struct str place = { 0 };

	account_describe_setting(a, "aliases", &place);
	if (access(a->aliases, F_OK) < 0) {
		findings_add(f, FINDING_WARN, ITEM_ALIASES,
		    "%s: %s does not exist", str_text(&place), a->aliases);
		findings_mend(f, "create %s, or remove the line", a->aliases);
	} else if (aliases->errors.count > 0) {
		add_alias_errors(aliases, f);
	} else {
		findings_add(f, FINDING_OK, ITEM_ALIASES, "%zu in %s",
		    aliases->count, a->aliases);
	}
	str_free(&place);
}

void
check_aliases_file(const struct account *a, const struct user *user,
    struct findings *f)
{
	struct aliases aliases = { .owner = user->uid };
	struct strv hosts = { 0 };
	struct error err = { 0 };

	if (a->aliases == NULL)
		return;
	host_local_names(&hosts);
	if (submission_read_aliases(a->aliases, &aliases, NULL, &err)) {
		aliases_check(&aliases, &hosts);
		add_aliases(a, &aliases, f);
	} else {
		add_setting_error(f, ITEM_ALIASES, a, "aliases", &err);
		mend_file(f, a->aliases, false,
		    "correct the file that aliases names, or remove the line");
	}
	aliases_free(&aliases);
	strv_free(&hosts);
	error_free(&err);
}

bool
check_leaves_folders(const struct user *user)
{
	return user->is_service && geteuid() == 0;
}

void
check_archive(const struct account *a, const struct user *user,
    struct findings *f)
{
	struct error err = { 0 };

	if (a->archive.folder == NULL || check_leaves_folders(user))
		return;
	if (folder_check_maildir(a->archive.folder, &err)) {
		findings_add(f, FINDING_OK, ITEM_ARCHIVE, "%s",
		    a->archive.folder);
	} else {
		add_setting_error(f, ITEM_ARCHIVE, a, "archive", &err);
		findings_mend(f,
		    "name another folder with archive, or give this user the "
		    "right to write to %s",
		    a->archive.folder);
		if (!a->archive.required)
			findings_weaken(f, f->count - 1,
			    "messages go out without a copy");
	}
	error_free(&err);
}

static void
mend_tls(const struct account *a, const struct error *err, struct findings *f)
{
	const struct option_row *row = setting_of(err);
	bool is_written = row != NULL && account_has(a, row->name);

	if (row == NULL)
		findings_mend(f,
		    "install a build with TLS, or the part of it that this "
		    "names");
	else if (!is_written && strcmp(row->name, "tls_trust_file") == 0)
		findings_mend(f,
		    "install ca-certificates, or name its file with "
		    "tls_trust_file");
	else if (!is_written)
		findings_mend(f, "set %s", row->name);
	else if (row->type == OPTION_PATH)
		findings_mend(f,
		    "change the line of %s, or the text or the permissions of "
		    "the file",
		    row->name);
	else
		findings_mend(f, "change or remove the line of %s", row->name);
}

void
check_tls_files(const struct account *a, struct findings *f)
{
	struct tls_context *tls = NULL;
	struct error err = { 0 };

	if (!tls_prepare(&a->tls, &tls, &err) || !tls_load(tls, &err)) {
		check_add_error(f, ITEM_TLS, a, &err);
		mend_tls(a, &err, f);
	}
	tls_context_free(tls);
	error_free(&err);
}

void
check_proxy_login(const struct account *a, const struct user *user,
    struct findings *f)
{
	struct secret password = { 0 };
	struct error err = { 0 };
	char *path;

	if (!password_of_proxy(a, user, &password, &err)) {
		check_add_error(f, ITEM_PASSWORD, a, &err);
		path = file_expand_home(a->proxy_passwordfile, user->home);
		mend_file(f, path, true,
		    "change the line of proxy_passwordfile, or the file");
		free(path);
	}
	secret_free(&password);
	error_free(&err);
}

static void
mend_certcheck(const struct account *a, struct findings *f)
{
	struct str command = { 0 };

	remedy_add_command(&command, &f->target, "--serverinfo", a->name);
	findings_mend(f,
	    "remove tls_certcheck, or replace it by tls_fingerprint, which %s "
	    "shows",
	    str_text(&command));
	str_free(&command);
}

/* Says what the settings want of the connection. */
static void
check_tls(const struct account *a, struct findings *f)
{
	size_t before = f->count;
	bool local = account_is_local(a);
	struct str place = { 0 };

	check_tls_files(a, f);
	account_describe_setting(a,
	    a->tls.certcheck == CERTCHECK_OFF ? "tls_certcheck" : "tls",
	    &place);
	if (f->count > before || a->tls.mode == TLS_OPPORTUNISTIC
	    || (local && a->tls.mode == TLS_OFF)) {
		str_free(&place);
		return;
	}
	if (a->tls.mode == TLS_OFF) {
		findings_add(f, FINDING_WARN, ITEM_TLS,
		    "%s: everybody on the way can read and change the mail",
		    str_text(&place));
		findings_mend(f, "set \"tls on\"");
	} else if (a->tls.certcheck == CERTCHECK_OFF) {
		findings_add(f, local ? FINDING_NOTE : FINDING_WARN, ITEM_TLS,
		    "%s: the server may be any%s, who gets the mail and the "
		    "password",
		    str_text(&place), local ? " user of this host" : "body");
		mend_certcheck(a, f);
	}
	str_free(&place);
}

/* The log file must not come into being here, with the wrong owner. */
static const char *
logfile_problem(const char *path)
{
	char *folder = file_folder(path);
	const char *why = NULL;
	int fd;

	if (access(path, F_OK) == 0) {
		fd = file_open_append(path, &why);
		if (fd >= 0)
			close(fd);
	} else if (access(folder, W_OK | X_OK) < 0) {
		why = strerror(errno);
	}
	free(folder);
	return why;
}

static void
check_logfile(const struct account *a, struct findings *f)
{
	const char *why = logfile_problem(a->logfile);
	struct str place = { 0 };

	if (why == NULL) {
		findings_add(f, FINDING_OK, ITEM_LOG, "%s", a->logfile);
		return;
	}
	account_describe_setting(a, "logfile", &place);
	findings_add(f, FINDING_WARN, ITEM_LOG, "%s: cannot write to %s: %s",
	    str_text(&place), a->logfile, why);
	findings_mend(f,
	    "give this user the right to write to %s, or set another logfile",
	    a->logfile);
	str_free(&place);
}

static void
check_log(const struct account *a, struct findings *f)
{
	bool has_file = a->logfile != NULL && strcmp(a->logfile, "-") != 0;

	if (has_file)
		check_logfile(a, f);
	if (a->syslog == LOG_DISABLED) {
		if (has_file)
			return;
		findings_add(f, FINDING_NOTE, ITEM_LOG, "nothing is logged");
		findings_mend(f, "set \"syslog on\" or logfile");
	} else if (log_is_reachable()) {
		findings_add(f, FINDING_OK, ITEM_LOG, "the system log");
	} else {
		findings_add(f, has_file ? FINDING_NOTE : FINDING_WARN,
		    ITEM_LOG, "the system log cannot be reached: %s",
		    strerror(errno));
		findings_mend(f,
		    "start systemd-journald or another logger, or set "
		    "\"syslog off\" and logfile");
	}
}

/* "on" is meant for the other users. */
static void
check_dead_letter(const struct account *a, const struct user *user,
    struct findings *f)
{
	struct error err = { 0 };

	if (strcmp(a->dead_letter, "off") == 0 || check_leaves_folders(user))
		return;
	if (dead_letter_check(a->dead_letter, user, &err)) {
		char *file = dead_letter_file(a->dead_letter, user);

		findings_add(f, FINDING_OK, ITEM_LETTER, "%s", file);
		free(file);
	} else {
		struct str place = { 0 };
		char *why = error_describe(&err);

		account_describe_setting(a, "dead_letter", &place);
		findings_add(f,
		    err.kind == ERROR_PERMISSION ? FINDING_NOTE : FINDING_WARN,
		    ITEM_LETTER, "%s: %s", str_text(&place), why);
		findings_mend(f,
		    "set dead_letter to a file that this user may write to");
		str_free(&place);
		free(why);
	}
	error_free(&err);
}

/* Returns why nobody can connect to the socket, or NULL. */
static const char *
socket_problem(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return strerror(errno);
	if (!S_ISSOCK(st.st_mode))
		return "it is no socket";
	return access(path, W_OK) < 0 ? strerror(errno) : NULL;
}

/* veredus.socket lets everybody connect, unless its administrator has changed
 * that. */
static const char *
socket_remedy(const char *path)
{
	bool is_usual = strcmp(path, SERVICE_SOCKET) == 0;

	if (access(path, F_OK) == 0 && access(path, W_OK) < 0)
		return is_usual
		    ? "as root: systemctl edit veredus.socket, and let this "
		      "user connect with SocketMode or SocketGroup"
		    : "give this user the right to write to the socket, or "
		      "change the line";
	return is_usual ? "as root: systemctl enable --now veredus.socket"
			: "start the server that makes this socket, or change "
			  "the line";
}

static bool
check_socket(const struct account *a, struct findings *f)
{
	const char *path = a->server.socket;
	const char *why = path != NULL ? socket_problem(path) : NULL;
	struct str place = { 0 };
	struct error err = { 0 };

	if (path == NULL)
		return true;
	if (why == NULL) {
		findings_add(f, FINDING_OK, ITEM_SOCKET, "%s", path);
		return true;
	}
	account_describe_setting(a, "socket", &place);
	error_set_about(&err, ERROR_CONNECT, str_text(&place),
	    "cannot connect to %s: %s", path, why);
	findings_add_error(f, ITEM_SOCKET, &err);
	findings_mend(f, "%s", socket_remedy(path));
	error_free(&err);
	str_free(&place);
	return false;
}

static void
check_account_sandbox(const struct account *a, struct findings *f)
{
	struct str place = { 0 };

	account_describe_setting(a, "sandbox", &place);
	if (a->sandbox == SANDBOX_MODE_REQUIRE && !sandbox_is_available()) {
		findings_add(f, FINDING_FAIL, ITEM_SANDBOX,
		    "%s: this system lacks a part of the sandbox",
		    str_text(&place));
		findings_mend(f,
		    "set \"sandbox on\", or start a kernel with Landlock");
	} else if (a->sandbox == SANDBOX_MODE_OFF) {
		findings_add(f, FINDING_NOTE, ITEM_SANDBOX,
		    "%s: the program keeps all its rights while it reads from "
		    "the network",
		    str_text(&place));
		findings_mend(f, "remove the line");
	}
	str_free(&place);
}

static void
add_summary(const struct account *a, struct findings *f)
{
	struct str place = { 0 };
	char *hosts = strv_join(&a->hosts, ", ");

	if (a->origin.kind == ORIGIN_FILE)
		origin_describe(&a->origin, &place);
	else
		str_add(&place, "the command line");
	if (a->server.socket != NULL)
		findings_add(f, FINDING_OK, ITEM_ACCOUNT, "%s, by %s",
		    a->server.socket, str_text(&place));
	else if (a->server.port == 0)
		findings_add(f, FINDING_OK, ITEM_ACCOUNT, "host %s, by %s",
		    hosts, str_text(&place));
	else
		findings_add(f, FINDING_OK, ITEM_ACCOUNT,
		    "host %s port %u, by %s", hosts, a->server.port,
		    str_text(&place));
	free(hosts);
	str_free(&place);
}

bool
check_account(struct context *context, struct findings *f)
{
	const struct account *a = &context->account;

	add_summary(a, f);
	check_unused(a, context->user.is_service, f);
	check_ehlo(a, f);
	/* The clients of a service say who they are. */
	if (!context->user.is_service)
		check_sender(context, f);
	check_aliases_file(a, &context->user, f);
	check_archive(a, &context->user, f);
	check_secrets(a, &context->user, f);
	check_filter(a, f);
	check_log(a, f);
	check_dead_letter(a, &context->user, f);
	check_account_sandbox(a, f);
	check_tls(a, f);
	check_proxy_login(a, &context->user, f);
	return check_socket(a, f);
}
