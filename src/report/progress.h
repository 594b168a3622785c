/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How far the upload of a large message has come.  On a terminal it is one
 * line that is written over and gone in the end; elsewhere a line now and
 * then.
 */
#ifndef VEREDUS_REPORT_PROGRESS_H
#define VEREDUS_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "client/observer.h"

/* A smaller message is not worth a line. */
#define PROGRESS_SIZE_MIN ((uint64_t)1024 * 1024)

struct progress {
	bool terminal;
	bool active; /* the body is on its way */
	uint64_t total, done;
	int64_t began, shown; /* points of clock_now() */
};

/* What struct observer wants; ctx is a struct progress. */
void progress_stage(void *ctx, enum smtp_stage stage, int64_t when);
void progress_size(void *ctx, uint64_t octets);
void progress_sent(void *ctx, size_t octets);

/* "12.5 of 50.0 MiB, 25 %, 3.1 MiB/s, 12 s left": a pure function. */
void progress_print(struct str *out, uint64_t done, uint64_t total,
    int64_t milliseconds);

#endif
