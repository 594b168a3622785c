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
#include "queue/folder.h"
#include "report/dead_letter.h"
#include "report/terminal.h"

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

static bool
needs_resolver(const struct context *context)
{
	const struct account *a = &context->account;

	if (a->server.socket != NULL)
		return false;
	return account_uses_mx(a) || account_uses_srv(a) || a->dane == DANE_ON
	    || a->hosts.count > 1 || context->lookup.host == NULL;
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
allow_network(const struct context *context, struct sandbox *s)
{
	const struct account *a = &context->account;
	const struct host_params *server = &a->server;

	if (needs_resolver(context))
		allow_name_servers(a, s);
	/* The DNS names the ports. */
	s->rules.any_port = account_uses_srv(a);
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

/* A mode that shows rejected certificates reads the files again to do so. */
static void
allow_files_of_tls(const struct context *context, struct sandbox *s)
{
	const struct tls_params *tls = &context->account.tls;
	const char *const files[] = { tls->key_file, tls->cert_file,
		tls->crl_file, tls->trust_file };

	if (context->cmdline->mode == MODE_SEND)
		return;
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
allow_log(const struct account *a, struct sandbox *s)
{
	const char *why;
	int fd;

	if (a->logfile == NULL || strcmp(a->logfile, "-") == 0)
		return;
	fd = file_open_append(a->logfile, &why);
	if (fd >= 0)
		close(fd);
	landlock_allow(&s->rules, a->logfile, LANDLOCK_OWN_FILE);
}

static void
allow_dead_letter(const struct context *context, struct sandbox *s)
{
	const char *setting = context->account.dead_letter;
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

static void
allow_queue(const struct context *context, struct sandbox *s)
{
	const struct queue_params *queue = &context->account.queue;
	struct queue_folder folder = { 0 };
	bool queues = queue->mode != QUEUE_MODE_OFF
	    && !cmdline_has_host(context->cmdline);

	/* The tokens of a rate are given back after the attempt, and a failed
	 * login may be told. */
	if (queue->folder == NULL
	    || !(queues || queue_has_rate(queue) || queue->alert_to != NULL))
		return;
	if (queue_folder_open(&folder, queue->folder, true, NULL))
		queue_folder_close(&folder);
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

/* What a session with the servers of the account needs. */
static void
allow_session(const struct context *context, struct sandbox *s)
{
	const struct account *a = &context->account;

	allow_modules(s);
	allow_network(context, s);
	allow_trust(a, s);
	allow_policies(&context->mta_sts, s);
	allow_tickets_and_tokens(a, s);
	allow_archive(a, s);
	sandbox_allow_instruments(s);
}

/* Enters the sandbox, and releases the rules. */
static bool
enter(const struct context *context, struct sandbox *s, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	struct str missing = { 0 };
	enum sandbox_state state = sandbox_enter(s, &missing);
	bool ok = state != SANDBOX_INCOMPLETE
	    || context->account.sandbox != SANDBOX_MODE_REQUIRE;

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

bool
context_enter_sandbox(const struct context *context, struct error *err)
{
	struct sandbox s = { 0 };

	if (context->account.sandbox == SANDBOX_MODE_OFF)
		return true;
	allow_session(context, &s);
	allow_files_of_tls(context, &s);
	allow_log(&context->account, &s);
	allow_dead_letter(context, &s);
	allow_queue(context, &s);
	allow_message(&context->submission.message, &s);
	/* A listing for root names the users whose messages they are. */
	if (context->cmdline->mode == MODE_PRINT_QUEUE)
		sandbox_allow_user_names(&s);
	return enter(context, &s, err);
}

bool
context_enter_sandbox_of_run(const struct context *context, const char *folder,
    uint64_t largest, struct error *err)
{
	const struct buffer_file body = { .size = largest };
	struct sandbox s = { 0 };

	if (context->account.sandbox == SANDBOX_MODE_OFF)
		return true;
	allow_session(context, &s);
	allow_log(&context->account, &s);
	landlock_allow(&s.rules, folder, LANDLOCK_OWN_FOLDER);
	allow_conversion(&body, &s);
	/* The log names the users whose messages they are. */
	if (context->user.is_service)
		sandbox_allow_user_names(&s);
	return enter(context, &s, err);
}
