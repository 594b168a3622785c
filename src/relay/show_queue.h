/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XQUEUE of --service: tells a client which of its messages wait in the queue.
 */
#ifndef VEREDUS_RELAY_SHOW_QUEUE_H
#define VEREDUS_RELAY_SHOW_QUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "relay/policy.h"
#include "server/server.h"

/*
 * Sends the reply: the messages of the client, with their recipients and why they
 * wait; to root those of all users, and what is wrong with files of the queue.
 * What the reasons say about the files of the service, only root is told.
 * Errors: those of server_send_line().
 */
bool show_queue(const struct policy *policy, struct server *server,
    struct error *err);

#endif
