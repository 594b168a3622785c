/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the client of --service may do: which accounts it may use, as whom it may
 * send, and how much.  Everything is read before the first command.
 */
#ifndef VEREDUS_RELAY_POLICY_H
#define VEREDUS_RELAY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/peer.h"
#include "base/user_list.h"
#include "config/sender_login.h"
#include "config/settings.h"
#include "mail/message.h"
#include "modes/context.h"

/* The rules of an account that the client may use. */
struct policy_account {
	const struct settings *settings;
	bool names_client; /* `users` has the client itself */
	struct sender_rules senders;
	uint64_t size_max;       /* octets; 0: no own limit */
	unsigned recipients_max; /* 0: no own limit */
};

struct policy {
	struct peer peer;
	struct error obstacle; /* why the client can send nothing, if set */
	struct policy_account *accounts;
	size_t count;
	size_t removed;  /* accounts that the client may not use */
	bool is_own;     /* the client is the user of the service */
	bool is_crowded; /* the client has sessions_user other sessions */
	/* Of all accounts of the client: the largest size and the smallest
	 * number of recipients; 0: no limit. */
	uint64_t size_max;
	unsigned recipients_max;
	unsigned client_timeout; /* seconds */
	unsigned sessions_user;
	char *queue_folder; /* of the service, whoever may use which account */
};

/*
 * Reads the configuration into the context, whose user must be set, and removes
 * the accounts that the client may not use.  Accounts of which `socket` leads
 * to the socket of standard input are errors.
 * Errors: ERROR_CONFIG and ERROR_FILE, which say file and line.
 */
bool policy_read(struct policy *p, struct context *context, struct error *err);
/*
 * Checks the settings of an account as policy_read() does, whoever may use it,
 * and all lines of its files.  Adds every error to the list.  The socket must not
 * be that of veredus.socket, either, which stands for that of the service as long
 * as there is no client.
 */
void policy_check_settings(const struct settings *settings,
    const struct user *user, struct strv *errors);
/*
 * Sets the error that the client hears of a configuration with an error; it is
 * temporary and tells nothing of the file.
 */
void policy_hide_error(struct error *err);
/*
 * Makes an error of the configuration temporary: the message can pass as soon as
 * the administrator has mended the files of the service, which no client can.
 * What a server is the reason of stays as it is.  Always returns false.
 */
bool policy_own_fault(struct error *err);
/*
 * Whether the error, or a cause of it, is about this host or about the files and
 * settings of the service, whose names and contents are for the administrator
 * alone.  Then its text is replaced; the kind, the status and the class stay.
 */
bool policy_hide_problem(struct error *err);

/*
 * Whether there is an account for the sender that the client may use.  Errors:
 * ERROR_PERMISSION, which does not tell which accounts there are.
 */
bool policy_check_account(const struct policy *p, const struct context *context,
    const char *sender, struct error *err);
/*
 * Checks the envelope sender, after rewriting, and the size that the client has
 * declared (0: none) for the account that was selected.
 * Errors: ERROR_PERMISSION, ERROR_LOOP, ERROR_TOO_BIG.
 */
bool policy_check_sender(const struct policy *p, struct context *context,
    uint64_t size, struct error *err);
/* Appends the rule that decides about the envelope sender. */
void policy_describe_rule(const struct policy *p, const struct context *context,
    struct str *out);
/*
 * Whether the account takes one more RCPT after so many, whatever aliases make of
 * them.  Errors: a temporary rejection (452 4.5.3).
 */
bool policy_check_recipient(const struct policy *p,
    const struct context *context, size_t recipients, struct error *err);
/*
 * Checks the message as the client has sent it: its size, and that it has not
 * more than one author field, which can be parsed.
 * Errors: ERROR_PERMISSION, ERROR_TOO_BIG.
 */
bool policy_check_message(const struct policy *p, const struct context *context,
    struct error *err);
/* Checks the senders in the header, after rewriting: From, Sender, Resent-From
 * and Resent-Sender.  Errors: ERROR_PERMISSION. */
bool policy_check_header(const struct policy *p, struct context *context,
    struct error *err);

void policy_free(struct policy *p);

#endif
