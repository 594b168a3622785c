/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Applies the settings of a service to its client. */
#include "relay/policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/text.h"
#include "config/select.h"
#include "mail/address.h"
#include "mail/header.h"
#include "modes/queue_open.h"
#include "tls/tls.h"

#define KEY_MAX ((size_t)1024 * 1024)
/* What the client hears of an error that is for the administrator. */
#define HIDDEN "this service has a problem of its own, which is in its log"
#define CANNOT_LOG_IN "the service cannot log in"
/* As in etc/systemd/system/veredus.socket. */
#define USUAL_SOCKET "/run/veredus/submit"

/* ---- reading ---- */

static bool
fail_socket(const struct account *a, const char *whose, struct error *err)
{
	struct str setting = { 0 };

	account_describe_setting(a, "socket", &setting);
	error_set(err, ERROR_CONFIG,
	    "%s is that of %s: set socket or host to the server that delivers "
	    "the messages",
	    str_text(&setting), whose);
	str_free(&setting);
	return false;
}

static bool
check_socket(const struct account *a, struct error *err)
{
	return !peer_reached_by(STDIN_FILENO, a->server.socket)
	    || fail_socket(a, "this service", err);
}

/* Without a client, the socket of veredus.socket stands for that of the
 * service. */
static bool
check_usual_socket(const struct account *a, struct error *err)
{
	const char *path = a->server.socket;

	return path == NULL
	    || (strcmp(path, USUAL_SOCKET) != 0
		&& !file_is_same(path, USUAL_SOCKET))
	    || fail_socket(a, "veredus.socket", err);
}

/* Parses `users`; without it, the list is empty and stands for all. */
static bool
read_users(const struct account *a, struct user_list *users, struct error *err)
{
	struct str setting = { 0 };

	if (a->service.users == NULL
	    || (user_list_parse(users, a->service.users, err)
		&& user_list_resolve(users, true, err)))
		return true;
	account_describe_setting(a, "users", &setting);
	error_subject(err, "%s", str_text(&setting));
	str_free(&setting);
	return false;
}

/* A key is a secret like a password; TLS itself asks only that it can be read. */
static bool
check_key(const struct account *a, const struct user *user, struct error *err)
{
	const struct file_rules rules = { .max = KEY_MAX,
		.use = FILE_SECRET,
		.owner = user->uid,
		.one_group = geteuid() != 0,
		.group = getegid() };
	struct str text = { 0 };
	struct str setting = { 0 };
	bool ok;

	if (a->tls.key_file == NULL || tls_uses_token(&a->tls))
		return true;
	ok = file_read(a->tls.key_file, &rules, &text, NULL, err);
	str_wipe(&text);
	if (!ok) {
		account_describe_setting(a, "tls_key_file", &setting);
		error_subject(err, "%s", str_text(&setting));
	}
	str_free(&setting);
	return ok;
}

/* Checks an account, whoever may use it, and adds its rules if the client may. */
static bool
read_account(struct policy *p, const struct context *context,
    const struct settings *settings, struct error *err)
{
	const struct account *a = &settings->values;
	struct user_list users = { 0 };
	struct policy_account rules = { .settings = settings,
		.recipients_max = a->service.recipients_max };
	bool may_use, ok = check_socket(a, err) && read_users(a, &users, err);

	may_use = users.count == 0 || user_list_has(&users, &p->peer);
	rules.names_client = user_list_names(&users, &p->peer);
	user_list_free(&users);
	if (!ok
	    || !sender_rules_init(&rules.senders, a, &context->user, may_use,
		NULL, err)
	    || (may_use && !check_key(a, &context->user, err)) || !may_use) {
		sender_rules_free(&rules.senders);
		return !error_is_set(err);
	}
	if (a->service.size_max != NULL)
		(void)text_octets(a->service.size_max, INT64_MAX,
		    &rules.size_max);
	p->accounts =
	    alloc_resize(p->accounts, p->count + 1, sizeof(*p->accounts));
	p->accounts[p->count++] = rules;
	return true;
}

static void
collect(struct strv *errors, struct error *err)
{
	if (error_is_set(err))
		strv_take(errors, error_describe(err));
	error_free(err);
}

void
policy_check_settings(const struct settings *settings, const struct user *user,
    struct strv *errors)
{
	const struct account *a = &settings->values;
	struct user_list users = { 0 };
	struct sender_rules senders = { 0 };
	struct error err = { 0 };

	if (check_socket(a, &err))
		check_usual_socket(a, &err);
	collect(errors, &err);
	read_users(a, &users, &err);
	collect(errors, &err);
	sender_rules_init(&senders, a, user, true, errors, &err);
	collect(errors, &err);
	check_key(a, user, &err);
	collect(errors, &err);
	user_list_free(&users);
	sender_rules_free(&senders);
}

static const struct policy_account *
find_rules(const struct policy *p, const struct settings *settings)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->accounts[i].settings == settings)
			return &p->accounts[i];
	return NULL;
}

static bool
is_usable(void *ctx, const struct settings *account)
{
	return find_rules(ctx, account) != NULL;
}

/* What the client is told before it names a sender. */
static void
combine_limits(struct policy *p)
{
	bool unlimited = false;

	for (size_t i = 0; i < p->count; i++) {
		const struct policy_account *a = &p->accounts[i];

		unlimited |= a->size_max == 0;
		if (a->size_max > p->size_max)
			p->size_max = a->size_max;
		if (a->recipients_max > 0
		    && (p->recipients_max == 0
			|| a->recipients_max < p->recipients_max))
			p->recipients_max = a->recipients_max;
	}
	if (unlimited)
		p->size_max = 0;
}

/* The settings that are the same for all accounts, as far as they have them. */
static void
read_common(struct policy *p, const struct config *config)
{
	for (size_t i = config->count; i-- > 0;) {
		const struct account *a = &config->accounts[i]->values;

		if (p->client_timeout == 0 || account_has(a, "client_timeout"))
			p->client_timeout = a->service.client_timeout;
		if (p->sessions_user == 0 || account_has(a, "sessions_user"))
			p->sessions_user = a->service.sessions_user;
	}
}

bool
policy_read(struct policy *p, struct context *context, struct error *err)
{
	struct config *config = &context->config;

	p->is_own = p->peer.uid == geteuid();
	if (!context_read_config(context, err)
	    || !queue_find_folder(context, &p->queue_folder, err))
		return false;
	read_common(p, config);
	for (size_t i = 0; i < config->count; i++)
		if (!read_account(p, context, config->accounts[i], err))
			return false;
	p->removed = config_restrict(config, is_usable, p);
	combine_limits(p);
	return true;
}

void
policy_hide_error(struct error *err)
{
	error_set(err, ERROR_CONFIG, HIDDEN);
	error_temporary(err, true);
}

bool
policy_own_fault(struct error *err)
{
	if ((err->kind == ERROR_CONFIG || err->kind == ERROR_GRANT)
	    && err->host == NULL)
		error_temporary(err, true);
	return false;
}

/* What the client hears in place of a text that names files or settings. */
static const struct hidden_kind {
	enum error_kind kind;
	const char *text;
} hidden_kinds[] = {
	{ ERROR_SYSTEM, HIDDEN },
	{ ERROR_FILE, HIDDEN },
	{ ERROR_SPACE, HIDDEN },
	{ ERROR_CREATE, HIDDEN },
	{ ERROR_INTERNAL, HIDDEN },
	{ ERROR_CONFIG, HIDDEN },
	{ ERROR_SECRET, HIDDEN },
	{ ERROR_FILTER, HIDDEN },
	{ ERROR_LOOP, "mail loop: the message would come back without end" },
	{ ERROR_GRANT, CANNOT_LOG_IN },
	{ ERROR_TLS_MISSING, "the connection cannot be encrypted" },
	{ ERROR_TLS, "the connection cannot be encrypted" },
	{ ERROR_CERTIFICATE, "the server cannot be verified" },
	{ ERROR_NO_MECHANISM, CANNOT_LOG_IN },
};

static const struct hidden_kind *
find_hidden(const struct error *err)
{
	const struct hidden_kind *found = NULL;

	for (size_t i = 0; i < COUNT_OF(hidden_kinds) && found == NULL; i++)
		if (err->kind == hidden_kinds[i].kind)
			found = &hidden_kinds[i];
	for (size_t i = 0; i < err->cause_count && found == NULL; i++)
		found = find_hidden(&err->causes[i]);
	return found;
}

bool
policy_hide_problem(struct error *err)
{
	const struct hidden_kind *hidden = find_hidden(err);
	struct error told = { 0 };

	if (hidden == NULL)
		return false;
	error_set(&told, err->kind, "%s", hidden->text);
	error_temporary(&told, err->temporary);
	told.stage = err->stage;
	told.status = err->status;
	told.uncertain = err->uncertain;
	told.needs_config = err->needs_config;
	told.host = alloc_string(err->host);
	error_move(err, &told);
	return true;
}

/* ---- senders ---- */

ATTR_PRINTF(3, 4)
static bool
refuse(const struct policy *p, struct error *err, const char *format, ...)
{
	va_list args;
	struct str text = { 0 };

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	error_set(err, ERROR_PERMISSION, "the user %s (uid %lu) %s",
	    p->peer.login, (unsigned long)p->peer.uid, str_text(&text));
	str_free(&text);
	return error_status(err, "5.7.1");
}

bool
policy_check_account(const struct policy *p, const struct context *context,
    const char *sender, struct error *err)
{
	struct selection ignored = { 0 };

	if (config_select(&context->config, &context->user,
		context->cmdline->account, sender, &ignored, NULL))
		return true;
	if (p->count == 0)
		return refuse(p, err, "may use no account of this service");
	return refuse(p, err,
	    "may use no account for the sender <%s>, and no account \"default\"",
	    sender);
}

/* The rules of the selected account; it would be a mistake in this program if
 * there were none, and then nothing is allowed. */
static const struct policy_account *
rules_of(const struct policy *p, const struct context *context)
{
	static const struct policy_account nothing;
	const struct policy_account *rules =
	    find_rules(p, context->selection.settings);

	return rules != NULL ? rules : &nothing;
}

/* The place of the rule is for the log: the client hears its pattern. */
static bool
refuse_by_rule(const struct policy *p, struct context *context,
    const struct sender_rule *rule, const char *what, const char *address,
    struct error *err)
{
	strv_take(&context->submission.notes,
	    alloc_printf("the rule %s of %s is not for the user %s (uid %lu)",
		rule->pattern, rule->place, p->peer.login,
		(unsigned long)p->peer.uid));
	return refuse(p, err,
	    "may not send as <%s> (%s): rule %s of sender_login is for others",
	    address, what, rule->pattern);
}

static bool
check_address(const struct policy *p, struct context *context, const char *what,
    const char *address, struct error *err)
{
	const struct policy_account *rules = rules_of(p, context);
	const struct sender_rule *rule;

	if (rules->senders.is_free)
		return true;
	rule = sender_rules_find(&rules->senders, address);
	if (rule == NULL)
		return refuse(p, err,
		    "may not send as <%s> (%s): no sender_login of the account "
		    "%s fits it",
		    address, what, context->account.name);
	return user_list_has(&rule->users, &p->peer)
	    || refuse_by_rule(p, context, rule, what, address, err);
}

static bool
check_size(const struct policy *p, const struct context *context, uint64_t size,
    struct error *err)
{
	const struct policy_account *rules = rules_of(p, context);

	if (rules->size_max == 0 || size <= rules->size_max)
		return true;
	return error_set(err, ERROR_TOO_BIG,
	    "the message is larger than the limit of the account %s, %" PRIu64
	    " octets",
	    context->account.name, rules->size_max);
}

bool
policy_check_sender(const struct policy *p, struct context *context,
    uint64_t size, struct error *err)
{
	const struct policy_account *rules = rules_of(p, context);

	if (p->is_own && !rules->names_client)
		return error_set(err, ERROR_LOOP,
		    "the client is %s, the user of this service: a message "
		    "would come back without end; the setting users of the "
		    "account %s must name this user",
		    p->peer.login, context->account.name);
	return check_address(p, context, "envelope sender",
		   context->submission.envelope.sender, err)
	    && check_size(p, context, size, err);
}

void
policy_describe_rule(const struct policy *p, const struct context *context,
    struct str *out)
{
	const struct policy_account *rules = rules_of(p, context);
	const struct sender_rule *rule = sender_rules_find(&rules->senders,
	    context->submission.envelope.sender);

	if (rules->senders.is_free)
		str_add(out, "none: the account takes every sender");
	else if (rule == NULL)
		str_add(out, "none fits the sender");
	else
		str_printf(out, "%s of %s, %s the client", rule->pattern,
		    rule->place,
		    user_list_has(&rule->users, &p->peer) ? "which allows"
							  : "without");
}

bool
policy_check_recipient(const struct policy *p, const struct context *context,
    size_t recipients, struct error *err)
{
	const struct policy_account *rules = rules_of(p, context);

	if (rules->recipients_max == 0 || recipients < rules->recipients_max)
		return true;
	error_reject(err, STAGE_RCPT,
	    "the account %s takes %u recipients at once: send to the others in "
	    "another transaction",
	    context->account.name, rules->recipients_max);
	error_temporary(err, true);
	err->status.code = 452;
	return error_status(err, "4.5.3");
}

/* Each sender of a message is compared with each rule. */
#define SENDERS_MAX 100

/* The fields that say who sends. */
static const char *const sender_fields[] = { "From", "Sender", "Resent-From",
	"Resent-Sender" };

/* What other programs than this one may take for the sender, or NULL.  RFC 5322
 * section 4.4: a reader should ignore a route, and nobody may write one. */
static const char *
doubtful_part(const struct address_list *list)
{
	if (list->groups > 0)
		return "the name of a group";
	return list->routes > 0 ? "a source route" : NULL;
}

static bool
check_field(const struct policy *p, struct context *context,
    const struct header_field *field, const char *name, size_t *senders,
    struct error *err)
{
	struct address_list list = { 0 };
	const char *doubtful;
	bool ok = true;

	if (header_field_is_empty(field))
		return true;
	if (!address_parse(&list, field->value, field->value_len, NULL)
	    || list.count == 0)
		ok = refuse(p, err,
		    "may not send a message whose field %s has no valid "
		    "address: the account %s checks senders",
		    name, context->account.name);
	doubtful = doubtful_part(&list);
	if (ok && doubtful != NULL)
		ok = refuse(p, err,
		    "may not send a message whose field %s has %s: the account "
		    "%s checks senders",
		    name, doubtful, context->account.name);
	*senders += list.count;
	if (ok && *senders > SENDERS_MAX)
		ok = refuse(p, err,
		    "may not send a message with more than %d senders: the "
		    "account %s checks them",
		    SENDERS_MAX, context->account.name);
	for (size_t i = 0; ok && i < list.count; i++)
		ok = check_address(p, context, name, list.items[i].text, err);
	address_list_free(&list);
	return ok;
}

bool
policy_check_header(const struct policy *p, struct context *context,
    struct error *err)
{
	const struct policy_account *rules = rules_of(p, context);
	const struct str *header = &context->submission.message.header;
	struct header_field field;
	size_t offset = 0, senders = 0;

	if (rules->senders.is_free)
		return true;
	while (header_next(header, &offset, &field)) {
		const char *name = header_field_name(&field, sender_fields,
		    COUNT_OF(sender_fields));

		if (name != NULL
		    && !check_field(p, context, &field, name, &senders, err))
			return false;
	}
	return true;
}

/* Before fields that are repeated or invalid are removed from the header. */
static bool
check_author(const struct policy *p, const struct context *context,
    struct error *err)
{
	const struct str *header = &context->submission.message.header;
	struct address_list list = { 0 };
	struct header_field field;
	bool ok;

	if (header_count(header, "From") > 1)
		return refuse(p, err,
		    "may not send a message with several fields From: the "
		    "account %s checks senders",
		    context->account.name);
	if (!header_find(header, "From", &field)
	    || header_field_is_empty(&field))
		return true;
	ok = address_parse(&list, field.value, field.value_len, NULL)
	    && list.count > 0;
	address_list_free(&list);
	return ok
	    || refuse(p, err,
		"may not send a message whose field From has no valid address: "
		"the account %s checks senders",
		context->account.name);
}

bool
policy_check_message(const struct policy *p, const struct context *context,
    struct error *err)
{
	const struct message *m = &context->submission.message;

	return check_size(p, context, message_size(m), err)
	    && (rules_of(p, context)->senders.is_free
		|| check_author(p, context, err));
}

void
policy_free(struct policy *p)
{
	for (size_t i = 0; i < p->count; i++)
		sender_rules_free(&p->accounts[i].senders);
	free(p->accounts);
	free(p->queue_folder);
	peer_free(&p->peer);
	error_free(&p->obstacle);
	*p = (struct policy){ 0 };
}
