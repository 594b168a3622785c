/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/command_lines.h"

static bool
has_commands(const char *header, const char *body, size_t len)
{
	struct message m = { 0 };
	bool found;

	str_add(&m.header, header);
	assert_true(buffer_file_add(&m.body, body, len, NULL));
	found = message_has_command_lines(&m);
	message_free(&m);
	return found;
}

static void
finds_commands_at_the_start_of_a_line(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} rows[] = {
		{ "MAIL FROM:<a@x>\n", true },
		{ "x\nrcpt to:<a@x>\n", true },
		{ "x\n\t  mAiL \t fRoM : <a@x>\n", true },
		{ "RCPT\tTO:<a@x>\n", true },
		{ "a: b\nc: d\nRCPT TO:x", true },
		{ "x MAIL FROM:<a@x>\n", false },
		{ "MAILFROM:<a@x>\n", false },
		{ "MAIL TO:<a@x>\nRCPT FROM:<a@x>\n", false },
		{ "MAIL FROM\n:<a@x>\n", false },
		{ "EMAIL FROM:<a@x>\n", false },
		{ "FROM:\nTO:\n:::", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (has_commands("Subject: x\n", rows[i].text,
			strlen(rows[i].text))
		    != rows[i].found)
			fail_msg("row %zu in the body", i);
		if (has_commands(rows[i].text, "x\n", 2) != rows[i].found)
			fail_msg("row %zu in the header section", i);
	}
}

/* In a file, wherever the command is divided between two blocks. */
static void
finds_a_command_in_a_large_body(void **state)
{
	static const char command[] = "\nMAIL  FROM:<a@x>\n";
	const size_t size = BUFFER_FILE_MEMORY_MAX + 200000;
	char *body = alloc_bytes(size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		body[i] = ": x\n"[i % 4];
	assert_false(has_commands("Subject: x\n", body, size));
	for (size_t at = 65536 - 20; at < 65536 + 4; at++) {
		char *copy = alloc_bytes(size);

		memcpy(copy, body, size);
		memcpy(copy + at, command, strlen(command));
		assert_true(has_commands("Subject: x\n", copy, size));
		free(copy);
	}
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_commands_at_the_start_of_a_line),
		cmocka_unit_test(finds_a_command_in_a_large_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
