/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responses of a name server, most of them malformed or wrong, and the result
 * that a DNS query must return for each response.
 */
#ifndef VEREDUS_TESTS_DNS_RESPONSES_H
#define VEREDUS_TESTS_DNS_RESPONSES_H

#include "dns/dns.h"
#include "dns_server.h"

static inline void
start_response(struct message *m, const struct dns_query_seen *q,
    unsigned flags)
{
	message_start(m, q->id, FLAG_RESPONSE | flags);
	message_question(m, q->name, q->type);
}

/* Each function writes one response.  The table below selects it by the first
 * label of the queried name. */

static inline void
respond_mx(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC);
	message_mx(m, q->name, 10, "a.example");
}

static inline void
respond_nxdomain(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC | ns_r_nxdomain);
	message_soa(m, "example");
}

static inline void
respond_no_data(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, 0);
	message_soa(m, "example");
}

static inline void
respond_servfail(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, ns_r_servfail);
}

static inline void
respond_refused(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, ns_r_refused);
}

static inline void
send_no_response(const struct dns_query_seen *q, struct message *m)
{
	(void)q;
	m->len = 0;
}

static inline void
respond_wrong_id(const struct dns_query_seen *q, struct message *m)
{
	respond_mx(q, m);
	m->data[0] ^= 0xff;
}

static inline void
respond_wrong_question(const struct dns_query_seen *q, struct message *m)
{
	message_start(m, q->id, FLAG_RESPONSE);
	message_question(m, "other.example", q->type);
	message_mx(m, q->name, 10, "a.example");
}

static inline void
respond_wrong_type(const struct dns_query_seen *q, struct message *m)
{
	message_start(m, q->id, FLAG_RESPONSE);
	message_question(m, q->name, ns_t_a);
	message_mx(m, q->name, 10, "a.example");
}

static inline void
respond_wrong_question_over_tcp(const struct dns_query_seen *q,
    struct message *m)
{
	respond_wrong_question(q, m);
	if (!q->tcp)
		start_response(m, q, FLAG_TRUNCATED);
}

static inline void
respond_short_length(const struct dns_query_seen *q, struct message *m)
{
	respond_mx(q, m);
	message_set_u16(m, m->len - 15, 1);
	m->len -= 12;
}

static inline void
respond_pointer_loop(const struct dns_query_seen *q, struct message *m)
{
	size_t at;

	start_response(m, q, 0);
	at = message_record(m, 1, q->name, ns_t_mx);
	message_u16(m, 1);
	message_u16(m, 0xc000 | (unsigned)m->len);
	message_end(m, at);
}

static inline void
respond_long_name(const struct dns_query_seen *q, struct message *m)
{
	size_t at;

	start_response(m, q, 0);
	at = message_record(m, 1, q->name, ns_t_mx);
	message_u16(m, 1);
	for (int i = 0; i < 150; i++)
		message_octets(m, "\1a", 2);
	message_u8(m, 0);
	message_end(m, at);
}

/* The records do not fit into a UDP response. */
static inline void
respond_many_records(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, q->tcp ? 0 : FLAG_TRUNCATED);
	for (unsigned i = 0; q->tcp && i < 1000; i++)
		message_mx(m, q->name, i, "mx.example");
}

static inline void
respond_truncated(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_TRUNCATED);
}

static inline void
respond_alias(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, "target.example");
}

static inline void
respond_insecure_alias(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, 0);
	message_alias(m, q->name, "target.example");
}

static inline void
respond_address(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC);
	message_ipv4(m, q->name, 7);
}

static inline void
respond_alias_loop(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name,
	    strncmp(q->name, "ping", 4) == 0 ? "pong.example" : "ping.example");
}

/* Each alias is longer than the previous alias, so that no alias occurs twice. */
static inline void
respond_endless_alias(const struct dns_query_seen *q, struct message *m)
{
	char name[sizeof(q->name) + 16];

	snprintf(name, sizeof(name), "endless.%s", q->name);
	start_response(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, name);
}

static inline void
respond_invalid_alias(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, "not a host.example");
}

/* This server does not support EDNS. */
static inline void
respond_without_edns(const struct dns_query_seen *q, struct message *m)
{
	start_response(m, q, q->udp_size > 0 ? ns_r_formerr : 0);
	if (q->udp_size == 0)
		message_mx(m, q->name, 10, "a.example");
}

/* An older server, which sends the header alone. */
static inline void
respond_without_question(const struct dns_query_seen *q, struct message *m)
{
	if (q->udp_size > 0)
		message_start(m, q->id, FLAG_RESPONSE | ns_r_formerr);
	else
		respond_mx(q, m);
}

/* Describes the query in a TXT record. */
static inline void
respond_query_flags(const struct dns_query_seen *q, struct message *m)
{
	char text[64];

	snprintf(text, sizeof(text), "size %u ad %d rd %d", q->udp_size,
	    (q->flags & FLAG_AUTHENTIC) != 0, (q->flags & 0x0100) != 0);
	start_response(m, q, FLAG_AUTHENTIC);
	message_txt(m, q->name, text);
}

#define SILENCE "no name server responded in time"
#define MALFORMED "the response is malformed"

/* The test asks all questions in parallel, so that all questions without a
 * response time out at the same time. */
static const struct response {
	const char *name;
	enum dns_type type;
	dns_server_fn *respond;
	enum dns_status status;
	bool secure;
	size_t count;
	const char *shown; /* the name, or the reason for the failure */
} responses[] = {
	{ "mx.example", DNS_MX, respond_mx, DNS_FOUND, true, 1, "mx.example" },
	{ "nx.example.", DNS_MX, respond_nxdomain, DNS_NO_NAME, true, 0,
	    "nx.example" },
	{ "nodata.example", DNS_MX, respond_no_data, DNS_NO_DATA, false, 0,
	    "nodata.example" },
	{ "servfail.example", DNS_MX, respond_servfail, DNS_FAILED, false, 0,
	    "the name server failed (SERVFAIL)" },
	{ "refused.example", DNS_MX, respond_refused, DNS_FAILED, false, 0,
	    "the name server refused the query (REFUSED)" },
	{ "silent.example", DNS_MX, send_no_response, DNS_FAILED, false, 0,
	    SILENCE },
	{ "wrongid.example", DNS_MX, respond_wrong_id, DNS_FAILED, false, 0,
	    SILENCE },
	{ "wrongquestion.example", DNS_MX, respond_wrong_question, DNS_FAILED,
	    false, 0, SILENCE },
	{ "wrongtype.example", DNS_MX, respond_wrong_type, DNS_FAILED, false, 0,
	    SILENCE },
	{ "wrongtcp.example", DNS_MX, respond_wrong_question_over_tcp,
	    DNS_FAILED, false, 0, "the response is for another question" },
	{ "short.example", DNS_MX, respond_short_length, DNS_FAILED, false, 0,
	    MALFORMED },
	{ "pointer.example", DNS_MX, respond_pointer_loop, DNS_FAILED, false, 0,
	    MALFORMED },
	{ "long.example", DNS_MX, respond_long_name, DNS_FAILED, false, 0,
	    MALFORMED },
	{ "many.example", DNS_MX, respond_many_records, DNS_FOUND, false, 1000,
	    "many.example" },
	{ "cut.example", DNS_MX, respond_truncated, DNS_FAILED, false, 0,
	    "the response is truncated" },
	{ "alias.example", DNS_A, respond_alias, DNS_FOUND, true, 1,
	    "target.example" },
	{ "target.example", DNS_A, respond_address, DNS_FOUND, true, 1,
	    "target.example" },
	{ "insecure.example", DNS_A, respond_insecure_alias, DNS_FOUND, false,
	    1, "target.example" },
	{ "ping.example", DNS_A, respond_alias_loop, DNS_FAILED, false, 0,
	    "too many aliases (CNAME records)" },
	{ "pong.example", DNS_CNAME, respond_alias_loop, DNS_FOUND, true, 1,
	    "pong.example" },
	{ "endless.example", DNS_A, respond_endless_alias, DNS_FAILED, false, 0,
	    "too many aliases (CNAME records)" },
	{ "badalias.example", DNS_A, respond_invalid_alias, DNS_FAILED, false,
	    0, "the target of an alias is not a host name" },
	{ "old.example", DNS_MX, respond_without_edns, DNS_FOUND, false, 1,
	    "old.example" },
};

/* This function runs in the thread of the server. */
static inline void
respond(const struct dns_query_seen *q, struct message *reply)
{
	size_t label = strcspn(q->name, ".");

	reply->len = 0;
	if (strncmp(q->name, "question.", 9) == 0)
		respond_query_flags(q, reply);
	if (strncmp(q->name, "older.", 6) == 0)
		respond_without_question(q, reply);
	for (size_t i = 0; i < COUNT_OF(responses) && reply->len == 0; i++)
		if (strncmp(q->name, responses[i].name, label + 1) == 0)
			responses[i].respond(q, reply);
}

#endif
