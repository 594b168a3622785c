/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Malformed responses (dns/parse.h). */
#include "unit.h"

#include "dns_parsed.h"

/* Each function makes a response for the MX records of NAME malformed. */

static void
empty_message(struct message *m)
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
truncated(struct message *m)
{
	m->data[2] |= FLAG_TRUNCATED >> 8;
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

/* RDLENGTH is less than the length of the name in the data. */
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
malformed_alias(struct message *m)
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
refused(struct message *m)
{
	m->data[3] |= ns_r_refused;
}

static void
unknown_code(struct message *m)
{
	m->data[3] |= 11;
}

#define MALFORMED "the response is malformed"
#define OTHER "the response is for another question"

static const struct {
	void (*spoil)(struct message *m);
	const char *why;
} faults[] = {
	{ empty_message, MALFORMED },
	{ only_a_header, MALFORMED },
	{ half_a_header, MALFORMED },
	{ query, "the message is not a response" },
	{ notify, "the message is not a response" },
	{ truncated, "the response is truncated" },
	{ no_question, OTHER },
	{ other_name, OTHER },
	{ other_type, OTHER },
	{ two_questions, OTHER },
	{ more_records_than_there_are, MALFORMED },
	{ mx_without_data, MALFORMED },
	{ mx_without_target, MALFORMED },
	{ mx_with_half_a_target, MALFORMED },
	{ short_length, MALFORMED },
	{ long_length, MALFORMED },
	{ pointer_to_itself, MALFORMED },
	{ pointer_behind_the_end, MALFORMED },
	{ pointers_to_each_other, MALFORMED },
	{ reserved_label, MALFORMED },
	{ long_name, MALFORMED },
	{ malformed_alias, MALFORMED },
	{ alias_of_itself, "too many aliases (CNAME records)" },
	{ server_failure, "the name server failed (SERVFAIL)" },
	{ refused, "the name server refused the query (REFUSED)" },
	{ unknown_code, "the name server reported an error" },
};

static void
rejects_malformed_responses_as_a_whole(void **state)
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
rejects_every_prefix_of_a_response(void **state)
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
		cmocka_unit_test(rejects_malformed_responses_as_a_whole),
		cmocka_unit_test(rejects_every_prefix_of_a_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
