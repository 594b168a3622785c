/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats and writes the lines that the modes print. */
#include "modes/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"

/* Limits a value that comes from outside, such as a list of names. */
#define VALUE_MAX 4096
/* A word of these needs no quotes in a shell. */
#define PLAIN_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
	"@%+=:,./_-"
#define DAY 86400

bool
output_flush(struct str *text, struct error *err)
{
	bool ok = fwrite(str_text(text), 1, text->len, stdout) == text->len
	    && fflush(stdout) == 0;

	str_truncate(text, 0);
	if (ok)
		return true;
	if (process_signal() != 0)
		return process_fail_signal(" while writing to standard output",
		    err);
	return error_set(err, ERROR_INPUT, "cannot write to standard output");
}

void
output_text(struct str *out, const char *text)
{
	text_clean(out, text, strlen(text), VALUE_MAX);
}

void
output_word(struct str *out, const char *word)
{
	struct str quoted = { 0 };

	if (word[strspn(word, PLAIN_CHARACTERS)] == '\0') {
		str_add(out, word);
		return;
	}
	str_add_char(&quoted, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			str_add(&quoted, "'\\''");
		else
			str_add_char(&quoted, *word);
	str_add_char(&quoted, '\'');
	output_text(out, str_text(&quoted));
	str_free(&quoted);
}

void
output_line(struct str *out, int indent, const char *label, const char *value)
{
	str_printf(out, "%*s", indent, "");
	output_text(out, label);
	str_add(out, ": ");
	output_text(out, value);
	str_add_char(out, '\n');
}

void
output_format(struct str *out, int indent, const char *label,
    const char *format, ...)
{
	struct str value = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&value, format, args);
	va_end(args);
	output_line(out, indent, label, str_text(&value));
	str_free(&value);
}

void
output_host(struct str *out, const char *socket, const char *host,
    unsigned port)
{
	if (socket != NULL)
		output_line(out, OUTPUT_TOP, "Socket", socket);
	else
		output_format(out, OUTPUT_TOP, "Host", "%s port %u", host,
		    port);
}

/* UTC and a fixed format make the values comparable. */
static void
add_time(struct str *out, int indent, const char *label, time_t when)
{
	struct tm parts = { 0 };
	char text[64] = "";

	if (gmtime_r(&when, &parts) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
	output_line(out, indent, label, text);
}

long
output_days_until(time_t when, time_t now)
{
	long seconds = (long)(when - now);

	return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

void
output_certificate(struct str *out, int indent, const struct tls_peer *peer,
    time_t now)
{
	output_line(out, indent, "subject", str_text(&peer->subject));
	output_line(out, indent, "issuer", str_text(&peer->issuer));
	output_line(out, indent, "names", str_text(&peer->names));
	add_time(out, indent, "valid from", peer->activation);
	add_time(out, indent, "valid until", peer->expiration);
	output_format(out, indent, "days left", "%ld",
	    output_days_until(peer->expiration, now));
	output_line(out, indent, "SHA-256", peer->sha256.certificate);
	output_format(out, indent, "SHA-256 of the key", "spki:%s",
	    peer->sha256.key);
}
