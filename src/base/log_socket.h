/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The Unix sockets of loggers, which may be slow. */
#ifndef VEREDUS_BASE_LOG_SOCKET_H
#define VEREDUS_BASE_LOG_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects without blocking, and tries until the deadline (base/clock.h) if the
 * logger has not accepted the connections of other programs yet.  Returns -1 on
 * failure, with errno set. */
int log_socket_connect(const char *path, int type, int64_t deadline);
/* Writes the octets as far as possible before the deadline; returns whether all
 * were written.  A datagram that is too long is cut off after short_len octets,
 * unless that is 0. */
bool log_socket_write(int fd, const char *data, size_t len, size_t short_len,
    int64_t deadline);

#endif
