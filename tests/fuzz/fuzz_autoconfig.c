/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Autoconfig documents (helpers/autoconfig/document.h, placeholders.h).  Input: a
 * document.
 *
 *   - Host, user and the other texts are printable, not empty, and not too long.
 *   - So is a user with the parts of an address in it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "helpers/autoconfig/document.h"
#include "helpers/autoconfig/placeholders.h"

static void
check_text(const char *text)
{
	size_t len = strlen(text);

	fuzz_assert(len > 0 && len <= DOCUMENT_TEXT_MAX);
	fuzz_assert(text_is_utf8(text, len) && text_is_wire_safe(text, len));
}

static void
check_server(const struct document_server *s)
{
	char *filled;

	check_text(s->host);
	fuzz_assert(s->port > 0 && s->port < 65536);
	if (s->user == NULL)
		return;
	check_text(s->user);
	filled = placeholders_fill(s->user, "alice@example.org");
	if (filled != NULL)
		check_text(filled);
	free(filled);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct document d = { 0 };

	document_parse(&d, data, size);
	fuzz_assert(d.count <= DOCUMENT_SERVERS_MAX);
	for (size_t i = 0; i < d.count; i++)
		check_server(&d.servers[i]);
	if (d.title != NULL)
		check_text(d.title);
	if (d.note != NULL)
		check_text(d.note);
	if (d.help != NULL)
		check_text(d.help);
	document_free(&d);
}
