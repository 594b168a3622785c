/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes entries to the socket of the journal, each as one datagram. */
#include "base/journal.h"

#include <paths.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log_socket.h"

#define JOURNAL_FOLDER "/run/systemd/journal/"

bool
journal_is_logger(void)
{
	static const char wanted[] = JOURNAL_FOLDER "dev-log";
	char target[sizeof(wanted)];
	ssize_t n = readlink(_PATH_LOG, target, sizeof(target));

	return n == (ssize_t)strlen(wanted)
	    && memcmp(target, wanted, strlen(wanted)) == 0;
}

bool
journal_write(const struct journal_entry *entry, int64_t deadline)
{
	int fd =
	    log_socket_connect(JOURNAL_FOLDER "socket", SOCK_DGRAM, deadline);
	struct str datagram = { 0 };
	bool ok;

	if (fd < 0)
		return false;
	str_printf(&datagram,
	    "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_FACILITY=%d\n"
	    "SYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%ld\n",
	    entry->text, entry->priority, LOG_FAC(entry->facility),
	    entry->ident, (long)getpid());
	str_append(&datagram, str_text(entry->fields), entry->fields->len);
	ok = log_socket_write(fd, datagram.data, datagram.len, 0, deadline);
	close(fd);
	str_free(&datagram);
	return ok;
}
