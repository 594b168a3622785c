/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "error_says.h"
#include "queue/head.h"
#include "queue_sample.h"

static void
expect_equal_text(const struct queue_text *a, const struct queue_text *b)
{
	assert_true(a->header_size == b->header_size);
	assert_true(a->body_size == b->body_size);
	assert_true(a->body_lines == b->body_lines);
	assert_int_equal(a->has_8bit_header, b->has_8bit_header);
	assert_int_equal(a->has_8bit_body, b->has_8bit_body);
	assert_int_equal(a->has_long_lines, b->has_long_lines);
	assert_int_equal(a->broken_lines, b->broken_lines);
}

static void
expect_equal(const struct queue_entry *a, const struct queue_entry *b)
{
	assert_string_equal(a->id.text, b->id.text);
	assert_true(a->arrival == b->arrival && a->uid == b->uid);
	assert_string_equal(a->account, b->account);
	assert_string_equal(a->configuration, b->configuration);
	assert_string_equal(a->sender, b->sender);
	assert_int_equal(a->dsn.notify, b->dsn.notify);
	assert_int_equal(a->dsn.wanted, b->dsn.wanted);
	assert_string_equal(a->dsn.envelope_id, b->dsn.envelope_id);
	assert_int_equal(a->mail_params.require_tls,
	    b->mail_params.require_tls);
	assert_string_equal(a->mail_params.deliver_by,
	    b->mail_params.deliver_by);
	assert_int_equal(a->mail_params.hold_for, b->mail_params.hold_for);
	assert_string_equal(a->mail_params.hold_until,
	    b->mail_params.hold_until);
	assert_string_equal(a->mail_params.priority, b->mail_params.priority);
	assert_string_equal(a->mail_params.mail_auth, b->mail_params.mail_auth);
	assert_int_equal(a->declared_8bit, b->declared_8bit);
	assert_int_equal(a->is_notice, b->is_notice);
	expect_equal_text(&a->text, &b->text);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const char *original = a->recipients[i].original;

		assert_string_equal(a->recipients[i].address,
		    b->recipients[i].address);
		assert_int_equal(a->recipients[i].notify,
		    b->recipients[i].notify);
		if (original == NULL)
			assert_null(b->recipients[i].original);
		else
			assert_string_equal(original,
			    b->recipients[i].original);
	}
}

static void
reads_what_it_wrote(void **state)
{
	struct queue_entry written = sample_entry();
	struct queue_entry read = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	assert_true(queue_head_write(&written, &text, &err));
	assert_true(queue_head_parse(&read, text.data, text.len, &err));
	expect_equal(&written, &read);
	str_free(&text);
	queue_entry_free(&written);
	queue_entry_free(&read);
}

static void
leaves_out_what_is_not_set(void **state)
{
	struct queue_entry entry = {
		.id = queue_id_make(0, 0),
		.account = alloc_string("work"),
		.sender = alloc_string(""),
	};
	struct queue_entry read = { 0 };
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	queue_entry_add(&entry, "x@y", NULL);
	assert_true(queue_head_write(&entry, &text, &err));
	assert_string_equal(text.data,
	    "id 0000000000000\n"
	    "arrival 0\n"
	    "uid 0\n"
	    "account work\n"
	    "sender \n"
	    "recipient 1 x@y\n"
	    "\n");
	assert_true(queue_head_parse(&read, text.data, text.len, &err));
	assert_string_equal(read.sender, "");
	assert_null(read.configuration);
	str_free(&text);
	queue_entry_free(&entry);
	queue_entry_free(&read);
}

static void
refuses_to_write_control_characters(void **state)
{
	static const char *const texts[] = { "a\nuid 0", "a\r", "a\tb",
		"a\x7F" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts) * 4; i++) {
		struct queue_entry entry = sample_entry();
		char **places[] = { &entry.account, &entry.configuration,
			&entry.sender, &entry.recipients[1].address };
		struct error err = { 0 };
		struct str text = { 0 };

		alloc_replace(places[i % 4], texts[i / 4]);
		assert_false(queue_head_write(&entry, &text, &err));
		assert_true(error_says(&err, "control characters"));
		error_free(&err);
		str_free(&text);
		queue_entry_free(&entry);
	}
}

/* The beginning of a head that is complete with a recipient. */
#define BEGINNING "id 0123456789ABC\narrival 1\nuid 0\naccount a\nsender s\n"

static void
rejects_a_damaged_head(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ BEGINNING "\n", "no recipient" },
		{ "id 0123456789ABC\narrival 1\nuid 0\nsender s\n"
		  "recipient 1 x\n\n",
		    "no line account" },
		{ BEGINNING "recipient 2 x\n\n", "line 6" },
		{ BEGINNING "recipient 1 x\nrecipient 1 y\n\n", "line 7" },
		{ BEGINNING "recipient 1\n\n", "line 6" },
		{ BEGINNING "recipient 1 \n\n", "line 6" },
		{ BEGINNING "original x\n\n", "line 6" },
		{ BEGINNING "recipient 1 x\noriginal y\noriginal z\n\n",
		    "line 8" },
		{ BEGINNING "sender t\nrecipient 1 x\n\n", "line 6" },
		{ BEGINNING "colour red\nrecipient 1 x\n\n", "line 6" },
		{ BEGINNING "notice yes\nrecipient 1 x\n\n", "line 6" },
		{ BEGINNING "notify SOMETIMES\nrecipient 1 x\n\n", "line 6" },
		{ BEGINNING "body-size -1\nrecipient 1 x\n\n", "line 6" },
		{ BEGINNING "body-size 99999999999999999999\n"
			    "recipient 1 x\n\n",
		    "line 6" },
		{ BEGINNING "nothing\n\n", "line 6" },
		{ "id nonsense\n\n", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct queue_entry entry = { 0 };
		struct error err = { 0 };

		assert_false(queue_head_parse(&entry, rows[i].text,
		    strlen(rows[i].text), &err));
		if (!error_says(&err, rows[i].says))
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(err.kind, ERROR_MESSAGE);
		error_free(&err);
		queue_entry_free(&entry);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(leaves_out_what_is_not_set),
		cmocka_unit_test(refuses_to_write_control_characters),
		cmocka_unit_test(rejects_a_damaged_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
