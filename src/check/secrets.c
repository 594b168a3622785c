/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at the permissions of keys, client secrets and copies of messages. */
#include "check/secrets.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/file.h"
#include "check/remedy.h"
#include "modes/output.h"

#define SECRET_FILE_MAX ((size_t)1024 * 1024)

struct secret_file {
	const char *setting;
	const char *path; /* or NULL */
	enum check_item item;
	enum finding_level level; /* of an error */
};

/* The rules are those of the programs that read the files, but TLS takes a key
 * that others may read as well. */
static void
check_file(const struct account *a, const struct user *user,
    const struct secret_file *file, struct findings *f)
{
	const struct file_rules rules = { .max = SECRET_FILE_MAX,
		.use = FILE_SECRET,
		.owner = user->uid };
	struct str text = { 0 }, place = { 0 }, remedy = { 0 };
	struct error err = { 0 };
	char *why;

	if (file_read(file->path, &rules, &text, NULL, &err)) {
		str_wipe(&text);
		return;
	}
	why = error_describe(&err);
	account_describe_setting(a, file->setting, &place);
	findings_add(f, file->level, file->item, "%s: %s", str_text(&place),
	    why);
	if (!remedy_of_file(file->path, true, &remedy))
		str_printf(&remedy, "change the line of %s, or the file",
		    file->setting);
	findings_mend(f, "%s", str_text(&remedy));
	free(why);
	error_free(&err);
	str_free(&place);
	str_free(&remedy);
	str_wipe(&text);
}

static void
check_copies(const char *folder, struct findings *f)
{
	struct str remedy = { 0 };
	struct stat st;

	if (folder == NULL || stat(folder, &st) < 0 || (st.st_mode & 077) == 0)
		return;
	findings_add(f, FINDING_WARN, ITEM_ARCHIVE,
	    "others may enter %s, which has a copy of each message (mode "
	    "%04o)",
	    folder, (unsigned)st.st_mode & 07777);
	str_add(&remedy, "chmod 700 ");
	output_word(&remedy, folder);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

void
check_secrets(const struct account *a, const struct user *user,
    struct findings *f)
{
	/* A key that cannot be read is a failure of TLS. */
	bool tls = a->tls.mode != TLS_OFF && !tls_uses_token(&a->tls)
	    && a->tls.key_file != NULL && access(a->tls.key_file, R_OK) == 0;
	const struct secret_file files[] = {
		{ "tls_key_file", tls ? a->tls.key_file : NULL, ITEM_TLS,
		    FINDING_WARN },
		{ "oauth_client_secret_file", a->oauth.client_secret_file,
		    ITEM_TOKEN, FINDING_FAIL },
		{ "oauth_key_file", a->oauth.key_file, ITEM_TOKEN,
		    FINDING_FAIL },
	};

	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (files[i].path != NULL)
			check_file(a, user, &files[i], f);
	check_copies(a->archive.folder, f);
}
