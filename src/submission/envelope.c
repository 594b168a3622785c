/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Builds the envelope: takes recipients from operands and header, expands
 * aliases, sets the sender, and qualifies and rewrites the addresses.
 */
#include "submission/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/host.h"
#include "config/rewrite_rules.h"
#include "mail/address.h"
#include "mail/alias_expansion.h"
#include "mail/aliases.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/path.h"

#define ALIASES_SIZE_MAX ((size_t)16 * 1024 * 1024)
/* Invalid lines of an aliases file that each message warns of. */
#define WARNINGS_MAX 5

char *
submission_default_sender(const struct submission *s)
{
	const struct account *account = s->account;
	char *user = user_name(s->user), *sender;

	if (account->maildomain == NULL)
		return user;
	sender = alloc_printf("%s@%s", user, account->maildomain);
	free(user);
	return sender;
}

/* Only a server on this machine knows the sender by a name without a domain. */
static bool
check_sender_domain(const struct submission *s, struct error *err)
{
	const char *sender = s->envelope.sender;

	if (*sender == '\0' || path_domain(sender) != NULL
	    || account_is_local(s->account))
		return true;
	return error_set(err, ERROR_CONFIG,
	    "account %s: sender <%s> has no domain; set from or qualify_domain "
	    "(neither the host name nor /etc/mailname nor /etc/hosts has one)",
	    s->account->name, sender);
}

void
submission_use_sender(struct submission *s, const char *sender,
    enum sender_source source)
{
	envelope_set_sender(&s->envelope, sender,
	    source != SENDER_FROM_CALLER && source != SENDER_FROM_HEADER);
	s->sender_source = source;
}

/* If a rewrite rule produced the sender, a rejection is a configuration error, not
 * a caller error. */
static bool
rewrite_envelope_sender(struct submission *s, struct error *err)
{
	struct envelope *e = &s->envelope;
	char *sender;
	bool changed;

	if (!path_check(e->sender, err))
		return false;
	sender = rewrite_sender(&s->rewrite_rules, e->sender, &s->reply_to);
	changed = strcmp(sender, e->sender) != 0;
	alloc_replace(&s->written_sender, changed ? e->sender : NULL);
	envelope_set_sender(e, sender, e->sender_is_default || changed);
	free(sender);
	return path_check(e->sender, err) && check_sender_domain(s, err);
}

char *
submission_header_sender(struct submission *s)
{
	struct address_list list = { 0 };
	struct header_field field;
	char *sender = NULL;

	if (header_find(&s->message.header, "From", &field)
	    && address_parse(&list, field.value, field.value_len, NULL)
	    && list.count > 0)
		sender = alloc_string(list.items[0].text);
	else
		strv_add(&s->notes,
		    "--read-envelope-from: the message has no From field with "
		    "a valid address");
	address_list_free(&list);
	return sender;
}

static void
use_account_sender(struct submission *s)
{
	char *sender;

	if (s->account->sender != NULL) {
		submission_use_sender(s, s->account->sender,
		    SENDER_FROM_ACCOUNT);
		return;
	}
	sender = submission_default_sender(s);
	submission_use_sender(s, sender, SENDER_BY_DEFAULT);
	free(sender);
}

static bool
set_sender(struct submission *s, struct error *err)
{
	const char *given = s->cmdline->sender;
	bool may_override = s->account->allow_from_override;

	if (given != NULL && may_override)
		submission_use_sender(s, given, SENDER_FROM_CALLER);
	else if (s->sender_source != SENDER_FROM_HEADER || !may_override)
		use_account_sender(s);
	return rewrite_envelope_sender(s, err);
}

static void
set_dsn(struct submission *s)
{
	const struct dsn *asked = &s->cmdline->dsn;
	struct dsn *dsn = &s->envelope.dsn;

	dsn->notify =
	    asked->notify != DSN_NOTIFY_DEFAULT || s->cmdline->dsn_notify_off
	    ? asked->notify
	    : s->account->dsn_notify;
	dsn->wanted =
	    asked->wanted != DSN_RETURN_DEFAULT || s->cmdline->dsn_return_off
	    ? asked->wanted
	    : s->account->dsn_return;
	alloc_replace(&dsn->envelope_id, asked->envelope_id);
	s->envelope.mail_params = &s->account->mail_params;
	s->envelope.declared_8bit = s->cmdline->body == BODY_8BITMIME;
}

/* Fresh systems have no aliases file, so a missing one is empty. */
bool
submission_read_aliases(const char *file, struct aliases *aliases,
    struct strv *notes, struct error *err)
{
	struct file_rules rules = { .max = ALIASES_SIZE_MAX,
		.may_be_absent = true,
		.use = FILE_TRUSTED,
		.owner = aliases->owner };
	struct file_info info = { 0 };
	struct str text = { 0 };
	bool ok = file_read(file, &rules, &text, &info, err);

	if (ok)
		aliases_parse(aliases, file, str_text(&text), text.len);
	if (ok && info.absent && notes != NULL)
		strv_take(notes,
		    alloc_printf("there are no aliases: %s does not exist",
			file));
	str_free(&text);
	return ok;
}

/* The mail of other recipients goes on. */
static void
warn_of_invalid_lines(struct submission *s)
{
	const struct strv *errors = &s->aliases->errors;

	for (size_t i = 0; i < errors->count && i < WARNINGS_MAX; i++)
		strv_add(&s->warnings, errors->items[i]);
	if (errors->count > WARNINGS_MAX)
		strv_take(&s->warnings,
		    alloc_printf("%s: more than %d lines are invalid; -bi "
				 "lists them",
			s->aliases->file, WARNINGS_MAX));
}

/* Reads the account's aliases, unless they have been read already. */
static bool
load_aliases(struct submission *s, struct error *err)
{
	const char *file = s->account->aliases;
	struct aliases *aliases = s->aliases;

	if (aliases->file != NULL && strcmp(aliases->file, file) == 0)
		return true;
	aliases_free(aliases);
	aliases->owner = s->user->uid;
	if (!submission_read_aliases(file, aliases, &s->notes, err))
		return false;
	warn_of_invalid_lines(s);
	return true;
}

/* After an error the file is read again for the next recipient of -bs: it may
 * have been mended. */
static bool
expand_aliases(struct submission *s, struct envelope *e, struct error *err)
{
	struct strv hosts = { 0 };
	bool ok;

	if (s->account->aliases == NULL)
		return true;
	host_local_names(&hosts);
	ok = load_aliases(s, err) && aliases_expand(s->aliases, e, &hosts, err);
	if (!ok)
		aliases_free(s->aliases);
	strv_free(&hosts);
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

/* An LMTP server, or one at a socket, may know its users by names without a
 * domain; the addresses get a domain only if qualify_domain is set. */
static bool
qualify_recipients(struct submission *s, struct envelope *e, struct error *err)
{
	const struct account *account = s->account;
	struct envelope qualified = { 0 };
	bool may_be_bare = account_keeps_bare_names(account)
	    || (account->session.protocol == PROTOCOL_LMTP
		&& account->qualify_domain == NULL);
	bool ok = true;

	if (may_be_bare || !has_bare_recipient(e))
		return true;
	for (size_t i = 0; ok && i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];
		char *address =
		    rewrite_recipient(&s->rewrite_rules, r->address);
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

/* For an added To field. */
static void
remember_operands(struct submission *s)
{
	const struct envelope *e = &s->envelope;

	for (size_t i = 0; i < e->count; i++)
		strv_take(&s->operands,
		    rewrite_recipient(&s->rewrite_rules,
			e->recipients[i].address));
}

static bool
add_recipients(struct submission *s, struct error *err)
{
	const struct cmdline *cmdline = s->cmdline;

	for (size_t i = 0; i < cmdline->operands.count; i++)
		if (!envelope_add_list(&s->envelope, cmdline->operands.items[i],
			err))
			return false;
	if (s->account->header.set_to)
		remember_operands(s);
	if (cmdline->recipients_from_header
	    && !envelope_add_header(&s->envelope, &s->message.header, err))
		return false;
	if (s->envelope.count > 0)
		return expand_aliases(s, &s->envelope, err)
		    && qualify_recipients(s, &s->envelope, err);
	return submission_no_recipients(cmdline->recipients_from_header, err);
}

bool
submission_no_recipients(bool from_header, struct error *err)
{
	return error_set(err, ERROR_USAGE,
	    from_header
		? "no recipients: neither operands nor To, Cc, Bcc or "
		  "Apparently-To name any"
		: "no recipients: name them as operands, or use -t to take "
		  "them from To, Cc, Bcc and Apparently-To");
}

/* Must be called before addresses are qualified and rewritten. */
static bool
begin_envelope(struct submission *s, struct error *err)
{
	set_dsn(s);
	return rewrite_rules_init(&s->rewrite_rules, s->account, s->user, err);
}

bool
submission_set_sender(struct submission *s, struct error *err)
{
	return begin_envelope(s, err) && set_sender(s, err);
}

/* Adds the recipients from the one with that index on. */
static void
list_addresses(const struct envelope *e, size_t from, struct strv *recipients)
{
	for (size_t i = from; i < e->count; i++)
		strv_add(recipients, e->recipients[i].address);
}

static bool
list_operand(const char *operand, struct strv *recipients, struct error *err)
{
	struct envelope e = { 0 };
	bool ok = envelope_add_list(&e, operand, err);

	list_addresses(&e, 0, recipients);
	envelope_free(&e);
	return ok;
}

bool
submission_list_recipients(const struct submission *s, struct strv *recipients,
    struct error *err)
{
	const struct strv *operands = &s->cmdline->operands;
	struct envelope all = { 0 };
	bool ok = true;
	size_t known;

	for (size_t i = 0; ok && i < operands->count; i++)
		ok = list_operand(operands->items[i], recipients, err)
		    && envelope_add_list(&all, operands->items[i], err);
	known = all.count;
	if (ok && s->cmdline->recipients_from_header)
		ok = envelope_add_header(&all, &s->message.header, err);
	list_addresses(&all, known, recipients);
	envelope_free(&all);
	return ok;
}

bool
submission_expand_recipient(struct submission *s, const char *address,
    struct envelope *expanded, struct error *err)
{
	return envelope_add_list(expanded, address, err)
	    && expand_aliases(s, expanded, err)
	    && qualify_recipients(s, expanded, err);
}

bool
submission_build_envelope(struct submission *s, struct error *err)
{
	return begin_envelope(s, err) && add_recipients(s, err)
	    && set_sender(s, err);
}
