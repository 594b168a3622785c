/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/output.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* A value may be a list of many names; a terminal is not without end. */
#define VALUE_MAX 4096
#define DAY 86400

void
output_line(struct str *out, int depth, const char *label, const char *value)
{
	str_printf(out, "%*s", depth, "");
	text_clean(out, label, strlen(label), VALUE_MAX);
	str_add(out, ": ");
	text_clean(out, value, strlen(value), VALUE_MAX);
	str_add_char(out, '\n');
}

void
output_format(struct str *out, int depth, const char *label, const char *format,
    ...)
{
	struct str value = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&value, format, args);
	va_end(args);
	output_line(out, depth, label, str_text(&value));
	str_free(&value);
}

void
output_time(struct str *out, int depth, const char *label, time_t when)
{
	struct tm parts = { 0 };
	char text[64] = "";

	if (gmtime_r(&when, &parts) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
	output_line(out, depth, label, text);
}

/* Whole days; one that has begun since the end counts as -1. */
static long
days_until(time_t when, time_t now)
{
	long seconds = (long)(when - now);

	return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

void
output_certificate(struct str *out, int depth, const struct tls_peer *peer,
    time_t now)
{
	output_line(out, depth, "subject", str_text(&peer->subject));
	output_line(out, depth, "issuer", str_text(&peer->issuer));
	output_line(out, depth, "names", str_text(&peer->names));
	output_time(out, depth, "valid from", peer->activation);
	output_time(out, depth, "valid until", peer->expiration);
	output_format(out, depth, "days left", "%ld",
	    days_until(peer->expiration, now));
	output_line(out, depth, "SHA-256", peer->certificate_sha256);
	output_format(out, depth, "SHA-256 of the key", "spki:%s",
	    peer->key_sha256);
}
