/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a name server says that does not tell the truth, or not all of it, and
 * what is to become of it.
 */
#ifndef VEREDUS_TESTS_DNS_LIES_H
#define VEREDUS_TESTS_DNS_LIES_H

#include "dns/dns.h"
#include "dns_server.h"

static inline void
say_start(struct message *m, const struct dns_query_seen *q, unsigned flags)
{
	message_start(m, q->id, FLAG_RESPONSE | flags);
	message_question(m, q->name, q->type);
}

/* What the server says; the first label of the name tells which of them. */

static inline void
say_mx(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC);
	message_mx(m, q->name, 10, "a.example");
}

static inline void
say_no_name(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC | ns_r_nxdomain);
	message_soa(m, "example");
}

static inline void
say_no_data(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, 0);
	message_soa(m, "example");
}

static inline void
say_failure(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, ns_r_servfail);
}

static inline void
say_refusal(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, ns_r_refused);
}

static inline void
say_nothing(const struct dns_query_seen *q, struct message *m)
{
	(void)q;
	m->len = 0;
}

static inline void
say_wrong_id(const struct dns_query_seen *q, struct message *m)
{
	say_mx(q, m);
	m->data[0] ^= 0xff;
}

static inline void
say_wrong_question(const struct dns_query_seen *q, struct message *m)
{
	message_start(m, q->id, FLAG_RESPONSE);
	message_question(m, "other.example", q->type);
	message_mx(m, q->name, 10, "a.example");
}

static inline void
say_wrong_question_over_tcp(const struct dns_query_seen *q, struct message *m)
{
	say_wrong_question(q, m);
	if (!q->tcp)
		say_start(m, q, FLAG_CUT);
}

static inline void
say_short_length(const struct dns_query_seen *q, struct message *m)
{
	say_mx(q, m);
	message_set_u16(m, m->len - 15, 1);
	m->len -= 12;
}

static inline void
say_pointer_to_itself(const struct dns_query_seen *q, struct message *m)
{
	size_t at;

	say_start(m, q, 0);
	at = message_record(m, 1, q->name, ns_t_mx);
	message_u16(m, 1);
	message_u16(m, 0xc000 | (unsigned)m->len);
	message_end(m, at);
}

static inline void
say_long_name(const struct dns_query_seen *q, struct message *m)
{
	size_t at;

	say_start(m, q, 0);
	at = message_record(m, 1, q->name, ns_t_mx);
	message_u16(m, 1);
	for (int i = 0; i < 150; i++)
		message_octets(m, "\1a", 2);
	message_u8(m, 0);
	message_end(m, at);
}

/* Too much for UDP. */
static inline void
say_many(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, q->tcp ? 0 : FLAG_CUT);
	for (unsigned i = 0; q->tcp && i < 1000; i++)
		message_mx(m, q->name, i, "mx.example");
}

static inline void
say_cut_forever(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_CUT);
}

static inline void
say_alias(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, "target.example");
}

static inline void
say_insecure_alias(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, 0);
	message_alias(m, q->name, "target.example");
}

static inline void
say_address(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC);
	message_ipv4(m, q->name, 7);
}

static inline void
say_alias_to_other(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name,
	    strncmp(q->name, "ping", 4) == 0 ? "pong.example" : "ping.example");
}

/* Names longer than those before, so that no look at the past helps. */
static inline void
say_endless_alias(const struct dns_query_seen *q, struct message *m)
{
	char name[sizeof(q->name) + 16];

	snprintf(name, sizeof(name), "endless.%s", q->name);
	say_start(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, name);
}

static inline void
say_alias_to_nobody(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, FLAG_AUTHENTIC);
	message_alias(m, q->name, "not a host.example");
}

/* A server that is older than EDNS. */
static inline void
say_old(const struct dns_query_seen *q, struct message *m)
{
	say_start(m, q, q->udp_size > 0 ? ns_r_formerr : 0);
	if (q->udp_size == 0)
		message_mx(m, q->name, 10, "a.example");
}

/* What the question was like. */
static inline void
say_question(const struct dns_query_seen *q, struct message *m)
{
	char text[64];

	snprintf(text, sizeof(text), "size %u ad %d rd %d", q->udp_size,
	    (q->flags & FLAG_AUTHENTIC) != 0, (q->flags & 0x0100) != 0);
	say_start(m, q, FLAG_AUTHENTIC);
	message_txt(m, q->name, text);
}

#define SILENCE "no name server answered in time"
#define DAMAGED "the answer is damaged"

/* One question each; all are asked at once, and those who are never answered
 * wait for their time together. */
static const struct lie {
	const char *name;
	enum dns_type type;
	dns_server_fn *say;
	enum dns_status status;
	bool secure;
	size_t count;
	const char *shown; /* the name, or why it failed */
} lies[] = {
	{ "mx.example", DNS_MX, say_mx, DNS_FOUND, true, 1, "mx.example" },
	{ "nx.example.", DNS_MX, say_no_name, DNS_NO_NAME, true, 0,
	    "nx.example" },
	{ "nodata.example", DNS_MX, say_no_data, DNS_NO_DATA, false, 0,
	    "nodata.example" },
	{ "servfail.example", DNS_MX, say_failure, DNS_FAILED, false, 0,
	    "the name server failed (SERVFAIL)" },
	{ "refused.example", DNS_MX, say_refusal, DNS_FAILED, false, 0,
	    "the name server refused to answer" },
	{ "silent.example", DNS_MX, say_nothing, DNS_FAILED, false, 0,
	    SILENCE },
	{ "wrongid.example", DNS_MX, say_wrong_id, DNS_FAILED, false, 0,
	    SILENCE },
	{ "wrongquestion.example", DNS_MX, say_wrong_question, DNS_FAILED,
	    false, 0, SILENCE },
	{ "wrongtcp.example", DNS_MX, say_wrong_question_over_tcp, DNS_FAILED,
	    false, 0, "the answer is one to another question" },
	{ "short.example", DNS_MX, say_short_length, DNS_FAILED, false, 0,
	    DAMAGED },
	{ "pointer.example", DNS_MX, say_pointer_to_itself, DNS_FAILED, false,
	    0, DAMAGED },
	{ "long.example", DNS_MX, say_long_name, DNS_FAILED, false, 0,
	    DAMAGED },
	{ "many.example", DNS_MX, say_many, DNS_FOUND, false, 1000,
	    "many.example" },
	{ "cut.example", DNS_MX, say_cut_forever, DNS_FAILED, false, 0,
	    "the answer is cut short" },
	{ "alias.example", DNS_A, say_alias, DNS_FOUND, true, 1,
	    "target.example" },
	{ "target.example", DNS_A, say_address, DNS_FOUND, true, 1,
	    "target.example" },
	{ "insecure.example", DNS_A, say_insecure_alias, DNS_FOUND, false, 1,
	    "target.example" },
	{ "ping.example", DNS_A, say_alias_to_other, DNS_FAILED, false, 0,
	    "one alias leads to another without end" },
	{ "pong.example", DNS_CNAME, say_alias_to_other, DNS_FOUND, true, 1,
	    "pong.example" },
	{ "endless.example", DNS_A, say_endless_alias, DNS_FAILED, false, 0,
	    "one alias leads to another without end" },
	{ "nobody.example", DNS_A, say_alias_to_nobody, DNS_FAILED, false, 0,
	    "an alias leads to what is no host name" },
	{ "old.example", DNS_MX, say_old, DNS_FOUND, false, 1, "old.example" },
};

/* Runs in the server's thread. */
static inline void
lies_answer(const struct dns_query_seen *q, struct message *reply)
{
	size_t label = strcspn(q->name, ".");

	reply->len = 0;
	if (strncmp(q->name, "question.", 9) == 0)
		say_question(q, reply);
	for (size_t i = 0; i < COUNT_OF(lies) && reply->len == 0; i++)
		if (strncmp(q->name, lies[i].name, label + 1) == 0)
			lies[i].say(q, reply);
}

#endif
