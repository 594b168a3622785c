/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads JSON with limits, and wipes what jansson releases. */
#include "helpers/oauth/json.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* Of one piece: more than any text that is read. */
#define MEMORY_MAX ((size_t)16 * 1024 * 1024)

/* In front of each piece of memory of jansson, which does not tell the size when
 * it releases one. */
union memory_size {
	size_t size;
	max_align_t align;
};

static void *
get_memory(size_t size)
{
	union memory_size *memory;

	if (size > MEMORY_MAX)
		return NULL;
	memory = alloc_bytes(sizeof(*memory) + size);
	memory->size = size;
	return memory + 1;
}

static void
release_memory(void *at)
{
	union memory_size *memory = at;

	if (memory == NULL)
		return;
	memory--;
	secret_wipe(memory, sizeof(*memory) + memory->size);
	free(memory);
}

void
json_start(void)
{
	json_set_alloc_funcs(get_memory, release_memory);
	json_object_seed(0);
}

/* Whether brackets outside of strings are nested no deeper than allowed. */
static bool
is_shallow(const char *text, size_t len)
{
	bool is_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			is_string = !is_string;
		else if (is_string)
			continue;
		else if (text[i] == '{' || text[i] == '[')
			depth++;
		else if ((text[i] == '}' || text[i] == ']') && depth > 0)
			depth--;
		if (depth > JSON_DEPTH_MAX)
			return false;
	}
	return true;
}

/* An integer of any size is valid, and becomes a real number. */
json_t *
json_parse(const char *text, size_t len)
{
	json_t *value = is_shallow(text, len)
	    ? json_loadb(text, len,
		JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL)
	    : NULL;

	if (value != NULL && !json_is_object(value)) {
		json_decref(value);
		value = NULL;
	}
	return value;
}

const char *
json_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && *text != '\0' ? text : NULL;
}

bool
json_has(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);

	return value != NULL && !json_is_null(value)
	    && (text == NULL || *text != '\0');
}

void
json_copy_text(const json_t *object, const char *name, char **place)
{
	alloc_replace(place, json_text(object, name));
}

void
json_secret(const json_t *object, const char *name, struct secret *secret)
{
	const char *text = json_text(object, name);
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > 0 && len <= SECRET_MAX && text_is_visible(text, len))
		secret_set(secret, text, len);
}

bool
json_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static int64_t
from_double(double value)
{
	/* The nearest double to the largest number is one more than it. */
	if (value >= (double)INT64_MAX)
		return INT64_MAX;
	return value <= (double)INT64_MIN ? INT64_MIN : (int64_t)value;
}

bool
json_number(const json_t *object, const char *name, int64_t *number)
{
	const json_t *value = json_object_get(object, name);
	unsigned long long digits;

	if (json_is_real(value)) {
		*number = from_double(json_real_value(value));
		return true;
	}
	if (!json_is_string(value)
	    || !text_number(json_string_value(value), 0, INT64_MAX, &digits))
		return false;
	*number = (int64_t)digits;
	return true;
}
