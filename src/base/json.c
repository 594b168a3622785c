/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * string    = quotation-mark *char quotation-mark
 * unescaped = %x20-21 / %x23-5B / %x5D-10FFFF
 *
 * DEL and C1 may stand for themselves, but are escaped, because the text may be
 * shown on a terminal.
 */
#include "base/json.h"

#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

static void
add_char(struct str *out, const char *text, size_t len, uint32_t point)
{
	if (point == '"' || point == '\\')
		str_printf(out, "\\%c", *text);
	else if (point == '\n')
		str_add(out, "\\n");
	else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		str_printf(out, "\\u%04x", (unsigned)point);
	else
		str_append(out, text, len);
}

void
json_add_string(struct str *out, const char *text)
{
	size_t len = strlen(text);
	size_t count;

	str_add_char(out, '"');
	for (; len > 0; text += count, len -= count) {
		uint32_t point;

		count = text_utf8_char(text, len, &point);
		if (count > 0) {
			add_char(out, text, count, point);
			continue;
		}
		str_add(out, REPLACEMENT);
		count = 1;
	}
	str_add_char(out, '"');
}
