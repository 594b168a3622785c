/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the findings of --check, prints them, and passes them on. */
#include "check/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/string_index.h"
#include "base/strv.h"
#include "base/text.h"
#include "modes/output.h"
#include "modes/plugin.h"
#include "report/format_json.h"

static const char *const levels[] = { "ok", "note", "warn", "fail" };

static const char *const items[CHECK_ITEMS] = {
	[ITEM_CONFIG] = "config",
	[ITEM_USERS] = "users",
	[ITEM_SANDBOX] = "sandbox",
	[ITEM_QUEUE] = "queue",
	[ITEM_TIMER] = "timer",
	[ITEM_ACCOUNT] = "account",
	[ITEM_UNUSED] = "unused",
	[ITEM_FROM] = "from",
	[ITEM_EHLO] = "ehlo",
	[ITEM_SENDER] = "sender",
	[ITEM_ALIASES] = "aliases",
	[ITEM_ARCHIVE] = "archive",
	[ITEM_FILTER] = "filter",
	[ITEM_LOG] = "log",
	[ITEM_LETTER] = "letter",
	[ITEM_SOCKET] = "socket",
	[ITEM_TLS] = "tls",
	[ITEM_PASSWORD] = "password",
	[ITEM_TOKEN] = "token",
	[ITEM_DNS] = "dns",
	[ITEM_SERVER] = "server",
	[ITEM_CERTIFICATE] = "certificate",
	[ITEM_PIN] = "pin",
	[ITEM_LOGIN] = "login",
	[ITEM_MAIL] = "mail",
	[ITEM_RCPT] = "rcpt",
};

/* ---- the list ---- */

static struct finding *
append(struct findings *f, enum finding_level level, enum check_item item)
{
	f->items = alloc_grow(f->items, f->count, &f->size, sizeof(*f->items));
	f->items[f->count] = (struct finding){ .level = level,
		.item = item,
		.account = alloc_string(f->account) };
	return &f->items[f->count++];
}

void
findings_add(struct findings *f, enum finding_level level, enum check_item item,
    const char *format, ...)
{
	struct finding *added = append(f, level, item);
	struct str text = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	added->text = str_steal(&text);
	added->exit = level == FINDING_FAIL ? EX_CONFIG : 0;
}

void
findings_add_error(struct findings *f, enum check_item item,
    const struct error *err)
{
	struct finding *added = append(f, FINDING_FAIL, item);
	struct str text = { 0 };

	error_print(err, true, &text);
	added->text = str_steal(&text);
	added->exit = error_exit_status(err);
}

void
findings_set_exit(struct findings *f, int status)
{
	f->items[f->count - 1].exit = status;
}

void
findings_mend(struct findings *f, const char *format, ...)
{
	struct str remedy = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&remedy, format, args);
	va_end(args);
	free(f->items[f->count - 1].remedy);
	f->items[f->count - 1].remedy = str_steal(&remedy);
}

void
findings_weaken(struct findings *f, size_t number, const char *why)
{
	struct finding *item = &f->items[number];
	char *text = alloc_printf("%s: %s", item->text, why);

	free(item->text);
	item->text = text;
	item->level = FINDING_WARN;
	item->exit = 0;
}

static void
free_finding(struct finding *f)
{
	free(f->account);
	free(f->text);
	free(f->remedy);
}

static char *
key_of(const struct finding *f)
{
	return alloc_printf("%d %d %s\n%s", (int)f->level, (int)f->item,
	    f->text, f->remedy != NULL ? f->remedy : "");
}

void
findings_merge(struct findings *f)
{
	struct string_index index = { 0 };
	struct strv keys = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		char *key = key_of(&f->items[i]);
		size_t same = string_index_find(&index, key);

		strv_take(&keys, key);
		if (same == STRING_INDEX_NONE) {
			string_index_add(&index, key, kept);
			f->items[kept++] = f->items[i];
			continue;
		}
		if (!text_equal(f->items[same].account, f->items[i].account))
			alloc_replace(&f->items[same].account, NULL);
		free_finding(&f->items[i]);
	}
	f->count = kept;
	string_index_free(&index);
	strv_free(&keys);
}

const char *
check_item_name(enum check_item item)
{
	return items[item];
}

int
findings_exit_status(const struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].level == FINDING_FAIL)
			return f->items[i].exit;
	return EX_OK;
}

void
findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free_finding(&f->items[i]);
	free(f->items);
	*f = (struct findings){ 0 };
}

/* ---- for a person ---- */

static void
print_line(const struct finding *f, struct str *out)
{
	str_printf(out, "%-4s %s", levels[f->level], items[f->item]);
	if (f->account != NULL) {
		str_add(out, " (");
		output_text(out, f->account);
		str_add_char(out, ')');
	}
	str_add(out, ": ");
	output_text(out, f->text);
	if (f->remedy != NULL) {
		str_add(out, "; remedy: ");
		output_text(out, f->remedy);
	}
	str_add_char(out, '\n');
}

void
findings_print(const struct findings *f, struct str *out)
{
	for (size_t i = 0; i < f->count; i++)
		print_line(&f->items[i], out);
}

/* ---- for a program ---- */

void
findings_print_json(const struct findings *f, int exit_status, struct str *out)
{
	struct json_writer json = { .out = out };

	report_json_begin(&json, "check");
	json_add_number(&json, "exit", exit_status);
	json_begin_array(&json, "findings");
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *item = &f->items[i];

		json_begin_object(&json, NULL);
		json_add_string(&json, "item", items[item->item]);
		json_add_string(&json, "account", item->account);
		json_add_string(&json, "level", levels[item->level]);
		json_add_string(&json, "text", item->text);
		json_add_string(&json, "remedy", item->remedy);
		json_add_number(&json, "exit", item->exit);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_end_object(&json);
	str_add_char(out, '\n');
}

/* ---- for a monitoring system ---- */

static enum plugin_status
monitor_status(const size_t counts[])
{
	return counts[FINDING_FAIL] > 0 ? PLUGIN_CRITICAL
	    : counts[FINDING_WARN] > 0  ? PLUGIN_WARNING
					: PLUGIN_OK;
}

/* Appends the findings that are the reason of the status. */
static void
add_reasons(const struct findings *f, enum finding_level level, struct str *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *item = &f->items[i];

		if (item->level != level)
			continue;
		str_printf(out, "; %s", items[item->item]);
		if (item->account != NULL) {
			str_add(out, " (");
			plugin_add_text(out, item->account);
			str_add_char(out, ')');
		}
		str_add(out, ": ");
		plugin_add_text(out, item->text);
	}
}

int
findings_print_monitor(const struct findings *f, struct str *out)
{
	size_t counts[] = { 0, 0, 0, 0 };
	enum plugin_status status;

	for (size_t i = 0; i < f->count; i++)
		counts[f->items[i].level]++;
	status = monitor_status(counts);
	plugin_begin(out, "VEREDUS", status);
	str_printf(out, "%zu ok", counts[FINDING_OK]);
	for (size_t i = FINDING_NOTE; i <= FINDING_FAIL; i++)
		if (counts[i] > 0)
			str_printf(out, ", %zu %s", counts[i], levels[i]);
	if (status != PLUGIN_OK)
		add_reasons(f,
		    status == PLUGIN_CRITICAL ? FINDING_FAIL : FINDING_WARN,
		    out);
	str_add(out, " |");
	for (size_t i = FINDING_OK; i <= FINDING_FAIL; i++)
		str_printf(out, " %s=%zu", levels[i], counts[i]);
	str_add_char(out, '\n');
	return (int)status;
}

/* ---- from one process to another ---- */

/* Level, item and exit status are octets; three texts follow, each with a NUL.
 * An empty account or remedy is none. */
#define NUMBERS 3
#define TEXTS 3

void
findings_write(const struct findings *f, struct str *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *item = &f->items[i];
		const char *texts[TEXTS] = { item->account, item->text,
			item->remedy };

		str_add_char(out, (char)item->level);
		str_add_char(out, (char)item->item);
		str_add_char(out, (char)item->exit);
		for (size_t k = 0; k < TEXTS; k++) {
			str_add(out, texts[k] != NULL ? texts[k] : "");
			str_add_char(out, '\0');
		}
	}
}

/* Returns the text at *at, which is NULL if it is empty, and moves *at behind
 * it. */
static char *
next_text(const char **at)
{
	const char *text = *at;

	*at += strlen(text) + 1;
	return *text != '\0' ? alloc_string(text) : NULL;
}

static bool
has_texts(const char *at, const char *end)
{
	for (size_t i = 0; i < TEXTS; i++) {
		at = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
		if (at == NULL)
			return false;
		at++;
	}
	return true;
}

bool
findings_read(struct findings *f, const struct str *octets)
{
	const char *at = str_text(octets), *end = at + octets->len;

	while (at < end) {
		unsigned char numbers[NUMBERS];
		struct finding *item;

		if (end - at < NUMBERS || !has_texts(at + NUMBERS, end))
			return false;
		memcpy(numbers, at, NUMBERS);
		at += NUMBERS;
		if (numbers[0] > FINDING_FAIL || numbers[1] >= CHECK_ITEMS
		    || (numbers[0] == FINDING_FAIL) != (numbers[2] != 0))
			return false;
		item = append(f, (enum finding_level)numbers[0],
		    (enum check_item)numbers[1]);
		item->exit = numbers[2];
		free(item->account);
		item->account = next_text(&at);
		item->text = next_text(&at);
		item->remedy = next_text(&at);
		if (item->text == NULL)
			item->text = alloc_string("");
	}
	return true;
}
