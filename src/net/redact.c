/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces secrets in text, in each form in which they may appear.
 */
#include "net/redact.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"

static void
add_form(struct strv *hidden, const char *form)
{
	if (form[0] != '\0' && !strv_has(hidden, form))
		strv_add(hidden, form);
}

/* Adds the form, and the same without the padding of base64. */
static void
add_padded(struct strv *hidden, struct str *form)
{
	size_t len = form->len;

	add_form(hidden, str_text(form));
	while (len > 0 && form->data[len - 1] == '=')
		len--;
	str_truncate(form, len);
	add_form(hidden, str_text(form));
}

void
redact_add(struct strv *hidden, const char *secret)
{
	struct str form = { 0 };
	size_t len = strlen(secret);

	str_append(&form, secret, len);
	add_padded(hidden, &form);

	str_truncate(&form, 0);
	text_clean(&form, secret, len, len);
	add_form(hidden, str_text(&form));

	str_truncate(&form, 0);
	base64_encode(&form, secret, len);
	add_padded(hidden, &form);
	str_wipe(&form);
}

/* The length of the longest secret at the start of the text, or 0. */
static size_t
match(const struct strv *hidden, const char *text, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < hidden->count; i++) {
		const char *form = hidden->items[i];
		size_t size;

		if (form[0] != text[0])
			continue;
		size = strlen(form);
		if (size > longest && size <= len
		    && memcmp(form, text, size) == 0)
			longest = size;
	}
	return longest;
}

/* One pass, so that replacements are not searched again. */
void
redact_apply(const struct strv *hidden, struct str *text)
{
	struct str redacted = { 0 };
	size_t copied = 0, i = 0;

	if (hidden->count == 0)
		return;
	while (i < text->len) {
		size_t len = match(hidden, text->data + i, text->len - i);

		if (len == 0) {
			i++;
			continue;
		}
		str_append(&redacted, text->data + copied, i - copied);
		str_add(&redacted, "[hidden]");
		i += len;
		copied = i;
	}
	if (copied == 0)
		return;
	str_append(&redacted, text->data + copied, text->len - copied);
	str_wipe(text);
	*text = redacted;
}
