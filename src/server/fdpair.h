/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport over two descriptors that somebody else has opened, such as
 * standard input and output: pipes, a terminal, a file, a socket.
 *
 * They may be shared with other processes, so their flags stay as they are:
 * what a call would have to wait for is found out with poll().
 */
#ifndef VEREDUS_SERVER_FDPAIR_H
#define VEREDUS_SERVER_FDPAIR_H

#include "net/transport.h"

/*
 * Makes a transport that reads from one descriptor and writes to the other.
 * Both are borrowed: closing the transport leaves them open.  SIGPIPE must be
 * ignored (base/process.h).
 */
void fdpair_init(struct transport *t, int input, int output);

#endif
