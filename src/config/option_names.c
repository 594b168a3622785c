/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds settings by name, also those of which the name is misspelt. */
#include "config/option_names.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

/* No name of a setting is longer, and neither is a misspelt one. */
#define WORD_MAX 40

const struct option_row *
option_find(const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (*option_rows[i].name == *name
		    && strcmp(option_rows[i].name, name) == 0)
			return &option_rows[i];
	return NULL;
}

static char
long_name_char(char c)
{
	return c == '_' ? '-' : c;
}

bool
option_long_name(const struct option_row *row, struct str *out)
{
	if (row->type == OPTION_SECRET)
		return false;
	for (const char *p = row->name; *p != '\0'; p++)
		str_add_char(out, long_name_char(*p));
	return true;
}

const struct option_row *
option_find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		size_t same = 0;

		while (same < len && row->name[same] != '\0'
		    && long_name_char(row->name[same]) == name[same])
			same++;
		if (same == len && row->name[len] == '\0'
		    && row->type != OPTION_SECRET)
			return row;
	}
	return NULL;
}

/* The edit distance up to which a word of that length counts as misspelt. */
static size_t
typos_allowed(size_t len)
{
	return len < 4 ? 1 : len < 9 ? 2 : 3;
}

/* Whether the word begins with the name, as "hostname" with "host". */
static bool
is_longer_form(const char *word, const char *name)
{
	size_t len = strlen(name);

	return len >= 4 && strncmp(word, name, len) == 0;
}

const char *
option_suggest(const char *word)
{
	static const char *const others[] = { "account", "defaults", "eval" };
	size_t len = strnlen(word, WORD_MAX + 1);
	size_t best = typos_allowed(len) + 1;
	const char *found = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < option_count + COUNT_OF(others); i++) {
		const char *name = i < option_count ? option_rows[i].name
						    : others[i - option_count];
		size_t distance = text_distance(word, name);

		if (i < option_count && option_rows[i].help == NULL)
			continue;
		if (len >= 3 && strncmp(word, name, len) == 0)
			distance = 1;
		if (distance > 2 && is_longer_form(word, name))
			distance = 2;
		if (distance < best) {
			best = distance;
			found = name;
		}
	}
	return found;
}
