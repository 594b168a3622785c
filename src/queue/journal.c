/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the lines of the journal and reads them.
 */
#include "queue/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/crc32c.h"
#include "base/text.h"

/*
 * Lines of the journal:
 *
 *   line     = checksum SP time SP event LF
 *   event    = "attempt" / "warned" / "done" / "next" SP time
 *              / "returned" SP number / "notice" SP ID
 *              / result SP number SP code SP status SP host [SP reason]
 *   result   = "delivered" / "relayed" / "failed" / "deferred"
 *   checksum = 8 hexadecimal digits: the CRC-32C of what follows the blank
 *
 * A status or host that is not known is "-".
 */
#define CHECKSUM_LENGTH 8 /* digits */
#define REASON_MAX 400    /* octets */

static const char *const words[QUEUE_EVENT_TYPES] = {
	[QUEUE_EVENT_ATTEMPT] = "attempt",
	[QUEUE_EVENT_DELIVERED] = "delivered",
	[QUEUE_EVENT_RELAYED] = "relayed",
	[QUEUE_EVENT_FAILED] = "failed",
	[QUEUE_EVENT_DEFERRED] = "deferred",
	[QUEUE_EVENT_RETURNED] = "returned",
	[QUEUE_EVENT_NEXT] = "next",
	[QUEUE_EVENT_WARNED] = "warned",
	[QUEUE_EVENT_DONE] = "done",
	[QUEUE_EVENT_NOTICE] = "notice",
};

static bool
is_result(enum queue_event_type type)
{
	switch (type) {
	case QUEUE_EVENT_DELIVERED:
	case QUEUE_EVENT_RELAYED:
	case QUEUE_EVENT_FAILED:
	case QUEUE_EVENT_DEFERRED:
		return true;
	default:
		return false;
	}
}

/* ---- writing ---- */

/* Whether the host has a first word that is printed as a word. */
static bool
has_host(const struct queue_event *event)
{
	return event->host != NULL && (unsigned char)*event->host > ' ';
}

static void
add_result(struct str *out, const struct queue_event *event)
{
	const char *status = event->status.enhanced;

	str_printf(out, " %zu %d %s ", event->recipient + 1, event->status.code,
	    *status != '\0' ? status : "-");
	if (has_host(event))
		text_clean(out, event->host, strcspn(event->host, " "),
		    TEXT_MAX);
	else
		str_add_char(out, '-');
	if (event->reason != NULL) {
		str_add_char(out, ' ');
		text_clean(out, event->reason, strlen(event->reason),
		    REASON_MAX);
	}
}

void
queue_journal_add(struct str *out, const struct queue_event *event)
{
	struct str line = { 0 };

	str_printf(&line, "%" PRId64 " %s", event->time, words[event->type]);
	if (is_result(event->type))
		add_result(&line, event);
	if (event->type == QUEUE_EVENT_RETURNED)
		str_printf(&line, " %zu", event->recipient + 1);
	if (event->type == QUEUE_EVENT_NEXT)
		str_printf(&line, " %" PRId64, event->next);
	if (event->type == QUEUE_EVENT_NOTICE)
		str_printf(&line, " %s", event->notice.text);
	str_printf(out, "%08" PRIX32 " %s\n", crc32c(0, line.data, line.len),
	    line.data);
	str_free(&line);
}

/* ---- the state after an event ---- */

static void
apply_result(struct queue_recipient *r, const struct queue_event *event)
{
	static const enum queue_recipient_state states[] = {
		[QUEUE_EVENT_DELIVERED] = QUEUE_DELIVERED,
		[QUEUE_EVENT_RELAYED] = QUEUE_RELAYED,
		[QUEUE_EVENT_FAILED] = QUEUE_FAILED,
		[QUEUE_EVENT_DEFERRED] = QUEUE_WAITING,
	};

	queue_recipient_set(r, states[event->type], &event->status, event->host,
	    event->reason);
	r->time = event->time;
}

static void
apply_told(struct queue_recipient *r)
{
	r->state = r->state == QUEUE_RELAYED ? QUEUE_DELIVERED : QUEUE_RETURNED;
}

void
queue_entry_apply(struct queue_entry *entry, const struct queue_event *event)
{
	switch (event->type) {
	case QUEUE_EVENT_ATTEMPT:
		entry->attempts++;
		entry->last_attempt = event->time;
		break;
	case QUEUE_EVENT_DELIVERED:
	case QUEUE_EVENT_RELAYED:
	case QUEUE_EVENT_FAILED:
	case QUEUE_EVENT_DEFERRED:
		apply_result(&entry->recipients[event->recipient], event);
		break;
	case QUEUE_EVENT_RETURNED:
		apply_told(&entry->recipients[event->recipient]);
		break;
	case QUEUE_EVENT_NEXT:
		entry->next_attempt = event->next;
		break;
	case QUEUE_EVENT_WARNED:
		entry->warned = true;
		break;
	case QUEUE_EVENT_DONE:
		entry->done = true;
		break;
	case QUEUE_EVENT_NOTICE:
		entry->notice = event->notice;
		break;
	case QUEUE_EVENT_TYPES:
		break;
	}
}

/* ---- reading ---- */

/* Returns the next word, and moves *at behind it and one blank. */
static char *
next_word(char **at)
{
	char *word = *at;
	size_t length = strcspn(word, " ");

	*at = word + length + (word[length] == ' ');
	word[length] = '\0';
	return word;
}

static bool
next_number(char **at, uint64_t max, uint64_t *value)
{
	unsigned long long number;

	if (!text_number(next_word(at), 0, max, &number))
		return false;
	*value = number;
	return true;
}

static bool
parse_type(const char *word, enum queue_event_type *type)
{
	for (size_t i = 0; i < QUEUE_EVENT_TYPES; i++)
		if (strcmp(words[i], word) == 0) {
			*type = (enum queue_event_type)i;
			return true;
		}
	return false;
}

static bool
next_recipient(char **at, size_t recipients, size_t *index)
{
	uint64_t number;

	if (!next_number(at, recipients, &number) || number == 0)
		return false;
	*index = (size_t)number - 1;
	return true;
}

static bool
parse_result(char *at, size_t recipients, struct queue_event *event)
{
	uint64_t code;
	const char *word;

	if (!next_recipient(&at, recipients, &event->recipient)
	    || !next_number(&at, 999, &code))
		return false;
	event->status.code = (int)code;
	word = next_word(&at);
	if (strcmp(word, "-") != 0)
		smtp_status_set_enhanced(&event->status, word);
	word = next_word(&at);
	event->host = strcmp(word, "-") != 0 ? word : NULL;
	event->reason = *at != '\0' ? at : NULL;
	return *word != '\0';
}

/* The event borrows from the line, which is changed. */
static bool
parse_event(char *line, size_t recipients, struct queue_event *event)
{
	char *at = line;
	uint64_t time;
	uint64_t next = 0;

	if (!next_number(&at, INT64_MAX, &time)
	    || !parse_type(next_word(&at), &event->type))
		return false;
	event->time = (int64_t)time;
	if (is_result(event->type))
		return parse_result(at, recipients, event);
	if (event->type == QUEUE_EVENT_RETURNED
	    && !next_recipient(&at, recipients, &event->recipient))
		return false;
	if (event->type == QUEUE_EVENT_NEXT
	    && !next_number(&at, INT64_MAX, &next))
		return false;
	event->next = (int64_t)next;
	if (event->type == QUEUE_EVENT_NOTICE
	    && !queue_id_parse(next_word(&at), &event->notice))
		return false;
	return *at == '\0';
}

static bool
has_checksum(const char *line, size_t len)
{
	char expected[CHECKSUM_LENGTH + 2];

	if (len <= CHECKSUM_LENGTH)
		return false;
	snprintf(expected, sizeof(expected), "%08" PRIX32 " ",
	    crc32c(0, line + CHECKSUM_LENGTH + 1, len - CHECKSUM_LENGTH - 1));
	return memcmp(line, expected, CHECKSUM_LENGTH + 1) == 0;
}

static bool
replay_line(struct queue_entry *entry, const char *line, size_t len)
{
	struct queue_event event = { 0 };
	char *copy;
	bool ok;

	if (!has_checksum(line, len) || memchr(line, '\0', len) != NULL)
		return false;
	copy = alloc_string_n(line + CHECKSUM_LENGTH + 1,
	    len - CHECKSUM_LENGTH - 1);
	ok = parse_event(copy, entry->count, &event);
	if (ok)
		queue_entry_apply(entry, &event);
	free(copy);
	return ok;
}

/*
 * Blocks of a file reach the disk in any order.  After a loss of power, the last
 * line may be incomplete or have a wrong checksum, and a block that did not reach
 * the disk may be a hole of NULs with lines behind it.  Nothing behind a hole was
 * durable, because that would have made the hole durable, too.
 */
static bool
ends_whole_lines(const char *line, const char *lf, const char *end)
{
	return lf + 1 == end || memchr(line, '\0', (size_t)(lf - line)) != NULL;
}

bool
queue_journal_replay(struct queue_entry *entry, const char *text, size_t len,
    size_t *used, struct error *err)
{
	const char *end = text + len;
	unsigned number = 0;

	*used = 0;
	for (;;) {
		const char *line = text + *used;
		const char *lf = *used < len
		    ? memchr(line, '\n', (size_t)(end - line))
		    : NULL;

		if (lf == NULL)
			return true;
		number++;
		if (!replay_line(entry, line, (size_t)(lf - line)))
			return ends_whole_lines(line, lf, end)
			    || error_set(err, ERROR_MESSAGE,
				"line %u of the journal is damaged", number);
		*used = (size_t)(lf + 1 - text);
	}
}
