/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces secrets in text, in each form in which they may appear.  Finds them
 * by the fingerprints of Karp and Rabin: those of all parts of a text that have
 * the same length are computed in linear time, each from the one before it.
 */
#include "net/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"

/* 2^31 - 1: products of two remainders fit into 64 bits. */
#define PRIME 0x7fffffffu

/* Returns a * base + b. */
static struct redact_number
extend(const struct redact_number *base, struct redact_number a, uint64_t b)
{
	for (size_t i = 0; i < 2; i++)
		a.parts[i] = (a.parts[i] * base->parts[i] + b) % PRIME;
	return a;
}

/* Returns a - factor * c. */
static struct redact_number
reduce(struct redact_number a, const struct redact_number *factor, uint64_t c)
{
	for (size_t i = 0; i < 2; i++)
		a.parts[i] =
		    (a.parts[i] + PRIME - factor->parts[i] * c % PRIME) % PRIME;
	return a;
}

static bool
is_equal(const struct redact_number *a, const struct redact_number *b)
{
	return a->parts[0] == b->parts[0] && a->parts[1] == b->parts[1];
}

/* The octet as a number that is not 0, because "" and "\0" differ. */
static uint64_t
value_of(char c)
{
	return (uint64_t)(unsigned char)c + 1;
}

static struct redact_number
fingerprint(const struct redact_number *base, const char *text, size_t len)
{
	struct redact_number result = { { 0, 0 } };

	for (size_t i = 0; i < len; i++)
		result = extend(base, result, value_of(text[i]));
	return result;
}

static void
choose_base(struct redact_number *base)
{
	struct random random;

	random_start(&random);
	/* Neither an octet nor 0. */
	for (size_t i = 0; i < 2; i++)
		base->parts[i] = 512 + random_below(&random, PRIME - 512);
}

static void
add_form(struct redact_forms *forms, const char *text, size_t len)
{
	struct redact_number new;

	if (len == 0)
		return;
	if (forms->count == 0)
		choose_base(&forms->base);
	new = fingerprint(&forms->base, text, len);
	for (size_t i = 0; i < forms->count; i++)
		if (forms->items[i].len == len
		    && is_equal(&forms->items[i].fingerprint, &new))
			return;
	forms->items = alloc_grow(forms->items, forms->count, &forms->size,
	    sizeof(*forms->items));
	forms->items[forms->count++] = (struct redact_form){ len, new };
}

/* Adds the form, and the same without the padding of base64. */
static void
add_padded(struct redact_forms *forms, struct str *form)
{
	size_t len = form->len;

	add_form(forms, str_text(form), len);
	while (len > 0 && form->data[len - 1] == '=')
		len--;
	add_form(forms, str_text(form), len);
}

void
redact_add(struct redact_forms *forms, const char *secret)
{
	struct str form = { 0 };
	size_t len = strlen(secret);

	/* If the buffer grew, parts of the secret would stay in memory. */
	str_reserve(&form, 4 * len + 4);
	str_append(&form, secret, len);
	add_padded(forms, &form);

	str_truncate(&form, 0);
	text_clean(&form, secret, len, len);
	add_form(forms, str_text(&form), form.len);

	str_truncate(&form, 0);
	base64_encode(&form, secret, len);
	add_padded(forms, &form);
	str_wipe(&form);
}

/* Sets longest[i] to the length of the form at offset i of the text, if it is
 * longer than those before. */
static void
find_form(const struct redact_forms *forms, const struct redact_form *form,
    const struct str *text, size_t *longest)
{
	const struct redact_number *base = &forms->base;
	struct redact_number found, factor = { { 1, 1 } };
	size_t len = form->len;

	if (len > text->len)
		return;
	for (size_t i = 1; i < len; i++)
		factor = extend(base, factor, 0);
	found = fingerprint(base, text->data, len);
	for (size_t i = 0;; i++) {
		if (len > longest[i] && is_equal(&found, &form->fingerprint))
			longest[i] = len;
		if (i + len == text->len)
			return;
		found = reduce(found, &factor, value_of(text->data[i]));
		found = extend(base, found, value_of(text->data[i + len]));
	}
}

/* Replaces the parts of these lengths; replacements are not searched again. */
static void
replace(struct str *text, const size_t *longest)
{
	struct str redacted = { 0 };
	size_t copied = 0, i = 0;

	while (i < text->len) {
		if (longest[i] == 0) {
			i++;
			continue;
		}
		str_append(&redacted, text->data + copied, i - copied);
		str_add(&redacted, "[hidden]");
		i += longest[i];
		copied = i;
	}
	if (copied == 0)
		return;
	str_append(&redacted, text->data + copied, text->len - copied);
	str_wipe(text);
	*text = redacted;
}

void
redact_apply(const struct redact_forms *forms, struct str *text)
{
	size_t *longest;

	if (forms->count == 0 || text->len == 0)
		return;
	longest = alloc_zeroed(text->len, sizeof(*longest));
	for (size_t i = 0; i < forms->count; i++)
		find_form(forms, &forms->items[i], text, longest);
	replace(text, longest);
	free(longest);
}

void
redact_free(struct redact_forms *forms)
{
	secret_wipe(forms->items, forms->count * sizeof(*forms->items));
	free(forms->items);
	*forms = (struct redact_forms){ 0 };
}
