/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "config/queue.h"
#include "error_says.h"

static char home[] = "/tmp/veredus-home-XXXXXX";
static char *file;
static struct config config;

static int
make_home(void **state)
{
	(void)state;
	unsetenv("XDG_STATE_HOME");
	if (mkdtemp(home) == NULL)
		return -1;
	file = alloc_printf("%s/config", home);
	return 0;
}

static int
remove_home(void **state)
{
	(void)state;
	config_free(&config);
	unlink(file);
	free(file);
	return rmdir(home);
}

static struct user
someone(void)
{
	return (struct user){ .uid = getuid() == 0 ? 12345 : getuid(),
		.has_environment = true,
		.home = home };
}

/* The text has only known settings, so that it is read without an error. */
static void
read_text(const char *text)
{
	const struct user user = { .uid = getuid(), .home = home };
	const struct config_sources sources = { .user_file = file,
		.system_file = "/nonexistent",
		.user = &user };
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct error err = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config_free(&config);
	assert_true(config_read(&config, &sources, &err));
}

static void
accounts_may_have_the_same_queue_in_other_words(void **state)
{
	static const char *const texts[] = {
		"account a\nqueue on\naccount b\nqueue off\n",
		"account a\nqueue_dir /q\naccount b\nqueue_dir /q\n",
		"account a\nqueue_dir /q\naccount b\nhost x\n",
		"account a\nqueue_failed 1d\naccount b\nqueue_failed 24h\n",
		"account a\nqueue_wait 1s\naccount b\nqueue_wait 2s\n",
		"defaults\nbounce_to x@example.org\naccount a\naccount b\n",
		"defaults\nalert_account a\naccount a\naccount b\n",
	};
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		read_text(texts[i]);
		if (!config_check_queue(&config, &err))
			fail_msg("%s: %s", texts[i], err.text);
	}
}

static void
accounts_must_not_have_different_queues(void **state)
{
	static const struct {
		const char *text, *setting;
	} rows[] = {
		{ "account a\nqueue_dir /q\naccount b\nqueue_dir /r\n",
		    "queue_dir" },
		{ "account a\naccount b\nqueue_limit 1 1k\naccount c\n"
		  "queue_limit 2 1k\n",
		    "queue_limit" },
		{ "account a\nqueue_failed 1d\naccount b\nqueue_failed 2d\n",
		    "queue_failed" },
		{ "account a\nalert_account b\n", "alert_account" },
		{ "defaults\nbounce_to x@example.org\naccount a\n"
		  "bounce_to y@example.org\naccount b\n",
		    "bounce_to" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };

		read_text(rows[i].text);
		assert_false(config_check_queue(&config, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		if (!error_says(&err, rows[i].setting)
		    || !error_says(&err, "config:"))
			fail_msg("%s", err.text);
		error_free(&err);
	}
}

static void
expect_folder(const struct user *user, const char *wanted)
{
	char *folder = queue_default_folder(user);

	if (wanted == NULL)
		assert_null(folder);
	else
		assert_string_equal(folder, wanted);
	free(folder);
}

static void
a_queue_is_in_the_state_folder(void **state)
{
	const struct user root = { .uid = 0, .home = home };
	struct user user = someone();
	char *wanted = alloc_printf("%s/.local/state/veredus/queue", home);

	(void)state;
	expect_folder(&root, LOCALSTATEDIR "/spool/veredus");
	if (getuid() == 0)
		assert_int_equal(chown(home, user.uid, (gid_t)-1), 0);
	expect_folder(&user, wanted);
	free(wanted);
	setenv("XDG_STATE_HOME", home, 1);
	wanted = alloc_printf("%s/veredus/queue", home);
	expect_folder(&user, wanted);
	unsetenv("XDG_STATE_HOME");
	free(wanted);
}

static void
without_a_home_of_ones_own_there_is_no_queue(void **state)
{
	struct user user = someone();

	(void)state;
	user.home = NULL;
	expect_folder(&user, NULL);
	user.home = "/nonexistent";
	expect_folder(&user, NULL);
	user.home = "/"; /* it belongs to root */
	if (user.uid != 0)
		expect_folder(&user, NULL);
}

static void
commands_without_an_account_use_the_settings_of_all(void **state)
{
	const struct user user = someone();
	struct queue_params params;

	(void)state;
	read_text("account a\nqueue_dir /q\naccount b\nqueue_limit 7 2k\n"
		  "bounce_to x@example.org\n");
	config_queue_params(&config, &user, &params);
	assert_string_equal(params.folder, "/q");
	assert_int_equal(params.max_messages, 7);
	assert_int_equal(params.max_octets, 2048);
	assert_string_equal(params.bounce_to, "x@example.org");
	assert_int_equal(params.schedule.first_pause, 120);
	queue_params_free(&params);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    accounts_may_have_the_same_queue_in_other_words),
		cmocka_unit_test(accounts_must_not_have_different_queues),
		cmocka_unit_test(a_queue_is_in_the_state_folder),
		cmocka_unit_test(without_a_home_of_ones_own_there_is_no_queue),
		cmocka_unit_test(
		    commands_without_an_account_use_the_settings_of_all),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
