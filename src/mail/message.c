/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures, reads, copies and frees a message. */
#include "mail/message.h"

#include "base/text.h"
#include "mail/scan.h"

uint64_t
message_size(const struct message *m)
{
	struct scan header = { 0 };

	scan_octets(&header, str_text(&m->header), m->header.len);
	/* Each LF is sent as CRLF, and so is the empty line. */
	return m->header.len + header.lines + 2 + m->body.size + m->body_lines;
}

bool
message_is_8bit(const struct message *m)
{
	return m->has_8bit_header || m->has_8bit_body;
}

#define BLOCK_SIZE 16384

/* The octets of the block without an incomplete UTF-8 character at its end. */
static size_t
whole_characters(const char *block, size_t len)
{
	size_t back = 0;

	while (
	    back < 3 && back < len && text_is_utf8_tail(block[len - 1 - back]))
		back++;
	if (back < len && (unsigned char)block[len - 1 - back] >= 0xc0)
		return len - 1 - back;
	return len;
}

bool
message_text_is_utf8(const struct buffer_file *body, uint64_t start,
    uint64_t end, bool *is_utf8, struct error *err)
{
	char block[BLOCK_SIZE];
	size_t got;

	*is_utf8 = true;
	while (*is_utf8 && start < end) {
		uint64_t left = end - start;

		if (!buffer_file_read(body, start, block,
			left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE, &got,
			err))
			return false;
		if (got < left)
			got = whole_characters(block, got);
		*is_utf8 = got > 0 && text_is_utf8(block, got);
		start += got;
	}
	return true;
}

void
message_share(struct message *copy, const struct message *m)
{
	*copy = *m;
	copy->header = (struct str){ 0 };
	str_append(&copy->header, str_text(&m->header), m->header.len);
	buffer_file_share(&copy->body, &m->body);
	copy->exact = (struct buffer_file){ 0 };
	copy->has_exact = false;
}

void
message_free(struct message *m)
{
	str_free(&m->header);
	buffer_file_free(&m->body);
	buffer_file_free(&m->exact);
	*m = (struct message){ 0 };
}
