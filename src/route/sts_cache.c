/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and writes the files of cached policies and of failed attempts to fetch
 * a policy.
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

/*
 *   entry = "veredus MTA-STS 1" LF
 *           "id " 1*32(ALPHA / DIGIT) LF
 *           "fetched " 1*DIGIT 2LF
 *           policy
 *   failure = "veredus MTA-STS failure 1" LF
 *             "id " 1*32(ALPHA / DIGIT) LF
 *             "tried " 1*DIGIT LF
 *
 * The file of an entry is named after its domain; the name of the file of a
 * failure has a dot before the domain.
 */
static const char title[] = "veredus MTA-STS 1\n";
static const char failure_title[] = "veredus MTA-STS failure 1\n";

/* The policy, and room for the lines before it. */
#define ENTRY_MAX (STS_TEXT_MAX + 256)

/* Returns the path of the file for a domain, which is in lower case. */
static char *
path_of(const char *folder, const char *prefix, const char *domain)
{
	struct str path = { 0 };

	str_printf(&path, "%s/%s", folder, prefix);
	for (; *domain != '\0'; domain++)
		str_add_char(&path, (char)text_lower((unsigned char)*domain));
	return str_steal(&path);
}

/* Parses "name value" LF and advances *at behind it. */
static bool
parse_field(const char **at, const char *name, char **value)
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

/* Parses the title and the fields "id" and `name`, which is a time. */
static bool
parse_head(const char **at, const char *head, const char *name, char **id,
    int64_t *when)
{
	unsigned long long seconds = 0;
	char *number = NULL;
	bool ok = strncmp(*at, head, strlen(head)) == 0;

	*at += ok ? strlen(head) : 0;
	ok = ok && parse_field(at, "id", id) && parse_field(at, name, &number)
	    && text_number(number, 1, INT64_MAX, &seconds);
	free(number);
	*when = (int64_t)seconds;
	return ok;
}

static bool
read_entry(const struct str *text, struct sts_entry *entry, struct error *err)
{
	const char *at = str_text(text);

	if (!parse_head(&at, title, "fetched", &entry->id, &entry->fetched)
	    || *at++ != '\n')
		return error_set(err, ERROR_PROTOCOL,
		    "the file is not a cache entry");
	str_append(&entry->text, at, text->len - (size_t)(at - str_text(text)));
	return sts_parse(str_text(&entry->text), entry->text.len,
	    &entry->policy, err);
}

bool
sts_cache_check(const char *folder, struct error *err)
{
	struct stat st;

	if (lstat(folder, &st) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return true;
		return error_set(err, ERROR_CREATE, "cannot use %s: %s", folder,
		    strerror(errno));
	}
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CREATE, "%s is not a directory",
		    folder);
	if (st.st_uid != geteuid())
		return error_set(err, ERROR_CREATE,
		    "%s belongs to another user: use a directory of your own",
		    folder);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(err, ERROR_CREATE,
		    "%s is writable by others: run chmod go-w %s", folder,
		    folder);
	return true;
}

bool
sts_cache_read(const char *folder, const char *domain, struct sts_entry *entry,
    struct error *err)
{
	const struct file_rules rules = { .max = ENTRY_MAX,
		.may_be_absent = true,
		.use = FILE_SECRET,
		.owner = geteuid() };
	struct file_info info = { 0 };
	char *path = path_of(folder, "", domain);
	struct str text = { 0 };
	bool ok = file_read(path, &rules, &text, &info, err);

	/* This program creates no links here. */
	if (ok && info.symlink)
		ok =
		    error_set(err, ERROR_CONFIG, "%s is a symbolic link", path);
	*entry = (struct sts_entry){ 0 };
	if (ok && !info.absent && !read_entry(&text, entry, err)) {
		error_prefix(err, "cannot use the cached MTA-STS policy %s",
		    path);
		ok = false;
	}
	if (!ok)
		sts_entry_free(entry);
	str_free(&text);
	free(path);
	return ok;
}

/* Writes the text to a temporary file `beside`, then renames it to `path`. */
static bool
replace(const char *path, char *beside, const struct str *text)
{
	int fd = mkostemp(beside, O_CLOEXEC), failure;
	bool ok;

	if (fd < 0)
		return false;
	ok = file_write(fd, text->data, text->len) && fsync(fd) == 0;
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

static bool
write_file(const char *folder, const char *path, const struct str *text,
    struct error *err)
{
	/* A random name: the process id may be in use in another container with
	 * the same folder.  No domain begins with "+". */
	char *beside = alloc_printf("%s/+XXXXXX", folder);
	bool ok = file_make_folder(folder) && replace(path, beside, text);

	if (!ok)
		error_set(err, ERROR_CREATE, "cannot write %s: %s", path,
		    strerror(errno));
	free(beside);
	return ok;
}

bool
sts_cache_write(const char *folder, const char *domain,
    const struct sts_entry *entry, struct error *err)
{
	char *path = path_of(folder, "", domain);
	char *failure = path_of(folder, ".", domain);
	struct str text = { 0 };
	bool ok;

	str_printf(&text, "%sid %s\nfetched %lld\n\n", title, entry->id,
	    (long long)entry->fetched);
	str_append(&text, str_text(&entry->text), entry->text.len);
	ok = write_file(folder, path, &text, err);
	if (ok)
		unlink(failure);
	str_free(&text);
	free(failure);
	free(path);
	return ok;
}

bool
sts_cache_record_failure(const char *folder, const char *domain, const char *id,
    int64_t now, struct error *err)
{
	char *path = path_of(folder, ".", domain);
	struct str text = { 0 };
	bool ok;

	str_printf(&text, "%sid %s\ntried %lld\n", failure_title, id,
	    (long long)now);
	ok = write_file(folder, path, &text, err);
	str_free(&text);
	free(path);
	return ok;
}

bool
sts_cache_has_failed(const char *folder, const char *domain, const char *id,
    int64_t now)
{
	const struct file_rules rules = { .max = ENTRY_MAX,
		.use = FILE_SECRET,
		.owner = geteuid() };
	char *path = path_of(folder, ".", domain), *of = NULL;
	struct str text = { 0 };
	int64_t tried = 0;
	bool known = file_read(path, &rules, &text, NULL, NULL);
	const char *at = str_text(&text);

	known = known && parse_head(&at, failure_title, "tried", &of, &tried)
	    && strcmp(of, id) == 0;
	str_free(&text);
	free(path);
	free(of);
	/* A time in the future comes from a clock that was wrong. */
	return known && tried <= now && now - tried < STS_RETRY_SECONDS;
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
	/* The age of an entry from the future is unknown. */
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
