/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses enhanced status codes, and maps statuses and reply codes to exit
 * statuses by tables of RFC 3463 and RFC 5248.
 */
#include "base/status.h"

#include <string.h>
#include <sysexits.h>

#include "base/attr.h"
#include "base/text.h"

/* A row for every stage that has no row of its own. */
#define ANY STAGE_NONE

/*
 * The exit code of every permanent status.  The first row whose stage fits
 * applies; a detail without a row has the exit code of detail 0 of its
 * subject, and a subject without a row has EX_UNAVAILABLE.
 */
static const struct {
	int subject, detail;
	enum smtp_stage stage;
	int exit;
} rows[] = {
	{ 0, 0, ANY, EX_UNAVAILABLE }, { 1, 0, STAGE_MAIL, EX_DATAERR },
	{ 1, 0, ANY, EX_NOUSER }, /* used for rejected recipients */
	{ 1, 1, ANY, EX_NOUSER }, { 1, 2, ANY, EX_NOHOST },
	{ 1, 3, ANY, EX_DATAERR }, { 1, 4, ANY, EX_NOUSER },
	{ 1, 5, ANY, EX_PROTOCOL }, /* cannot be a failure */
	{ 1, 6, ANY, EX_NOUSER }, { 1, 7, ANY, EX_DATAERR },
	{ 1, 8, ANY, EX_DATAERR }, { 1, 9, ANY, EX_UNAVAILABLE },
	{ 1, 10, ANY, EX_NOHOST }, { 2, 0, ANY, EX_UNAVAILABLE },
	{ 2, 1, ANY, EX_NOUSER }, { 2, 2, ANY, EX_UNAVAILABLE },
	{ 2, 3, ANY, EX_DATAERR }, { 2, 4, ANY, EX_UNAVAILABLE },
	{ 3, 0, ANY, EX_UNAVAILABLE },
	{ 3, 4, ANY, EX_DATAERR }, /* a property of the message */
	{ 3, 5, ANY, EX_CONFIG },
	{ 4, 0, ANY, EX_UNAVAILABLE }, /* a 5yz never ends in 75 */
	{ 4, 4, ANY, EX_NOHOST }, { 4, 6, ANY, EX_CONFIG },
	{ 5, 0, ANY, EX_PROTOCOL }, { 5, 2, STAGE_MAIL, EX_DATAERR },
	{ 5, 2, STAGE_RCPT, EX_DATAERR }, { 5, 3, ANY, EX_UNAVAILABLE },
	{ 5, 4, STAGE_MAIL, EX_DATAERR }, { 5, 4, STAGE_RCPT, EX_DATAERR },
	{ 6, 0, ANY, EX_DATAERR }, { 7, 0, ANY, EX_NOPERM },
	{ 7, 3, ANY, EX_DATAERR }, { 7, 4, ANY, EX_UNAVAILABLE },
	{ 7, 5, ANY, EX_DATAERR }, { 7, 6, ANY, EX_DATAERR },
	{ 7, 7, ANY, EX_DATAERR }, { 7, 8, ANY, EX_NOPERM },
	{ 7, 9, ANY, EX_CONFIG }, /* 9 to 12, 14: only a change helps */
	{ 7, 10, ANY, EX_CONFIG }, { 7, 11, ANY, EX_CONFIG },
	{ 7, 12, ANY, EX_CONFIG }, { 7, 13, ANY, EX_NOPERM },
	{ 7, 14, ANY, EX_CONFIG }, { 7, 15, ANY, EX_UNAVAILABLE },
	{ 7, 16, ANY, EX_DATAERR },
	{ 7, 17, ANY, EX_NOUSER }, /* the addressee is someone else */
	{ 7, 18, ANY, EX_NOUSER }, { 7, 19, ANY, EX_UNAVAILABLE },
	{ 7, 27, ANY, EX_DATAERR },
	{ 7, 30, ANY, EX_UNAVAILABLE }, /* REQUIRETLS */
};

/* The status of a reply code without one; the first row that fits applies. */
static const struct {
	int code;
	enum smtp_stage stage;
	const char *status;
} codes[] = {
	{ 501, STAGE_MAIL, "5.1.7" },
	{ 553, STAGE_MAIL, "5.1.7" },
	{ 552, STAGE_MAIL, "5.3.4" },
	{ 550, STAGE_RCPT, "5.1.1" },
	{ 551, STAGE_RCPT, "5.1.6" },
	{ 552, STAGE_RCPT, "5.2.2" },
	{ 553, STAGE_RCPT, "5.1.3" },
	{ 535, STAGE_AUTH, "5.7.8" },
	{ 534, STAGE_AUTH, "5.7.9" },
	{ 530, STAGE_AUTH, "5.7.0" },
	{ 538, STAGE_AUTH, "5.7.11" },
	{ 554, STAGE_GREETING, "5.3.2" },
	{ 500, ANY, "5.5.2" },
	{ 501, ANY, "5.5.4" },
	{ 502, ANY, "5.5.1" },
	{ 503, ANY, "5.5.1" },
	{ 504, ANY, "5.5.4" },
	{ 555, ANY, "5.5.4" },
	{ 521, ANY, "5.3.2" },
	{ 530, ANY, "5.7.0" },
	{ 552, ANY, "5.3.4" },
	{ 556, ANY, "5.1.10" },
	{ 421, ANY, "4.3.2" },
	{ 450, ANY, "4.2.0" },
	{ 451, ANY, "4.3.0" },
	{ 452, ANY, "4.3.1" },
	{ 454, STAGE_AUTH, "4.7.0" },
};

void
smtp_status_set_enhanced(struct smtp_status *status, const char *enhanced)
{
	size_t len = strlen(enhanced);

	if (len < sizeof(status->enhanced))
		memcpy(status->enhanced, enhanced, len + 1);
}

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
	size_t len = 1, digits;

	status[0] = '\0';
	if (text[0] == '\0' || strchr("245", text[0]) == NULL)
		return 0;
	for (int part = 0; part < 2; part++) {
		digits = text[len] == '.' ? number_length(text + len + 1) : 0;
		if (digits == 0)
			return 0;
		len += 1 + digits;
	}
	if (text[len] != '\0' && !text_is_space((unsigned char)text[len]))
		return 0;
	memcpy(status, text, len);
	status[len] = '\0';
	return len;
}

const char *
status_of_code(int code, enum smtp_stage stage)
{
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (codes[i].code == code
		    && (codes[i].stage == stage || codes[i].stage == ANY))
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
find_exit(int subject, int detail, enum smtp_stage stage)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].subject == subject && rows[i].detail == detail
		    && (rows[i].stage == stage || rows[i].stage == ANY))
			return rows[i].exit;
	return -1;
}

/*
 * Whether only the configuration can change a permanent status about a sender
 * that the program made up.  5.1.8: its domain does not exist; 5.7.27: it has a
 * null MX.
 */
static bool
is_of_default_sender(int subject, int detail)
{
	return (subject == 1 && detail == 8) || (subject == 7 && detail == 27);
}

/* Whether a permanent reply to AUTH says that the mechanism, or logins at all,
 * are not available: only another configuration helps. */
static bool
is_unavailable_method(int code, int subject, int detail)
{
	return (code >= 500 && code <= 504) || code == 534 || code == 538
	    || subject == 5
	    || (subject == 7 && (detail == 4 || detail == 30 || detail == 139));
}

int
status_exit(const struct smtp_status *status, enum smtp_stage stage,
    bool sender_is_default)
{
	const char *rest = status->enhanced;
	int class = next_number(&rest);
	int subject = next_number(&rest);
	int detail = next_number(&rest);
	int result;

	if (class == 2)
		return EX_OK;
	if (class == 4)
		return EX_TEMPFAIL;
	if (stage == STAGE_AUTH)
		return is_unavailable_method(status->code, subject, detail)
		    ? EX_CONFIG
		    : EX_NOPERM;
	if (sender_is_default && is_of_default_sender(subject, detail))
		return EX_CONFIG;
	result = find_exit(subject, detail, stage);
	if (result < 0)
		result = find_exit(subject, 0, stage);
	return result < 0 ? EX_UNAVAILABLE : result;
}
