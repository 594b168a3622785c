/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run of veredus-oauth: the account, its files, and the connection to the
 * provider.
 */
#ifndef VEREDUS_HELPERS_OAUTH_JOB_H
#define VEREDUS_HELPERS_OAUTH_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "helpers/oauth/answer.h"
#include "helpers/oauth/client.h"
#include "helpers/oauth/dialogue.h"
#include "helpers/oauth/http.h"
#include "helpers/oauth/lock.h"
#include "oauth/failure.h"
#include "oauth/params.h"
#include "oauth/token.h"

struct job {
	struct oauth_params params;
	struct dialogue dialogue;
	struct client client;
	struct http http;
	struct lock lock;
	uid_t owner;  /* of the store */
	char *digest; /* client_digest() */
	enum answer_use use;
	struct redact_forms sent; /* the secrets in the last request */
	struct oauth_failure failure;
	char *warning; /* printed in spite of success; or NULL */
};

/* Checks the parameters. */
bool job_check(struct job *job);
/* Reads secrets and keys, becomes the owner of the store, makes the store if it
 * may not be missing, and prepares requests. */
bool job_start(struct job *job, bool makes_store);
/* Gives up everything but the store, and the ports of these URLs, which may be
 * NULL.  `calls` is of enum syscall_group. */
void job_enter_sandbox(struct job *job, const char *const *urls, size_t count,
    unsigned calls);
void job_free(struct job *job);

/* Notes the secrets of the request, which a failure must not show. */
void job_hide(struct job *job, const struct client_request *request);
/*
 * Sends the request, and fills an empty answer.  The caller has begun the critical
 * part (guard.h), if an answer that is lost would be a loss.  False if there is no
 * response.
 */
bool job_ask(struct job *job, const char *url,
    const struct client_request *request, struct answer *answer);
/* Sets the failure for an answer without a token. */
bool job_fail_answer(struct job *job, const char *url,
    const struct answer *answer);

/* Makes an access token of an answer to a request that was sent at `now`. */
void job_make_access(const struct job *job, const char *token_url,
    const struct answer *answer, int64_t now, struct oauth_access *access);
/* Reads the grant into an empty struct.  *found: there is one, and it belongs to
 * this configuration. */
bool job_read_grant(struct job *job, struct oauth_grant_file *grant,
    bool *found);
/* Sets the failure for an account without a grant. */
bool job_fail_no_grant(struct job *job);

/* Writes a line to the system log, if the account has one: "USER: TEXT". */
void job_log(const struct job *job, int priority, const char *format, ...)
    ATTR_PRINTF(3, 4);

#endif
