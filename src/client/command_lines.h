/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a message that are commands to a server that takes them for such.
 */
#ifndef VEREDUS_CLIENT_COMMAND_LINES_H
#define VEREDUS_CLIENT_COMMAND_LINES_H

#include <stdbool.h>

#include "mail/message.h"

/*
 * Whether a line begins with "MAIL FROM:" or "RCPT TO:", in any case and with
 * any blanks.  A server that offers CHUNKING but does not know BDAT takes the
 * octets of a chunk for commands, and such lines would send another message.
 * A message that cannot be read is one without.
 */
bool message_has_command_lines(const struct message *m);

#endif
