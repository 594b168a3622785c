/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds what a run still needs when it begins to speak to the network, which
 * depends on the account and on the message, and gives up everything else.
 */
#include "modes/enter_sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/buffer_file.h"
#include "base/file.h"
#include "base/module_folder.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "config/credentials.h"
#include "mail/aliases.h"
#include "queue/folder.h"
#include "report/dead_letter.h"
#include "report/terminal.h"
#include "submission/envelope.h"

#define PORT_HTTPS 443
/* A message of this size may not fit in memory once it is converted. */
#define SIZE_TO_CONVERT (BUFFER_FILE_MEMORY_MAX / 4)

/* The modules, and libraries that were installed beside them. */
static void
allow_modules(struct sandbox *s)
{
	char *folder = file_folder(module_folder);

	sandbox_allow_libraries(s);
	landlock_allow(&s->rules, folder, LANDLOCK_READ);
	free(folder);
}

/* ---- the network ---- */

/* Names are looked up in child processes; the first lookup may have begun. */
static bool
needs_resolver(const struct account *a, bool is_looked_up)
{
	if (a->server.socket != NULL)
		return false;
	return account_uses_mx(a) || account_uses_srv(a) || a->dane == DANE_ON
	    || a->hosts.count > 1 || !is_looked_up;
}

static void
allow_name_servers(const struct account *a, struct sandbox *s)
{
	const struct endpoint_list *servers = &a->dns.servers;

	sandbox_allow_resolver(s);
	for (size_t i = 0; i < servers->count; i++)
		landlock_allow_port(&s->rules,
		    endpoint_port(&servers->items[i]));
}

static void
allow_network(const struct account *a, bool is_looked_up, struct sandbox *s)
{
	const struct host_params *server = &a->server;

	if (needs_resolver(a, is_looked_up))
		allow_name_servers(a, s);
	/* The DNS names the ports. */
	s->rules.any_port |= account_uses_srv(a);
	if (server->socket == NULL)
		landlock_allow_port(&s->rules,
		    server->proxy_host != NULL ? server->proxy_port
					       : server->port);
	if (server->source_ip != NULL) {
		s->rules.binds = true;
		s->calls |= SYSCALL_BIND;
	}
}

static void
allow_trust(const struct account *a, struct sandbox *s)
{
	struct strv places = { 0 };

	if (a->tls.mode != TLS_OFF) {
		tls_system_trust(&places);
		sandbox_allow_trust(s, &places);
	}
	strv_free(&places);
}

static void
allow_files_of_tls(const struct tls_params *tls, struct sandbox *s)
{
	const char *const files[] = { tls->key_file, tls->cert_file,
		tls->crl_file, tls->trust_file };

	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (files[i] != NULL)
			landlock_allow(&s->rules, files[i], LANDLOCK_READ);
}

/* The program that fetches policies, and its server in place of the policy
 * host. */
static void
allow_policies(const struct mta_sts *m, struct sandbox *s)
{
	const char *colon =
	    m->helper.server != NULL ? strrchr(m->helper.server, ':') : NULL;
	unsigned long long port = PORT_HTTPS;

	if (m->params.fetch == NULL)
		return;
	if (colon != NULL)
		text_number(colon + 1, 1, UINT16_MAX, &port);
	landlock_allow_port(&s->rules, (unsigned)port);
	sandbox_allow_program(s, m->program);
	landlock_allow(&s->rules, "/etc/ssl/openssl.cnf", LANDLOCK_READ);
	if (m->helper.trust_file != NULL)
		landlock_allow(&s->rules, m->helper.trust_file, LANDLOCK_READ);
	if (m->cache != NULL) {
		(void)file_make_folder(m->cache);
		landlock_allow(&s->rules, m->cache, LANDLOCK_OWN_FOLDER);
	}
}

/* ---- what is left of the message ---- */

/* Once it exists, no right to its folder is needed. */
static void
allow_appending(const char *path, struct sandbox *s)
{
	const char *why;
	int fd = file_open_append(path, &why);

	if (fd >= 0)
		close(fd);
	landlock_allow(&s->rules, path, LANDLOCK_OWN_FILE);
}

static void
allow_log(const struct account *a, struct sandbox *s)
{
	if (a->logfile != NULL && strcmp(a->logfile, "-") != 0)
		allow_appending(a->logfile, s);
}

static void
allow_dead_letter(const struct context *context, const struct account *a,
    struct sandbox *s)
{
	const char *setting = a->dead_letter;
	bool is_default = setting != NULL && strcmp(setting, "on") == 0;
	char *file, *folder;

	if (is_default && context->user.uid < DEAD_LETTER_UID_MIN)
		return;
	file = dead_letter_file(setting, &context->user);
	if (file == NULL)
		return;
	folder = file_folder(file);
	if (is_default)
		(void)file_make_folder(folder);
	if (access(file, F_OK) == 0)
		landlock_allow(&s->rules, file, LANDLOCK_OWN_FILE);
	else
		landlock_allow(&s->rules, folder,
		    LANDLOCK_WRITE | LANDLOCK_CHANGE);
	free(folder);
	free(file);
}

/* A folder that root makes for another mode could not be used by the owner of the
 * queue. */
static bool
may_queue(enum mode mode)
{
	return mode == MODE_SEND || mode == MODE_SERVE || mode == MODE_SERVICE;
}

static void
allow_queue(const struct queue_params *queue, const struct cmdline *cmdline,
    struct sandbox *s)
{
	struct queue_folder folder = { 0 };
	bool queues =
	    queue->mode != QUEUE_MODE_OFF && !cmdline_has_host(cmdline);

	/* The tokens of a rate are given back after the attempt, and a failed
	 * login may be told. */
	if (queue->folder == NULL || !(queues || queue_keeps_tokens(queue)))
		return;
	if (may_queue(cmdline->mode)) {
		if (queue_folder_open(&folder, queue->folder, true, NULL))
			queue_folder_close(&folder);
		else /* The error may name the owner. */
			sandbox_allow_user_names(s);
	}
	landlock_allow(&s->rules, queue->folder, LANDLOCK_OWN_FOLDER);
	/* A process may go on in the background. */
	landlock_allow(&s->rules, "/dev/null", LANDLOCK_OWN_FILE);
	landlock_allow(&s->rules, "/proc", LANDLOCK_LIST);
}

static void
allow_conversion(const struct buffer_file *body, struct sandbox *s)
{
	struct strv places = { 0 };

	if (body->size < SIZE_TO_CONVERT)
		return;
	buffer_file_folders(body, &places);
	for (size_t i = 0; i < places.count; i++)
		landlock_allow(&s->rules, places.items[i],
		    LANDLOCK_OWN_FILE | LANDLOCK_CHANGE);
	strv_free(&places);
}

static void
allow_message(const struct message *m, struct sandbox *s)
{
	if (message_is_8bit(m) || m->has_long_lines || m->has_exact)
		allow_conversion(&m->body, s);
}

/* ---- together ---- */

/* What Kerberos and the modules for tokens read and run, only they know. */
static void
allow_tickets_and_tokens(const struct account *a, struct sandbox *s)
{
	if (!auth_may_use_ticket(&a->auth) && !tls_uses_token(&a->tls))
		return;
	s->any_file = true;
	s->calls |= SYSCALL_EXEC | SYSCALL_KEYS | SYSCALL_BIND;
}

static void
allow_archive(const struct account *a, struct sandbox *s)
{
	if (a->archive.folder == NULL)
		return;
	(void)file_make_folder(a->archive.folder);
	landlock_allow(&s->rules, a->archive.folder, LANDLOCK_OWN_FOLDER);
}

/* What a session with the servers of an account needs. */
static void
allow_session(const struct account *a, const struct mta_sts *policies,
    bool is_looked_up, struct sandbox *s)
{
	allow_network(a, is_looked_up, s);
	allow_trust(a, s);
	allow_policies(policies, s);
	allow_tickets_and_tokens(a, s);
}

/* Enters the sandbox, and releases the rules. */
static bool
enter(const struct cmdline *cmdline, bool is_required, struct sandbox *s,
    struct error *err)
{
	struct str missing = { 0 };
	enum sandbox_state state;
	bool ok;

	allow_modules(s);
	sandbox_allow_instruments(s);
	state = sandbox_enter(s, &missing);
	ok = state != SANDBOX_INCOMPLETE || !is_required;
	if (!ok)
		error_set(err, ERROR_CONFIG,
		    "sandbox require: this system has %s", str_text(&missing));
	else if (state != SANDBOX_COMPLETE
	    && (cmdline->verbose || cmdline->debug))
		terminal_line("note: sandbox: ", str_text(&missing));
	str_free(&missing);
	sandbox_free(s);
	return ok;
}

/* ---- one account ---- */

static void
allow_session_of_context(const struct context *context, struct sandbox *s)
{
	allow_session(&context->account, &context->mta_sts,
	    context->lookup.host != NULL, s);
}

static bool
enter_for_account(const struct context *context, struct sandbox *s,
    struct error *err)
{
	return enter(context->cmdline,
	    context->account.sandbox == SANDBOX_MODE_REQUIRE, s, err);
}

/* What is written about a message.  A mode that only looks creates none of it. */
static void
allow_results(const struct context *context, struct sandbox *s)
{
	const struct account *a = &context->account;

	allow_archive(a, s);
	allow_log(a, s);
	allow_dead_letter(context, a, s);
}

bool
context_enter_sandbox(const struct context *context, struct error *err)
{
	const struct account *a = &context->account;
	struct sandbox s = { 0 };

	if (a->sandbox == SANDBOX_MODE_OFF)
		return true;
	allow_session_of_context(context, &s);
	/* A mode that shows rejected certificates reads the files again to do
	 * so. */
	if (context->cmdline->mode != MODE_SEND)
		allow_files_of_tls(&a->tls, &s);
	if (mode_sends(context->cmdline->mode))
		allow_results(context, &s);
	allow_queue(&a->queue, context->cmdline, &s);
	allow_message(&context->submission.message, &s);
	/* A listing for root names the users whose messages they are. */
	if (context->cmdline->mode == MODE_PRINT_QUEUE)
		sandbox_allow_user_names(&s);
	return enter_for_account(context, &s, err);
}

bool
context_enter_sandbox_of_run(const struct context *context, const char *folder,
    uint64_t largest, struct error *err)
{
	const struct buffer_file body = { .size = largest };
	struct sandbox s = { 0 };

	if (context->account.sandbox == SANDBOX_MODE_OFF)
		return true;
	allow_session_of_context(context, &s);
	allow_archive(&context->account, &s);
	allow_log(&context->account, &s);
	landlock_allow(&s.rules, folder, LANDLOCK_OWN_FOLDER);
	allow_conversion(&body, &s);
	/* The log names the users whose messages they are. */
	if (context->user.is_service)
		sandbox_allow_user_names(&s);
	return enter_for_account(context, &s, err);
}

/* ---- the accounts of a client ---- */

static void
allow_files(const struct strv *files, struct sandbox *s)
{
	for (size_t i = 0; i < files->count; i++)
		landlock_allow(&s->rules, files->items[i], LANDLOCK_READ);
}

/* The account is chosen later, and its secrets are read then. */
static void
allow_secrets(const struct context *context, const struct account *a,
    struct sandbox *s)
{
	struct strv files = { 0 };

	allow_files_of_tls(&a->tls, s);
	credentials_files(a, &context->user, &files);
	allow_files(&files, s);
	strv_free(&files);
	if (context->cmdline->tls_keylog != NULL)
		allow_appending(context->cmdline->tls_keylog, s);
}

/* The aliases are read when a recipient needs them, and their :include: lists
 * as well; which ones they are is found out now. */
static void
allow_aliases(const struct context *context, const struct account *a,
    struct sandbox *s)
{
	struct aliases aliases = { .owner = context->user.uid };
	struct strv files = { 0 };

	if (a->aliases == NULL)
		return;
	landlock_allow(&s->rules, a->aliases, LANDLOCK_READ);
	if (submission_read_aliases(a->aliases, &aliases, NULL, NULL))
		aliases_find_lists(&aliases, &files);
	allow_files(&files, s);
	strv_free(&files);
	aliases_free(&aliases);
}

static void
allow_account(const struct context *context, const struct account *a,
    struct sandbox *s)
{
	struct mta_sts policies = { 0 };

	mta_sts_prepare(&policies, a, &context->user, NULL);
	allow_session(a, &policies, false, s);
	allow_archive(a, s);
	mta_sts_free(&policies);
	allow_secrets(context, a, s);
	allow_aliases(context, a, s);
	allow_log(a, s);
	allow_dead_letter(context, a, s);
	allow_queue(&a->queue, context->cmdline, s);
}

/* What the accounts want together: no sandbox if all want none. */
static enum sandbox_mode
mode_of(const struct account_monitor *m)
{
	bool all_off = m->count > 0;

	for (size_t i = 0; i < m->count; i++) {
		if (m->accounts[i]->sandbox == SANDBOX_MODE_REQUIRE)
			return SANDBOX_MODE_REQUIRE;
		all_off &= m->accounts[i]->sandbox == SANDBOX_MODE_OFF;
	}
	return all_off ? SANDBOX_MODE_OFF : SANDBOX_MODE_ON;
}

bool
context_enter_sandbox_of_client(const struct context *context,
    const char *folder, const char *listed_queue, struct error *err)
{
	const struct account_monitor *m = &context->monitor;
	const enum sandbox_mode mode = mode_of(m);
	/* Whatever size the messages have, they may be converted. */
	const struct buffer_file body = { .folder = folder,
		.size = SIZE_TO_CONVERT };
	struct sandbox s = { 0 };

	if (mode == SANDBOX_MODE_OFF)
		return true;
	for (size_t i = 0; i < m->count; i++)
		allow_account(context, m->accounts[i], &s);
	if (m->count > 0)
		allow_conversion(&body, &s);
	if (listed_queue != NULL)
		landlock_allow(&s.rules, listed_queue, LANDLOCK_OWN_FOLDER);
	sandbox_allow_user_names(&s);
	return enter(context->cmdline, mode == SANDBOX_MODE_REQUIRE, &s, err);
}
