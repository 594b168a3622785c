/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   entry = "veredus TLS 1 " trusted SP expires LF data
 *   trusted = 1*DIGIT ; enum tls_trusted
 *   expires = 1*DIGIT ; seconds since 1970
 */
#include "net/tls_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

static const char title[] = "veredus TLS 1 ";

/* A chain of certificates is in it. */
#define ENTRY_MAX ((size_t)256 * 1024)

bool
tls_cache_check(const char *folder, struct error *err)
{
	struct stat st;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return error_set(err, ERROR_CONFIG,
		    "tls_cache: cannot make %s: %s", folder, strerror(errno));
	if (lstat(folder, &st) != 0)
		return error_set(err, ERROR_CONFIG,
		    "tls_cache: cannot use %s: %s", folder, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG,
		    "tls_cache: %s is no folder", folder);
	if (st.st_uid != geteuid())
		return error_set(err, ERROR_CONFIG,
		    "tls_cache: %s belongs to somebody else: name a folder of "
		    "your own",
		    folder);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(err, ERROR_CONFIG,
		    "tls_cache: others may write to %s: chmod go-w %s", folder,
		    folder);
	return true;
}

/* Takes a number and the character behind it. */
static bool
take_number(const char **at, char end, unsigned long long *value)
{
	size_t len = strspn(*at, "0123456789");
	char *digits = alloc_string_n(*at, len);
	bool ok = (*at)[len] == end && text_number(digits, 0, INT64_MAX, value);

	free(digits);
	*at += len + (ok ? 1 : 0);
	return ok;
}

static bool
read_entry(const struct str *text, struct tls_ticket *ticket)
{
	const char *at = str_text(text), *end = at + text->len;
	unsigned long long trusted, expires;
	time_t now = time(NULL);

	if (text->len < strlen(title) || memcmp(at, title, strlen(title)) != 0)
		return false;
	at += strlen(title);
	if (!take_number(&at, ' ', &trusted)
	    || !take_number(&at, '\n', &expires) || at >= end)
		return false;
	ticket->trusted = (unsigned)trusted;
	ticket->expires = (time_t)expires;
	str_append(&ticket->data, at, (size_t)(end - at));
	/* One from the future was made by a clock that was wrong. */
	return ticket->expires > now
	    && ticket->expires <= now + TLS_CACHE_SECONDS;
}

/* Who moves it away has it for himself; then it is read and gone. */
bool
tls_cache_take(const char *folder, const char *key, struct tls_ticket *ticket)
{
	const struct file_rules rules = { .max = ENTRY_MAX,
		.secret = true,
		.owner = geteuid() };
	char *path = alloc_printf("%s/%s", folder, key);
	char *taken = alloc_printf("%s.%ld.taken", path, (long)getpid());
	struct str text = { 0 };
	bool ok = false;

	*ticket = (struct tls_ticket){ 0 };
	if (rename(path, taken) == 0) {
		ok = file_read(taken, &rules, &text, NULL, NULL)
		    && read_entry(&text, ticket);
		unlink(taken);
	}
	if (!ok)
		tls_ticket_free(ticket);
	str_wipe(&text);
	free(path);
	free(taken);
	return ok;
}

void
tls_cache_put(const char *folder, const char *key,
    const struct tls_ticket *ticket)
{
	char *path = alloc_printf("%s/%s", folder, key);
	char *beside = alloc_printf("%s.%ld.new", path, (long)getpid());
	struct str text = { 0 };
	int fd;

	str_printf(&text, "%s%u %lld\n", title, ticket->trusted,
	    (long long)ticket->expires);
	str_append(&text, str_text(&ticket->data), ticket->data.len);
	/* One of that name is left over from somebody who was killed. */
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd >= 0) {
		bool ok = file_write(fd, text.data, text.len);

		if (close(fd) != 0 || !ok || rename(beside, path) != 0)
			unlink(beside);
	}
	str_wipe(&text);
	free(path);
	free(beside);
}

void
tls_ticket_free(struct tls_ticket *ticket)
{
	str_wipe(&ticket->data);
	*ticket = (struct tls_ticket){ 0 };
}
