/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport over two descriptors that the caller has opened, such as
 * standard input and output: pipes, a terminal, a file, a socket.
 *
 * Other processes may share the descriptors, so their flags are not changed;
 * poll() tells whether a read or a write would block.
 */
#ifndef VEREDUS_SERVER_FDPAIR_H
#define VEREDUS_SERVER_FDPAIR_H

#include "net/transport.h"

/*
 * Makes a transport that reads from one descriptor and writes to the other.
 * Both are borrowed: closing the transport leaves them open.  SIGPIPE must be
 * ignored (base/process.h).  Errors: ERROR_INPUT for the input, ERROR_NETWORK
 * for the output.
 */
void fdpair_init(struct transport *t, int input, int output);

#endif
