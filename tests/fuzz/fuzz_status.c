/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enhanced status codes (base/status.h).  Input: the text after the reply code.
 *
 *   - A parsed status is the beginning of the text, has the form of RFC 3463,
 *     and ends as in RFC 2034.  An independent parser agrees.
 *   - Every status has an exit status: 0 for class 2, 75 for class 4, and
 *     another of sysexits.h, never 75, for class 5.
 *   - The status of a reply code has the class of the code.
 */
#include <sysexits.h>

#include "base/status.h"
#include "fuzz.h"

/* Returns the length of a number of 1 to 3 digits without leading zeros. */
static size_t
digits(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 3 || (len > 1 && *text == '0') ? 0 : len;
}

static size_t
reference(const char *text)
{
	size_t subject, detail, end;

	if ((text[0] != '2' && text[0] != '4' && text[0] != '5')
	    || text[1] != '.')
		return 0;
	subject = digits(text + 2);
	if (subject == 0 || text[2 + subject] != '.')
		return 0;
	detail = digits(text + 3 + subject);
	end = 3 + subject + detail;
	if (detail == 0
	    || (text[end] != '\0' && text[end] != ' ' && text[end] != '\t'))
		return 0;
	return end;
}

static void
check_exit(const char *status, enum smtp_stage stage, bool sender_is_default)
{
	struct smtp_status reply = { .code = (status[0] - '0') * 100 + 50 };
	int code;

	smtp_status_set_enhanced(&reply, status);
	code = status_exit(&reply, stage, sender_is_default);

	if (status[0] == '2')
		fuzz_assert(code == EX_OK);
	else if (status[0] == '4')
		fuzz_assert(code == EX_TEMPFAIL);
	else
		fuzz_assert(
		    code > EX__BASE && code <= EX__MAX && code != EX_TEMPFAIL);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *text = input_text(&in), status[STATUS_SIZE];
	int code = size >= 3 ? 200 + (unsigned char)data[0] % 4 * 100
		+ (unsigned char)data[1] % 100
			     : 250;
	size_t len = status_parse(text, status);

	fuzz_assert(len == reference(text) && len < STATUS_SIZE);
	fuzz_assert(strlen(status) == len && strncmp(status, text, len) == 0);
	for (int i = 0; i < 2 * STAGES; i++) {
		enum smtp_stage stage = (enum smtp_stage)(i / 2);
		const char *bare = status_of_code(code, stage);

		if (len > 0)
			check_exit(status, stage, i % 2 == 1);
		fuzz_assert(reference(bare) == strlen(bare));
		fuzz_assert(code / 100 == 3 || bare[0] == '0' + code / 100);
		check_exit(bare, stage, i % 2 == 1);
	}
	free(text);
}
