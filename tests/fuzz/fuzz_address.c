/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses (mail/address.h, mail/path.h).  Input: an address list.
 *
 *   - An invalid list changes nothing and sets ERROR_ADDRESS with a printable
 *     text.
 *   - The text of an address is its local part and domain.  It has no blanks
 *     and brackets outside of quotes, and no control characters, so that it
 *     cannot end its command or path.
 *   - Parsing an address again returns the same address and no other.
 *   - A display name that is no phrase becomes one: then the name is not quoted
 *     again, and the address is the same.
 *   - A parsed path passes path_check() and the limits of RFC 5321.
 */
#include "base/text.h"
#include "fuzz.h"
#include "mail/address.h"
#include "mail/path.h"
#include "mail/token.h"

static const char first[] = "Alice <alice@example.org>";

/* Outside of quotes there must be no character with another meaning. */
static void
check_quotes(const char *address)
{
	bool quoted = false, literal = false;

	for (const char *p = address; *p != '\0'; p++) {
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"' && !literal)
			quoted = !quoted;
		else if (!quoted)
			fuzz_assert_text(strchr(literal ? " <>\\" : " <>(),;\\",
					     *p)
				== NULL,
			    address);
		literal = !quoted && (literal || *p == '[') && *p != ']';
	}
	fuzz_assert_text(!quoted && !literal, address);
}

static void
check_parts(const struct address *a)
{
	struct str whole = { 0 };

	address_quote_local(&whole, a->local);
	if (a->domain != NULL)
		str_printf(&whole, "@%s", a->domain);
	fuzz_assert_text(str_equal(&whole, a->text), a->text);
	fuzz_assert(a->domain == NULL || a->domain[0] != '\0');
	fuzz_assert(!fuzz_has_control(a->text));
	check_quotes(a->text);
	str_free(&whole);
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_again(const struct address *a)
{
	struct address_list list = { 0 };
	struct error err = { 0 };

	fuzz_assert_text(address_parse(&list, a->text, strlen(a->text), &err),
	    a->text);
	fuzz_assert(list.count == 1);
	fuzz_assert(same(list.items[0].text, a->text));
	fuzz_assert(same(list.items[0].local, a->local));
	fuzz_assert(same(list.items[0].domain, a->domain));
	fuzz_assert(!list.items[0].has_name);
	address_list_free(&list);
}

static void
check_name(const struct address *a, const char *text)
{
	struct address_list list = { 0 };
	struct str quoted = { 0 }, again = { 0 };
	struct error err = { 0 };

	if (a->name_end == a->name_start)
		return;
	fuzz_assert(a->name_start < a->name_end && a->name_end <= a->start);
	fuzz_assert(text[a->name_end] == '<');
	token_add_name(&quoted, text + a->name_start,
	    a->name_end - a->name_start);
	fuzz_assert(!fuzz_has_control(str_text(&quoted)));
	token_add_name(&again, str_text(&quoted), quoted.len);
	fuzz_assert_text(str_equal(&again, str_text(&quoted)),
	    str_text(&quoted));
	str_printf(&quoted, " <%s>, bob@x", a->text);
	fuzz_assert_text(address_parse(&list, quoted.data, quoted.len, &err),
	    quoted.data);
	fuzz_assert(list.count == 2 && same(list.items[0].text, a->text));
	if (strstr(quoted.data, "=?") == NULL)
		fuzz_assert(list.items[0].name_end == list.items[0].name_start);
	address_list_free(&list);
	str_free(&quoted);
	str_free(&again);
}

static void
check_path(const char *text)
{
	struct error err = { 0 };
	char *path = NULL;
	bool ok = path_parse(text, &path, &err);
	const char *domain;

	fuzz_check_result(ok, &err);
	fuzz_assert(ok == (path != NULL));
	fuzz_assert(ok || err.kind == ERROR_ADDRESS);
	if (ok) {
		fuzz_assert_text(path_check(path, &err), path);
		fuzz_assert(strlen(path) <= PATH_ADDRESS_MAX);
		fuzz_assert(text_is_wire_safe(path, strlen(path)));
		check_quotes(path);
		domain = path_domain(path);
		fuzz_assert(domain == NULL || domain[-1] == '@');
	}
	free(path);
	error_free(&err);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *copy = input_copy(&in), *text = input_text(&in);
	struct address_list list = { 0 };
	struct error err = { 0 };
	bool ok;

	fuzz_assert(address_parse(&list, first, strlen(first), &err));
	ok = address_parse(&list, copy, size, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(ok || (list.count == 1 && err.kind == ERROR_ADDRESS));
	fuzz_assert(same(list.items[0].text, "alice@example.org"));
	for (size_t i = 0; i < list.count; i++) {
		check_parts(&list.items[i]);
		check_again(&list.items[i]);
		if (i > 0)
			check_name(&list.items[i], copy);
		check_path(list.items[i].text);
	}
	check_path(text);
	address_list_free(&list);
	error_free(&err);
	free(copy);
	free(text);
}
