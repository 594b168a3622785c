/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client of the SMTP server that sends its lines without waiting for replies,
 * and actions that record what they were called for.
 */
#ifndef VEREDUS_TESTS_SERVER_CLIENT_H
#define VEREDUS_TESTS_SERVER_CLIENT_H

#include "unit.h"

#include <string.h>

#include "base/buffer_file.h"
#include "server/session.h"
#include "server/transaction.h"

#define OPEN "EHLO me\r\nMAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\n"

static size_t piece; /* the maximum number of octets that one read returns */
static const char *left;
static struct str replies, performed;

/* The client sends all lines without waiting for replies. */
static ssize_t
client_sends(struct transport *t, void *buf, size_t len, struct error *err)
{
	size_t part = strlen(left);

	(void)t;
	(void)err;
	part = part < piece ? part : piece;
	part = part < len ? part : len;
	memcpy(buf, left, part);
	left += part;
	return (ssize_t)part;
}

static ssize_t
client_receives(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	(void)t;
	(void)err;
	str_append(&replies, buf, len);
	return (ssize_t)len;
}

static void
on_sender(void *ctx, const struct mail_args *args, struct server_reply *reply)
{
	(void)ctx;
	str_printf(&performed, "<%s> ", args->address);
	server_reply_set(reply, strcmp(args->address, "no@x") == 0 ? 550 : 250,
	    "2.1.0", "sender");
}

static bool
on_recipient(void *ctx, const struct mail_args *args,
    struct server_reply *reply)
{
	(void)ctx;
	str_printf(&performed, "%s ", args->address);
	server_reply_set(reply, strcmp(args->address, "no@x") == 0 ? 550 : 250,
	    "2.1.5", "recipient");
	return true;
}

static void
on_message(void *ctx, struct message *m, struct server_reply *reply)
{
	char body[1000];
	size_t got;

	(void)ctx;
	assert_true(
	    buffer_file_read(&m->body, 0, body, sizeof(body), &got, NULL));
	str_add_char(&performed, '[');
	str_append(&performed, str_text(&m->header), m->header.len);
	str_append(&performed, body, got);
	for (size_t i = 0; i < performed.len; i++)
		if (performed.data[i] == '\n')
			performed.data[i] = '|';
	str_add(&performed, "] ");
	server_reply_set(reply,
	    strstr(str_text(&performed), "[LATER") != NULL ? 451 : 250, "2.0.0",
	    "message");
}

/* Records a reset only if anything was performed since the last one. */
static void
on_reset(void *ctx)
{
	struct server *s = ctx;

	(void)s;
	if (performed.len > 0
	    && strcmp(performed.data + performed.len - 2, ". ") != 0)
		str_add(&performed, ". ");
}

static const struct server_actions actions = { .sender = on_sender,
	.recipient = on_recipient,
	.message = on_message,
	.reset = on_reset };

static void
start(struct server *s, const char *sent)
{
	*s = (struct server){ .actions = &actions, .name = "me.example" };
	s->stream.transport = (struct transport){ .fd_plus_1 = 1,
		.read = client_sends,
		.write = client_receives };
	left = sent;
	str_truncate(&replies, 0);
	str_truncate(&performed, 0);
}

/* Turns "220 x\r\n250-y\r\n250 z\r\n" into "250-250 ". */
static void
add_codes(struct str *codes)
{
	const char *line = strstr(str_text(&replies), "\r\n");

	while (line != NULL && line[2] != '\0') {
		str_append(codes, line + 2, 4);
		line = strstr(line + 2, "\r\n");
	}
}

#endif
