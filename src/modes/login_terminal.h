/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a long line that a person pastes at the terminal.  The kernel cuts a line
 * at 4095 octets, so that the terminal passes on each key; a star stands for each
 * character, because the line has a secret.
 */
#ifndef VEREDUS_MODES_LOGIN_TERMINAL_H
#define VEREDUS_MODES_LOGIN_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "base/str.h"

struct paste {
	int fd; /* of the terminal; -1: there is none */
	struct termios before;
	struct str line;
	bool is_ended; /* the person has pressed Ctrl-D */
};

/* Prepares standard input if it is a terminal. */
void paste_begin(struct paste *p);
/* Reads one key.  Returns true when the line is complete; the caller then empties
 * it. */
bool paste_read(struct paste *p);
/* Restores the terminal, and wipes the line. */
void paste_end(struct paste *p);

#endif
