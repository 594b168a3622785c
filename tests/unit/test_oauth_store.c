/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "error_says.h"
#include "oauth/store.h"
#include "secret_is.h"

static char folder[] = "/tmp/veredus-oauth-XXXXXX";
static char user[] = "alice@example.net", client[] = "id",
	    token_url[] = "https://as.example:8443/oauth/token";
static struct oauth_params params = { .user = user,
	.client_id = client,
	.token_url = token_url,
	.store = folder };

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char *command = alloc_printf("rm -rf %s", folder);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

static void
expect_name(const char *who, const char *url, const char *wanted)
{
	struct oauth_params p = params;
	char *who_copy = alloc_string(who), *url_copy = alloc_string(url);
	struct str name = { 0 };

	p.user = who_copy;
	p.token_url = url_copy;
	assert_true(oauth_store_name(&p, &name, NULL));
	assert_memory_equal(name.data, wanted, strlen(wanted));
	assert_int_equal(name.len, strlen(wanted) + 8);
	str_free(&name);
	free(who_copy);
	free(url_copy);
}

static void
a_name_has_the_user_and_the_host(void **state)
{
	(void)state;
	expect_name("alice@example.net", "https://as.example/token",
	    "alice@example.net,as.example,");
	expect_name("../a,b%", "https://as.example:8443?x",
	    "..%2Fa%2Cb%25,as.example%3A8443,");
	expect_name("j\xc3\xb6rg@x", "https://h/", "j%C3%B6rg@x,h,");
}

static char *
name_of(const struct oauth_params *p)
{
	struct str name = { 0 };

	assert_true(oauth_store_name(p, &name, NULL));
	return str_steal(&name);
}

static void
expect_other_name(const struct oauth_params *other)
{
	char *a = name_of(&params), *b = name_of(other);

	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

static void
the_name_depends_on_what_the_token_is_for(void **state)
{
	struct oauth_params other = params;
	char url[] = "https://as.example:8443/other", text[] = "other";

	(void)state;
	other.token_url = url;
	expect_other_name(&other);
	other = params;
	other.client_id = text;
	expect_other_name(&other);
	other = params;
	other.scope = text;
	expect_other_name(&other);
	other = params;
	other.client_id = NULL;
	other.scope = client;
	expect_other_name(&other);
}

static void
a_name_that_is_too_long_is_an_error(void **state)
{
	struct oauth_params p = params;
	struct str name = { 0 };
	struct error err = { 0 };
	char who[300];

	(void)state;
	memset(who, 'a', sizeof(who) - 1);
	who[sizeof(who) - 1] = '\0';
	p.user = who;
	assert_false(oauth_store_name(&p, &name, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_true(error_says(&err, "too long"));
	error_free(&err);
	str_free(&name);
}

/* Writes the account's access token, and returns the path of the file. */
static char *
write_access(mode_t mode, int64_t obtained)
{
	struct oauth_access access = { .obtained = obtained,
		.expires = obtained + 3600 };
	char *path = oauth_store_path(&params, OAUTH_ACCESS_SUFFIX, NULL);
	struct str text = { 0 };
	FILE *file = fopen(path, "w");

	oauth_identity_set(&access.identity, &params, params.token_url);
	secret_set(&access.token, "t0ken", 5);
	assert_true(record_write(&oauth_access_record, &access, &text, NULL));
	assert_non_null(file);
	fwrite(text.data, 1, text.len, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	oauth_access_free(&access);
	str_wipe(&text);
	return path;
}

static void
reads_an_access_token(void **state)
{
	struct oauth_access access = { 0 };
	char *path;
	bool found;

	(void)state;
	assert_true(
	    oauth_store_read_access(&params, geteuid(), &access, &found, NULL));
	assert_false(found);
	path = write_access(0600, 1000);
	assert_true(
	    oauth_store_read_access(&params, geteuid(), &access, &found, NULL));
	assert_true(found);
	assert_true(secret_is(&access.token, "t0ken"));
	assert_true(access.obtained == 1000);
	oauth_access_free(&access);
	free(path);
}

static void
a_damaged_access_token_is_none(void **state)
{
	struct oauth_access access = { 0 };
	char *path = write_access(0600, 1000);
	bool found;

	(void)state;
	assert_int_equal(truncate(path, 40), 0);
	assert_true(
	    oauth_store_read_access(&params, geteuid(), &access, &found, NULL));
	assert_false(found);
	free(path);
}

static void
a_store_that_does_not_exist_has_no_token(void **state)
{
	char missing[] = "/nonexistent/store";
	struct oauth_params p = params;
	struct oauth_access access = { 0 };
	bool found;

	(void)state;
	p.store = missing;
	assert_true(
	    oauth_store_read_access(&p, geteuid(), &access, &found, NULL));
	assert_false(found);
}

static void
expect_unsafe(uid_t owner, const char *says)
{
	struct oauth_access access = { 0 };
	struct error err = { 0 };
	bool found;

	assert_false(
	    oauth_store_read_access(&params, owner, &access, &found, &err));
	assert_false(found);
	assert_int_equal(err.kind, ERROR_CONFIG);
	if (!error_says(&err, says))
		print_error("%s\n", err.text);
	assert_true(error_says(&err, says));
	error_free(&err);
}

static void
rejects_what_others_may_access(void **state)
{
	char *path = write_access(0640, 1000);

	(void)state;
	expect_unsafe(geteuid(), "others may access it");
	chmod(path, 0600);
	chmod(folder, 0750);
	expect_unsafe(geteuid(), "others may access it (mode 0750)");
	chmod(folder, 0700);
	expect_unsafe(geteuid() + 1, "belongs to uid");
	free(path);
}

static void
rejects_links(void **state)
{
	char *path = write_access(0600, 1000);
	char *other = alloc_printf("%s/other", folder);

	(void)state;
	assert_int_equal(link(path, other), 0);
	expect_unsafe(geteuid(), "second name");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(other, path), 0);
	expect_unsafe(geteuid(), "must not be a symbolic link");
	/* Whatever the file is that it leads to. */
	assert_int_equal(chmod(other, 0644), 0);
	expect_unsafe(geteuid(), "must not be a symbolic link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_unsafe(geteuid(), "it is a directory");
	free(other);
	free(path);
}

static void
rejects_a_folder_that_is_a_link(void **state)
{
	char *link = alloc_printf("%s/link", folder);
	struct error err = { 0 };
	bool absent;

	(void)state;
	assert_int_equal(symlink(folder, link), 0);
	assert_false(oauth_store_check(link, geteuid(), &absent, &err));
	assert_true(error_says(&err, "not a folder, but a symbolic link"));
	error_free(&err);
	free(link);
}

static void
expect_default(const struct user *u, const char *wanted)
{
	char *path = oauth_store_default(u);

	assert_string_equal(path, wanted);
	free(path);
}

static void
the_default_folder_belongs_to_the_user(void **state)
{
	char home[] = "/nonexistent";
	struct user u = { .uid = 4711, .home = home };
	char *wanted;

	(void)state;
	unsetenv("XDG_STATE_HOME");
	expect_default(&u, LOCALSTATEDIR "/lib/veredus/oauth/4711");
	u.home = folder;
	expect_default(&u, LOCALSTATEDIR "/lib/veredus/oauth/4711");
	u.uid = 0;
	expect_default(&u, LOCALSTATEDIR "/lib/veredus/oauth/0");
	assert_int_equal(geteuid() == 0 ? chown(folder, 4711, (gid_t)-1) : 0,
	    0);
	u.uid = geteuid() == 0 ? 4711 : geteuid();
	wanted = alloc_printf("%s/.local/state/veredus/oauth", folder);
	expect_default(&u, wanted);
	free(wanted);
	u.has_environment = true;
	setenv("XDG_STATE_HOME", folder, 1);
	wanted = alloc_printf("%s/veredus/oauth", folder);
	expect_default(&u, wanted);
	free(wanted);
	unsetenv("XDG_STATE_HOME");
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_the_user_and_the_host),
		cmocka_unit_test(the_name_depends_on_what_the_token_is_for),
		cmocka_unit_test(a_name_that_is_too_long_is_an_error),
		IN_FOLDER(reads_an_access_token),
		IN_FOLDER(a_damaged_access_token_is_none),
		cmocka_unit_test(a_store_that_does_not_exist_has_no_token),
		IN_FOLDER(rejects_what_others_may_access),
		IN_FOLDER(rejects_links),
		IN_FOLDER(rejects_a_folder_that_is_a_link),
		IN_FOLDER(the_default_folder_belongs_to_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
