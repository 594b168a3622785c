/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands that a server knows: each is a row of one table.
 */
#ifndef VEREDUS_SERVER_COMMAND_H
#define VEREDUS_SERVER_COMMAND_H

#include <stdbool.h>

#include "base/error.h"
#include "server/session.h"

/*
 * Does what a line says, and answers.  Fails only when the client cannot be
 * heard or told any more, as server_say() and server_read_message() do.
 */
bool server_command(struct server *s, const char *line, struct error *err);

#endif
