/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The progress of a large message: on a terminal one line that is overwritten
 * and erased at the end, elsewhere a line every few seconds.
 */
#ifndef VEREDUS_REPORT_PROGRESS_H
#define VEREDUS_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "client/observer.h"

/* The progress of smaller messages is not shown. */
#define PROGRESS_SIZE_MIN ((uint64_t)1024 * 1024)

struct progress {
	bool terminal;
	bool active;          /* the message data is being sent */
	uint64_t total, done; /* octets */
	int64_t began, shown; /* times of clock_now() */
};

/* The functions of a struct observer; ctx is a struct progress. */
void progress_stage(void *ctx, enum smtp_stage stage, int64_t when);
void progress_size(void *ctx, uint64_t octets);
void progress_sent(void *ctx, size_t octets);

/* Appends "12.5 of 50.0 MiB, 25 %, 3.1 MiB/s, 12 s left". */
void progress_print(struct str *out, uint64_t done, uint64_t total,
    int64_t milliseconds);

#endif
