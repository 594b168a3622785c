/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Builds DNS messages octet by octet, so that a test can make any malformed
 * message.  The functions allocate nothing on the heap, because a thread also
 * calls them.
 */
#ifndef VEREDUS_TESTS_DNS_MESSAGE_H
#define VEREDUS_TESTS_DNS_MESSAGE_H

#include <arpa/nameser.h>
#include <stddef.h>
#include <string.h>

#define FLAG_RESPONSE 0x8180 /* QR, RD, RA */
#define FLAG_AUTHENTIC 0x0020
#define FLAG_TRUNCATED 0x0200
#define TYPE_TLSA 52

struct message {
	unsigned char data[65536];
	size_t len;
};

static inline void
message_octets(struct message *m, const void *data, size_t len)
{
	if (len > sizeof(m->data) - m->len)
		len = sizeof(m->data) - m->len;
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static inline void
message_u8(struct message *m, unsigned value)
{
	message_octets(m, &(unsigned char){ (unsigned char)value }, 1);
}

static inline void
message_u16(struct message *m, unsigned value)
{
	message_u8(m, value >> 8);
	message_u8(m, value & 0xff);
}

static inline void
message_set_u16(struct message *m, size_t at, unsigned value)
{
	m->data[at] = (unsigned char)(value >> 8);
	m->data[at + 1] = (unsigned char)value;
}

/* Increases a counter in the header; sections are 0 (questions) to 3. */
static inline void
message_count(struct message *m, size_t section, unsigned by)
{
	size_t at = 4 + section * 2;

	message_set_u16(m, at,
	    (unsigned)m->data[at] * 256 + m->data[at + 1] + by);
}

/* "" and "." mean the root. */
static inline void
message_name(struct message *m, const char *name)
{
	while (*name != '\0' && *name != '.') {
		size_t len = strcspn(name, ".");

		message_u8(m, (unsigned)len);
		message_octets(m, name, len);
		name += len + (name[len] == '.');
	}
	message_u8(m, 0);
}

static inline void
message_start(struct message *m, unsigned id, unsigned flags)
{
	m->len = 0;
	message_u16(m, id);
	message_u16(m, flags);
	for (int i = 0; i < 4; i++)
		message_u16(m, 0);
}

static inline void
message_question(struct message *m, const char *name, unsigned type)
{
	message_name(m, name);
	message_u16(m, type);
	message_u16(m, ns_c_in);
	message_count(m, 0, 1);
}

/* Returns the offset of the data, for message_end(). */
static inline size_t
message_record(struct message *m, size_t section, const char *owner,
    unsigned type)
{
	message_name(m, owner);
	message_u16(m, type);
	message_u16(m, ns_c_in);
	message_u16(m, 0);
	message_u16(m, 300);
	message_u16(m, 0);
	message_count(m, section, 1);
	return m->len;
}

static inline void
message_end(struct message *m, size_t start)
{
	message_set_u16(m, start - 2, (unsigned)(m->len - start));
}

static inline void
message_mx(struct message *m, const char *owner, unsigned preference,
    const char *target)
{
	size_t start = message_record(m, 1, owner, ns_t_mx);

	message_u16(m, preference);
	message_name(m, target);
	message_end(m, start);
}

static inline void
message_alias(struct message *m, const char *owner, const char *target)
{
	size_t start = message_record(m, 1, owner, ns_t_cname);

	message_name(m, target);
	message_end(m, start);
}

static inline void
message_ipv4(struct message *m, const char *owner, unsigned last)
{
	size_t start = message_record(m, 1, owner, ns_t_a);

	message_octets(m, (unsigned char[]){ 192, 0, 2 }, 3);
	message_u8(m, last);
	message_end(m, start);
}

static inline void
message_txt(struct message *m, const char *owner, const char *text)
{
	size_t start = message_record(m, 1, owner, ns_t_txt);

	message_u8(m, (unsigned)strlen(text));
	message_octets(m, text, strlen(text));
	message_end(m, start);
}

/* A SOA record, which confirms that there are no records of the type. */
static inline void
message_soa(struct message *m, const char *zone)
{
	size_t start = message_record(m, 2, zone, ns_t_soa);

	message_name(m, "ns.example");
	message_name(m, "postmaster.example");
	for (int i = 0; i < 10; i++)
		message_u16(m, 1);
	message_end(m, start);
}

#endif
