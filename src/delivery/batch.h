/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several messages in one session, for a caller that has several for the same
 * server.
 */
#ifndef VEREDUS_DELIVERY_BATCH_H
#define VEREDUS_DELIVERY_BATCH_H

#include <stdbool.h>

#include "delivery/attempt.h"

/*
 * After the first message of the session, whose result was `ok`, sends messages
 * until there are no more, the session ends, or the server takes no more in one
 * session (RFC 9422).  Where the server offers PIPELINING, they are sent as
 * client/pipeline.h describes.  The first groups of a session are small, because
 * a server that cannot do it may have got all messages of a group.
 */
void send_more(const struct attempt *first, bool ok);

#endif
