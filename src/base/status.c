/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"

#include <string.h>
#include <sysexits.h>

#include "base/attr.h"
#include "base/text.h"

/*
 * The exit code of every permanent status; the reason stands beside it.  The
 * first row whose phase fits is taken; a detail that has no row takes the row
 * of detail 0 of its subject, a subject that has none EX_UNAVAILABLE.
 */
static const struct {
	int subject, detail;
	enum status_phase phase;
	int exit;
} rows[] = {
	{ 0, 0, STATUS_ANY, EX_UNAVAILABLE },
	{ 1, 0, STATUS_SENDER, EX_DATAERR },
	{ 1, 0, STATUS_SENDER_DERIVED, EX_DATAERR },
	{ 1, 0, STATUS_ANY, EX_NOUSER }, /* used for refused recipients */
	{ 1, 1, STATUS_ANY, EX_NOUSER }, { 1, 2, STATUS_ANY, EX_NOHOST },
	{ 1, 3, STATUS_ANY, EX_DATAERR }, { 1, 4, STATUS_ANY, EX_NOUSER },
	{ 1, 5, STATUS_ANY, EX_PROTOCOL }, /* cannot be a failure */
	{ 1, 6, STATUS_ANY, EX_NOUSER }, { 1, 7, STATUS_ANY, EX_DATAERR },
	{ 1, 8, STATUS_SENDER_DERIVED, EX_CONFIG }, /* a fresh installation */
	{ 1, 8, STATUS_ANY, EX_DATAERR }, { 1, 9, STATUS_ANY, EX_UNAVAILABLE },
	{ 1, 10, STATUS_ANY, EX_NOHOST }, { 2, 0, STATUS_ANY, EX_UNAVAILABLE },
	{ 2, 1, STATUS_ANY, EX_NOUSER }, { 2, 2, STATUS_ANY, EX_UNAVAILABLE },
	{ 2, 3, STATUS_ANY, EX_DATAERR }, { 2, 4, STATUS_ANY, EX_UNAVAILABLE },
	{ 3, 0, STATUS_ANY, EX_UNAVAILABLE },
	{ 3, 4, STATUS_ANY, EX_DATAERR }, /* a property of the message */
	{ 3, 5, STATUS_ANY, EX_CONFIG },
	{ 4, 0, STATUS_ANY, EX_UNAVAILABLE }, /* a 5yz never ends in 75 */
	{ 4, 4, STATUS_ANY, EX_NOHOST }, { 4, 6, STATUS_ANY, EX_CONFIG },
	{ 5, 0, STATUS_ANY, EX_PROTOCOL }, { 5, 2, STATUS_SENDER, EX_DATAERR },
	{ 5, 2, STATUS_SENDER_DERIVED, EX_DATAERR },
	{ 5, 2, STATUS_RECIPIENT, EX_DATAERR },
	{ 5, 3, STATUS_ANY, EX_UNAVAILABLE },
	{ 5, 4, STATUS_SENDER, EX_DATAERR },
	{ 5, 4, STATUS_SENDER_DERIVED, EX_DATAERR },
	{ 5, 4, STATUS_RECIPIENT, EX_DATAERR },
	{ 6, 0, STATUS_ANY, EX_DATAERR }, { 7, 0, STATUS_ANY, EX_NOPERM },
	{ 7, 3, STATUS_ANY, EX_DATAERR }, { 7, 4, STATUS_ANY, EX_UNAVAILABLE },
	{ 7, 5, STATUS_ANY, EX_DATAERR }, { 7, 6, STATUS_ANY, EX_DATAERR },
	{ 7, 7, STATUS_ANY, EX_DATAERR }, { 7, 8, STATUS_ANY, EX_NOPERM },
	{ 7, 9, STATUS_ANY, EX_CONFIG }, /* 9 to 12, 14: only a change helps */
	{ 7, 10, STATUS_ANY, EX_CONFIG }, { 7, 11, STATUS_ANY, EX_CONFIG },
	{ 7, 12, STATUS_ANY, EX_CONFIG }, { 7, 13, STATUS_ANY, EX_NOPERM },
	{ 7, 14, STATUS_ANY, EX_CONFIG }, { 7, 15, STATUS_ANY, EX_UNAVAILABLE },
	{ 7, 16, STATUS_ANY, EX_DATAERR },
	{ 7, 17, STATUS_ANY, EX_NOUSER }, /* the addressee is someone else */
	{ 7, 18, STATUS_ANY, EX_NOUSER }, { 7, 19, STATUS_ANY, EX_UNAVAILABLE },
	{ 7, 27, STATUS_SENDER_DERIVED, EX_CONFIG },
	{ 7, 27, STATUS_ANY, EX_DATAERR },
	{ 7, 30, STATUS_ANY, EX_UNAVAILABLE }, /* REQUIRETLS */
};

/* The status that a bare reply code stands for; 0 as code ends the phase. */
static const struct {
	int code;
	enum status_phase phase;
	const char *status;
} codes[] = {
	{ 501, STATUS_SENDER, "5.1.7" },
	{ 553, STATUS_SENDER, "5.1.7" },
	{ 552, STATUS_SENDER, "5.3.4" },
	{ 501, STATUS_SENDER_DERIVED, "5.1.7" },
	{ 553, STATUS_SENDER_DERIVED, "5.1.7" },
	{ 552, STATUS_SENDER_DERIVED, "5.3.4" },
	{ 550, STATUS_RECIPIENT, "5.1.1" },
	{ 551, STATUS_RECIPIENT, "5.1.6" },
	{ 552, STATUS_RECIPIENT, "5.2.2" },
	{ 553, STATUS_RECIPIENT, "5.1.3" },
	{ 535, STATUS_AUTH, "5.7.8" },
	{ 534, STATUS_AUTH, "5.7.9" },
	{ 530, STATUS_AUTH, "5.7.0" },
	{ 538, STATUS_AUTH, "5.7.11" },
	{ 554, STATUS_GREETING, "5.3.2" },
	{ 500, STATUS_ANY, "5.5.2" },
	{ 501, STATUS_ANY, "5.5.4" },
	{ 502, STATUS_ANY, "5.5.1" },
	{ 503, STATUS_ANY, "5.5.1" },
	{ 504, STATUS_ANY, "5.5.4" },
	{ 555, STATUS_ANY, "5.5.4" },
	{ 521, STATUS_ANY, "5.3.2" },
	{ 530, STATUS_ANY, "5.7.0" },
	{ 552, STATUS_ANY, "5.3.4" },
	{ 556, STATUS_ANY, "5.1.10" },
	{ 421, STATUS_ANY, "4.3.2" },
	{ 450, STATUS_ANY, "4.2.0" },
	{ 451, STATUS_ANY, "4.3.0" },
	{ 452, STATUS_ANY, "4.3.1" },
	{ 454, STATUS_AUTH, "4.7.0" },
};

/* Reads one number of at most three digits without leading zeros. */
static size_t
number_length(const char *text)
{
	size_t len = 0;

	while (len < 4 && text_is_digit((unsigned char)text[len]))
		len++;
	return len > 3 || (len > 1 && text[0] == '0') ? 0 : len;
}

/*
 *   status-code = class "." subject "." detail     (RFC 3463 section 2)
 *   class       = "2" / "4" / "5"
 *   subject     = 1*3DIGIT
 *   detail      = 1*3DIGIT
 */
size_t
status_parse(const char *text, char status[STATUS_SIZE])
{
	size_t len = 2, part;

	status[0] = '\0';
	if (text[0] == '\0' || strchr("245", text[0]) == NULL || text[1] != '.')
		return 0;
	part = number_length(text + len);
	if (part == 0 || text[len + part] != '.')
		return 0;
	len += part + 1;
	part = number_length(text + len);
	if (part == 0)
		return 0;
	len += part;
	if (text[len] != '\0' && !text_is_space((unsigned char)text[len]))
		return 0;
	memcpy(status, text, len);
	status[len] = '\0';
	return len;
}

const char *
status_of_code(int code, enum status_phase phase)
{
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (codes[i].code == code
		    && (codes[i].phase == phase
			|| codes[i].phase == STATUS_ANY))
			return codes[i].status;
	return code < 300 ? "2.0.0" : code < 500 ? "4.0.0" : "5.0.0";
}

/* The digits of a status as numbers; status is well formed. */
static int
next_number(const char **text)
{
	int number = 0;

	while (text_is_digit((unsigned char)**text))
		number = number * 10 + (*(*text)++ - '0');
	if (**text == '.')
		(*text)++;
	return number;
}

static int
find_exit(int subject, int detail, enum status_phase phase)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].subject == subject && rows[i].detail == detail
		    && (rows[i].phase == phase || rows[i].phase == STATUS_ANY))
			return rows[i].exit;
	return -1;
}

int
status_exit(const char *status, enum status_phase phase)
{
	const char *rest = status;
	int class = next_number(&rest);
	int subject = next_number(&rest);
	int detail = next_number(&rest);
	int result;

	if (class == 2)
		return EX_OK;
	if (class == 4)
		return EX_TEMPFAIL;
	result = find_exit(subject, detail, phase);
	if (result < 0)
		result = find_exit(subject, 0, phase);
	return result < 0 ? EX_UNAVAILABLE : result;
}
