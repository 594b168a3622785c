/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the input as a message.
 */
#ifndef VEREDUS_TESTS_MESSAGE_INPUT_H
#define VEREDUS_TESTS_MESSAGE_INPUT_H

#include <stdbool.h>
#include <stdlib.h>

#include "base/text.h"
#include "fuzz.h"
#include "mail/read_message.h"

static inline void
fuzz_read_message(struct message *m, const struct input *in)
{
	struct message_reader reader;
	char *copy = input_copy(in);
	bool ok;

	message_reader_begin(&reader, m, false);
	ok = message_reader_feed(&reader, copy, in->left, NULL)
	    && message_reader_end(&reader, NULL);
	fuzz_assert(ok || text_is_utf16(in->at, in->left));
	message_reader_free(&reader);
	free(copy);
}

#endif
