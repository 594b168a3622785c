/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --explain has to say, as data that is printed as text or as JSON: a list of
 * blocks, such as the account or a recipient, each with a list of parts.  A table
 * has the words of both forms.
 */
#ifndef VEREDUS_MODES_EXPLANATION_H
#define VEREDUS_MODES_EXPLANATION_H

#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"

enum explained {
	EXPLAINED_FILES,
	EXPLAINED_CLIENT,
	EXPLAINED_USABLE_ACCOUNTS,
	EXPLAINED_ACCOUNT,
	EXPLAINED_SENDER_RULE,
	EXPLAINED_RATE,
	EXPLAINED_SENDER,
	EXPLAINED_RECIPIENT,
	EXPLAINED_DOMAIN,
	EXPLAINED_HOST,
	EXPLAINED_HOSTS_LATER,
	EXPLAINED_QUEUE,
	EXPLAINED_LOGIN,
	EXPLAINED_SESSION,
	EXPLAINED_SETTINGS,
	EXPLAINED_SETTING,
	EXPLAINED_NOTE,
	EXPLAINED_BLOCKS
};

enum explained_part {
	PART_FILE_READ,
	PART_FILE_ABSENT,
	PART_FILE_NONE, /* why no file was read */
	PART_ACCOUNT_PLACE,
	PART_ACCOUNT_CHOICE,
	PART_SENDER_SOURCE,
	PART_SENDER_FORBIDDEN,
	PART_SENDER_BEFORE,
	PART_SENDER_CHANGE,
	PART_RECIPIENT_ORIGINAL,
	PART_DOMAIN_STS,
	PART_DOMAIN_FAILURE,
	PART_HOST_DOMAIN,
	PART_HOST_SOCKET,
	PART_HOST_NAME,
	PART_HOST_PORT,
	PART_HOST_LOOKUP, /* the addresses, or why there are none, for people */
	PART_HOST_ADDRESS,
	PART_HOST_PROXY,
	PART_HOST_LOOKUP_ERROR,
	PART_HOST_NOT_TRIED,
	PART_HOST_ALIAS,
	PART_HOST_DNSSEC,
	PART_HOST_TLS,
	PART_HOST_TLS_SOURCE,
	PART_QUEUE_MODE,
	PART_QUEUE_SOURCE,
	PART_QUEUE_FOLDER,
	PART_QUEUE_SCHEDULE,
	PART_QUEUE_DEAD_LETTER,
	PART_LOGIN_SOURCE,
	PART_LOGIN_USER,
	PART_LOGIN_PASSWORD,
	PART_SESSION_NAME,
	PART_SESSION_PROTOCOL,
	PART_SESSION_DEADLINE,
	PART_SESSION_SECONDS,
	PART_SESSION_PARTIAL,
	PART_SESSION_NOTIFY,
	PART_SESSION_ENVELOPE_ID,
	PART_SETTING_NAME,
	PART_SETTING_VALUE,
	PART_SETTING_ORIGIN,
	EXPLAINED_PARTS
};

struct explained_item {
	enum explained_part part;
	char *value; /* cleaned */
};

struct explained_block {
	enum explained kind;
	const char *label; /* in place of that of the table, or NULL */
	char *value;       /* cleaned, or NULL: only the parts are shown */
	struct explained_item *items;
	size_t count;
	size_t size; /* room in items */
};

/* { 0 } is an empty one. */
struct explanation {
	struct explained_block *blocks;
	size_t count;
	size_t size; /* room in blocks */
};

/* Appends a block.  The value may be NULL.  The label, a constant, replaces the
 * usual one of the text. */
void explanation_begin(struct explanation *x, enum explained kind,
    const char *value);
void explanation_begin_as(struct explanation *x, enum explained kind,
    const char *label, const char *value);
/* Append a part to the last block, which must be of the right kind. */
void explanation_add(struct explanation *x, enum explained_part part,
    const char *value);
void explanation_format(struct explanation *x, enum explained_part part,
    const char *format, ...) ATTR_PRINTF(3, 4);

/* Appends the lines for people. */
void explanation_text(const struct explanation *x, struct str *out);
/* Appends a line with the object; err is the result of --explain. */
void explanation_json(const struct explanation *x, const struct error *err,
    struct str *out);
void explanation_free(struct explanation *x);

#endif
