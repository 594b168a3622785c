/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>

#include "dns_parsed.h"

static void
reads_mail_exchangers_in_the_order_of_the_response(void **state)
{
	struct dns_answer answer;

	(void)state;
	start(ns_t_mx);
	message_mx(&message, NAME, 20, "b.example");
	message_mx(&message, "Example.ORG", 10, "a.example");
	message_mx(&message, "other.example", 5, "c.example");
	message_txt(&message, NAME, "not asked for");
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.status, DNS_FOUND);
	assert_int_equal(answer.count, 2);
	assert_string_equal(answer.name, NAME);
	assert_string_equal(answer.records[0].name, "b.example");
	assert_int_equal(answer.records[0].preference, 20);
	assert_string_equal(answer.records[1].name, "a.example");
	assert_int_equal(answer.records[1].ttl, 300);
	assert_false(answer.secure);
	dns_answer_free(&answer);
}

static void
reads_addresses_of_both_families(void **state)
{
	struct dns_answer answer;
	struct str text = { 0 };
	size_t at;

	(void)state;
	start(ns_t_a);
	message_ipv4(&message, NAME, 7);
	assert_true(parse(DNS_A, &answer));
	endpoint_text_port(&answer.records[0].address, &text);
	dns_answer_free(&answer);
	start(ns_t_aaaa);
	at = message_record(&message, 1, NAME, ns_t_aaaa);
	message_octets(&message, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    16);
	message_end(&message, at);
	assert_true(parse(DNS_AAAA, &answer));
	endpoint_text_port(&answer.records[0].address, &text);
	assert_string_equal(text.data, "192.0.2.7:0[2001:db8::1]:0");
	dns_answer_free(&answer);
	str_free(&text);
}

static void
reads_services_keys_and_texts(void **state)
{
	struct dns_answer answer;
	size_t at;

	(void)state;
	start(ns_t_srv);
	at = message_record(&message, 1, NAME, ns_t_srv);
	message_u16(&message, 1);
	message_u16(&message, 60);
	message_u16(&message, 465);
	message_name(&message, ".");
	message_end(&message, at);
	assert_true(parse(DNS_SRV, &answer));
	assert_int_equal(answer.records[0].preference, 1);
	assert_int_equal(answer.records[0].weight, 60);
	assert_int_equal(answer.records[0].port, 465);
	assert_string_equal(answer.records[0].name, ".");
	dns_answer_free(&answer);

	start(TYPE_TLSA);
	at = message_record(&message, 1, NAME, TYPE_TLSA);
	message_octets(&message, "\3\1\1abc", 6);
	message_end(&message, at);
	at = message_record(&message, 1, NAME, TYPE_TLSA);
	message_octets(&message, "\2\0\0", 3);
	message_end(&message, at);
	assert_true(parse(DNS_TLSA, &answer));
	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.records[0].usage, 3);
	assert_int_equal(answer.records[0].selector, 1);
	assert_int_equal(answer.records[0].matching, 1);
	assert_true(str_equal(&answer.records[0].data, "abc"));
	assert_int_equal(answer.records[1].data.len, 0);
	dns_answer_free(&answer);

	start(ns_t_txt);
	at = message_record(&message, 1, NAME, ns_t_txt);
	message_octets(&message, "\3v=S\0\5TSv1;", 11);
	message_end(&message, at);
	assert_true(parse(DNS_TXT, &answer));
	assert_true(str_equal(&answer.records[0].data, "v=STSv1;"));
	dns_answer_free(&answer);
}

static void
escapes_names_that_are_not_host_names_as_in_zone_files(void **state)
{
	struct dns_answer answer;
	size_t at;

	(void)state;
	start(ns_t_mx);
	at = message_record(&message, 1, NAME, ns_t_mx);
	message_octets(&message, "\0\1\6a.b\r\n \0", 10);
	message_end(&message, at);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.status, DNS_FOUND);
	assert_string_equal(answer.records[0].name, "a\\.b\\013\\010\\032");
	dns_answer_free(&answer);
}

static void
distinguishes_no_name_from_no_data(void **state)
{
	struct dns_answer answer;

	(void)state;
	message_start(&message, 7,
	    FLAG_RESPONSE | FLAG_AUTHENTIC | ns_r_nxdomain);
	message_question(&message, NAME, ns_t_mx);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.status, DNS_NO_NAME);
	assert_true(answer.secure);
	dns_answer_free(&answer);
	start(ns_t_mx);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.status, DNS_NO_DATA);
	assert_int_equal(answer.count, 0);
	dns_answer_free(&answer);
}

static void
follows_aliases_in_any_order(void **state)
{
	struct dns_answer answer;

	(void)state;
	start(ns_t_a);
	message_ipv4(&message, "b.example", 1);
	message_alias(&message, "a.example", "b.example");
	message_alias(&message, NAME, "A.example");
	assert_true(parse(DNS_A, &answer));
	assert_int_equal(answer.status, DNS_FOUND);
	assert_int_equal(answer.count, 1);
	assert_string_equal(answer.name, "b.example");
	dns_answer_free(&answer);
	assert_true(start(ns_t_cname) != NULL);
	message_alias(&message, NAME, "a.example");
	message_alias(&message, "a.example", "b.example");
	assert_true(parse(DNS_CNAME, &answer));
	assert_string_equal(answer.records[0].name, "a.example");
	dns_answer_free(&answer);
}

static void
needs_another_query_for_a_target_that_is_not_included(void **state)
{
	struct dns_answer answer;

	(void)state;
	start(ns_t_a);
	message_alias(&message, NAME, "a.example");
	assert_false(parse(DNS_A, &answer));
	assert_string_equal(answer.name, "a.example");
	dns_answer_free(&answer);
	message_soa(&message, "example");
	assert_true(parse(DNS_A, &answer));
	assert_int_equal(answer.status, DNS_NO_DATA);
	dns_answer_free(&answer);
	/* NXDOMAIN refers to the end of the chain of aliases (RFC 6604). */
	message_start(&message, 7, FLAG_RESPONSE | ns_r_nxdomain);
	message_question(&message, NAME, ns_t_a);
	message_alias(&message, NAME, "a.example");
	assert_true(parse(DNS_A, &answer));
	assert_int_equal(answer.status, DNS_NO_NAME);
	dns_answer_free(&answer);
}

static void
add_exchangers(unsigned count)
{
	char name[32];

	start(ns_t_mx);
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "mx%u.example", i);
		message_mx(&message, NAME, i, name);
	}
}

static void
reads_a_thousand_mail_exchangers(void **state)
{
	struct dns_answer answer;

	(void)state;
	add_exchangers(1000);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.count, 1000);
	assert_string_equal(answer.records[999].name, "mx999.example");
	dns_answer_free(&answer);
}

static void
ignores_records_beyond_the_limit(void **state)
{
	struct dns_answer answer;

	(void)state;
	add_exchangers(DNS_RECORDS_MAX + 1);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.count, DNS_RECORDS_MAX);
	dns_answer_free(&answer);
}

static void
ignores_octets_behind_the_last_record(void **state)
{
	struct dns_answer answer;

	(void)state;
	start(ns_t_mx);
	message_mx(&message, NAME, 1, "a.example");
	message_octets(&message, "junk", 4);
	assert_true(parse(DNS_MX, &answer));
	assert_int_equal(answer.count, 1);
	dns_answer_free(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    reads_mail_exchangers_in_the_order_of_the_response),
		cmocka_unit_test(reads_addresses_of_both_families),
		cmocka_unit_test(reads_services_keys_and_texts),
		cmocka_unit_test(
		    escapes_names_that_are_not_host_names_as_in_zone_files),
		cmocka_unit_test(distinguishes_no_name_from_no_data),
		cmocka_unit_test(follows_aliases_in_any_order),
		cmocka_unit_test(
		    needs_another_query_for_a_target_that_is_not_included),
		cmocka_unit_test(reads_a_thousand_mail_exchangers),
		cmocka_unit_test(ignores_records_beyond_the_limit),
		cmocka_unit_test(ignores_octets_behind_the_last_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
