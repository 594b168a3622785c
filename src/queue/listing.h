/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of a queue in the lines of an SMTP reply, as --service tells them
 * to its clients (XQUEUE).  One table describes the records for both sides:
 *
 *   record    = message / recipient / warning / failed / end
 *   message   = "message" SP id SP place SP lock SP uid SP size SP arrival
 *               SP attempts SP next SP account SP sender
 *   recipient = "recipient" SP state SP code SP status SP time SP host
 *               SP reason SP address
 *   warning   = "warning" SP text
 *   failed    = "failed" SP text
 *   end       = "end" SP count
 *
 * The recipients follow their message; `end` is the last record, or `failed`,
 * which says why the listing is incomplete.  A text is in xtext (RFC 3461 section
 * 4) of any octets but NUL, and "=" stands for an empty one.  A record that is
 * too long for a line goes on in the next one, behind a space.
 */
#ifndef VEREDUS_QUEUE_LISTING_H
#define VEREDUS_QUEUE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "queue/entry.h"
#include "queue/folder.h"

/* The most octets of a line. */
#define QUEUE_LISTING_LINE_MAX 480

/* What listings tell of a message. */
struct queue_item {
	const struct queue_entry *entry; /* borrowed */
	enum queue_place place;
	bool is_locked; /* it is being delivered */
	int64_t next;   /* when the next attempt is due, in milliseconds since
			 * 1970; 0: at once */
};

/* Whether the recipient is left: it waits or, in failed/, it failed. */
bool queue_item_has(const struct queue_item *item,
    const struct queue_recipient *r);

/* ---- writing ---- */

/* Append a record; text that is too long is cut. */
void queue_listing_add_message(struct str *out, const struct queue_item *item);
void queue_listing_add_recipient(struct str *out,
    const struct queue_recipient *r);
void queue_listing_add_warning(struct str *out, const char *text);
void queue_listing_add_failure(struct str *out, const char *text);
void queue_listing_add_end(struct str *out, uint64_t count);
/* Replaces the line by the next one of the record, which begins at *at; false at
 * its end. */
bool queue_listing_fold(const struct str *record, size_t *at, struct str *line);

/* ---- reading ---- */

/* Is called for a message when all of it has been read.  Its texts are as the
 * writer has sent them: any octets. */
typedef bool queue_item_visitor(void *ctx, const struct queue_item *item,
    struct error *err);

/* { .visit, .ctx, .warnings } has read nothing. */
struct queue_listing {
	queue_item_visitor *visit;
	void *ctx;
	struct strv *warnings; /* of the writer, printable */
	struct str record;     /* as far as it has been read */
	struct queue_entry entry;
	struct queue_item item;
	bool has_message; /* the item is one that was not visited yet */
	bool has_end;
	uint64_t count;
	char *failure; /* why the listing is incomplete, or NULL */
};

/*
 * Reads a line.  Errors: those of the visitor; ERROR_PROTOCOL for a line that is
 * not as above, and for more than a listing can have.
 */
bool queue_listing_read(struct queue_listing *l, const char *line,
    struct error *err);
/* Reads what is left after the last line.  Errors: as above; ERROR_FILE if the
 * listing is incomplete. */
bool queue_listing_finish(struct queue_listing *l, struct error *err);
void queue_listing_free(struct queue_listing *l);

#endif
