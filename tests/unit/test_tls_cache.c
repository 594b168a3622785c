/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_cache.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "tls_server.h"

#define RESUMED 7 /* what a server ends with that resumed a session */

static char *folder; /* of the cache */
static gnutls_datum_t ticket_key, other_key;

/* The files of the cache; the name of the last is stored. */
static int
count_files(char name[256])
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (name)
			snprintf(name, 256, "%s", entry->d_name);
	}
	closedir(dir);
	return count;
}

static void
clear_folder(void)
{
	char name[256];

	while (count_files(name) > 0) {
		char *path = alloc_printf("%s/%s", folder, name);

		assert_int_equal(unlink(path), 0);
		free(path);
	}
}

static void
make_ticket(struct tls_ticket *ticket, time_t expires)
{
	*ticket = (struct tls_ticket){ .trusted = 2, .expires = expires };
	str_append(&ticket->data, "a\0b\n", 4);
}

static void
gives_a_ticket_once(void **state)
{
	struct tls_ticket ticket, found;
	char *path = alloc_printf("%s/key", folder);
	struct stat st;

	(void)state;
	assert_true(tls_cache_check(folder, NULL));
	make_ticket(&ticket, time(NULL) + 1000);
	tls_cache_put(folder, "key", &ticket);
	tls_cache_put(folder, "key", &ticket);
	assert_int_equal(count_files(NULL), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);

	assert_false(tls_cache_take(folder, "other", &found));
	assert_true(tls_cache_take(folder, "key", &found));
	assert_int_equal(found.trusted, 2);
	assert_int_equal(found.expires, ticket.expires);
	assert_int_equal(found.data.len, 4);
	assert_memory_equal(found.data.data, "a\0b\n", 4);
	tls_ticket_free(&found);
	assert_false(tls_cache_take(folder, "key", &found));
	assert_int_equal(count_files(NULL), 0);
	tls_ticket_free(&ticket);
	free(path);
}

static void
throws_away_what_is_too_old_or_from_the_future(void **state)
{
	const time_t now = time(NULL);
	const time_t times[] = { 0, now - 1, now + TLS_CACHE_SECONDS + 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		struct tls_ticket ticket, found;

		make_ticket(&ticket, times[i]);
		tls_cache_put(folder, "key", &ticket);
		assert_false(tls_cache_take(folder, "key", &found));
		assert_null(found.data.data);
		assert_int_equal(count_files(NULL), 0);
		tls_ticket_free(&ticket);
	}
}

static void
throws_away_what_is_no_entry(void **state)
{
	static const char *const texts[] = { "", "veredus", "veredus TLS 1 ",
		"veredus TLS 1 2 9999999999999999999999\nx",
		"veredus TLS 1 2 x\n", "veredus TLS 1 2\nx",
		"veredus TLS 1 -2 1\nx", "veredus TLS 2 2 1\nx" };
	char *path = alloc_printf("%s/key", folder);

	(void)state;
	for (size_t i = 0; i <= COUNT_OF(texts); i++) {
		struct tls_ticket found;
		FILE *file = fopen(path, "w");

		/* The last would be right, but others may read it. */
		if (i < COUNT_OF(texts))
			fputs(texts[i], file);
		else
			fprintf(file, "veredus TLS 1 2 %lld\nx",
			    (long long)time(NULL) + 100);
		fclose(file);
		chmod(path, i < COUNT_OF(texts) ? 0600 : 0644);
		assert_false(tls_cache_take(folder, "key", &found));
		assert_int_equal(count_files(NULL), 0);
	}
	free(path);
}

static void
expect_refusal(const char *place, const char *says)
{
	struct error err = { 0 };

	assert_false(tls_cache_check(place, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s", err.text);
	error_free(&err);
}

static void
wants_a_folder_that_is_ours_alone(void **state)
{
	char *link = alloc_printf("%s/link", tls_folder);

	(void)state;
	assert_int_equal(chmod(folder, 0770), 0);
	expect_refusal(folder, "chmod go-w");
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(symlink(folder, link), 0);
	expect_refusal(link, "is no folder");
	expect_refusal(cert_path("ca.pem", ""), "is no folder");
	expect_refusal("/nonexistent/cache", "cannot make");
	if (geteuid() == 0) {
		assert_int_equal(chown(folder, 65534, 65534), 0);
		expect_refusal(folder, "belongs to somebody else");
		assert_int_equal(chown(folder, 0, 0), 0);
	}
	unlink(link);
	free(link);
}

static int
greet_and_tell(gnutls_session_t tls, int fd)
{
	int status = greet(tls, fd);

	return status == 0 && gnutls_session_is_resumed(tls) ? RESUMED : status;
}

static struct tls_params
caching(void)
{
	return (struct tls_params){ .trust_file = cert_path("ca.pem", ""),
		.cache = folder };
}

/* One session; what the server ended with. */
static int
talk(const struct tls_params *params, const char *host, const char *priorities,
    const gnutls_datum_t *key)
{
	struct server_plan plan = { "good", priorities, .ticket_key = key,
		.serve = greet_and_tell };
	struct str text = { 0 };
	struct client c;

	open_client(&c, params, host, &plan);
	if (!c.ok)
		fail_msg("%s", c.err.text);
	assert_true(tls_is_verified(&c.transport));
	exchange_greetings(&c);
	tls_describe(&c.transport, &text);
	assert_non_null(strstr(str_text(&text), " verified"));
	str_free(&text);
	return close_client(&c);
}

static void
resumes_a_session_of_tls_1_3(void **state)
{
	struct tls_params params = caching();
	char first[256], second[256];

	(void)state;
	assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key), 0);
	assert_int_equal(count_files(first), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key),
		    RESUMED);
	assert_int_equal(count_files(second), 1);
	assert_string_equal(first, second);
	clear_folder();
}

static void
begins_anew_where_the_ticket_is_not_known(void **state)
{
	struct tls_params params = caching();

	(void)state;
	assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key), 0);
	assert_int_equal(talk(&params, "mx.test", NULL, &other_key), 0);
	assert_int_equal(talk(&params, "mx.test", NULL, &other_key), RESUMED);
	assert_int_equal(talk(&params, "mx.test", NULL, NULL), 0);
	assert_int_equal(count_files(NULL), 0);
}

static void
keeps_no_session_of_tls_1_2(void **state)
{
	struct tls_params params = caching();

	(void)state;
	assert_int_equal(talk(&params, "mx.test",
			     "NORMAL:-VERS-ALL:+VERS-TLS1.2", &ticket_key),
	    0);
	assert_int_equal(count_files(NULL), 0);
}

/* Whoever is trusted otherwise is verified once more. */
static void
resumes_only_with_the_same_settings(void **state)
{
	struct tls_params params = caching();
	struct tls_params others[] = { params, params, params, params };

	(void)state;
	others[0].trust_file = cert_path("both.pem", "");
	others[1].priorities = "NORMAL";
	others[2].min_version = 13;
	others[3].host_override = "mx.test";
	assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key), 0);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(talk(&others[i], "mx.test", NULL, &ticket_key),
		    0);
	assert_int_equal(talk(&params, "MX.test", NULL, &ticket_key), 0);
	params.cache = NULL;
	assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key), 0);
	assert_int_equal(count_files(NULL), 6);
	clear_folder();
}

static void
keeps_nothing_with_a_certificate_of_our_own(void **state)
{
	struct tls_params params = caching();

	(void)state;
	params.key_file = cert_path("client.key", "");
	params.cert_file = cert_path("client.pem", "");
	assert_int_equal(talk(&params, "mx.test", NULL, &ticket_key), 0);
	assert_int_equal(count_files(NULL), 0);
}

static int
hang_up(int fd)
{
	close(fd);
	return 0;
}

static void
says_that_another_try_may_do_better(void **state)
{
	struct tls_params params = caching();
	struct server_plan plan = { .instead = hang_up };
	struct client c;

	(void)state;
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			assert_int_equal(talk(&params, "mx.test", NULL,
					     &ticket_key),
			    0);
		open_client(&c, &params, "mx.test", &plan);
		assert_false(c.ok);
		assert_int_equal(tls_may_try_again(c.context), i == 0);
		assert_int_equal(count_files(NULL), 0);
		close_client(&c);
	}
	assert_false(tls_may_try_again(NULL));
}

static int
set_up(void **state)
{
	if (make_certificates(state) != 0)
		return -1;
	folder = alloc_printf("%s/cache", tls_folder);
	return gnutls_session_ticket_key_generate(&ticket_key) < 0
	    || gnutls_session_ticket_key_generate(&other_key) < 0;
}

static int
tear_down(void **state)
{
	free(folder);
	gnutls_free(ticket_key.data);
	gnutls_free(other_key.data);
	return remove_certificates(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_a_ticket_once),
		cmocka_unit_test(
		    throws_away_what_is_too_old_or_from_the_future),
		cmocka_unit_test(throws_away_what_is_no_entry),
		cmocka_unit_test(wants_a_folder_that_is_ours_alone),
		cmocka_unit_test(resumes_a_session_of_tls_1_3),
		cmocka_unit_test(begins_anew_where_the_ticket_is_not_known),
		cmocka_unit_test(keeps_no_session_of_tls_1_2),
		cmocka_unit_test(resumes_only_with_the_same_settings),
		cmocka_unit_test(keeps_nothing_with_a_certificate_of_our_own),
		cmocka_unit_test(says_that_another_try_may_do_better),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
