/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   entry = "veredus MTA-STS 1" LF
 *           "id " 1*32(ALPHA / DIGIT) LF
 *           "fetched " 1*DIGIT 2LF
 *           policy
 */
#include "route/sts_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

static const char title[] = "veredus MTA-STS 1\n";

/* The head of an entry is short. */
#define ENTRY_MAX (STS_TEXT_MAX + 256)

/* The file of a domain; names are not told apart by case. */
static char *
path_of(const char *folder, const char *domain)
{
	struct str path = { 0 };

	str_printf(&path, "%s/", folder);
	for (; *domain != '\0'; domain++)
		str_add_char(&path, (char)text_lower((unsigned char)*domain));
	return str_steal(&path);
}

/* Takes "name value" LF from the front of the text. */
static bool
take_field(const char **at, const char *name, char **value)
{
	size_t len = strlen(name), end;

	if (strncmp(*at, name, len) != 0 || (*at)[len] != ' ')
		return false;
	*at += len + 1;
	end = strcspn(*at, "\n");
	if (end == 0 || (*at)[end] != '\n')
		return false;
	*value = alloc_string_n(*at, end);
	*at += end + 1;
	return true;
}

static bool
read_entry(const struct str *text, struct sts_entry *entry, struct error *err)
{
	const char *at = str_text(text);
	unsigned long long fetched = 0;
	char *number = NULL;
	bool ok = strncmp(at, title, sizeof(title) - 1) == 0;

	at += ok ? sizeof(title) - 1 : 0;
	ok = ok && take_field(&at, "id", &entry->id)
	    && take_field(&at, "fetched", &number)
	    && text_number(number, 1, INT64_MAX, &fetched) && *at++ == '\n';
	free(number);
	if (!ok)
		return error_set(err, ERROR_PROTOCOL, "it is no entry");
	entry->fetched = (int64_t)fetched;
	str_append(&entry->text, at, text->len - (size_t)(at - str_text(text)));
	return sts_parse(str_text(&entry->text), entry->text.len,
	    &entry->policy, err);
}

bool
sts_cache_read(const char *folder, const char *domain, struct sts_entry *entry,
    struct error *err)
{
	const struct file_rules rules = { .max = ENTRY_MAX,
		.may_be_absent = true,
		.secret = true,
		.owner = geteuid() };
	struct file_info info = { 0 };
	char *path = path_of(folder, domain);
	struct str text = { 0 };
	bool ok = file_read(path, &rules, &text, &info, err);

	*entry = (struct sts_entry){ 0 };
	if (ok && !info.absent && !read_entry(&text, entry, err)) {
		error_prefix(err, "the cached MTA-STS policy %s cannot be used",
		    path);
		ok = false;
	}
	if (!ok)
		sts_entry_free(entry);
	str_free(&text);
	free(path);
	return ok;
}

static bool
write_all(int fd, const struct str *text)
{
	for (size_t done = 0; done < text->len;) {
		ssize_t put = write(fd, text->data + done, text->len - done);

		if (put < 0 && errno != EINTR)
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* A new file; one of that name is left over from somebody who was killed. */
static int
open_new(const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == EEXIST && unlink(path) == 0)
		fd = open(path, flags, 0600);
	return fd;
}

/* Writes the text beside the place of the entry, then moves it there. */
static bool
replace(const char *path, const char *beside, const struct str *text)
{
	int fd = open_new(beside), failure;
	bool ok;

	if (fd < 0)
		return false;
	ok = write_all(fd, text) && fsync(fd) == 0;
	failure = errno;
	if (close(fd) != 0 && ok) {
		failure = errno;
		ok = false;
	}
	if (ok && rename(beside, path) != 0) {
		failure = errno;
		ok = false;
	}
	if (!ok)
		unlink(beside);
	errno = failure;
	return ok;
}

bool
sts_cache_write(const char *folder, const char *domain,
    const struct sts_entry *entry, struct error *err)
{
	char *path = path_of(folder, domain);
	/* No host name begins with a dot. */
	char *beside = alloc_printf("%s/.%ld", folder, (long)getpid());
	struct str text = { 0 };
	bool ok;

	str_printf(&text, "%sid %s\nfetched %lld\n\n", title, entry->id,
	    (long long)entry->fetched);
	str_append(&text, str_text(&entry->text), entry->text.len);
	ok = (mkdir(folder, 0700) == 0 || errno == EEXIST)
	    && replace(path, beside, &text);
	if (!ok)
		error_set(err, ERROR_CREATE, "cannot write %s: %s", path,
		    strerror(errno));
	str_free(&text);
	free(beside);
	free(path);
	return ok;
}

bool
sts_entry_make(struct sts_entry *entry, const char *id, const char *text,
    size_t len, struct error *err)
{
	*entry = (struct sts_entry){ 0 };
	if (!sts_parse(text, len, &entry->policy, err))
		return false;
	entry->id = alloc_string(id);
	entry->fetched = (int64_t)time(NULL);
	str_append(&entry->text, text, len);
	return true;
}

bool
sts_entry_is_fresh(const struct sts_entry *entry, int64_t now)
{
	/* What comes from the future is of unknown age. */
	return entry->id != NULL && entry->fetched <= now
	    && now - entry->fetched < (int64_t)entry->policy.max_age;
}

enum sts_step
sts_next_step(const struct sts_entry *entry, const char *id, int64_t now)
{
	bool fresh = sts_entry_is_fresh(entry, now);

	if (fresh && (id == NULL || strcmp(id, entry->id) == 0))
		return STS_USE;
	return id != NULL ? STS_FETCH : STS_GO_WITHOUT;
}

void
sts_entry_free(struct sts_entry *entry)
{
	free(entry->id);
	str_free(&entry->text);
	sts_policy_free(&entry->policy);
	*entry = (struct sts_entry){ 0 };
}
