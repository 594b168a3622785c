/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a DNS message with bounds checks, follows the aliases in it, and copies
 * the records that were asked for.
 */
#include "dns/parse.h"

#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "dns/name.h"

/* Older versions of <arpa/nameser.h> do not know TLSA. */
#define NUMBER_OF_TLSA 52

/* The second word of the header (RFC 1035 section 4.1.1, RFC 4035). */
#define FLAG_RESPONSE 0x8000u
#define FLAG_OPCODE 0x7800u
#define FLAG_TRUNCATED 0x0200u
#define FLAG_AUTHENTIC 0x0020u
#define FLAG_CODE 0x000fu

static const char malformed[] = "the response is malformed";
const char dns_too_many_aliases[] = "too many aliases (CNAME records)";

/* A message and the position up to which it has been read. */
struct reader {
	const unsigned char *start, *at, *end;
};

/* In the order of their counters in the header. */
enum section { QUESTION, ANSWER, AUTHORITY, ADDITIONAL, SECTIONS };

/* A resource record (section 4.1.3), or a question, which has no data. */
struct entry {
	char owner[DNS_NAME_MAX]; /* escaped as in zone files */
	unsigned type, class;
	uint32_t ttl;
	const unsigned char *data;
	size_t len;
};

/* The data of one record; names in it may point to any place before. */
struct data {
	const struct reader *message;
	const unsigned char *at;
	size_t len;
};

static unsigned
number_at(const unsigned char *at)
{
	return at[0] * 256u + at[1];
}

static bool
read_ipv4(const struct data *data, struct dns_record *record)
{
	struct sockaddr_in *address = &record->address.ipv4;

	if (data->len != sizeof(address->sin_addr))
		return false;
	address->sin_family = AF_INET;
	memcpy(&address->sin_addr, data->at, data->len);
	return true;
}

static bool
read_ipv6(const struct data *data, struct dns_record *record)
{
	struct sockaddr_in6 *address = &record->address.ipv6;

	if (data->len != sizeof(address->sin6_addr))
		return false;
	address->sin6_family = AF_INET6;
	memcpy(&address->sin6_addr, data->at, data->len);
	return true;
}

/* Reads a name that follows `start` octets and ends where the data ends. */
static bool
read_name(const struct data *data, size_t start, char **name)
{
	char text[DNS_NAME_MAX];
	size_t used;

	if (data->len <= start)
		return false;
	used = dns_name_read(data->message->start, data->message->end,
	    data->at + start, text);
	if (used == 0 || used != data->len - start)
		return false;
	*name = alloc_string(text[0] != '\0' ? text : ".");
	return true;
}

static bool
read_cname(const struct data *data, struct dns_record *record)
{
	return read_name(data, 0, &record->name);
}

/* RFC 1035 section 3.3.9: preference, exchange. */
static bool
read_mx(const struct data *data, struct dns_record *record)
{
	if (!read_name(data, 2, &record->name))
		return false;
	record->preference = number_at(data->at);
	return true;
}

/* RFC 2782: priority, weight, port, target. */
static bool
read_srv(const struct data *data, struct dns_record *record)
{
	if (!read_name(data, 6, &record->name))
		return false;
	record->preference = number_at(data->at);
	record->weight = number_at(data->at + 2);
	record->port = number_at(data->at + 4);
	return true;
}

/* RFC 6698 section 2.1: usage, selector, matching type, data. */
static bool
read_tlsa(const struct data *data, struct dns_record *record)
{
	if (data->len < 3)
		return false;
	record->usage = data->at[0];
	record->selector = data->at[1];
	record->matching = data->at[2];
	str_append(&record->data, data->at + 3, data->len - 3);
	return true;
}

/* RFC 1035 section 3.3.14: strings, each with its length in one octet. */
static bool
read_txt(const struct data *data, struct dns_record *record)
{
	for (size_t i = 0; i < data->len;) {
		size_t part = data->at[i++];

		if (part > data->len - i)
			return false;
		str_append(&record->data, data->at + i, part);
		i += part;
	}
	return data->len > 0;
}

static const struct {
	int number;
	bool (*read)(const struct data *data, struct dns_record *record);
} types[DNS_TYPES] = {
	[DNS_A] = { ns_t_a, read_ipv4 },
	[DNS_AAAA] = { ns_t_aaaa, read_ipv6 },
	[DNS_CNAME] = { ns_t_cname, read_cname },
	[DNS_MX] = { ns_t_mx, read_mx },
	[DNS_SRV] = { ns_t_srv, read_srv },
	[DNS_TLSA] = { NUMBER_OF_TLSA, read_tlsa },
	[DNS_TXT] = { ns_t_txt, read_txt },
};

int
dns_type_number(enum dns_type type)
{
	return types[type].number;
}

static bool
fail_answer(struct dns_answer *answer, const char *why)
{
	dns_answer_free(answer);
	answer->why = alloc_string(why);
	return true;
}

const char *
dns_code_text(int code)
{
	switch (code) {
	case ns_r_formerr:
		return "the name server reported a format error (FORMERR)";
	case ns_r_servfail:
		return "the name server failed (SERVFAIL)";
	case ns_r_notimpl:
		return "the name server does not support the query (NOTIMP)";
	case ns_r_refused:
		return "the name server refused the query (REFUSED)";
	default:
		return "the name server reported an error";
	}
}

static bool
read_entry(struct reader *r, enum section section, struct entry *e)
{
	size_t used = dns_name_read(r->start, r->end, r->at, e->owner);
	size_t left;

	if (used == 0 || (size_t)(r->end - r->at) < used + NS_QFIXEDSZ)
		return false;
	r->at += used;
	e->type = number_at(r->at);
	e->class = number_at(r->at + 2);
	r->at += NS_QFIXEDSZ;
	if (section == QUESTION)
		return true;
	left = (size_t)(r->end - r->at);
	if (left < NS_RRFIXEDSZ - NS_QFIXEDSZ)
		return false;
	e->ttl = (uint32_t)number_at(r->at) << 16 | number_at(r->at + 2);
	e->len = number_at(r->at + 4);
	e->data = r->at + NS_RRFIXEDSZ - NS_QFIXEDSZ;
	if (e->len > left - (NS_RRFIXEDSZ - NS_QFIXEDSZ))
		return false;
	r->at = e->data + e->len;
	return true;
}

static unsigned
count_of(const struct reader *r, enum section section)
{
	return number_at(r->start + 4 + 2 * (size_t)section);
}

/* Moves r to the start of a section; false if the message is malformed. */
static bool
find_section(const struct reader *message, enum section wanted,
    struct reader *r)
{
	struct entry e;

	*r = *message;
	r->at = r->start + NS_HFIXEDSZ;
	for (enum section section = QUESTION; section < wanted; section++)
		for (unsigned i = count_of(r, section); i > 0; i--)
			if (!read_entry(r, section, &e))
				return false;
	return true;
}

/* The reason why the message cannot be used, or NULL. */
static const char *
find_fault(const struct reader *m, const char *name, enum dns_type type)
{
	unsigned flags = number_at(m->start + 2);
	struct reader r;
	struct entry asked;

	if ((flags & FLAG_RESPONSE) == 0 || (flags & FLAG_OPCODE) != 0)
		return "the message is not a response";
	if ((flags & FLAG_CODE) != ns_r_noerror
	    && (flags & FLAG_CODE) != ns_r_nxdomain)
		return dns_code_text((int)(flags & FLAG_CODE));
	if (!find_section(m, SECTIONS, &r))
		return malformed;
	find_section(m, QUESTION, &r);
	if (count_of(m, QUESTION) != 1 || !read_entry(&r, QUESTION, &asked)
	    || (int)asked.type != types[type].number || asked.class != ns_c_in
	    || !text_equal_nocase(asked.owner, name))
		return "the response is for another question";
	if ((flags & FLAG_TRUNCATED) != 0)
		return "the response is truncated";
	return NULL;
}

static bool
is_wanted(const struct entry *e, const char *owner, enum dns_type type)
{
	return (int)e->type == types[type].number && e->class == ns_c_in
	    && text_equal_nocase(e->owner, owner);
}

/* Adds all records of an owner and type; false if one is malformed. */
static bool
collect_records(const struct reader *m, const char *owner, enum dns_type type,
    struct dns_answer *answer)
{
	unsigned left = count_of(m, ANSWER);
	struct reader r;
	struct entry e = { 0 };

	find_section(m, ANSWER, &r);
	answer->records = alloc_zeroed(left + 1, sizeof(*answer->records));
	for (; left > 0; left--) {
		struct dns_record *record = &answer->records[answer->count];
		struct data data = { .message = m };

		if (!read_entry(&r, ANSWER, &e))
			return false;
		if (!is_wanted(&e, owner, type)
		    || answer->count == DNS_RECORDS_MAX)
			continue;
		data.at = e.data;
		data.len = e.len;
		record->ttl = e.ttl;
		answer->count++;
		if (!types[type].read(&data, record))
			return false;
	}
	return true;
}

/* Replaces the name by the target of its alias; false if it is malformed. */
static bool
follow_alias(const struct reader *m, char **name, bool *found)
{
	struct dns_answer alias = { 0 };
	bool ok = collect_records(m, *name, DNS_CNAME, &alias);

	*found = ok && alias.count > 0;
	if (*found)
		alloc_replace(name, alias.records[0].name);
	dns_answer_free(&alias);
	return ok;
}

/* Follows the aliases in the message; returns the reason of a failure. */
static const char *
follow_aliases(const struct reader *m, char **name, unsigned *steps)
{
	bool found = true;

	for (*steps = 0; *steps <= DNS_ALIASES_MAX; ++*steps) {
		if (!follow_alias(m, name, &found))
			return malformed;
		if (!found)
			return NULL;
	}
	return dns_too_many_aliases;
}

/* Whether a SOA record confirms that there are no records of the type (RFC 2308
 * section 2.2). */
static bool
has_soa(const struct reader *m)
{
	struct reader r;
	struct entry e;

	find_section(m, AUTHORITY, &r);
	for (unsigned i = count_of(m, AUTHORITY); i > 0; i--)
		if (read_entry(&r, AUTHORITY, &e) && e.type == ns_t_soa)
			return true;
	return false;
}

/* Sets the status for the name after all aliases; false if that name has to be
 * queried. */
static bool
set_status(const struct reader *m, unsigned aliases, struct dns_answer *answer)
{
	unsigned flags = number_at(m->start + 2);

	answer->secure = (flags & FLAG_AUTHENTIC) != 0;
	if (answer->count > 0)
		answer->status = DNS_FOUND;
	else if ((flags & FLAG_CODE) == ns_r_nxdomain)
		answer->status = DNS_NO_NAME;
	else
		answer->status = DNS_NO_DATA;
	return answer->status != DNS_NO_DATA || aliases == 0 || has_soa(m);
}

bool
dns_parse(const unsigned char *message, size_t len, const char *name,
    enum dns_type type, struct dns_answer *answer)
{
	struct reader m = { .start = message };
	size_t dot = strlen(name);
	const char *fault;
	unsigned aliases = 0;

	if (len < NS_HFIXEDSZ || len > DNS_MESSAGE_MAX)
		return fail_answer(answer, malformed);
	m.end = message + len;
	if (dot > 0 && name[dot - 1] == '.')
		dot--;
	answer->name = alloc_string_n(name, dot);
	fault = find_fault(&m, answer->name, type);
	if (fault == NULL && type != DNS_CNAME)
		fault = follow_aliases(&m, &answer->name, &aliases);
	if (fault == NULL && !collect_records(&m, answer->name, type, answer))
		fault = malformed;
	if (fault != NULL)
		return fail_answer(answer, fault);
	return set_status(&m, aliases, answer);
}
