/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queued message as a JSON object.
 */
#ifndef VEREDUS_MODES_QUEUE_JSON_H
#define VEREDUS_MODES_QUEUE_JSON_H

#include "base/str.h"
#include "queue/listing.h"

/*
 * Appends a line with an object: the members that postqueue -j of Postfix has,
 * and attempts, next_attempt (null unless there will be one), account and
 * last_reply (if a server has replied).  Times are seconds since 1970.  A message in
 * the queue of a service also has the socket of the service, and its uid.
 */
void queue_json_add(struct str *out, const struct queue_item *item,
    const char *service);

#endif
