/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The senders in the header of a client's message (relay/policy.h).
 * Input: a message.  The client may be alice@example.org, and the account has a
 * rule for others about the rest of that domain.
 *
 *   - A rejection has the kind ERROR_PERMISSION and the status 5.7.1, and names
 *     the user.
 *   - Fields that are plain enough to be read without a parser have no other
 *     sender than Alice in a message that passes, also after it was completed.
 *   - There is one field From then, and it is not changed: the second check has
 *     the same result.
 *   - An account without rules takes every message.
 */
#include "base/text.h"
#include "fuzz.h"
#include "mail/add_headers.h"
#include "mail/clean_headers.h"
#include "mail/header.h"
#include "mail/read_message.h"
#include "relay/policy.h"

#define ALICE "alice@example.org"
#define UID 1000

static const char *const senders[] = { "From", "Sender", "Resent-From",
	"Resent-Sender" };

/* The policy for the client, with one account. */
struct fixture {
	struct cmdline cmdline;
	struct context context;
	struct settings settings;
	struct policy_account account;
	struct policy policy;
};

static void
add_rule(struct fixture *f, const char *text)
{
	struct sender_rules *rules = &f->account.senders;
	static struct sender_rule items[2];

	rules->items = items;
	items[rules->count] = (struct sender_rule){ 0 };
	fuzz_assert(sender_rule_parse(&items[rules->count++], text, NULL));
}

static void
begin(struct fixture *f)
{
	static char login[] = "alice", name[] = "default";

	*f = (struct fixture){ 0 };
	context_init(&f->context, &f->cmdline);
	f->context.selection.settings = &f->settings;
	f->context.account.name = name;
	f->account.settings = &f->settings;
	add_rule(f, ALICE " uid:1000");
	add_rule(f, "*@example.org uid:2000");
	f->policy = (struct policy){ .accounts = &f->account,
		.count = 1,
		.peer = { .uid = UID, .login = login } };
}

static void
end(struct fixture *f)
{
	for (size_t i = 0; i < f->account.senders.count; i++)
		sender_rule_free(&f->account.senders.items[i]);
	f->context.account.name = NULL;
	context_free(&f->context);
}

static void
read_message(struct message *m, const struct input *in)
{
	struct message_reader reader;
	char *copy = input_copy(in);

	message_reader_begin(&reader, m, false);
	if (message_reader_feed(&reader, copy, in->left, NULL))
		(void)message_reader_end(&reader, NULL);
	message_reader_free(&reader);
	free(copy);
}

static void
complete(struct message *m)
{
	const struct header_settings settings = { .from = HEADER_MODE_AUTO,
		.date = HEADER_MODE_AUTO,
		.message_id = HEADER_MODE_AUTO };
	const struct header_values values = { .from = ALICE,
		.domain = "host.example.org",
		.now = 1700000000 };
	struct strv notes = { 0 };
	char *name = NULL;

	header_clean(&m->header, &settings, false, &name, &notes);
	(void)message_add_headers(m, &settings, &values, NULL);
	strv_free(&notes);
	free(name);
}

static bool
is_separator(char c)
{
	return c == '\0' || strchr(" \t\r\n,", c) != NULL;
}

/* Whether every parser finds the same addresses, those between blanks and commas:
 * no other special character is there, and no blank is in an address. */
static bool
is_plain(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = value[i];

		if (strchr("\"()\\;:[]<>=?", c) != NULL
		    || (unsigned char)c >= 0x7f)
			return false;
		if ((c == '@' || c == '.')
		    && (i == 0 || i + 1 == len || is_separator(value[i - 1])
			|| is_separator(value[i + 1])))
			return false;
	}
	return true;
}

/* Fails for an address of another person. */
static void
check_value(const char *value, size_t len)
{
	if (!is_plain(value, len))
		return;
	for (size_t at = 0; at < len;) {
		size_t end = at;

		while (end < len && !is_separator(value[end]))
			end++;
		if (memchr(value + at, '@', end - at) != NULL)
			fuzz_assert(end - at == strlen(ALICE)
			    && strncasecmp(value + at, ALICE, end - at) == 0);
		at = end + 1;
	}
}

static void
check_passed(const struct str *header)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field))
		if (header_field_name(&field, senders, COUNT_OF(senders))
		    != NULL)
			check_value(field.value, field.value_len);
}

static void
check_result(bool ok, const struct error *err)
{
	fuzz_check_result(ok, err);
	if (ok)
		return;
	fuzz_assert(err->kind == ERROR_PERMISSION);
	fuzz_assert(strcmp(err->status.enhanced, "5.7.1") == 0);
	fuzz_assert(strstr(err->text, "alice (uid 1000)") != NULL);
}

/* Whether the message may be sent as it is. */
static bool
check_header(struct fixture *f)
{
	struct error err = { 0 };
	bool ok = policy_check_header(&f->policy, &f->context, &err);

	check_result(ok, &err);
	error_free(&err);
	if (ok)
		check_passed(&f->context.submission.message.header);
	return ok;
}

static void
check_message(struct fixture *f)
{
	struct message *m = &f->context.submission.message;
	struct error err = { 0 };
	bool ok = policy_check_message(&f->policy, &f->context, &err);

	check_result(ok, &err);
	error_free(&err);
	if (!ok)
		return;
	complete(m);
	fuzz_assert(header_count(&m->header, "From") <= 1);
	ok = check_header(f);
	fuzz_assert(check_header(f) == ok);
}

static void
fuzz_one(const char *data, size_t size)
{
	const struct input in = { .at = data, .left = size };
	struct fixture f;

	begin(&f);
	read_message(&f.context.submission.message, &in);
	check_message(&f);
	f.account.senders.is_free = true;
	fuzz_assert(policy_check_message(&f.policy, &f.context, NULL)
	    && policy_check_header(&f.policy, &f.context, NULL));
	end(&f);
}
