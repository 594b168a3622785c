/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps of a run that make envelope and message ready to leave.  They are
 * declared in run.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/host.h"
#include "mail/aliases.h"
#include "mail/complete.h"
#include "mail/header.h"
#include "mail/path.h"
#include "mail/recipients.h"
#include "mail/resent.h"
#include "masquerade.h"
#include "run.h"

/* A file with aliases may have this many octets. */
#define ALIASES_SIZE_MAX ((size_t)16 * 1024 * 1024)

/* The user, whom the rules for senders give a domain. */
static char *
made_up_sender(const struct run *run)
{
	const struct account *account = &run->account;
	char *user = user_name(&run->user), *sender;

	if (account->maildomain == NULL)
		return user;
	sender = alloc_printf("%s@%s", user, account->maildomain);
	free(user);
	return sender;
}

/*
 * A bare name means something to a server on this machine; for others it is
 * no address that could be answered.
 */
static bool
check_sender_domain(const struct run *run, struct error *err)
{
	const char *sender = run->envelope.sender;

	if (*sender == '\0' || path_domain(sender) != NULL
	    || account_is_local(&run->account))
		return true;
	return error_set(err, ERROR_CONFIG,
	    "account %s: nobody could answer the sender <%s>: this host has no "
	    "full name (see hostname -f); write from or qualify_domain",
	    run->account.name, sender);
}

/* One that the rules made up is no mistake of the caller. */
static bool
rewrite_envelope_sender(struct run *run, struct error *err)
{
	struct envelope *e = &run->envelope;
	char *sender;
	bool changed;

	if (!path_check(e->sender, err))
		return false;
	sender = rewrite_sender(&run->rewriting, e->sender, &run->reply_to);
	changed = strcmp(sender, e->sender) != 0;
	alloc_replace(&run->written_sender, changed ? e->sender : NULL);
	envelope_set_sender(e, sender, e->sender_is_default || changed);
	free(sender);
	return path_check(e->sender, err) && check_sender_domain(run, err);
}

/*
 * -f, unless the account forbids it; what --read-envelope-from found; the
 * account's address; what we make up.
 */
static bool
set_sender(struct run *run, struct error *err)
{
	const struct account *account = &run->account;
	const char *given = run->cmdline->sender;
	char *sender = NULL;

	if (given != NULL && account->allow_from_override)
		envelope_set_sender(&run->envelope, given, false);
	else if (run->envelope.sender == NULL
	    || !account->allow_from_override) {
		sender = account->sender != NULL ? alloc_string(account->sender)
						 : made_up_sender(run);
		envelope_set_sender(&run->envelope, sender, true);
	}
	free(sender);
	return rewrite_envelope_sender(run, err);
}

static void
set_dsn(struct run *run)
{
	const struct dsn *asked = &run->cmdline->dsn;
	struct dsn *dsn = &run->envelope.dsn;

	dsn->notify = asked->notify != DSN_NOTIFY_DEFAULT
	    ? asked->notify
	    : run->account.dsn_notify;
	dsn->wanted = asked->wanted != DSN_RETURN_DEFAULT
	    ? asked->wanted
	    : run->account.dsn_return;
	alloc_replace(&dsn->envelope_id, asked->envelope_id);
	run->envelope.demands = &run->account.demands;
	run->envelope.declared_8bit = run->cmdline->body == BODY_8BITMIME;
}

static bool
read_aliases(const char *file, struct aliases *aliases, struct error *err)
{
	struct file_rules rules = { .max = ALIASES_SIZE_MAX };
	struct str text = { 0 };
	bool ok = file_read(file, &rules, &text, NULL, err)
	    && aliases_parse(aliases, file, str_text(&text), text.len, err);

	str_free(&text);
	return ok;
}

static bool
expand_aliases(struct run *run, struct error *err)
{
	const char *file = run->account.aliases;
	struct aliases aliases = { 0 };
	struct strv hosts = { 0 };
	bool ok;

	if (file == NULL)
		return true;
	masquerade_hosts(&hosts);
	ok = read_aliases(file, &aliases, err)
	    && aliases_expand(&aliases, &run->envelope, &hosts, err);
	aliases_free(&aliases);
	strv_free(&hosts);
	return ok;
}

bool
run_check_aliases(struct run *run, struct error *err)
{
	struct aliases aliases = { 0 };
	bool ok;

	ok = run->account.aliases == NULL
	    || (read_aliases(run->account.aliases, &aliases, err)
		&& aliases_check(&aliases, err));
	aliases_free(&aliases);
	return ok;
}

static bool
has_bare_recipient(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (path_domain(e->recipients[i].address) == NULL)
			return true;
	return false;
}

/*
 * Local delivery by LMTP knows its users by bare names; it gets a domain only
 * if one is set.
 */
static bool
qualify_recipients(struct run *run, struct error *err)
{
	const struct account *account = &run->account;
	struct envelope *e = &run->envelope, qualified = { 0 };
	bool bare_is_fine = account->session.protocol == PROTOCOL_LMTP
	    && account->qualify_domain == NULL;
	bool ok = true;

	if (bare_is_fine || !has_bare_recipient(e))
		return true;
	for (size_t i = 0; ok && i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];
		char *address = rewrite_recipient(&run->rewriting, r->address);
		bool same = strcmp(address, r->address) == 0;

		ok = path_check(address, err);
		envelope_add(&qualified, address,
		    r->original != NULL || same ? r->original : r->address);
		free(address);
	}
	if (ok)
		envelope_take_recipients(e, &qualified);
	envelope_free(&qualified);
	return ok;
}

/* For a To field of ours. */
static void
remember_operands(struct run *run)
{
	const struct envelope *e = &run->envelope;

	for (size_t i = 0; i < e->count; i++)
		strv_take(&run->operands,
		    rewrite_recipient(&run->rewriting,
			e->recipients[i].address));
}

static bool
add_recipients(struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;

	for (size_t i = 0; i < cmdline->operands.count; i++)
		if (!recipients_add_list(&run->envelope,
			cmdline->operands.items[i], err))
			return false;
	if (run->account.completion.set_to)
		remember_operands(run);
	if (cmdline->recipients_from_header
	    && !recipients_add_header(&run->envelope, &run->message.header,
		err))
		return false;
	if (run->envelope.count > 0)
		return expand_aliases(run, err) && qualify_recipients(run, err);
	return error_set(err, ERROR_USAGE,
	    cmdline->recipients_from_header
		? "no recipients: neither operands nor To, Cc or Bcc name any"
		: "no recipients: name them as operands, or say -t to take "
		  "them from To, Cc and Bcc");
}

/* Addresses are qualified and rewritten from here on. */
static bool
begin_envelope(struct run *run, struct error *err)
{
	set_dsn(run);
	return masquerade_begin(&run->rewriting, &run->account, &run->user,
	    err);
}

bool
run_set_sender(struct run *run, struct error *err)
{
	return begin_envelope(run, err) && set_sender(run, err);
}

bool
run_build_envelope(struct run *run, struct error *err)
{
	return begin_envelope(run, err) && add_recipients(run, err)
	    && set_sender(run, err);
}

static void
remember_message_id(struct run *run)
{
	struct header_field field;
	struct str value = { 0 };

	if (!header_find(&run->message.header, "Message-ID", &field))
		return;
	header_unfold(&field, &value);
	run->message_id = str_steal(&value);
}

/* What stands to the right in a Message-ID: a domain that is somebody's. */
static char *
message_id_domain(const struct run *run)
{
	const char *domain = path_domain(run->envelope.sender);
	char *name;

	if (domain != NULL)
		return alloc_string(domain);
	name = host_fqdn();
	return name != NULL ? name : host_short_name();
}

/* The system's tables are asked only for what is going to be used. */
static bool
needs_full_name(const struct message *m)
{
	size_t start, end;

	return !header_has(&m->header, "From")
	    || resent_find(&m->header, &start, &end);
}

static bool
complete(struct run *run, const char *from, const char *domain,
    struct error *err)
{
	const struct account *account = &run->account;
	const struct cmdline *cmdline = run->cmdline;
	char *full_name =
	    alloc_string(cmdline->full_name != NULL ? cmdline->full_name
						    : account->from_full_name);
	struct completion settings = account->completion;
	struct completion_facts facts = { .from = from,
		.reply_to = run->reply_to,
		.domain = domain,
		.operands = &run->operands };
	bool ok;

	settings.add_nothing = cmdline->relayed;
	if (full_name == NULL && needs_full_name(&run->message))
		full_name = user_full_name(&run->user);
	facts.full_name = full_name;
	ok = message_complete(&run->message, &settings, &facts, err);
	free(full_name);
	return ok;
}

/* Who a From field that we add names; the null sender is nobody. */
static char *
header_sender(struct run *run)
{
	char *user, *sender;

	if (run->envelope.sender[0] != '\0')
		return alloc_string(run->envelope.sender);
	if (run->account.sender != NULL)
		return alloc_string(run->account.sender);
	user = made_up_sender(run);
	free(run->reply_to);
	sender = rewrite_sender(&run->rewriting, user, &run->reply_to);
	free(user);
	return sender;
}

bool
run_complete_message(struct run *run, struct error *err)
{
	char *from = header_sender(run);
	char *domain = message_id_domain(run);
	bool ok;

	if (!run->cmdline->relayed)
		rewrite_header(&run->rewriting, &run->message.header);
	ok = complete(run, from, domain, err);
	free(from);
	free(domain);
	if (ok)
		remember_message_id(run);
	return ok;
}
