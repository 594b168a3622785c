/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the accounts of a queue run.
 */
#include "runner/account.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "modes/enter_sandbox.h"
#include "queue/faults.h"
#include "runner/enqueue.h"
#include "runner/events.h"

/* The options of the queue run that count for every message. */
static void
begin_cmdline(struct run_account *a, const struct cmdline *run)
{
	a->cmdline = (struct cmdline){ .personality = run->personality,
		.name = run->name,
		.mode = MODE_SEND,
		.errors = run->errors,
		.verbose = run->verbose,
		.debug = run->debug,
		.service = run->service,
		.config_file = a->configuration,
		.account = a->name };
}

/* All accounts of a configuration share what was read once. */
static bool
borrow_config(const struct run_accounts *accounts, struct run_account *a)
{
	for (size_t i = 0; i < accounts->count; i++) {
		const struct run_account *b = accounts->items[i];

		if (b->has_config && !b->borrows_config
		    && text_equal(a->configuration, b->configuration)) {
			a->context.config = b->context.config;
			return true;
		}
	}
	return false;
}

/* The lines of the account that messages are sent for now keep its facility. */
static void
read_account(const struct run_accounts *accounts, struct run_account *a)
{
	struct context *context = &a->context;
	const int facility = log_facility();

	context_find_user(context);
	a->borrows_config = borrow_config(accounts, a);
	a->has_config =
	    a->borrows_config || context_read_config(context, &a->obstacle);
	a->is_broken =
	    !a->has_config || !context_select_account(context, &a->obstacle);
	log_set_facility(facility);
}

/* Returns the account's own server, or NULL with `host mx`; the caller frees. */
static char *
server_name(const struct run_account *a)
{
	const struct account *account = &a->context.account;

	if (account_uses_mx(account)
	    || (account->server.socket == NULL && account->server.host == NULL))
		return NULL;
	return account->server.socket != NULL
	    ? alloc_string(account->server.socket)
	    : alloc_printf("%s:%u", account->server.host, account->server.port);
}

static void
read_faults(struct run_account *a)
{
	char *server = server_name(a);

	if (server != NULL)
		a->known_faults =
		    queue_faults_find(a->pauses->folder, server, queue_now());
	free(server);
	a->faults.bdat = (a->known_faults & QUEUE_FAULT_BDAT) != 0;
	a->faults.pipeline = (a->known_faults & QUEUE_FAULT_PIPELINE) != 0;
}

void
run_account_note_faults(struct run_account *a)
{
	unsigned faults = (a->faults.bdat ? QUEUE_FAULT_BDAT : 0U)
	    | (a->faults.lasting ? QUEUE_FAULT_PIPELINE : 0U);
	unsigned added = faults & ~a->known_faults;
	char *server = added != 0 ? server_name(a) : NULL;

	if (server != NULL)
		queue_faults_add(a->pauses->folder, server, added, queue_now());
	free(server);
	a->known_faults |= added;
}

void
run_account_prepare(struct run_account *a)
{
	struct context *context = &a->context;

	if (a->is_prepared || a->is_broken)
		return;
	a->is_prepared = true;
	read_faults(a);
	if (context_prepare_connection(context, &a->obstacle))
		(void)context_get_login(context, false, &a->obstacle);
}

void
run_account_enter_sandbox(struct run_account *a, const char *folder,
    uint64_t largest)
{
	struct delivery_params params;
	struct error *err = error_is_set(&a->obstacle) ? NULL : &a->obstacle;

	/* Finds the helper and the cache for policies. */
	context_delivery_params(&a->context, &params);
	(void)context_enter_sandbox_of_run(&a->context, folder, largest, err);
}

void
run_account_end_probe(struct run_account *a)
{
	if (a->probe_plus_1 != 0)
		close(a->probe_plus_1 - 1);
	a->probe_plus_1 = 0;
}

struct queue_destination
run_account_destination(const struct run_account *a)
{
	return (struct queue_destination){ .account = a->name,
		.configuration = a->configuration };
}

bool
run_account_is_of(const struct run_account *a, const struct queue_entry *entry)
{
	return strcmp(a->name, entry->account) == 0
	    && text_equal(a->configuration, entry->configuration);
}

static struct run_account *
find_usable(struct run_accounts *accounts, const struct queue_entry *entry)
{
	struct run_account *a = run_account_find(accounts, entry);

	return a->is_broken ? NULL : a;
}

/* Returns the default account of the same configuration, else that of the
 * configuration of the run. */
static struct run_account *
find_heir(struct run_accounts *accounts, const struct run_account *a)
{
	char name[] = "default";
	struct queue_entry entry = { .account = name,
		.configuration = a->configuration };
	struct run_account *heir = NULL;
	char *own = enqueue_configuration(accounts->cmdline);

	if (!run_account_is_of(a, &entry))
		heir = find_usable(accounts, &entry);
	entry.configuration = own;
	if (heir == NULL && !run_account_is_of(a, &entry))
		heir = find_usable(accounts, &entry);
	free(own);
	return heir;
}

struct run_account *
run_account_find(struct run_accounts *accounts, const struct queue_entry *entry)
{
	struct run_account *a;

	for (size_t i = 0; i < accounts->count; i++)
		if (run_account_is_of(accounts->items[i], entry))
			return accounts->items[i];
	a = alloc_zeroed(1, sizeof(*a));
	a->name = alloc_string(entry->account);
	a->configuration = alloc_string(entry->configuration);
	begin_cmdline(a, accounts->cmdline);
	context_init(&a->context, &a->cmdline);
	a->pauses = accounts->pauses;
	read_account(accounts, a);
	accounts->items = alloc_grow(accounts->items, accounts->count,
	    &accounts->size, sizeof(struct run_account *));
	accounts->items[accounts->count++] = a;
	if (a->is_broken)
		a->heir = find_heir(accounts, a);
	return a;
}

void
run_accounts_leave_others(struct run_accounts *accounts, struct run_account *a)
{
	a->borrows_config = true;
	accounts->items[0] = a;
	accounts->count = 1;
}

void
run_accounts_free(struct run_accounts *accounts)
{
	for (size_t i = 0; i < accounts->count; i++) {
		struct run_account *a = accounts->items[i];

		run_account_end_probe(a);
		if (a->borrows_config)
			a->context.config = (struct config){ 0 };
		context_free(&a->context);
		error_free(&a->obstacle);
		error_free(&a->excess);
		free(a->name);
		free(a->configuration);
		free(a);
	}
	free(accounts->items);
	*accounts = (struct run_accounts){ 0 };
}
