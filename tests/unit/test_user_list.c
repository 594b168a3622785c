/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/user_list.h"
#include "unit.h"

#define OVERFLOW 65534

static gid_t groups[] = { 5, 7 };
static char login[] = "alice";
static char number[] = "uid-65534";

static const struct peer alice = { .uid = 1000,
	.groups = groups,
	.group_count = 2,
	.login = login };
static const struct peer foreign = { .uid = OVERFLOW,
	.groups = groups,
	.group_count = 2,
	.login = number,
	.is_overflow = true };

static bool
has(const char *text, const struct peer *peer)
{
	struct user_list list = { 0 };
	bool result;

	assert_true(user_list_parse(&list, text, NULL));
	/* As if the groups 7 and 8 had these names. */
	for (size_t i = 0; i < list.count; i++) {
		struct user_word *word = &list.words[i];

		if (word->kind != USER_WORD_GROUP)
			continue;
		word->is_resolved = true;
		word->group = strcmp(word->name, "staff") == 0 ? 7 : 8;
	}
	result = user_list_has(&list, peer);
	user_list_free(&list);
	return result;
}

static void
finds_a_client_by_name_group_and_uid(void **state)
{
	(void)state;
	assert_true(has("*", &alice));
	assert_true(has("alice", &alice));
	assert_false(has("Alice", &alice));
	assert_false(has("bob,carol", &alice));
	assert_true(has("bob, alice", &alice));
	assert_true(has("bob alice", &alice));
	assert_true(has("\tbob ,\talice,", &alice));
	assert_true(has("@staff", &alice));
	assert_false(has("@wheel", &alice));
	assert_true(has("uid:1000", &alice));
	assert_true(has("uid:1000-1000", &alice));
	assert_true(has("uid:999-1001", &alice));
	assert_false(has("uid:1001-2000", &alice));
	assert_false(has("uid:100", &alice));
}

static void
an_unknown_user_fits_only_all_and_its_number(void **state)
{
	(void)state;
	assert_true(has("*", &foreign));
	assert_true(has("uid:65534", &foreign));
	assert_false(has("uid:1-65535", &foreign));
	assert_false(has("nobody", &foreign));
	assert_false(has("uid-65534", &foreign));
	assert_false(has("@staff", &foreign));
}

static void
only_a_name_or_a_number_names_the_client(void **state)
{
	static const struct {
		const char *list;
		bool expected;
	} cases[] = { { "*", false }, { "alice", true }, { "uid:1000", true },
		{ "uid:1-2000", true }, { "bob", false }, { "* alice", true } };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct user_list list = { 0 };

		assert_true(user_list_parse(&list, cases[i].list, NULL));
		assert_int_equal(user_list_names(&list, &alice),
		    cases[i].expected);
		user_list_free(&list);
	}
}

static void
looks_up_names(void **state)
{
	struct user_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(user_list_parse(&list, "root @root", NULL));
	assert_true(user_list_resolve(&list, true, &err));
	assert_int_equal(list.words[0].last, 0);
	assert_int_equal(list.words[1].group, 0);
	user_list_free(&list);
	assert_true(user_list_parse(&list, "no-such-user", NULL));
	assert_true(user_list_resolve(&list, false, &err));
	assert_false(user_list_resolve(&list, true, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text, "there is no user \"no-such-user\"");
	user_list_free(&list);
	assert_true(user_list_parse(&list, "@no-such-group", NULL));
	assert_false(user_list_resolve(&list, false, &err));
	assert_string_equal(err.text, "there is no group \"no-such-group\"");
	user_list_free(&list);
	assert_true(user_list_parse(&list, "no-a, root @no-b", NULL));
	assert_false(user_list_resolve(&list, true, &err));
	assert_string_equal(err.text,
	    "there is no user \"no-a\"; there is no group \"no-b\"");
	assert_true(list.words[1].is_resolved);
	user_list_free(&list);
	assert_false(user_list_parse(&list, "@@x, no-a, uid:9-1, root", &err));
	assert_non_null(strstr(err.text, "\"@@x\" is neither"));
	assert_non_null(strstr(err.text, "; \"uid:9-1\" is not"));
	assert_non_null(strstr(err.text, "; there is no user \"no-a\""));
	user_list_free(&list);
	error_free(&err);
}

static void
a_pair_of_sockets_does_not_tell_who_the_client_is(void **state)
{
	struct peer peer = { 0 };
	struct error err = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_false(peer_read(fds[0], &peer, &err));
	assert_int_equal(err.kind, ERROR_USAGE);
	assert_non_null(strstr(err.text, "without a name"));
	close(fds[0]);
	close(fds[1]);
	assert_false(peer_read(fds[0], &peer, &err));
	assert_non_null(strstr(err.text, "is not a Unix socket"));
	error_free(&err);
	peer_free(&peer);
}

static void
a_client_can_be_named_by_the_administrator(void **state)
{
	struct peer peer = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(peer_init(&peer, "root", &err));
	assert_int_equal(peer.uid, 0);
	assert_string_equal(peer.login, "root");
	assert_true(peer_has_group(&peer, 0));
	peer_free(&peer);
	assert_true(peer_init(&peer, "4000000", &err));
	assert_int_equal(peer.uid, 4000000);
	assert_string_equal(peer.login, "uid-4000000");
	peer_free(&peer);
	assert_true(peer_init(&peer, "65534", &err));
	assert_true(peer.is_overflow);
	assert_string_equal(peer.login, "uid-65534");
	peer_free(&peer);
	assert_false(peer_init(&peer, "no-such-user", &err));
	assert_int_equal(err.kind, ERROR_USAGE);
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_client_by_name_group_and_uid),
		cmocka_unit_test(an_unknown_user_fits_only_all_and_its_number),
		cmocka_unit_test(only_a_name_or_a_number_names_the_client),
		cmocka_unit_test(looks_up_names),
		cmocka_unit_test(
		    a_pair_of_sockets_does_not_tell_who_the_client_is),
		cmocka_unit_test(a_client_can_be_named_by_the_administrator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
