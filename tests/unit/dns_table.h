/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A DNS source that reads its answers from a table.  Names that are not in the
 * table do not exist.
 *
 * The data of a row contains one or more records:
 *   A, AAAA  "192.0.2.1 192.0.2.2"
 *   CNAME    "a.example"
 *   MX       "10 a.example 20 b.example"
 *   SRV      "0 60 465 a.example"
 *   TLSA     "3 1 1 32": the last number is the length of the data
 *   TXT      "v=STSv1; id=1|another one"
 */
#ifndef VEREDUS_TESTS_DNS_TABLE_H
#define VEREDUS_TESTS_DNS_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "dns/dns.h"
#include "unit.h"

#define SECURE true
#define INSECURE false

struct dns_row {
	const char *name;
	enum dns_type type;
	bool secure;
	const char *data;  /* NULL: no record; "!REASON": the query fails */
	const char *alias; /* the target of the name, or NULL */
};

/* The calls of ask(), and all questions as "MX example.org; ...". */
static struct {
	unsigned rounds;
	struct str text;
} asked;

static const char *const dns_type_names[] = { [DNS_A] = "A",
	[DNS_AAAA] = "AAAA",
	[DNS_CNAME] = "CNAME",
	[DNS_MX] = "MX",
	[DNS_SRV] = "SRV",
	[DNS_TLSA] = "TLSA",
	[DNS_TXT] = "TXT" };

static inline size_t
read_table_record(enum dns_type type, const char *data, struct dns_record *r)
{
	char name[256] = "";
	int used = 0;
	unsigned len = 0;

	switch (type) {
	case DNS_MX:
		sscanf(data, "%u %255s %n", &r->preference, name, &used);
		break;
	case DNS_SRV:
		sscanf(data, "%u %u %u %255s %n", &r->preference, &r->weight,
		    &r->port, name, &used);
		break;
	case DNS_TLSA:
		sscanf(data, "%u %u %u %u %n", &r->usage, &r->selector,
		    &r->matching, &len, &used);
		for (; len > 0; len--)
			str_add_char(&r->data, 'x');
		break;
	case DNS_CNAME:
		sscanf(data, "%255s %n", name, &used);
		break;
	case DNS_TXT:
		used = (int)strcspn(data, "|");
		str_append(&r->data, data, (size_t)used);
		used += data[used] == '|';
		break;
	default:
		sscanf(data, "%255s %n", name, &used);
		assert_true(endpoint_parse(&r->address, name));
	}
	r->name = alloc_string(name);
	assert_true(used > 0);
	return (size_t)used;
}

static inline void
fill_table_answer(const struct dns_row *row, struct dns_answer *answer)
{
	const char *data = row->data;

	answer->secure = row->secure;
	answer->name = alloc_string(row->alias ? row->alias : row->name);
	answer->status = DNS_NO_DATA;
	if (data != NULL && data[0] == '!') {
		answer->status = DNS_FAILED;
		answer->secure = false;
		answer->why = alloc_string(data + 1);
		return;
	}
	for (; data != NULL && *data != '\0'; answer->count++) {
		answer->status = DNS_FOUND;
		answer->records = alloc_resize(answer->records,
		    answer->count + 1, sizeof(*answer->records));
		answer->records[answer->count] = (struct dns_record){ 0 };
		data += read_table_record(row->type, data,
		    &answer->records[answer->count]);
	}
}

/* ctx is the table; a row without a name ends it. */
static inline bool
ask_table(const struct dns_source *source, struct dns_questions *questions,
    int64_t deadline, struct error *err)
{
	(void)deadline;
	(void)err;
	asked.rounds++;
	for (size_t i = 0; i < questions->count; i++) {
		struct dns_question *q = &questions->items[i];
		const struct dns_row *row = source->ctx;

		str_printf(&asked.text, "%s %s; ", dns_type_names[q->type],
		    q->name);
		dns_answer_free(&q->answer);
		q->answer.status = DNS_NO_NAME;
		for (; row->name != NULL; row++)
			if (row->type == q->type
			    && strcasecmp(row->name, q->name) == 0)
				fill_table_answer(row, &q->answer);
	}
	return true;
}

/* A signal interrupts this source. */
static inline bool
ask_interrupted(const struct dns_source *source,
    struct dns_questions *questions, int64_t deadline, struct error *err)
{
	(void)source;
	(void)questions;
	(void)deadline;
	return error_set(err, ERROR_INTERRUPTED, "ended");
}

static inline void
clear_questions(void)
{
	asked.rounds = 0;
	str_free(&asked.text);
}

#endif
