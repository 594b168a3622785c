/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats the line of a monitoring plugin. */
#include "modes/plugin.h"

#include <stdlib.h>

#include "modes/output.h"

void
plugin_begin(struct str *out, const char *service, enum plugin_status status)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };

	str_printf(out, "%s %s - ", service, words[status]);
}

void
plugin_add_text(struct str *out, const char *text)
{
	size_t start = out->len;

	output_text(out, text);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '|')
			out->data[i] = '/';
}

void
plugin_add_unknown(struct str *out, const char *service,
    const struct error *err)
{
	char *text = error_describe(err);

	plugin_begin(out, service, PLUGIN_UNKNOWN);
	plugin_add_text(out, text);
	str_add_char(out, '\n');
	free(text);
}
