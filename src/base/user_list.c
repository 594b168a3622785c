/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses lists of users, and finds a client in them. */
#include "base/user_list.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define DELIMITERS ", \t"
#define UIDS "uid:"
#define UID_LARGEST (UINT32_MAX - 1ULL)

/* Adds an error to those of the words before, because each is to be mended. */
static void
join(struct error *all, struct error *next)
{
	char *text;

	if (!error_is_set(all)) {
		error_move(all, next);
		return;
	}
	text = alloc_printf("%s; %s", all->text, next->text);
	error_set(all, all->kind, "%s", text);
	free(text);
	error_free(next);
}

/* Returns whether there was no error, else moves it to `err`, which may be NULL. */
static bool
finish(struct error *all, struct error *err)
{
	bool ok = !error_is_set(all);

	if (!ok && err != NULL)
		error_move(err, all);
	error_free(all);
	return ok;
}

/* uids = number ["-" number] */
static bool
parse_uids(struct user_word *word, const char *text)
{
	size_t len = strcspn(text, "-");
	char *first = alloc_string_n(text, len);
	const char *last = text[len] == '-' ? text + len + 1 : first;
	unsigned long long low = 0, high = 0;
	bool ok = text_number(first, 0, UID_LARGEST, &low)
	    && text_number(last, low, UID_LARGEST, &high);

	word->kind = USER_WORD_UIDS;
	word->first = (uid_t)low;
	word->last = (uid_t)high;
	free(first);
	return ok;
}

static bool
parse_word(struct user_word *word, const char *text, struct error *err)
{
	bool is_group = text[0] == '@';

	if (strcmp(text, "*") == 0) {
		word->kind = USER_WORD_ALL;
		return true;
	}
	if (strncmp(text, UIDS, strlen(UIDS)) == 0)
		return parse_uids(word, text + strlen(UIDS))
		    || error_set(err, ERROR_CONFIG,
			"\"%s\" is not uid:N or uid:N-M with two numbers in "
			"order",
			text);
	word->kind = is_group ? USER_WORD_GROUP : USER_WORD_NAME;
	word->name = alloc_string(text + is_group);
	if (word->name[0] == '\0' || strpbrk(word->name, "*?@:") != NULL)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither *, uid:N, uid:N-M, @GROUP nor the name "
		    "of a user",
		    text);
	return true;
}

static void
parse_words(struct user_list *list, const char *text, struct error *all)
{
	struct error why = { 0 };

	text += strspn(text, DELIMITERS);
	while (*text != '\0') {
		size_t len = strcspn(text, DELIMITERS);
		char *word = alloc_string_n(text, len);

		list->words = alloc_resize(list->words, list->count + 1,
		    sizeof(*list->words));
		list->words[list->count] = (struct user_word){ 0 };
		if (parse_word(&list->words[list->count], word, &why)) {
			list->count++;
		} else {
			join(all, &why);
			free(list->words[list->count].name);
		}
		free(word);
		text += len + strspn(text + len, DELIMITERS);
	}
	if (list->count == 0 && !error_is_set(all))
		error_set(all, ERROR_CONFIG,
		    "the list of users is empty: * stands for all");
}

bool
user_list_parse(struct user_list *list, const char *text, struct error *err)
{
	struct error all = { 0 }, unknown = { 0 };

	parse_words(list, text, &all);
	if (error_is_set(&all) && !user_list_resolve(list, true, &unknown))
		join(&all, &unknown);
	return finish(&all, err);
}

/* errno after getpwnam() and getgrnam() that found nothing. */
static bool
not_found(const char *what, const char *name, int errnum, struct error *err)
{
	if (errnum == 0 || errnum == ENOENT || errnum == ESRCH
	    || errnum == EBADF || errnum == EPERM)
		return error_set(err, ERROR_CONFIG, "there is no %s \"%s\"",
		    what, name);
	return error_set(err, ERROR_FILE, "cannot look up the %s \"%s\": %s",
	    what, name, strerror(errnum));
}

static bool
resolve_group(struct user_word *word, struct error *err)
{
	const struct group *entry;

	errno = 0;
	entry = getgrnam(word->name);
	if (entry == NULL)
		return not_found("group", word->name, errno, err);
	word->group = entry->gr_gid;
	word->is_resolved = true;
	return true;
}

static bool
resolve_user(struct user_word *word, struct error *err)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(word->name);
	if (entry == NULL)
		return not_found("user", word->name, errno, err);
	word->first = word->last = entry->pw_uid;
	word->is_resolved = true;
	return true;
}

bool
user_list_resolve(struct user_list *list, bool names, struct error *err)
{
	struct error all = { 0 }, why = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		struct user_word *word = &list->words[i];

		if ((word->kind == USER_WORD_GROUP
			&& !resolve_group(word, &why))
		    || (word->kind == USER_WORD_NAME && names
			&& !resolve_user(word, &why)))
			join(&all, &why);
	}
	return finish(&all, err);
}

static bool
has_uid(const struct user_word *word, const struct peer *peer)
{
	return peer->uid >= word->first && peer->uid <= word->last
	    && (!peer->is_overflow || word->first == word->last);
}

static bool
has_name(const struct user_word *word, const struct peer *peer)
{
	if (peer->is_overflow)
		return false;
	return word->is_resolved ? has_uid(word, peer)
				 : strcmp(word->name, peer->login) == 0;
}

static bool
word_has(const struct user_word *word, const struct peer *peer)
{
	switch (word->kind) {
	case USER_WORD_ALL:
		return true;
	case USER_WORD_UIDS:
		return has_uid(word, peer);
	case USER_WORD_GROUP:
		return word->is_resolved && !peer->is_overflow
		    && peer_has_group(peer, word->group);
	case USER_WORD_NAME:
		break;
	}
	return has_name(word, peer);
}

bool
user_list_has(const struct user_list *list, const struct peer *peer)
{
	for (size_t i = 0; i < list->count; i++)
		if (word_has(&list->words[i], peer))
			return true;
	return false;
}

bool
user_list_names(const struct user_list *list, const struct peer *peer)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct user_word *word = &list->words[i];

		if ((word->kind == USER_WORD_UIDS
			|| word->kind == USER_WORD_NAME)
		    && word_has(word, peer))
			return true;
	}
	return false;
}

void
user_list_free(struct user_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->words[i].name);
	free(list->words);
	*list = (struct user_list){ 0 };
}
