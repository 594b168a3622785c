/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the position of a string in a list that somebody else may have chosen,
 * in a time that does not depend on its length: a hash table with a random
 * start, so that nobody can choose strings that collide.  As long as it has few
 * strings, they are compared one by one, and nothing is computed.
 *
 * { 0 } is a valid empty index, which compares octet by octet.
 */
#ifndef VEREDUS_BASE_STRING_INDEX_H
#define VEREDUS_BASE_STRING_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When two strings are the same.  Then they must have the same hash. */
struct string_kind {
	uint64_t (*hash)(const char *s, uint64_t start);
	bool (*equal)(const char *a, const char *b);
};

/* Ignores the case of ASCII letters. */
extern const struct string_kind string_nocase;

struct string_slot {
	const char *key; /* NULL: the slot is free */
	size_t position;
};

struct string_index {
	const struct string_kind *kind; /* NULL: octet by octet */
	struct string_slot *slots;
	size_t count; /* of strings */
	size_t size;  /* of slots */
	uint64_t start;
};

#define STRING_INDEX_NONE SIZE_MAX

/* The position of the string; STRING_INDEX_NONE if it was not added. */
size_t string_index_find(const struct string_index *x, const char *key);
/*
 * Adds a string, which must remain as it is while the index is used.  False if it
 * was added before; its position remains.
 */
bool string_index_add(struct string_index *x, const char *key, size_t position);
void string_index_free(struct string_index *x);

/* For the hash function of a kind: adds an octet to a hash. */
uint64_t string_hash_add(uint64_t hash, int octet);

#endif
