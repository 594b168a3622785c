/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Destinations that do not work at present: why, and until when no queue run
 * connects to them.  The file "pauses" below the folder of the queue has them.
 * It is a cache: what is damaged in it does not count, and without it each
 * destination is tried once more.
 */
#ifndef VEREDUS_QUEUE_PAUSES_H
#define VEREDUS_QUEUE_PAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/status.h"
#include "queue/folder.h"
#include "queue/schedule.h"

/* With more than these, most of the network is down; then only the schedule of
 * each message counts. */
#define QUEUE_PAUSES_MAX 1000

struct queue_destination {
	const char *account;
	const char *configuration; /* the absolute path of its file, or NULL */
	const char *domain; /* of recipients; NULL: the account's own servers */
};

/* Why a destination does not work; text is borrowed. */
struct queue_failure {
	bool needs_administrator; /* it is the login, the certificate or the
				   * configuration */
	struct smtp_status status;
	const char *host;   /* the server, or NULL */
	const char *reason; /* with a code the reply */
};

/* Times are milliseconds since 1970. */
struct queue_pause {
	char *account;
	char *configuration;
	char *domain;
	unsigned failures; /* that made a pause, in a row */
	int64_t begun;
	int64_t until; /* then one message is tried */
	int64_t last;  /* the last failure, which may be within the pause */
	bool needs_administrator;
	struct smtp_status status;
	char *host; /* or NULL */
	char *reason;
};

/* { .folder } has not been read. */
struct queue_pauses {
	const struct queue_folder *folder; /* borrowed */
	struct queue_pause *items;
	size_t count;
	size_t size;
	/* A pause was ended early: the times of files may be those of its end,
	 * and the journals say when their messages are due. */
	bool has_released;
	/* Destinations whose last failure is older are tried. */
	int64_t since;
	int fd_plus_1;    /* the locked file; 0: not open */
	bool is_changed;  /* and what was read from it */
	struct stat seen; /* the file that was read */
};

/* Reads the file, unless it is the one that was read last. */
void queue_pauses_read(struct queue_pauses *p);
/* Returns the destination's failures, also after its pause; NULL: none. */
const struct queue_pause *queue_pauses_find(const struct queue_pauses *p,
    const struct queue_destination *d);
/* Forgets pauses that have ended so long ago that no message can have waited for
 * them. */
void queue_pauses_forget_old(struct queue_pauses *p, int64_t now);
/*
 * Whether it is too early for an attempt.  A pause that is further away than it
 * is long is the result of a clock that was wrong, and does not count.
 */
bool queue_pause_lasts(const struct queue_pauses *p,
    const struct queue_pause *pause, int64_t now);

/*
 * Locks and reads the file for changes, which queue_pauses_write() then writes.
 * If that cannot be done, they count in this process only.
 */
void queue_pauses_lock(struct queue_pauses *p);
/*
 * A destination has failed.  The first pause is the first one of the schedule,
 * and the next ones double; a failure in a pause does not prolong it.
 */
void queue_pauses_begin(struct queue_pauses *p,
    const struct queue_destination *d, const struct queue_failure *failure,
    const struct queue_schedule *schedule, int64_t now);
/* A destination works: what waits for it is due. */
void queue_pauses_end(struct queue_pauses *p, const struct queue_destination *d,
    int64_t now);
void queue_pauses_end_all(struct queue_pauses *p, int64_t now);
/*
 * Every message has had the time of its journal since the file was read that
 * p->seen described then.  If the file has changed, another pause may have ended,
 * and the next run goes by the journals once more.
 */
void queue_pauses_forget_released(struct queue_pauses *p,
    const struct stat *seen);
/* Unlocks the file.  Returns false if the changes could not be written, with
 * errno set. */
bool queue_pauses_write(struct queue_pauses *p);

void queue_pauses_free(struct queue_pauses *p);

#endif
