/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rewrites addresses before the message leaves this host: qualifies bare
 * names, and replaces local senders by addresses that a provider accepts.
 *
 * In a header section only addr-specs change, and display names that must be
 * quoted.  Comments, folding and all other octets are kept, and a field with a
 * syntax error is kept as a whole.
 */
#ifndef VEREDUS_MAIL_REWRITE_H
#define VEREDUS_MAIL_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

struct rewrite_rule {
	char *pattern;      /* see path_matches(); without "@": a local name */
	char *address;      /* an addr-spec; "@domain" keeps the local part */
	bool keep_reply_to; /* the old address becomes Reply-To */
};

struct rewrite_rules {
	struct rewrite_rule *rules; /* the first matching one applies */
	size_t count;
	size_t size; /* room in rules */
	/* Replaces local senders that no rule and no pattern of own matches;
	 * NULL: they are kept. */
	char *sender;
	struct strv own;

	char *domain;      /* of bare names; NULL: they stay bare */
	struct strv hosts; /* the names of this host */
	/* Sets domain and hosts when they are first needed; or NULL. */
	void (*look_up)(struct rewrite_rules *r);
};

/*
 * Parses and adds a rule.  Errors: ERROR_CONFIG.
 *
 *	rule = pattern 1*WSP address [1*WSP "reply-to"]
 */
bool rewrite_add_rule(struct rewrite_rules *r, const char *rule,
    struct error *err);

/*
 * Return the address to use instead of `address`; the caller frees it.
 * Recipients are only qualified, and the null sender "" is kept.  If a rule
 * with keep_reply_to applied, *old is the qualified old address, which the
 * caller frees, else NULL; old itself may be NULL.
 */
char *rewrite_recipient(struct rewrite_rules *r, const char *address);
char *rewrite_sender(struct rewrite_rules *r, const char *address, char **old);
/* Returns the rule that rewrite_sender() applies to the address, or NULL. */
const struct rewrite_rule *rewrite_rule_of(struct rewrite_rules *r,
    const char *address);

/*
 * Rewrites the addresses of From, Sender and Reply-To, and qualifies those of
 * To, Cc and Bcc; the same for their Resent- fields.  If a rule with
 * keep_reply_to changed From, and the header section has no Reply-To, adds one
 * with the old addresses of From.
 */
void rewrite_header(struct rewrite_rules *r, struct str *header);

void rewrite_rules_free(struct rewrite_rules *r);

#endif
