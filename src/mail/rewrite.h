/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of addresses before others see them: bare names get a domain,
 * and senders that only this host knows become ones that a provider takes.
 *
 * Knows rules and names, but not where they come from.  In a header section
 * it changes addr-specs alone: full names, comments, folding and all other
 * octets stay, and a field that cannot be parsed stays as a whole.
 */
#ifndef VEREDUS_MAIL_REWRITE_H
#define VEREDUS_MAIL_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

struct rewrite_rule {
	char *pattern;      /* without "@": for the names of local users */
	char *address;      /* an addr-spec; "@domain": the local part stays */
	bool keep_reply_to; /* answers go to the old address */
};

struct rewrite_rules {
	struct rewrite_rule *rules; /* the first that fits counts */
	size_t count;
	size_t size; /* room in rules */
	/* Other senders of this host become this, unless one of own (addresses
	 * and patterns) fits them; NULL: they stay. */
	char *sender;
	struct strv own;

	char *domain;      /* for bare names; NULL: they stay bare */
	struct strv hosts; /* the names of this host */
	/* To fill in these two when they are first needed; or NULL. */
	void (*look_up)(struct rewrite_rules *r);
};

/*
 * rule = pattern 1*WSP address [1*WSP "reply-to"]
 * Errors: ERROR_CONFIG.
 */
bool rewrite_add_rule(struct rewrite_rules *r, const char *rule,
    struct error *err);

/*
 * The addr-spec to use in place of another one; the caller frees.  That of a
 * recipient is only qualified; "", the null sender, stays.  *old (or NULL)
 * is where answers should go by a rule with keep_reply_to, else NULL.
 */
char *rewrite_recipient(struct rewrite_rules *r, const char *address);
char *rewrite_sender(struct rewrite_rules *r, const char *address, char **old);
/* The rule by which rewrite_sender() changes the address, or NULL. */
const struct rewrite_rule *rewrite_rule_of(struct rewrite_rules *r,
    const char *address);

/*
 * Rewrites From, Sender and Reply-To, qualifies To, Cc and Bcc; so their
 * Resent- forms.  If a rule with keep_reply_to changed From, and there is no
 * Reply-To, it gets the addresses that From had.
 */
void rewrite_header(struct rewrite_rules *r, struct str *header);

void rewrite_rules_free(struct rewrite_rules *r);

#endif
