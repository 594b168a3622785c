/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Aliases (mail/aliases.h).  Input: an aliases file, and after a line "-- " an
 * included list, whose path is "/LIST" in both.  The envelope has the name of
 * each alias, and other recipients.
 *
 *   - An error is ERROR_CONFIG with a printable "FILE:LINE: ...", and so is the
 *     description of each invalid line.
 *   - Every target is a list with its full path, or passes path_check(): it is
 *     never a command or a file.
 *   - Expansion ends.  A loop leaves the envelope unchanged.
 *   - Otherwise every recipient is an address, without duplicates, and there is
 *     at least one: mail is never lost.
 *   - A second expansion changes nothing.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "mail/alias_expansion.h"
#include "mail/aliases.h"
#include "mail/path.h"

static const char file[] = "/etc/aliases";
static const char list_name[] = "/LIST";
static char list_path[64];

static void
check_place(const char *place)
{
	if (strncmp(place, list_path, strlen(list_path)) == 0)
		place += strlen(list_path);
	else if (strncmp(place, file, strlen(file)) == 0)
		place += strlen(file);
	else
		fuzz_fail(__FILE__, __LINE__, "begins with a file", place);
	fuzz_assert(*place++ == ':');
	fuzz_assert(strspn(place, "0123456789") > 0);
	place += strspn(place, "0123456789");
	fuzz_assert(place[0] == ':' && place[1] == ' ');
}

static void
check_target(const char *target)
{
	size_t len = strlen(ALIASES_INCLUDE);
	struct error err = { 0 };

	if (strncmp(target, ALIASES_INCLUDE, len) == 0) {
		fuzz_assert(target[len] == '/');
	} else {
		fuzz_assert_text(path_check(target, &err), target);
		fuzz_assert(target[0] != '\0');
	}
}

static void
check_aliases(const struct aliases *aliases)
{
	for (size_t i = 0; i < aliases->count; i++) {
		const struct alias *a = &aliases->items[i];

		fuzz_assert(a->name[0] != '\0');
		fuzz_assert((a->error == NULL && a->targets.count > 0)
		    || aliases->errors.count > 0);
		fuzz_assert(i == 0 || strcmp(a[-1].name, a->name) < 0);
		for (size_t k = 0; a->error == NULL && k < a->targets.count;
		     k++)
			check_target(a->targets.items[k]);
	}
	for (size_t i = 0; i < aliases->errors.count; i++)
		check_place(aliases->errors.items[i]);
}

static void
fill_envelope(struct envelope *e, const struct aliases *aliases)
{
	static const char *const others[] = { "alice@example.org", "root",
		"ROOT@Host.Example", "nobody@host.example" };

	for (size_t i = 0; i < aliases->count; i++) {
		struct error err = { 0 };

		if (path_check(aliases->items[i].name, &err))
			envelope_add(e, aliases->items[i].name, NULL);
		error_free(&err);
	}
	for (size_t i = 0; i < COUNT_OF(others); i++)
		envelope_add(e, others[i], NULL);
}

/* Prints the recipients, each with its original recipient. */
static void
describe(const struct envelope *e, struct str *out)
{
	for (size_t i = 0; i < e->count; i++)
		str_printf(out, "%s (%s)\n", e->recipients[i].address,
		    e->recipients[i].original != NULL
			? e->recipients[i].original
			: "");
}

static bool
has(const struct envelope *e, const char *address)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->recipients[i].address, address) == 0)
			return true;
	return false;
}

static void
check_expanded(const struct envelope *e)
{
	struct error err = { 0 };

	fuzz_assert(e->count > 0);
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		fuzz_assert(path_check(r->address, &err));
		fuzz_assert(r->state == RECIPIENT_PENDING);
		for (size_t k = 0; k < i; k++)
			fuzz_assert(
			    strcmp(r->address, e->recipients[k].address) != 0);
	}
}

/* A second expansion returns the same set; the order may differ. */
static void
check_again(struct aliases *aliases, struct envelope *e,
    const struct strv *hosts)
{
	struct envelope once = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < e->count; i++)
		envelope_add(&once, e->recipients[i].address, NULL);
	fuzz_assert(aliases_expand(aliases, e, hosts, &err));
	fuzz_assert(once.count == e->count);
	for (size_t i = 0; i < e->count; i++)
		fuzz_assert(has(&once, e->recipients[i].address));
	envelope_free(&once);
}

static void
check_expand(struct aliases *aliases)
{
	char *items[] = { "host.example", "localhost", NULL };
	const struct strv hosts = { items, 2 };
	struct envelope e = { 0 };
	struct str before = { 0 }, after = { 0 };
	struct error err = { 0 };
	bool ok;

	fill_envelope(&e, aliases);
	describe(&e, &before);
	ok = aliases_expand(aliases, &e, &hosts, &err);
	fuzz_check_result(ok, &err);
	if (ok) {
		check_expanded(&e);
		check_again(aliases, &e, &hosts);
	} else {
		fuzz_assert(err.kind == ERROR_CONFIG);
		check_place(err.text);
		describe(&e, &after);
		fuzz_assert(str_equal(&before, str_text(&after)));
	}
	error_free(&err);
	str_free(&before);
	str_free(&after);
	envelope_free(&e);
}

/* Appends the input with "/LIST" replaced by the path of the list. */
static void
add_text(struct str *out, const struct input *in)
{
	size_t len = strlen(list_name);

	for (size_t i = 0; i < in->left; i++) {
		if (in->left - i >= len
		    && memcmp(in->at + i, list_name, len) == 0) {
			str_add(out, list_path);
			i += len - 1;
		} else {
			str_add_char(out, in->at[i]);
		}
	}
}

static void
write_list(const struct input *in)
{
	int fd =
	    open(list_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct str text = { 0 };

	add_text(&text, in);
	if (fd < 0 || write(fd, str_text(&text), text.len) != (ssize_t)text.len)
		abort();
	close(fd);
	str_free(&text);
}

/* Removes and returns the input before the line "-- ", or all of it. */
static struct input
read_aliases(struct input *in)
{
	static const char mark[] = "\n-- \n";
	const char *end = memmem(in->at, in->left, mark, strlen(mark));
	struct input part = *in;

	if (end == NULL) {
		in->left = 0;
		return part;
	}
	part.left = (size_t)(end + 1 - in->at);
	in->at = end + strlen(mark);
	in->left -= part.left + strlen(mark) - 1;
	return part;
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size }, part = read_aliases(&in);
	struct aliases aliases = { .owner = getuid() };
	struct str text = { 0 };
	bool has_list = in.left > 0;

	snprintf(list_path, sizeof(list_path), "/tmp/veredus-fuzz-%d.list",
	    (int)getpid());
	if (has_list)
		write_list(&in);
	add_text(&text, &part);
	aliases_parse(&aliases, file, str_text(&text), text.len);
	check_aliases(&aliases);
	check_expand(&aliases);
	if (has_list)
		unlink(list_path);
	aliases_free(&aliases);
	str_free(&text);
}
