/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Implements the index as an open hash table with linear probing; up to
 * FEW_MAX strings it is a list.
 */
#include "base/string_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/text.h"

#define FEW_MAX 16

uint64_t
string_hash_add(uint64_t hash, int octet)
{
	return random_mix(hash + (uint64_t)octet + 1);
}

static uint64_t
hash_exactly(const char *s, uint64_t start)
{
	for (; *s != '\0'; s++)
		start = string_hash_add(start, (unsigned char)*s);
	return start;
}

static bool
is_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static uint64_t
hash_nocase(const char *s, uint64_t start)
{
	for (; *s != '\0'; s++)
		start = string_hash_add(start, text_lower((unsigned char)*s));
	return start;
}

static const struct string_kind string_exact = { hash_exactly, is_equal };
const struct string_kind string_nocase = { hash_nocase, text_equal_nocase };

static const struct string_kind *
kind_of(const struct string_index *x)
{
	return x->kind != NULL ? x->kind : &string_exact;
}

/* The slot of the string, or the free one where it belongs. */
static struct string_slot *
find_slot(const struct string_index *x, const char *key)
{
	const struct string_kind *kind = kind_of(x);
	size_t mask = x->size - 1, i = 0;

	if (x->size > FEW_MAX)
		i = (size_t)kind->hash(key, x->start) & mask;
	while (x->slots[i].key != NULL && !kind->equal(x->slots[i].key, key))
		i = (i + 1) & mask;
	return &x->slots[i];
}

/* A list keeps one slot free, a hash table half of them. */
static bool
has_room(const struct string_index *x)
{
	return x->size > FEW_MAX ? x->count < x->size / 2
				 : x->count + 1 < x->size;
}

static void
grow(struct string_index *x)
{
	struct string_slot *old = x->slots;
	size_t old_size = x->size;
	struct random random;

	if (old_size == FEW_MAX) {
		random_start(&random);
		x->start = random_next(&random);
	}
	x->size = old_size == 0 ? FEW_MAX : old_size * 2;
	x->slots = alloc_zeroed(x->size, sizeof(*x->slots));
	for (size_t i = 0; i < old_size; i++)
		if (old[i].key != NULL)
			*find_slot(x, old[i].key) = old[i];
	free(old);
}

size_t
string_index_find(const struct string_index *x, const char *key)
{
	const struct string_slot *slot;

	if (x->count == 0)
		return STRING_INDEX_NONE;
	slot = find_slot(x, key);
	return slot->key == NULL ? STRING_INDEX_NONE : slot->position;
}

bool
string_index_add(struct string_index *x, const char *key, size_t position)
{
	struct string_slot *slot;

	if (!has_room(x))
		grow(x);
	slot = find_slot(x, key);
	if (slot->key != NULL)
		return false;
	*slot = (struct string_slot){ key, position };
	x->count++;
	return true;
}

void
string_index_free(struct string_index *x)
{
	free(x->slots);
	*x = (struct string_index){ .kind = x->kind };
}
