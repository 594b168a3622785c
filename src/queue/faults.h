/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What servers cannot do although they offer it.  Without this memory, each queue
 * run would have to find it out, and might deliver some messages twice.  The file
 * "faults" below the folder of the queue has it.  It is a cache: what is damaged
 * in it does not count, and failures to write are ignored.
 */
#ifndef VEREDUS_QUEUE_FAULTS_H
#define VEREDUS_QUEUE_FAULTS_H

#include <stdint.h>

#include "queue/folder.h"

enum queue_fault {
	QUEUE_FAULT_BDAT = 1,    /* it does not know BDAT */
	QUEUE_FAULT_PIPELINE = 2 /* it fails if messages overlap */
};

/* Returns the faults of the server, as a set of enum queue_fault, that were noted
 * in the last 30 days.  Times are milliseconds since 1970. */
unsigned queue_faults_find(const struct queue_folder *folder,
    const char *server, int64_t now);
/* Notes faults of the server, of which queue_faults_find() knows none. */
void queue_faults_add(const struct queue_folder *folder, const char *server,
    unsigned faults, int64_t now);

#endif
