/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in which something is wrong (dns/parse.h). */
#include "unit.h"

#include "dns_parsed.h"

/* Each makes a message for MX of NAME in which something is wrong. */

static void
nothing(struct message *m)
{
	m->len = 0;
}

static void
only_a_header(struct message *m)
{
	m->len = 12;
}

static void
half_a_header(struct message *m)
{
	m->len = 7;
}

static void
query(struct message *m)
{
	m->data[2] &= 0x7f;
}

static void
notify(struct message *m)
{
	m->data[2] |= ns_o_notify << 3;
}

static void
cut(struct message *m)
{
	m->data[2] |= FLAG_CUT >> 8;
}

static void
no_question(struct message *m)
{
	message_start(m, 7, FLAG_RESPONSE);
	message_mx(m, NAME, 1, "a.example");
}

static void
other_name(struct message *m)
{
	message_start(m, 7, FLAG_RESPONSE);
	message_question(m, "example.com", ns_t_mx);
	message_mx(m, NAME, 1, "a.example");
}

static void
other_type(struct message *m)
{
	message_start(m, 7, FLAG_RESPONSE);
	message_question(m, NAME, ns_t_a);
	message_mx(m, NAME, 1, "a.example");
}

static void
two_questions(struct message *m)
{
	message_start(m, 7, FLAG_RESPONSE);
	message_question(m, NAME, ns_t_mx);
	message_question(m, NAME, ns_t_mx);
	message_mx(m, NAME, 1, "a.example");
}

static void
more_records_than_there_are(struct message *m)
{
	message_count(m, 1, 1000);
}

static void
mx_of_length(struct message *m, size_t len)
{
	size_t at = message_record(m, 1, NAME, ns_t_mx);

	message_octets(m, "\0\1\1a", len);
	message_end(m, at);
}

static void
mx_without_data(struct message *m)
{
	mx_of_length(m, 0);
}

static void
mx_without_target(struct message *m)
{
	mx_of_length(m, 2);
}

static void
mx_with_half_a_target(struct message *m)
{
	mx_of_length(m, 4);
}

/* RDLENGTH says less than the name takes, which goes on behind it. */
static void
short_length(struct message *m)
{
	message_mx(m, NAME, 1, "a.example");
	message_set_u16(m, m->len - 15, 4);
}

static void
long_length(struct message *m)
{
	size_t at = message_record(m, 1, NAME, ns_t_mx);

	message_octets(m, "\0\1\1a\0xyz", 8);
	message_end(m, at);
}

static void
target_by_pointer(struct message *m, unsigned pointer)
{
	size_t at = message_record(m, 1, NAME, ns_t_mx);

	message_u16(m, 1);
	message_u16(m, 0xc000 | pointer);
	message_end(m, at);
}

static void
pointer_to_itself(struct message *m)
{
	target_by_pointer(m, (unsigned)m->len + 13 + 10 + 2);
}

static void
pointer_behind_the_end(struct message *m)
{
	target_by_pointer(m, 0x3fff);
}

static void
pointers_to_each_other(struct message *m)
{
	target_by_pointer(m, (unsigned)m->len + 2 * (13 + 10) + 4 + 2);
	target_by_pointer(m, (unsigned)m->len - 2);
}

static void
reserved_label(struct message *m)
{
	target_by_pointer(m, 0);
	m->data[m->len - 2] = 0x80;
}

/* Five labels of 63 octets. */
static void
long_name(struct message *m)
{
	static const char label[] =
	    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890";
	size_t at = message_record(m, 1, NAME, ns_t_mx);

	message_u16(m, 1);
	for (int i = 0; i < 5; i++) {
		message_u8(m, 63);
		message_octets(m, label, 63);
	}
	message_u8(m, 0);
	message_end(m, at);
}

static void
damaged_alias(struct message *m)
{
	size_t at = message_record(m, 1, NAME, ns_t_cname);

	message_octets(m, "\3a", 2);
	message_end(m, at);
}

static void
alias_of_itself(struct message *m)
{
	message_alias(m, NAME, NAME);
}

static void
server_failure(struct message *m)
{
	m->data[3] |= ns_r_servfail;
}

static void
refusal(struct message *m)
{
	m->data[3] |= ns_r_refused;
}

static void
unknown_code(struct message *m)
{
	m->data[3] |= 11;
}

#define DAMAGED "the answer is damaged"
#define OTHER "the answer is one to another question"

static const struct {
	void (*spoil)(struct message *m);
	const char *why;
} faults[] = {
	{ nothing, DAMAGED },
	{ only_a_header, DAMAGED },
	{ half_a_header, DAMAGED },
	{ query, "what came is no answer" },
	{ notify, "what came is no answer" },
	{ cut, "the answer is cut short" },
	{ no_question, OTHER },
	{ other_name, OTHER },
	{ other_type, OTHER },
	{ two_questions, OTHER },
	{ more_records_than_there_are, DAMAGED },
	{ mx_without_data, DAMAGED },
	{ mx_without_target, DAMAGED },
	{ mx_with_half_a_target, DAMAGED },
	{ short_length, DAMAGED },
	{ long_length, DAMAGED },
	{ pointer_to_itself, DAMAGED },
	{ pointer_behind_the_end, DAMAGED },
	{ pointers_to_each_other, DAMAGED },
	{ reserved_label, DAMAGED },
	{ long_name, DAMAGED },
	{ damaged_alias, DAMAGED },
	{ alias_of_itself, "one alias leads to another without end" },
	{ server_failure, "the name server failed (SERVFAIL)" },
	{ refusal, "the name server refused to answer" },
	{ unknown_code, "the name server failed" },
};

static void
believes_nothing_of_a_message_with_a_fault(void **state)
{
	struct dns_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		start(ns_t_mx);
		message_mx(&message, NAME, 10, "good.example");
		faults[i].spoil(&message);
		assert_true(parse(DNS_MX, &answer));
		if (answer.status != DNS_FAILED || answer.count != 0
		    || strcmp(answer.why, faults[i].why) != 0)
			fail_msg("row %zu: status %d, %s", i, answer.status,
			    answer.why);
		dns_answer_free(&answer);
	}
}

static void
survives_every_prefix_of_a_message(void **state)
{
	struct dns_answer answer;
	size_t len;

	(void)state;
	start(ns_t_mx);
	message_alias(&message, NAME, "a.example");
	message_mx(&message, "a.example", 10, "good.example");
	message_soa(&message, "example");
	for (len = message.len; message.len-- > 0;) {
		assert_true(parse(DNS_MX, &answer));
		assert_int_equal(answer.status, DNS_FAILED);
		dns_answer_free(&answer);
	}
	message.len = len;
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.status, DNS_FOUND);
	dns_answer_free(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_nothing_of_a_message_with_a_fault),
		cmocka_unit_test(survives_every_prefix_of_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
