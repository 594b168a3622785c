/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message of the DNS, made as the test says and read by dns/parse.h.
 */
#ifndef VEREDUS_TESTS_DNS_PARSED_H
#define VEREDUS_TESTS_DNS_PARSED_H

#include <stdlib.h>

#include "dns/parse.h"
#include "dns_message.h"

#define NAME "example.org"

static struct message message;

/* A message that answers a question for NAME, with nothing in it so far. */
static struct message *
start(unsigned type)
{
	message_start(&message, 7, FLAG_RESPONSE);
	message_question(&message, NAME, type);
	return &message;
}

/* From memory of its own size, in which a step too far is seen. */
static bool
parse(enum dns_type type, struct dns_answer *answer)
{
	unsigned char *copy = malloc(message.len + 1);
	bool complete;

	*answer = (struct dns_answer){ 0 };
	memcpy(copy, message.data, message.len);
	complete = dns_parse(copy, message.len, NAME, type, answer);
	free(copy);
	return complete;
}

#endif
