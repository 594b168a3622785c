/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects what --explain has to say, and prints it as text or as JSON. */
#include "modes/explanation.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/json.h"
#include "modes/output.h"
#include "report/format_json.h"

enum form {
	FORM_NONE,    /* not in the object */
	FORM_TEXT,    /* a string or null */
	FORM_NUMBER,  /* an integer or null */
	FORM_STRINGS, /* a list of strings */
	FORM_OBJECT,  /* an object or null */
	FORM_OBJECTS  /* a list of objects */
};

/* The label of the text, and the member of the object. */
static const struct block_row {
	const char *label; /* NULL: the text is the value alone */
	const char *name;
	enum form form;
	const char *value; /* the member for the value, or NULL */
} block_rows[EXPLAINED_BLOCKS] = {
	[EXPLAINED_FILES] = { "Files", "files", FORM_OBJECT, NULL },
	[EXPLAINED_CLIENT] = { "Client", "client", FORM_TEXT, NULL },
	[EXPLAINED_USABLE_ACCOUNTS] = { "Usable accounts", "usable_accounts",
	    FORM_TEXT, NULL },
	[EXPLAINED_ACCOUNT] = { "Account", "account", FORM_OBJECT, "name" },
	[EXPLAINED_SENDER_RULE] = { "Sender rule", "sender_rule", FORM_TEXT,
	    NULL },
	[EXPLAINED_RATE] = { "Rate", "rate", FORM_TEXT, NULL },
	[EXPLAINED_SENDER] = { "Sender", "sender", FORM_OBJECT, "address" },
	[EXPLAINED_RECIPIENT] = { "Recipient", "recipients", FORM_OBJECTS,
	    "address" },
	[EXPLAINED_DOMAIN] = { "Domain", "domains", FORM_OBJECTS, "domain" },
	[EXPLAINED_HOST] = { "Host", "hosts", FORM_OBJECTS, NULL },
	[EXPLAINED_HOSTS_LATER] = { "Hosts", "hosts_later", FORM_TEXT, NULL },
	[EXPLAINED_QUEUE] = { "Queue", "queue", FORM_OBJECT, "effect" },
	[EXPLAINED_LOGIN] = { "Login", "login", FORM_OBJECT, "mechanism" },
	[EXPLAINED_SESSION] = { "Session", "session", FORM_OBJECT, NULL },
	[EXPLAINED_SETTINGS] = { "Settings", NULL, FORM_NONE, NULL },
	[EXPLAINED_SETTING] = { NULL, "settings", FORM_OBJECTS, NULL },
	[EXPLAINED_NOTE] = { "Note", "notes", FORM_STRINGS, NULL },
};

static const struct part_row {
	enum explained of;
	const char *label; /* NULL: not in the text */
	const char *name;
	enum form form;
} part_rows[EXPLAINED_PARTS] = {
	[PART_FILE_READ] = { EXPLAINED_FILES, "read", "read", FORM_STRINGS },
	[PART_FILE_ABSENT] = { EXPLAINED_FILES, "not found", "not_found",
	    FORM_STRINGS },
	[PART_FILE_NONE] = { EXPLAINED_FILES, "read", NULL, FORM_NONE },
	[PART_ACCOUNT_PLACE] = { EXPLAINED_ACCOUNT, "written in", "written_in",
	    FORM_TEXT },
	[PART_ACCOUNT_CHOICE] = { EXPLAINED_ACCOUNT, "chosen by", "chosen_by",
	    FORM_TEXT },
	[PART_SENDER_SOURCE] = { EXPLAINED_SENDER, "given by", "given_by",
	    FORM_TEXT },
	[PART_SENDER_FORBIDDEN] = { EXPLAINED_SENDER, "-f forbidden by",
	    "f_forbidden_by", FORM_TEXT },
	[PART_SENDER_BEFORE] = { EXPLAINED_SENDER, "before", "before",
	    FORM_TEXT },
	[PART_SENDER_CHANGE] = { EXPLAINED_SENDER, "changed by", "changed_by",
	    FORM_TEXT },
	[PART_RECIPIENT_ORIGINAL] = { EXPLAINED_RECIPIENT, "in place of",
	    "in_place_of", FORM_TEXT },
	[PART_DOMAIN_STS] = { EXPLAINED_DOMAIN, "MTA-STS", "mta_sts",
	    FORM_TEXT },
	[PART_DOMAIN_FAILURE] = { EXPLAINED_DOMAIN, "no host", "no_host",
	    FORM_TEXT },
	[PART_HOST_DOMAIN] = { EXPLAINED_HOST, NULL, "domain", FORM_TEXT },
	[PART_HOST_SOCKET] = { EXPLAINED_HOST, NULL, "socket", FORM_TEXT },
	[PART_HOST_NAME] = { EXPLAINED_HOST, NULL, "host", FORM_TEXT },
	[PART_HOST_PORT] = { EXPLAINED_HOST, NULL, "port", FORM_NUMBER },
	[PART_HOST_LOOKUP] = { EXPLAINED_HOST, "addresses", NULL, FORM_NONE },
	[PART_HOST_ADDRESS] = { EXPLAINED_HOST, NULL, "addresses",
	    FORM_STRINGS },
	[PART_HOST_PROXY] = { EXPLAINED_HOST, NULL, "resolved_by", FORM_TEXT },
	[PART_HOST_LOOKUP_ERROR] = { EXPLAINED_HOST, NULL, "lookup_error",
	    FORM_TEXT },
	[PART_HOST_NOT_TRIED] = { EXPLAINED_HOST, "not tried", "not_tried",
	    FORM_TEXT },
	[PART_HOST_ALIAS] = { EXPLAINED_HOST, "alias of", "alias_of",
	    FORM_TEXT },
	[PART_HOST_DNSSEC] = { EXPLAINED_HOST, "DNSSEC", "dnssec", FORM_TEXT },
	[PART_HOST_TLS] = { EXPLAINED_HOST, "TLS", "tls", FORM_TEXT },
	[PART_HOST_TLS_SOURCE] = { EXPLAINED_HOST, "TLS by", "tls_by",
	    FORM_TEXT },
	[PART_QUEUE_MODE] = { EXPLAINED_QUEUE, NULL, "mode", FORM_TEXT },
	[PART_QUEUE_SOURCE] = { EXPLAINED_QUEUE, "by", "by", FORM_TEXT },
	[PART_QUEUE_FOLDER] = { EXPLAINED_QUEUE, "folder", "folder",
	    FORM_TEXT },
	[PART_QUEUE_SCHEDULE] = { EXPLAINED_QUEUE, "attempts", "attempts",
	    FORM_TEXT },
	[PART_QUEUE_DEAD_LETTER] = { EXPLAINED_QUEUE, "saved in", "saved_in",
	    FORM_TEXT },
	[PART_LOGIN_SOURCE] = { EXPLAINED_LOGIN, "by", "by", FORM_TEXT },
	[PART_LOGIN_USER] = { EXPLAINED_LOGIN, "user", "user", FORM_TEXT },
	[PART_LOGIN_PASSWORD] = { EXPLAINED_LOGIN, "password from",
	    "password_from", FORM_TEXT },
	[PART_SESSION_NAME] = { EXPLAINED_SESSION, "greets as", "greets_as",
	    FORM_TEXT },
	[PART_SESSION_PROTOCOL] = { EXPLAINED_SESSION, "protocol", "protocol",
	    FORM_TEXT },
	[PART_SESSION_DEADLINE] = { EXPLAINED_SESSION, "deadline", NULL,
	    FORM_NONE },
	[PART_SESSION_SECONDS] = { EXPLAINED_SESSION, NULL, "deadline",
	    FORM_NUMBER },
	[PART_SESSION_PARTIAL] = { EXPLAINED_SESSION, "when some are rejected",
	    "when_some_are_rejected", FORM_TEXT },
	[PART_SESSION_NOTIFY] = { EXPLAINED_SESSION, "notifications",
	    "notifications", FORM_TEXT },
	[PART_SESSION_ENVELOPE_ID] = { EXPLAINED_SESSION, "envelope id",
	    "envelope_id", FORM_TEXT },
	[PART_SETTING_NAME] = { EXPLAINED_SETTING, NULL, "name", FORM_TEXT },
	[PART_SETTING_VALUE] = { EXPLAINED_SETTING, NULL, "value", FORM_TEXT },
	[PART_SETTING_ORIGIN] = { EXPLAINED_SETTING, NULL, "origin",
	    FORM_TEXT },
};

/* ---- the list ---- */

static char *
clean(const char *text)
{
	struct str out = { 0 };

	if (text == NULL)
		return NULL;
	output_text(&out, text);
	return str_steal(&out);
}

void
explanation_begin_as(struct explanation *x, enum explained kind,
    const char *label, const char *value)
{
	x->blocks =
	    alloc_grow(x->blocks, x->count, &x->size, sizeof(*x->blocks));
	x->blocks[x->count++] = (struct explained_block){ .kind = kind,
		.label = label,
		.value = clean(value) };
}

void
explanation_begin(struct explanation *x, enum explained kind, const char *value)
{
	explanation_begin_as(x, kind, block_rows[kind].label, value);
}

void
explanation_add(struct explanation *x, enum explained_part part,
    const char *value)
{
	struct explained_block *b = &x->blocks[x->count - 1];

	b->items = alloc_grow(b->items, b->count, &b->size, sizeof(*b->items));
	b->items[b->count++] =
	    (struct explained_item){ .part = part, .value = clean(value) };
}

void
explanation_format(struct explanation *x, enum explained_part part,
    const char *format, ...)
{
	struct str value = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&value, format, args);
	va_end(args);
	explanation_add(x, part, str_text(&value));
	str_free(&value);
}

void
explanation_free(struct explanation *x)
{
	for (size_t i = 0; i < x->count; i++) {
		struct explained_block *b = &x->blocks[i];

		for (size_t k = 0; k < b->count; k++)
			free(b->items[k].value);
		free(b->items);
		free(b->value);
	}
	free(x->blocks);
	*x = (struct explanation){ 0 };
}

/* ---- text ---- */

/* A block of which only the parts are shown has no line, unless it never has a
 * value. */
static void
print_value(const struct explained_block *b, struct str *out)
{
	if (b->label == NULL)
		str_printf(out, "%*s%s\n", OUTPUT_PART, "", b->value);
	else if (b->value != NULL)
		str_printf(out, "%s: %s\n", b->label, b->value);
	else if (block_rows[b->kind].value == NULL)
		str_printf(out, "%s:\n", b->label);
}

void
explanation_text(const struct explanation *x, struct str *out)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct explained_block *b = &x->blocks[i];

		print_value(b, out);
		for (size_t k = 0; k < b->count; k++) {
			const char *label = part_rows[b->items[k].part].label;

			if (label != NULL)
				str_printf(out, "%*s%s: %s\n", OUTPUT_PART, "",
				    label, b->items[k].value);
		}
	}
}

/* ---- JSON ---- */

static const char *
find_part(const struct explained_block *b, enum explained_part part)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].part == part)
			return b->items[i].value;
	return NULL;
}

static void
add_list(struct json_writer *json, const struct explained_block *b,
    enum explained_part part)
{
	json_begin_array(json, part_rows[part].name);
	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].part == part)
			json_add_string(json, NULL, b->items[i].value);
	json_end_array(json);
}

static void
add_part(struct json_writer *json, const struct explained_block *b,
    enum explained_part part)
{
	const struct part_row *row = &part_rows[part];
	const char *value = find_part(b, part);

	if (row->form == FORM_STRINGS)
		add_list(json, b, part);
	else if (row->form == FORM_NUMBER && value != NULL)
		json_add_number(json, row->name, strtol(value, NULL, 10));
	else if (row->form != FORM_NONE)
		json_add_string(json, row->name, value);
}

static void
add_object(struct json_writer *json, const char *name,
    const struct explained_block *b)
{
	const struct block_row *row = &block_rows[b->kind];

	json_begin_object(json, name);
	if (row->value != NULL)
		json_add_string(json, row->value, b->value);
	for (int i = 0; i < EXPLAINED_PARTS; i++)
		if (part_rows[i].of == b->kind)
			add_part(json, b, (enum explained_part)i);
	json_end_object(json);
}

static void
add_blocks(struct json_writer *json, const struct explanation *x,
    enum explained kind)
{
	const struct block_row *row = &block_rows[kind];

	json_begin_array(json, row->name);
	for (size_t i = 0; i < x->count; i++) {
		const struct explained_block *b = &x->blocks[i];

		if (b->kind == kind && row->form == FORM_OBJECTS)
			add_object(json, NULL, b);
		else if (b->kind == kind)
			json_add_string(json, NULL, b->value);
	}
	json_end_array(json);
}

static void
add_block(struct json_writer *json, const struct explanation *x,
    enum explained kind)
{
	const struct block_row *row = &block_rows[kind];
	const struct explained_block *b = NULL;

	for (size_t i = 0; i < x->count && b == NULL; i++)
		if (x->blocks[i].kind == kind)
			b = &x->blocks[i];
	if (b == NULL)
		json_add_null(json, row->name);
	else if (row->form == FORM_OBJECT)
		add_object(json, row->name, b);
	else
		json_add_string(json, row->name, b->value);
}

void
explanation_json(const struct explanation *x, const struct error *err,
    struct str *out)
{
	struct json_writer json = { .out = out };

	report_json_begin(&json, "explain");
	for (int i = 0; i < EXPLAINED_BLOCKS; i++) {
		enum form form = block_rows[i].form;

		if (form == FORM_STRINGS || form == FORM_OBJECTS)
			add_blocks(&json, x, (enum explained)i);
		else if (form != FORM_NONE)
			add_block(&json, x, (enum explained)i);
	}
	report_json_error(&json, err);
	json_add_number(&json, "exit", error_exit_status(err));
	json_end_object(&json);
	str_add_char(out, '\n');
}
