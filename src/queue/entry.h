/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queued message without its text: whose it is, its envelope, and the state
 * of each recipient.  file.h keeps it in a file.
 */
#ifndef VEREDUS_QUEUE_ENTRY_H
#define VEREDUS_QUEUE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "base/str.h"
#include "mail/dsn.h"
#include "mail/envelope.h"
#include "mail/mail_params.h"
#include "queue/id.h"

enum queue_recipient_state {
	QUEUE_WAITING,   /* to be tried (again) */
	QUEUE_DELIVERED, /* a server took the message */
	QUEUE_RELAYED,   /* so did one without DSN, and the sender is to be
	                  * told */
	QUEUE_FAILED,    /* a server rejected the recipient for good */
	QUEUE_RETURNED,  /* and the sender knows, or does not want to */
	QUEUE_STATES
};

struct queue_recipient {
	char *address;   /* addr-spec for RCPT, without brackets */
	char *original;  /* as the caller wrote it, for ORCPT; NULL: the same */
	unsigned notify; /* of enum dsn_notify; DEFAULT: that of the message */
	enum queue_recipient_state state;
	/* The last result, if there was an attempt: */
	int64_t time; /* 0: none */
	struct smtp_status status;
	char *host;   /* the server, or NULL */
	char *reason; /* one printable line: with a code the reply, or NULL */
};

/* The properties of the message that struct message has, and its sizes. */
struct queue_text {
	uint64_t header_size; /* octets of the header section */
	uint64_t body_size;   /* octets of the body */
	uint64_t body_lines;
	bool has_8bit_header;
	bool has_8bit_body;
	bool has_long_lines;
	bool broken_lines;
};

/* Times are milliseconds since 1970. */
struct queue_entry {
	/* What never changes: */
	struct queue_id id;
	int64_t arrival;
	uint64_t uid;        /* of the caller */
	char *account;       /* the name of its account */
	char *configuration; /* the absolute path of its file, or NULL */
	char *sender;        /* addr-spec, "" for the null sender */
	struct dsn dsn;
	struct mail_params mail_params;
	bool declared_8bit; /* as in struct envelope */
	bool is_notice;     /* a notice of ours, about another message */
	struct queue_recipient *recipients;
	size_t count;
	size_t size; /* room in recipients */
	struct queue_text text;

	/* What the journal says: */
	unsigned attempts;      /* that have begun */
	int64_t last_attempt;   /* 0: none */
	int64_t next_attempt;   /* 0: at once */
	bool warned;            /* the sender has got a delay notice */
	bool done;              /* nothing is left to do */
	struct queue_id notice; /* the last one about this message, or "" */
};

/* Adds a recipient; original may be NULL. */
struct queue_recipient *queue_entry_add(struct queue_entry *entry,
    const char *address, const char *original);
/* Returns the NOTIFY of the recipient, of enum dsn_notify. */
unsigned queue_entry_notify(const struct queue_entry *entry,
    const struct queue_recipient *r);
/* Counts the recipients in that state. */
size_t queue_entry_count(const struct queue_entry *entry,
    enum queue_recipient_state state);
/* Returns the domain that all recipients have who wait, or NULL. */
const char *queue_entry_domain(const struct queue_entry *entry);
/* Sets the last result of a recipient; host and reason may be NULL. */
void queue_recipient_set(struct queue_recipient *r,
    enum queue_recipient_state state, const struct smtp_status *status,
    const char *host, const char *reason);
void queue_entry_free(struct queue_entry *entry);

#endif
