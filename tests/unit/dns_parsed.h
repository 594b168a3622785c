/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One DNS response, built by a test and parsed by dns/parse.h.
 */
#ifndef VEREDUS_TESTS_DNS_PARSED_H
#define VEREDUS_TESTS_DNS_PARSED_H

#include <stdlib.h>

#include "dns/parse.h"
#include "dns_message.h"

#define NAME "example.org"

static struct message message;

/* Starts a response to a question for NAME, without records. */
static struct message *
start(unsigned type)
{
	message_start(&message, 7, FLAG_RESPONSE);
	message_question(&message, NAME, type);
	return &message;
}

/* Parses a copy in memory of the exact size, so that sanitizers detect an
 * overrun. */
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
