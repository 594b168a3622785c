/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "config/mta_sts.h"
#include "config/option.h"
#include "config/option_names.h"

/* The uid of a user who is not root and owns no file of the test. */
#define OTHER_UID 65534

static const struct user alice = { .uid = 1000, .home = "/home/alice" };

static void
set(struct settings *s, const char *setting, const char *value)
{
	const struct option_context context = { .section = 1 };
	struct error err = { 0 };

	if (!option_set(s, option_find(setting), value, &context, &err))
		fail_msg("%s", err.text);
}

static const struct {
	const char *host, *mode;
	bool wanted;
} rows[] = {
	{ "mx", "on", true },
	{ "mx", "off", false },
	{ "mx.example", "auto", false },
	{ "srv", "auto", false },
};

static void
looks_up_policies_with_host_mx_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mta_sts m = { 0 };
		struct settings s;

		settings_init(&s, "default");
		set(&s, "host", rows[i].host);
		set(&s, "mta_sts", rows[i].mode);
		assert_int_equal(mta_sts_prepare(&m, &s.values, &alice, NULL)
			!= NULL,
		    rows[i].wanted);
		mta_sts_free(&m);
		settings_free(&s);
	}
}

static void
auto_is_on_only_if_the_helper_is_installed(void **state)
{
	struct mta_sts m = { 0 };
	struct settings s;
	const struct sts_params *params;

	(void)state;
	settings_init(&s, "default");
	set(&s, "host", "mx");
	params = mta_sts_prepare(&m, &s.values, &alice, NULL);
	assert_int_equal(params != NULL, access(m.program, X_OK) == 0);
	assert_non_null(strstr(m.program, "/veredus-sts-fetch"));
	assert_int_equal(m.program[0], '/');
	mta_sts_free(&m);
	settings_free(&s);
}

static void
uses_the_settings_of_the_account(void **state)
{
	struct mta_sts m = { 0 };
	struct strv notes = { 0 };
	const struct sts_params *params;
	struct settings s;

	(void)state;
	settings_init(&s, "default");
	set(&s, "host", "mx");
	set(&s, "mta_sts", "on");
	mta_sts_prepare(&m, &s.values, &alice, &notes);
	assert_null(m.helper.server);
	assert_null(m.helper.trust_file);
	assert_non_null(m.params.cache);
	s.values.locked = true;
	mta_sts_prepare(&m, &s.values, &alice, &notes);
	assert_null(m.params.cache);
	set(&s, "mta_sts_cache", "/var/cache/policies");
	set(&s, "mta_sts_server", "[::1]:8443");
	set(&s, "tls_trust_file", "/etc/ca.pem");
	params = mta_sts_prepare(&m, &s.values, &alice, &notes);
	assert_string_equal(params->cache, "/var/cache/policies");
	assert_ptr_equal(params->notes, &notes);
	assert_ptr_equal(params->ctx, &m.helper);
	assert_string_equal(m.helper.server, "[::1]:8443");
	assert_string_equal(m.helper.trust_file, "/etc/ca.pem");
	mta_sts_free(&m);
	settings_free(&s);
}

/* Returns true if the policies of a user with this home folder are cached in
 * the folder `place`. */
static bool
are_cached_in(const char *variable, char *home, const char *place)
{
	const struct user user = { .uid = getuid(),
		.has_environment = true,
		.home = home };
	char *cache;
	bool same;

	if (variable != NULL)
		setenv("XDG_CACHE_HOME", variable, 1);
	else
		unsetenv("XDG_CACHE_HOME");
	cache = mta_sts_usual_cache(&user);
	same = place == NULL ? cache == NULL
			     : cache != NULL && strcmp(cache, place) == 0;
	free(cache);
	return same;
}

/* This function runs in a child process that is not root and owns the folder
 * `own`. */
static bool
uses_the_folders_of_a_user(const char *own)
{
	char *below = alloc_printf("%s/veredus/mta-sts", own);
	bool ok = are_cached_in(own, "/home/alice", below)
	    && are_cached_in(own, NULL, below)
	    && are_cached_in(NULL, "/home/alice",
		"/home/alice/.cache/veredus/mta-sts")
	    && are_cached_in("/etc", "/home/alice",
		"/home/alice/.cache/veredus/mta-sts")
	    && are_cached_in("relative", "/home/alice",
		"/home/alice/.cache/veredus/mta-sts")
	    && are_cached_in("/etc", NULL, NULL);

	free(below);
	return ok;
}

static void
caches_policies_in_the_cache_folder_of_the_user(void **state)
{
	char own[] = "/tmp/veredus-caches-XXXXXX";
	int status = 0;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(own));
	if (geteuid() == 0)
		assert_int_equal(chown(own, OTHER_UID, OTHER_UID), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit((geteuid() != 0 || setuid(OTHER_UID) == 0)
			    && uses_the_folders_of_a_user(own)
			? 0
			: 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rmdir(own);
	assert_int_equal(status, 0);
}

static void
caches_policies_in_the_cache_folder_of_the_system_for_root(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	assert_true(are_cached_in("/root", "/root",
	    LOCALSTATEDIR "/cache/veredus/mta-sts"));
	assert_true(
	    are_cached_in(NULL, NULL, LOCALSTATEDIR "/cache/veredus/mta-sts"));
}

/* systemd would give a folder in /var/cache that root uses, too, to the user of the
 * service. */
static void
caches_policies_of_the_service_in_its_own_folder(void **state)
{
	const struct user user = { .uid = OTHER_UID, .is_service = true };
	char *cache = mta_sts_usual_cache(&user);

	(void)state;
	assert_string_equal(cache, LOCALSTATEDIR "/lib/veredus/mta-sts");
	free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_up_policies_with_host_mx_only),
		cmocka_unit_test(auto_is_on_only_if_the_helper_is_installed),
		cmocka_unit_test(uses_the_settings_of_the_account),
		cmocka_unit_test(
		    caches_policies_in_the_cache_folder_of_the_user),
		cmocka_unit_test(
		    caches_policies_in_the_cache_folder_of_the_system_for_root),
		cmocka_unit_test(
		    caches_policies_of_the_service_in_its_own_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
