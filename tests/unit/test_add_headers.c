/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "mail/add_headers.h"
#include "mail/header.h"

/* Sat, 21 Nov 2026 20:47:05 UTC */
#define NOW 1795294025

static const struct header_settings usual = { .remove_bcc = true };
static const struct header_settings nothing = {
	.from = HEADER_MODE_OFF,
	.date = HEADER_MODE_OFF,
	.message_id = HEADER_MODE_OFF,
	.remove_bcc = true,
};

static const struct header_values facts = {
	.from = "alice@x.example",
	.domain = "host.example",
	.now = NOW,
	.resends = true,
};

static struct message
message_of(const char *header, const char *body)
{
	struct message m = { 0 };
	struct error err = { 0 };

	str_add(&m.header, header);
	assert_true(buffer_file_add(&m.body, body, strlen(body), &err));
	for (; *body != '\0'; body++)
		m.has_8bit_body |= (unsigned char)*body > 127;
	return m;
}

static char *
completed(const char *header, const struct header_settings *settings,
    const struct header_values *known)
{
	struct message m = message_of(header, "");
	struct error err = { 0 };
	char *result;

	assert_true(message_add_headers(&m, settings, known, &err));
	result = str_steal(&m.header);
	message_free(&m);
	return result;
}

static void
assert_completed(const char *header, const struct header_settings *settings,
    const char *expected)
{
	char *got = completed(header, settings, &facts);

	assert_string_equal(got, expected);
	free(got);
}

static void
uses_a_phrase_as_the_name_in_from(void **state)
{
	struct header_values known = facts;
	char *got;

	(void)state;
	known.full_name = "Alice";
	known.phrase = "\"[Team]\" =?utf-8?Q?=C3=A4?=";
	got = completed("", &usual, &known);
	assert_non_null(strstr(got,
	    "From: \"[Team]\" =?utf-8?Q?=C3=A4?= <alice@x.example>\n"));
	free(got);
}

static void
adds_reply_to_only_with_from(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "To: a@x\n",
		    "To: a@x\nFrom: alice@x.example\nReply-To: root@web\n" },
		{ "To: a@x\nReply-To: b@x\n",
		    "To: a@x\nReply-To: b@x\nFrom: alice@x.example\n" },
		{ "From: b@x\nTo: a@x\n", "From: b@x\nTo: a@x\n" },
	};
	struct header_settings only_from = nothing;
	struct header_values known = facts;

	(void)state;
	only_from.from = HEADER_MODE_AUTO;
	known.reply_to = "root@web";
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *got = completed(cases[i].before, &only_from, &known);

		assert_string_equal(got, cases[i].after);
		free(got);
	}
}

static void
adds_no_field_to_relayed_messages(void **state)
{
	static const struct header_settings passed_on = { .remove_bcc = true,
		.set_to = true,
		.add_nothing = true };
	struct message m = message_of("Subject: a\nBcc: b@x\n"
				      "Return-Path: <c@x>\n"
				      "Resent-To: d@x\n",
	    "\303\244\n");
	struct strv operands = { 0 };
	struct header_values known = facts;
	struct error err = { 0 };

	(void)state;
	strv_add(&operands, "d@x");
	known.operands = &operands;
	assert_true(message_add_headers(&m, &passed_on, &known, &err));
	assert_string_equal(m.header.data, "Subject: a\nResent-To: d@x\n");
	message_free(&m);
	strv_free(&operands);
}

static void
removes_bcc_return_path_and_content_length(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "To: a@x\nBcc: b@x\nSubject: c\n", "To: a@x\nSubject: c\n" },
		{ "To: a@x\nBcc:\n", "To: a@x\n" },
		{ "To: a@x\nBcc: b@x,\n c@x,\n\td@x\n", "To: a@x\n" },
		{ "BCC: b@x\nTo: a@x\nbcc : c@x\nBcC\t: d@x\n", "To: a@x\n" },
		{ "Resent-Bcc: b@x\nTo: a@x\nResent-To: c@x\n"
		  "resent-bcc :\n d@x\n",
		    "To: a@x\nResent-To: c@x\n" },
		{ "Return-Path: <a@x>\nCc: a@x\nreturn-path : b\n",
		    "Cc: a@x\n" },
		{ "Content-Length: 5\nTo: a@x\n", "To: a@x\n" },
		{ "To: a@x\nSubject: Bcc: b@x\n Bcc: c@x\nX-Bcc: d\n",
		    "To: a@x\nSubject: Bcc: b@x\n Bcc: c@x\nX-Bcc: d\n" },
		{ "Bcc: b@x\n", "To: undisclosed-recipients:;\n" },
		{ "", "To: undisclosed-recipients:;\n" },
		{ "Subject: a\n",
		    "Subject: a\nTo: undisclosed-recipients:;\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_completed(cases[i].before, &nothing, cases[i].after);
}

static void
keeps_bcc_without_remove_bcc(void **state)
{
	struct header_settings settings = nothing;

	(void)state;
	settings.remove_bcc = false;
	assert_completed("Bcc: b@x\nReturn-Path: <c@x>\n", &settings,
	    "Bcc: b@x\n");
}

/* Returns the value of the field, which must occur once. */
static char *
value_of(const char *text, const char *name)
{
	struct str header = { 0 }, value = { 0 };
	struct header_field field;

	str_add(&header, text);
	assert_int_equal(header_count(&header, name), 1);
	assert_true(header_find(&header, name, &field));
	header_unfold(&field, &value);
	str_free(&header);
	return str_steal(&value);
}

static void
assert_value(const char *text, const char *name, const char *expected)
{
	char *got = value_of(text, name);

	assert_string_equal(got, expected);
	free(got);
}

static void
adds_missing_fields(void **state)
{
	char *got = completed("To: a@x\n", &usual, &facts);
	char *id = value_of(got, "Message-ID");

	(void)state;
	assert_value(got, "From", "alice@x.example");
	assert_value(got, "To", "a@x");
	assert_int_equal(strlen(id), strlen("<@host.example>") + 32);
	assert_string_equal(strchr(id, '@'), "@host.example>");
	free(id);
	free(got);
}

static void
keeps_existing_fields(void **state)
{
	static const char header[] = "from: b@x\nDATE : yesterday\n"
				     "message-id: <1@x>\nCc: a@x\n";

	(void)state;
	assert_completed(header, &usual, header);
	assert_completed("To: a@x\n", &nothing, "To: a@x\n");
}

static void
replaces_existing_fields_in_mode_on(void **state)
{
	const struct header_settings settings = {
		.from = HEADER_MODE_ON,
		.date = HEADER_MODE_ON,
		.message_id = HEADER_MODE_ON,
		.remove_bcc = true,
	};
	char *got = completed("From: b@x\nFROM : c@x\nDate: yesterday\n"
			      "Message-ID: <1@x>\nTo: a@x\n",
	    &settings, &facts);
	char *id = value_of(got, "Message-ID");

	(void)state;
	assert_value(got, "From", "alice@x.example");
	assert_string_not_equal(id, "<1@x>");
	assert_null(strstr(got, "yesterday"));
	free(id);
	free(got);
}

static void
writes_dates_in_local_time(void **state)
{
	static const struct {
		const char *zone;
		int64_t now;
		const char *date;
	} cases[] = {
		{ "UTC0", NOW, "Sat, 21 Nov 2026 20:47:05 +0000" },
		{ "XYZ-5:30", NOW, "Sun, 22 Nov 2026 02:17:05 +0530" },
		{ "XYZ3:30", NOW, "Sat, 21 Nov 2026 17:17:05 -0330" },
		{ "XYZ0:30", NOW, "Sat, 21 Nov 2026 20:17:05 -0030" },
		{ "UTC0", 1, "Thu, 1 Jan 1970 00:00:01 +0000" },
		{ "UTC0", INT32_MAX, "Tue, 19 Jan 2038 03:14:07 +0000" },
		{ "UTC0", INT64_C(2147483648),
		    "Tue, 19 Jan 2038 03:14:08 +0000" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct header_values known = facts;
		char *got;

		/* i386 has a time_t of 32 bits, as its libraries do. */
		if (cases[i].now > INT32_MAX && sizeof(time_t) < 8)
			continue;
		setenv("TZ", cases[i].zone, 1);
		tzset();
		known.now = (time_t)cases[i].now;
		got = completed("To: a@x\n", &usual, &known);
		assert_value(got, "Date", cases[i].date);
		free(got);
	}
}

static void
makes_a_new_message_id_each_time(void **state)
{
	char *ids[50];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		char *got = completed("", &usual, &facts);

		ids[i] = value_of(got, "Message-ID");
		free(got);
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(ids[i], ids[n]);
	}
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		free(ids[i]);
}

static void
encodes_the_full_name(void **state)
{
	static const struct {
		const char *name, *from;
	} cases[] = {
		{ NULL, "alice@x.example" },
		{ "", "alice@x.example" },
		{ "\r\n", "alice@x.example" },
		{ "Alice", "Alice <alice@x.example>" },
		{ "CronDaemon", "CronDaemon <alice@x.example>" },
		{ "Alice <b@x>", "\"Alice <b@x>\" <alice@x.example>" },
		{ "A\r\nBcc: b@x", "\"ABcc: b@x\" <alice@x.example>" },
		{ "A\nTo: b@x", "\"ATo: b@x\" <alice@x.example>" },
		{ "a\n b", "a b <alice@x.example>" },
		{ "\303\211va\nX: y",
		    "=?utf-8?Q?=C3=89vaX=3A_y?= <alice@x.example>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct header_values known = facts;
		char *got;

		known.full_name = cases[i].name;
		got = completed("To: a@x\n", &usual, &known);
		assert_value(got, "From", cases[i].from);
		assert_null(strstr(got, "\nBcc"));
		assert_null(strstr(got, "\nX"));
		assert_value(got, "To", "a@x");
		free(got);
	}
}

static void
adds_no_from_without_a_sender(void **state)
{
	struct header_values known = facts;
	char *got;

	(void)state;
	known.from = "";
	got = completed("To: a@x\n", &usual, &known);
	assert_null(strstr(got, "From"));
	free(got);
}

static void
completes_the_current_resent_block(void **state)
{
	char *got = completed("Received: a\n"
			      "Resent-To: b@x\nResent-Bcc: c@x\n"
			      "Received: d\n"
			      "Resent-Date: e\nResent-From: f@x\n"
			      "Resent-Message-ID: <g@x>\n"
			      "From: h@x\nDate: i\nMessage-ID: <j@x>\n"
			      "To: k@x\n",
	    &usual, &facts);
	const char *block = strstr(got, "Resent-To: b@x\nResent-Date: ");
	const char *id = strstr(got, "Resent-Message-ID: <");

	(void)state;
	assert_non_null(block);
	assert_non_null(strstr(block, "\nResent-From: alice@x.example\n"));
	assert_true(id > block && id < strstr(got, "Received: d"));
	assert_non_null(strstr(got, "Received: d\nResent-Date: e\n"));
	assert_value(got, "From", "h@x");
	assert_null(strstr(got, "c@x"));
	free(got);
}

static void
adds_nothing_to_other_resent_blocks(void **state)
{
	static const char complete[] = "From: h@x\nDate: Mon, 1 Jan 2024 "
				       "00:00:00 +0000\n"
				       "Message-ID: <j@x>\nTo: k@x\n";
	static const char *const blocks[] = {
		/* Nobody is named. */
		"Resent-From: a@x\n",
		"Resent-Date: a\nReceived: b\n",
		/* A field of the block is elsewhere. */
		"Resent-Date: a\nResent-From: b@x\nResent-Message-ID: <c@x>\n"
		"A: b\nResent-To: c@x\n",
		"Resent-To: c@x\nA: b\n"
		"Resent-Date: a\nResent-From: b@x\nResent-Message-ID: <c@x>\n",
		/* The block was written for others. */
		"-Resent-To: c@x\n",
		"-Resent-From: a@x\nResent-To: c@x\nResent-Date: b\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(blocks); i++) {
		bool others = blocks[i][0] == '-';
		char *header =
		    alloc_printf("%s%s", blocks[i] + others, complete);
		struct header_values values = facts;
		char *got;

		values.resends = !others;
		got = completed(header, &usual, &values);
		assert_string_equal(got, header);
		free(got);
		free(header);
	}
}

static void
replaces_nothing_in_a_resent_block(void **state)
{
	const struct header_settings settings = {
		.from = HEADER_MODE_ON,
		.date = HEADER_MODE_OFF,
		.message_id = HEADER_MODE_OFF,
		.remove_bcc = true,
	};

	(void)state;
	assert_completed("Resent-From: b@x\nFrom: c@x\nTo: d@x\n", &settings,
	    "Resent-From: b@x\nTo: d@x\nFrom: alice@x.example\n");
}

static void
sets_to_without_the_recipients_in_bcc(void **state)
{
	static const char *const operands[] = { "a@x", "b@x", "c@x", "a@X" };
	struct strv list = { 0 };
	struct header_settings settings = nothing;
	struct header_values known = facts;
	char *got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(operands); i++)
		strv_add(&list, operands[i]);
	settings.set_to = true;
	known.operands = &list;
	got = completed("To: old@x\nBcc: B@x, (x) c@X\nResent-Bcc: d@x\n",
	    &settings, &known);
	assert_string_equal(got, "To: a@x,\n b@x\n");
	free(got);
	settings.remove_bcc = false;
	got = completed("X: y\nCc: e@x\nTo: old@x\nBcc: B@x, (x) c@X\n"
			"CC: f@x\nResent-Cc: g@x\nResent-Bcc: d@x\n",
	    &settings, &known);
	assert_string_equal(got,
	    "X: y\nResent-Cc: g@x\nResent-Bcc: d@x\nTo: a@x,\n b@x\n");
	free(got);
	settings.remove_bcc = true;
	got = completed("To: old@x\nBcc: a@x, b@x, c@x\n", &settings, &known);
	assert_string_equal(got, "To: old@x\n");
	free(got);
	strv_free(&list);
}

static void
rejects_too_many_received_fields(void **state)
{
	(void)state;
	for (int hops = MESSAGE_HOPS_MAX; hops <= MESSAGE_HOPS_MAX + 1;
	     hops++) {
		struct message m = { 0 };
		struct error err = { 0 };

		for (int i = 0; i < hops; i++)
			str_add(&m.header,
			    i % 2 ? "received: x\n" : "Received : y\n z\n");
		assert_int_equal(message_add_headers(&m, &usual, &facts, &err),
		    hops == MESSAGE_HOPS_MAX);
		if (hops > MESSAGE_HOPS_MAX) {
			assert_int_equal(err.kind, ERROR_LOOP);
			assert_string_equal(err.status.enhanced, "5.4.6");
		}
		error_free(&err);
		message_free(&m);
	}
}

static void
declares_octets_over_127(void **state)
{
	static const char utf8[] = "MIME-Version: 1.0\n"
				   "Content-Type: text/plain; charset=utf-8\n"
				   "Content-Transfer-Encoding: 8bit\n";
	static const char unknown[] =
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n"
	    "Content-Transfer-Encoding: 8bit\n";
	static const struct {
		const char *header, *body, *added;
	} cases[] = {
		{ "To: a@x\n", "abc\n", "" },
		{ "To: a@x\n", "\303\251\n", utf8 },
		{ "To: a@x\n", "\351\n", unknown },
		{ "To: a@x\n", "\303", unknown },
		{ "To: a@x\nmime-version: 1.0\n", "\351\n", "" },
		{ "To: a@x\nContent-Type : text/x\n", "\351\n", "" },
		{ "To: a@x\nContent-Transfer-Encoding: 8bit\n", "\351\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = message_of(cases[i].header, cases[i].body);
		struct error err = { 0 };

		assert_true(message_add_headers(&m, &nothing, &facts, &err));
		assert_string_equal(m.header.data + strlen(cases[i].header),
		    cases[i].added);
		message_free(&m);
	}
}

static void
updates_has_8bit_header(void **state)
{
	struct message m = message_of("To: a@x\nBcc: \303\251@x\n", "");
	struct header_values known = facts;
	struct error err = { 0 };

	(void)state;
	m.has_8bit_header = true;
	assert_true(message_add_headers(&m, &nothing, &known, &err));
	assert_false(m.has_8bit_header);
	known.from = "\303\251@x";
	assert_true(message_add_headers(&m, &usual, &known, &err));
	assert_true(m.has_8bit_header);
	message_free(&m);
}

/* Characters of all lengths cross the ends of the blocks. */
static void
detects_utf8_across_blocks(void **state)
{
	static const struct {
		const char *character, *charset;
	} cases[] = {
		{ "\303\251", "charset=utf-8" },
		{ "\342\202\254", "charset=utf-8" },
		{ "\360\237\230\200", "charset=utf-8" },
		{ "\303\251\251", "charset=unknown-8bit" },
		{ "\360\237\230", "charset=unknown-8bit" },
		{ "\200", "charset=unknown-8bit" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t shift = 0; shift < 5; shift++) {
			struct str body = { 0 };
			struct message m;
			struct error err = { 0 };

			for (size_t n = 0; n < shift; n++)
				str_add_char(&body, 'x');
			while (body.len < 40000)
				str_add(&body, cases[i].character);
			m = message_of("To: a@x\n", body.data);
			assert_true(
			    message_add_headers(&m, &nothing, &facts, &err));
			assert_non_null(
			    strstr(m.header.data, cases[i].charset));
			message_free(&m);
			str_free(&body);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_a_phrase_as_the_name_in_from),
		cmocka_unit_test(adds_reply_to_only_with_from),
		cmocka_unit_test(adds_no_field_to_relayed_messages),
		cmocka_unit_test(removes_bcc_return_path_and_content_length),
		cmocka_unit_test(keeps_bcc_without_remove_bcc),
		cmocka_unit_test(adds_missing_fields),
		cmocka_unit_test(keeps_existing_fields),
		cmocka_unit_test(replaces_existing_fields_in_mode_on),
		cmocka_unit_test(writes_dates_in_local_time),
		cmocka_unit_test(makes_a_new_message_id_each_time),
		cmocka_unit_test(encodes_the_full_name),
		cmocka_unit_test(adds_no_from_without_a_sender),
		cmocka_unit_test(completes_the_current_resent_block),
		cmocka_unit_test(adds_nothing_to_other_resent_blocks),
		cmocka_unit_test(replaces_nothing_in_a_resent_block),
		cmocka_unit_test(sets_to_without_the_recipients_in_bcc),
		cmocka_unit_test(rejects_too_many_received_fields),
		cmocka_unit_test(declares_octets_over_127),
		cmocka_unit_test(updates_has_8bit_header),
		cmocka_unit_test(detects_utf8_across_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
