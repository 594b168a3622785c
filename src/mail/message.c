/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures, copies and frees a message. */
#include "mail/message.h"

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

void
message_share(struct message *copy, const struct message *m)
{
	*copy = *m;
	copy->header = (struct str){ 0 };
	str_append(&copy->header, str_text(&m->header), m->header.len);
	buffer_file_share(&copy->body, &m->body);
}

void
message_free(struct message *m)
{
	str_free(&m->header);
	buffer_file_free(&m->body);
	*m = (struct message){ 0 };
}
