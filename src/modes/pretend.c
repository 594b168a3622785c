/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the settings of an account and the envelope, or where the mail for each
 * recipient would go. */
#include "modes/pretend.h"

#include <string.h>

#include "config/option_names.h"
#include "config/option_print.h"
#include "modes/output.h"

/* How the settings begin that only an account with OAuth2 has. */
#define OAUTH "oauth_"

/* Appends "NAME = VALUE (ORIGIN)"; without an origin, "NAME = VALUE". */
static void
add_line(struct str *out, const char *name, const char *value,
    const struct origin *origin)
{
	struct str place = { 0 };

	str_printf(out, "%s = ", name);
	output_text(out, value);
	if (origin != NULL) {
		origin_describe(origin, &place);
		str_add(out, " (");
		output_text(out, str_text(&place));
		str_add_char(out, ')');
	}
	str_add_char(out, '\n');
	str_free(&place);
}

/* Whether the default of a setting means something in this account. */
static bool
has_default(const struct account *a, const struct option_row *row)
{
	return row->help != NULL
	    && (account_uses_oauth(a)
		|| strncmp(row->name, OAUTH, strlen(OAUTH)) != 0);
}

/* Whether the setting belongs in the list, if it has a value. */
static bool
is_shown(const struct account *a, const struct option_row *row, bool defaults)
{
	return row->type != OPTION_ALIAS
	    && (a->origins[option_number(row)].kind != ORIGIN_DEFAULT
		|| (defaults && has_default(a, row)));
}

static void
visit_setting(const char *name, const char *value, const struct origin *origin,
    void (*visit)(void *ctx, const struct pretended_setting *setting),
    void *ctx)
{
	struct pretended_setting setting = { .name = name, .value = value };
	struct str place = { 0 }, line = { 0 };

	origin_describe(origin, &place);
	str_printf(&line, "%s = ", name);
	output_text(&line, value);
	str_add(&line, " (");
	output_text(&line, str_text(&place));
	str_add_char(&line, ')');
	setting.origin = str_text(&place);
	setting.line = line.data;
	visit(ctx, &setting);
	str_free(&place);
	str_free(&line);
}

void
pretend_each_setting(const struct account *a, bool defaults,
    void (*visit)(void *ctx, const struct pretended_setting *setting),
    void *ctx)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct str value = { 0 };

		if (is_shown(a, row, defaults))
			option_print(a, row, &value);
		if (value.len > 0)
			visit_setting(row->name, str_text(&value),
			    &a->origins[i], visit, ctx);
		str_free(&value);
	}
}

static void
print_setting(void *ctx, const struct pretended_setting *setting)
{
	struct str *out = ctx;

	str_add(out, setting->line);
	str_add_char(out, '\n');
}

void
pretend_notes(struct str *out, const struct strv *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		add_line(out, "note", notes->items[i], NULL);
}

void
pretend_print(struct str *out, const struct account *a,
    const struct envelope *envelope)
{
	add_line(out, "account", a->name,
	    a->origin.kind == ORIGIN_DEFAULT ? NULL : &a->origin);
	if (a->locked)
		add_line(out, "locked", "on", &a->origin);
	pretend_each_setting(a, true, print_setting, out);
	if (envelope == NULL)
		return;
	if (envelope->sender != NULL)
		add_line(out, "sender",
		    envelope->sender[0] != '\0' ? envelope->sender : "<>",
		    NULL);
	for (size_t i = 0; i < envelope->count; i++)
		add_line(out, "recipient", envelope->recipients[i].address,
		    NULL);
}

/* -bv */

static void
add_server(struct str *line, const struct account *account)
{
	const struct host_params *server = &account->server;

	if (server->socket != NULL) {
		str_printf(line, "socket %s", server->socket);
	} else if (account_uses_mx(account)) {
		str_add(line, "the MX hosts of its domain (host mx)");
	} else if (account_uses_srv(account)) {
		str_printf(line, "the servers of %s (host srv)", server->host);
	} else {
		str_printf(line, "host %s", server->host);
		for (size_t i = 1; i < account->hosts.count; i++)
			str_printf(line, " or %s", account->hosts.items[i]);
		str_printf(line, " port %u", server->port);
	}
}

void
verify_print(struct str *out, const struct account *account,
    const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];
		struct str line = { 0 };

		if (r->original != NULL && strcmp(r->original, r->address) != 0)
			str_printf(&line, "%s is ", r->original);
		str_printf(&line, "<%s>: account %s, ", r->address,
		    account->name);
		add_server(&line, account);
		output_text(out, str_text(&line));
		str_add_char(out, '\n');
		str_free(&line);
	}
}
