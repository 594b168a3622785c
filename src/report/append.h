/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines at the end of a file that programs read line by line while others append to
 * it.
 */
#ifndef VEREDUS_REPORT_APPEND_H
#define VEREDUS_REPORT_APPEND_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Appends a line, with its LF, to a regular file that this process has locked.  If
 * the file ends within a line, as after a crash, the new line begins with an LF.
 * A line of which only a part could be written, as on a full disk, is removed,
 * unless a program without the lock has written after it.  On failure returns false
 * with errno set.
 */
bool append_line(int fd, const struct str *line);

#endif
