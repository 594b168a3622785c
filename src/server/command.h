/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of the SMTP server: each is a row of one table.
 */
#ifndef VEREDUS_SERVER_COMMAND_H
#define VEREDUS_SERVER_COMMAND_H

#include <stdbool.h>

#include "base/error.h"
#include "server/session.h"

/*
 * Executes one command line, without its line end, and replies to it (RFC
 * 5321 section 4.1).  Returns false only when the connection to the client
 * fails; the errors are those of server_send_reply() and
 * server_read_message().
 */
bool server_command(struct server *s, const char *line, struct error *err);

#endif
