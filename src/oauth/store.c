/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Names the files of the token store, and reads them after checks of who else
 * could have written them. */
#include "oauth/store.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/sha256.h"

/* Octets of the digest in a name. */
#define DIGEST_OCTETS 4
/* The longest end of a file name: that of a temporary file. */
#define SUFFIX_MAX (sizeof(OAUTH_ACCESS_SUFFIX ".XXXXXX") - 1)

#define SYSTEM_STORE LOCALSTATEDIR "/lib/veredus/oauth"
#define STORE_IN_STATE "veredus/oauth"

/* Only "%" and "," would be ambiguous, and "/" impossible; but names are plain
 * text for other programs, too. */
static void
add_encoded(struct str *out, const char *at, const char *end)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~@+";

	for (; at < end; at++)
		if (strchr(plain, *at) != NULL)
			str_add_char(out, *at);
		else
			str_printf(out, "%%%02X", (unsigned char)*at);
}

/* From "//" to the first character after the host and port. */
static const char *
find_host(const char *url, const char **end)
{
	const char *host = strstr(url, "//");

	host = host != NULL ? host + 2 : url;
	*end = host + strcspn(host, "/?#");
	return host;
}

static void
add_digest(struct str *out, const struct oauth_params *p)
{
	const char *const parts[] = { oauth_params_origin(p), p->client_id,
		p->scope };
	unsigned char digest[SHA256_SIZE];
	struct str all = { 0 };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (parts[i] != NULL)
			str_add(&all, parts[i]);
		str_add_char(&all, '\n');
	}
	sha256(all.data, all.len, digest);
	sha256_add_hex(out, digest, DIGEST_OCTETS);
	str_free(&all);
}

bool
oauth_store_name(const struct oauth_params *p, struct str *name,
    struct error *err)
{
	const char *origin = oauth_params_origin(p);
	const char *host, *end;
	size_t start = name->len;

	if (origin == NULL)
		return error_set(err, ERROR_CONFIG,
		    "neither oauth_token_url nor oauth_issuer is set");
	host = find_host(origin, &end);
	add_encoded(name, p->user, p->user + strlen(p->user));
	str_add_char(name, ',');
	add_encoded(name, host, end);
	str_add_char(name, ',');
	add_digest(name, p);
	if (name->len - start + SUFFIX_MAX > NAME_MAX)
		return error_set(err, ERROR_CONFIG,
		    "the user and the host of oauth_token_url are too long for "
		    "the name of a file: %zu octets of at most %zu",
		    name->len - start, NAME_MAX - SUFFIX_MAX);
	return true;
}

char *
oauth_store_path(const struct oauth_params *p, const char *suffix,
    struct error *err)
{
	struct str path = { 0 };

	str_printf(&path, "%s/", p->store);
	if (!oauth_store_name(p, &path, err)) {
		str_free(&path);
		return NULL;
	}
	str_add(&path, suffix);
	return str_steal(&path);
}

char *
oauth_store_default(const struct user *u)
{
	const char *state = user_folder(u, "XDG_STATE_HOME");

	if (u->uid != 0 && !u->is_service && state != NULL)
		return alloc_printf("%s/" STORE_IN_STATE, state);
	if (u->uid != 0 && !u->is_service && user_owns_home(u))
		return alloc_printf("%s/.local/state/" STORE_IN_STATE, u->home);
	return alloc_printf(SYSTEM_STORE "/%lu", (unsigned long)u->uid);
}

static bool
fail_stat(const char *path, int errnum, struct error *err)
{
	return error_set(err,
	    file_errno_is_temporary(errnum) ? ERROR_FILE : ERROR_CONFIG,
	    "cannot read %s: %s", path, strerror(errnum));
}

static bool
check_access(const char *path, const struct file_info *info, uid_t owner,
    struct error *err)
{
	bool is_folder = S_ISDIR(info->mode);

	if (info->owner != owner)
		return error_set(err, ERROR_CONFIG,
		    "%s has OAuth2 tokens but belongs to uid %lu, not to %lu",
		    path, (unsigned long)info->owner, (unsigned long)owner);
	if ((info->mode & 077) != 0)
		return error_set(err, ERROR_CONFIG,
		    "%s has OAuth2 tokens but others may access it (mode "
		    "%04o): run chmod %s %s",
		    path, (unsigned)info->mode & 07777,
		    is_folder ? "700" : "600", path);
	return true;
}

bool
oauth_store_check(const char *folder, uid_t owner, bool *absent,
    struct error *err)
{
	struct file_info info = { 0 };
	struct stat st;

	*absent = false;
	if (lstat(folder, &st) != 0) {
		*absent = errno == ENOENT;
		return *absent || fail_stat(folder, errno, err);
	}
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG,
		    "oauth_store %s is not a folder%s", folder,
		    S_ISLNK(st.st_mode) ? ", but a symbolic link" : "");
	info.owner = st.st_uid;
	info.mode = st.st_mode;
	return check_access(folder, &info, owner, err);
}

static bool
fail_link(const char *path, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
	    "%s has OAuth2 tokens and must not be a symbolic link", path);
}

bool
oauth_store_check_file(const char *path, const struct file_info *info,
    uid_t owner, struct error *err)
{
	if (info->symlink)
		return fail_link(path, err);
	if (info->linked)
		return error_set(err, ERROR_CONFIG,
		    "%s has OAuth2 tokens and must not have a second name "
		    "(hard link)",
		    path);
	return check_access(path, info, owner, err);
}

static bool
read_file(const char *path, uid_t owner, struct str *text, bool *absent,
    struct error *err)
{
	const struct file_rules rules = { .max = RECORD_MAX,
		.may_be_absent = true,
		.use = FILE_SECRET,
		.owner = owner };
	struct file_info info;
	struct stat st;

	/* The rules for secrets would speak of the file that it leads to. */
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return fail_link(path, err);
	if (!file_read(path, &rules, text, &info, err))
		return false;
	*absent = info.absent;
	return info.absent || oauth_store_check_file(path, &info, owner, err);
}

bool
oauth_store_read(const struct oauth_params *p, const char *suffix, uid_t owner,
    struct str *text, bool *absent, struct error *err)
{
	char *path = oauth_store_path(p, suffix, err);
	bool ok = path != NULL
	    && oauth_store_check(p->store, owner, absent, err)
	    && (*absent || read_file(path, owner, text, absent, err));

	free(path);
	return ok;
}

bool
oauth_store_read_access(const struct oauth_params *p, uid_t owner,
    struct oauth_access *access, bool *found, struct error *err)
{
	struct str text = { 0 };
	bool absent;
	bool ok = oauth_store_read(p, OAUTH_ACCESS_SUFFIX, owner, &text,
	    &absent, err);

	*found = ok && !absent
	    && record_read(&oauth_access_record, access, text.data, text.len,
		NULL)
	    && oauth_identity_check(&access->identity, p, "", NULL);
	if (!*found)
		oauth_access_free(access);
	str_wipe(&text);
	return ok;
}
