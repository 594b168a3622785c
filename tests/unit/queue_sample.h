/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An entry of a queue in which every member is set.
 */
#ifndef VEREDUS_TESTS_QUEUE_SAMPLE_H
#define VEREDUS_TESTS_QUEUE_SAMPLE_H

#include "base/alloc.h"
#include "queue/entry.h"

static struct queue_entry
sample_entry(void)
{
	struct queue_entry entry = {
		.id = queue_id_make(INT64_C(1795000000000), 4711),
		.arrival = INT64_C(1795000000000),
		.uid = 1000,
		.account = alloc_string("default"),
		.configuration = alloc_string("/etc/veredus.conf"),
		.sender = alloc_string("\"a b\"@example.org"),
		.dsn = { .notify = DSN_NOTIFY_FAILURE | DSN_NOTIFY_DELAY,
		    .wanted = DSN_RETURN_HEADERS,
		    .envelope_id = alloc_string("id 1") },
		.mail_params = { .require_tls = true,
		    .deliver_by = alloc_string("3600;R"),
		    .hold_for = 60,
		    .hold_until = alloc_string("2026-12-01T00:00:00Z"),
		    .priority = alloc_string("-3"),
		    .mail_auth = alloc_string("<>") },
		.declared_8bit = true,
		.is_notice = true,
		.text = { .header_size = 10,
		    .body_size = 5,
		    .body_lines = 1,
		    .has_8bit_header = true,
		    .has_8bit_body = true,
		    .has_long_lines = true,
		    .broken_lines = true },
	};

	queue_entry_add(&entry, "x@example.com", "root");
	queue_entry_add(&entry, "\"x  y\"@example.com", NULL)->notify =
	    DSN_NOTIFY_SUCCESS | DSN_NOTIFY_DELAY;
	queue_entry_add(&entry, "j\xC3\xBCrgen@example.com", "J\xC3\xBCrgen");
	return entry;
}

#endif
