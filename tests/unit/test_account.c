/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts as a whole: account.c, settings.c, resolve.c, conflicts.c, select.c
 * and pretend.c. */
#include "secret_is.h"
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/host.h"
#include "config/expand.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/resolve.h"
#include "config/select.h"
#include "modes/pretend.h"

#define FINGERPRINT \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct user user = { .uid = 0 };

static char *
login_name(void)
{
	return user_name(&user);
}

/* Applies "NAME VALUE" lines as a configuration file does. */
static void
read_settings(struct settings *s, const char *name, const char *text)
{
	struct option_context context = {
		.origin = { .kind = ORIGIN_FILE, .file = "f", .line = 0 },
		.section = 1
	};

	settings_init(s, name);
	s->values.origin =
	    (struct origin){ .kind = ORIGIN_FILE, .file = "f", .line = 1 };
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *line = alloc_string_n(text, len);
		size_t word = strcspn(line, " ");
		const char *value = line[word] ? line + word + 1 : "";
		struct error err = { 0 };

		line[word] = '\0';
		context.origin.line++;
		if (!option_set(s, option_find(line), value, &context, &err))
			fail_msg("%s", err.text);
		free(line);
		text += len + (text[len] == '\n');
	}
}

/* Replaces the account with a new account made from such lines. */
static bool
make_account(struct account *a, const char *text, struct strv *notes,
    struct error *err)
{
	struct settings settings;
	bool ok;

	read_settings(&settings, "a", text);
	ok = account_resolve(a, &settings, &user, notes, err);
	settings_free(&settings);
	return ok;
}

static void
copies_every_member_of_an_account(void **state)
{
	struct settings s;
	struct account b = { 0 };

	(void)state;
	read_settings(&s, "a",
	    "host a.org\nport 26\npassword x\nfrom a@x.org\nfrom b@x.org\n"
	    "tls off\ntls_starttls off\nset_from_header off\nsyslog off\n"
	    "dsn_notify never\npartial off");
	account_copy(&b, &s.values);
	settings_free(&s);
	assert_string_equal(b.name, "a");
	assert_string_equal(b.hosts.items[0], "a.org");
	assert_int_equal(b.server.port, 26);
	assert_true(secret_is(&b.auth.password, "x"));
	assert_int_equal(b.from.count, 2);
	assert_int_equal(b.tls.mode, TLS_OFF);
	assert_false(b.tls.starttls);
	assert_int_equal(b.header.from, HEADER_MODE_OFF);
	assert_int_equal(b.dsn_notify, DSN_NOTIFY_NEVER);
	assert_false(b.session.partial);
	assert_true(account_has(&b, "port"));
	assert_false(account_has(&b, "user"));
	account_free(&b);
	account_free(&b);
}

static void
is_local_only_if_every_host_is_local(void **state)
{
	static const struct {
		const char *text;
		bool local;
	} cases[] = {
		{ "host localhost\nhost 127.0.0.2", true },
		{ "host localhost\nhost mx.example", false },
		{ "host mx.example\nhost localhost", false },
		{ "socket /run/x", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account a = { 0 };

		assert_true(make_account(&a, cases[i].text, NULL, NULL));
		assert_int_equal(account_is_local(&a), cases[i].local);
		assert_int_equal(a.tls.mode == TLS_OFF, cases[i].local);
		account_free(&a);
	}
}

static void
resolves_ports_and_tls_from_other_settings(void **state)
{
	static const struct {
		const char *text;
		unsigned port;
		enum tls_mode tls;
		bool cleartext, unverified;
	} cases[] = {
		{ "host a.org", 25, TLS_ON, false, false },
		{ "host a.org\nauth on", 587, TLS_ON, false, false },
		{ "host a.org\ntls_starttls off", 465, TLS_ON, false, false },
		{ "host a.org\nauth on\ntls_starttls off", 465, TLS_ON, false,
		    false },
		{ "host a.org\nport 2525\nauth on", 2525, TLS_ON, false,
		    false },
		{ "host a.org\ntls off", 25, TLS_OFF, false, false },
		{ "host a.org\ntls opportunistic", 25, TLS_OPPORTUNISTIC, false,
		    false },
		{ "host a.org\ntls_certcheck off", 25, TLS_ON, false, true },
		{ "host a.org\ntls off\nauth gssapi", 587, TLS_OFF, false,
		    false },
		{ "host localhost", 25, TLS_OFF, false, false },
		{ "host 127.0.0.1", 25, TLS_OFF, false, false },
		{ "host ::1", 25, TLS_OFF, false, false },
		{ "host localhost\ntls", 25, TLS_ON, false, false },
		{ "host localhost\ntls_starttls off", 465, TLS_ON, false,
		    false },
		{ "host localhost\ntls off\nauth plain", 587, TLS_OFF, true,
		    false },
		{ "host localhost\nauth on", 587, TLS_OFF, false, false },
		{ "host localhost\nproxy_host p.org", 25, TLS_ON, false,
		    false },
		{ "socket /s", 0, TLS_OFF, false, false },
		{ "socket /s\nauth plain\ntls off", 0, TLS_OFF, true, false },
		{ "socket /s\nprotocol lmtp", 0, TLS_OFF, false, false },
		{ "host a.org\nprotocol lmtp\nport 24", 24, TLS_ON, false,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account a = { 0 };
		struct error err = { 0 };

		if (!make_account(&a, cases[i].text, NULL, &err))
			fail_msg("%s", err.text);
		if (a.server.port != cases[i].port || a.tls.mode != cases[i].tls
		    || a.auth.cleartext != cases[i].cleartext
		    || a.auth.unverified != cases[i].unverified)
			fail_msg("%s", cases[i].text);
		account_free(&a);
	}
}

static void
a_socket_replaces_the_host_and_the_proxy(void **state)
{
	struct account a = { 0 };

	(void)state;
	assert_true(make_account(&a,
	    "host a.org\nproxy_host p.org\nproxy_user u\n"
	    "proxy_password p\nsocket /s\ntls on",
	    NULL, NULL));
	assert_true(account_is_local(&a));
	assert_null(a.server.host);
	assert_int_equal(a.server.port, 0);
	assert_string_equal(a.tls.host_override, "a.org");
	account_free(&a);
	assert_true(make_account(&a,
	    "host a.org\nsocket /s\ntls_host_override b.org", NULL, NULL));
	assert_string_equal(a.tls.host_override, "b.org");
	account_free(&a);
}

static void
rejects_conflicting_settings(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "account a (f:1): host is missing" },
		{ "source_ip ::1\nsocket /s",
		    "a unix socket has no source address" },
		{ "host a.org\nprotocol lmtp", "set port or socket" },
		{ "host a.org\ntls_key_file /k", "requires tls_cert_file" },
		{ "host a.org\ntls_cert_file /k", "requires tls_key_file" },
		{ "host a.org\ntls_certcheck off\ntls_fingerprint " FINGERPRINT,
		    "tls_fingerprint (f:3) and tls_certcheck (f:2)" },
		{ "host a.org\ntls opportunistic\ntls_fingerprint " FINGERPRINT,
		    "the fingerprint is not checked" },
		{ "host a.org\ntls opportunistic\ntls_certcheck on",
		    "the certificate is not verified" },
		{ "host a.org\ntls opportunistic\ntls_starttls off",
		    "cannot be opportunistic" },
		{ "host a.org\ntls opportunistic\nauth scram-sha-256",
		    "auth (f:3) and tls (f:2) conflict" },
		{ "host a.org\ntls off\nauth on",
		    "in clear text; set \"tls on\"" },
		{ "host a.org\ntls off\nauth login",
		    "in clear text; set \"tls on\"" },
		{ "host 192.0.2.1\ntls off\nauth xoauth2",
		    "in clear text; set \"tls on\"" },
		{ "host localhost\nproxy_host p.org\ntls off\nauth plain",
		    "in clear text; set \"tls on\"" },
		{ "host localhost\nauth plain",
		    "set \"tls on\", or \"tls off\" if that is" },
		{ "socket /s\nauth oauthbearer",
		    "set \"tls on\", or \"tls off\" if that is" },
		{ "host a.org\nmta_sts on",
		    "mta_sts (f:2) and host (f:1) conflict" },
		{ "host srv\nmta_sts on", "apply to host mx only" },
		{ "host a.org\ndomain [bad%H]", "domain:" },
		{ "dane on\nsocket /s", "dane (f:1) and socket (f:2)" },
		{ "host a.org\ndane\nproxy_host p.org",
		    "would bypass the proxy" },
		{ "host a.org\nproxy_user u\nproxy_password p",
		    "requires proxy_host" },
		{ "host a.org\nproxy_host p.org\nproxy_user u",
		    "proxy_user requires proxy_passwordfile" },
		{ "host a.org\nproxy_host p.org\nproxy_passwordfile /p",
		    "require proxy_user" },
		{ "host a.org\nproxy_host p.org\nproxy_user u\n"
		  "proxy_password p\nproxy_passwordfile /p",
		    "proxy_password (f:4) and proxy_passwordfile (f:5)" },
		{ "host a.org\nproxy_host p.org\nproxy_type http\n"
		  "proxy_user u:v\nproxy_password p",
		    "proxy_user (f:4) and proxy_type (f:3)" },
		{ "host a.org\ndane on\ntls off",
		    "dane (f:2) and tls (f:3) conflict" },
		{ "host localhost\ndane on", "set \"tls on\"" },
		{ "host a.org\nhost b.org\nhost A.org",
		    "host (f:3) names \"A.org\" twice" },
		{ "host a.org\nhold_for 60\nhold_until 2026-12-24T18:00:00Z",
		    "hold_for (f:2) and hold_until (f:3) conflict" },
		{ "host a.org\nhost 192.0.2.1\ndane on", "set host to a name" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account a = { 0 };
		struct error err = { 0 };

		if (make_account(&a, cases[i].text, NULL, &err))
			fail_msg("%s was taken", cases[i].text);
		assert_int_equal(err.kind, ERROR_CONFIG);
		if (strstr(err.text, cases[i].said) == NULL)
			fail_msg("%s", err.text);
		error_free(&err);
		account_free(&a);
	}
}

static void
notes_for_the_log_that_tls_certcheck_is_off(void **state)
{
	struct strv notes = { 0 };
	struct account a = { 0 };

	(void)state;
	assert_true(
	    make_account(&a, "host a.org\ntls_certcheck off", &notes, NULL));
	assert_int_equal(notes.count, 1);
	assert_string_equal(notes.items[0],
	    "account a: tls_certcheck (f:2) is off: the server's identity is "
	    "not verified");
	strv_free(&notes);
	account_free(&a);
}

static void
fingerprints_replace_the_certificate_check_unless_both_are_set(void **state)
{
	struct account a = { 0 };

	(void)state;
	assert_true(make_account(&a, "host a.org\ntls_fingerprint " FINGERPRINT,
	    NULL, NULL));
	assert_int_equal(a.tls.certcheck, CERTCHECK_DEFAULT);
	account_free(&a);
	assert_true(make_account(&a,
	    "host a.org\ntls_certcheck\ntls_fingerprint " FINGERPRINT, NULL,
	    NULL));
	assert_int_equal(a.tls.certcheck, CERTCHECK_ON);
	account_free(&a);
}

static void
expands_the_names_of_user_and_host(void **state)
{
	static const struct {
		const char *text;
		char *(*get)(void);
	} cases[] = {
		{ "%U", login_name },
		{ "%H", host_name },
		{ "%C", host_fqdn },
		{ "%M", host_mailname },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *known = cases[i].get();
		char *text =
		    alloc_printf("a%s@%s", cases[i].text, cases[i].text);
		char *expected =
		    known ? alloc_printf("a%s@%s", known, known) : NULL;
		char *out = NULL;
		struct error err = { 0 };

		assert_int_equal(expand_names(text, &user, &out, &err),
		    known != NULL);
		if (known != NULL)
			assert_string_equal(out, expected);
		else
			assert_int_equal(err.kind, ERROR_CONFIG);
		error_free(&err);
		free(known);
		free(text);
		free(expected);
		free(out);
	}
}

static void
two_percent_signs_stand_for_one(void **state)
{
	char *out = NULL;

	(void)state;
	assert_true(expand_names("50%@%x%%%%U%", &user, &out, NULL));
	assert_string_equal(out, "50%@%x%%U%");
	free(out);
}

static void
uses_the_first_from_that_is_not_a_pattern_as_sender(void **state)
{
	static const struct {
		const char *text, *sender;
	} cases[] = {
		{ "host a.org", NULL },
		{ "host a.org\nfrom *@a.org", NULL },
		{ "host a.org\nfrom *@a.org\nfrom a@a.org\nfrom b@a.org",
		    "a@a.org" },
		{ "host a.org\nfrom a@[192.0.2.1]", "a@[192.0.2.1]" },
		{ "host a.org\nfrom a%%b@a.org", "a%b@a.org" },
		{ "host a.org\nauth on\nuser c@a.org\nfrom *@a.org",
		    "c@a.org" },
		{ "host a.org\nauth on\nuser c@a.org\nfrom a@a.org",
		    "a@a.org" },
		{ "host a.org\nauth on\nuser alice", NULL },
		{ "host a.org\nauth on\nuser a b@a.org", NULL },
		{ "host a.org\nuser c@a.org", NULL },
	};
	struct account a = { 0 };
	char *name = login_name();
	char *expected = alloc_printf("%s@old.org", name);
	const char *login = "host a.org\nauth on\nuser c@a.org";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(make_account(&a, cases[i].text, NULL, NULL));
		if (cases[i].sender == NULL)
			assert_null(a.sender);
		else
			assert_string_equal(a.sender, cases[i].sender);
		account_free(&a);
	}
	assert_true(make_account(&a,
	    "host a.org\nauto_from\nmaildomain old.org\n"
	    "from b@a.org",
	    NULL, NULL));
	assert_string_equal(a.sender, expected);
	account_free(&a);
	assert_true(make_account(&a, "host a.org\nauto_from", NULL, NULL));
	assert_string_equal(a.sender, name);
	account_free(&a);
	assert_true(make_account(&a, login, NULL, NULL));
	assert_string_equal(a.sender, "c@a.org");
	assert_true(a.sender_is_login);
	account_free(&a);
	free(name);
	free(expected);
}

static void
uses_the_full_host_name_in_ehlo_or_leaves_it_unset(void **state)
{
	char *fqdn = host_fqdn();
	struct account a = { 0 };

	(void)state;
	assert_true(make_account(&a, "host a.org", NULL, NULL));
	if (fqdn != NULL)
		assert_string_equal(a.session.domain, fqdn);
	else
		assert_null(a.session.domain);
	account_free(&a);
	assert_true(
	    make_account(&a, "host a.org\ndomain box.a.org", NULL, NULL));
	assert_string_equal(a.session.domain, "box.a.org");
	account_free(&a);
	free(fqdn);
}

static void
expect_choice(const struct selection *choice, const char *name, const char *why)
{
	static const char *const reasons[] = { [SELECTED_BY_NAME] = "name",
		[SELECTED_BY_DEFAULT] = "default" };
	struct str reason = { 0 };

	if (choice->reason == SELECTED_BY_FROM)
		str_printf(&reason, "%s%s", choice->from,
		    choice->shortened ? " without detail" : "");
	else
		str_add(&reason, reasons[choice->reason]);
	assert_string_equal(choice->settings->values.name, name);
	assert_string_equal(str_text(&reason), why);
	str_free(&reason);
}

static void
selects_the_account_by_name_sender_or_default(void **state)
{
	static const struct {
		const char *name, *sender, *found, *why;
	} cases[] = {
		{ "b", NULL, "b", "name" },
		{ "b", "a@x.org", "b", "name" },
		{ NULL, "a@x.org", "a", "a@x.org" },
		{ NULL, "second@x.org", "a", "second@x.org" },
		{ NULL, "anybody@y.org", "b", "*@y.org" },
		{ NULL, "a+list@x.org", "a", "a@x.org without detail" },
		/* The full sender is compared before the sender without its
		 * detail. */
		{ NULL, "c+own@x.org", "c", "c+own@x.org" },
		{ NULL, "c+other@x.org", "d", "c@x.org without detail" },
		{ NULL, "+a@x.org", "default", "default" },
		{ NULL, "a@x+y.org", "default", "default" },
		{ NULL, "who@else.org", "default", "default" },
		{ NULL, "who+x@else.org", "default", "default" },
		{ NULL, "", "default", "default" },
		{ NULL, NULL, "default", "default" },
		{ "nobody", NULL, NULL, NULL },
		{ "A", NULL, NULL, NULL },
	};
	struct settings accounts[5];
	struct settings *pointers[5];
	struct config config = { .accounts = pointers, .count = 5 };

	(void)state;
	read_settings(&accounts[0], "a", "from a@x.org\nfrom second@x.org");
	read_settings(&accounts[1], "b", "from *@y.org");
	read_settings(&accounts[2], "default", "");
	read_settings(&accounts[3], "c", "from c+own@x.org");
	read_settings(&accounts[4], "d", "from c@x.org");
	for (size_t i = 0; i < 5; i++) {
		pointers[i] = &accounts[i];
		string_index_add(&config.names, accounts[i].values.name, i);
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct selection choice;
		struct error err = { 0 };
		bool ok = config_select(&config, &user, cases[i].name,
		    cases[i].sender, &choice, &err);

		assert_int_equal(ok, cases[i].found != NULL);
		if (ok)
			expect_choice(&choice, cases[i].found, cases[i].why);
		error_free(&err);
	}
	string_index_free(&config.names);
	for (size_t i = 0; i < 5; i++)
		settings_free(&accounts[i]);
}

static void
lists_the_accounts_in_the_error(void **state)
{
	struct settings s;
	struct settings *pointer = &s;
	struct config config = { 0 };
	struct selection found;
	struct error err = { 0 };

	(void)state;
	strv_add(&config.absent, "/home/a.conf");
	strv_add(&config.absent, "/etc/s.conf");
	assert_false(config_select(&config, &user, NULL, NULL, &found, &err));
	assert_string_equal(err.text,
	    "there is no account \"default\"; no configuration file found "
	    "(looked for /home/a.conf, /etc/s.conf)");
	strv_free(&config.absent);
	strv_add(&config.files, "/home/a.conf");
	assert_false(config_select(&config, &user, "b", NULL, &found, &err));
	assert_string_equal(err.text,
	    "there is no account \"b\"; files read: "
	    "/home/a.conf; they define no accounts");
	strv_add(&config.absent, "/etc/s.conf");
	read_settings(&s, "work", "");
	config.accounts = &pointer;
	config.count = 1;
	assert_false(
	    config_select(&config, &user, NULL, "x@y.org", &found, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text,
	    "no account has a from that matches <x@y.org>, and "
	    "there is no account \"default\"; files read: /home/a.conf (not found: "
	    "/etc/s.conf); accounts: work; to make one of them the default, "
	    "add the line \"account default : work\" to its file");
	strv_free(&config.files);
	strv_free(&config.absent);
	error_free(&err);
	settings_free(&s);
}

static void
pretend_prints_origins_but_no_secrets(void **state)
{
	static const char *const lines[] = {
		"account = a (f:1)\n",
		"\nhost = a.org (f:1)\n",
		"\nport = 587 (default)\n",
		"\npassword = (hidden) (f:3)\n",
		"\npasswordeval = (hidden) (f:4)\n",
		"\nuser = a?b (f:5)\n",
		"\ndomain = box.a.org (f:6)\n",
		"\ntls = on (default)\n",
		"\ntimeout = 7 (command line)\n",
		"\nsender = <>\n",
		"\nrecipient = bob@example.org\nrecipient = eve@example.org\n",
	};
	static const struct option_context command_line = {
		.origin = { .kind = ORIGIN_COMMAND_LINE }
	};
	struct envelope envelope = { 0 };
	struct str out = { 0 };
	struct settings s;
	struct account a = { 0 };

	(void)state;
	read_settings(&s, "a",
	    "host a.org\nauth on\npassword hunter2\n"
	    "passwordeval echo hunter2\nuser a\xc2\x9b"
	    "b\ndomain box.a.org");
	assert_true(
	    option_set(&s, option_find("timeout"), "7", &command_line, NULL));
	assert_true(account_resolve(&a, &s, &user, NULL, NULL));
	settings_free(&s);
	envelope_set_sender(&envelope, "", false);
	envelope_add(&envelope, "bob@example.org", NULL);
	envelope_add(&envelope, "eve@example.org", NULL);
	pretend_print(&out, &a, &envelope);
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		if (strstr(out.data, lines[i]) == NULL)
			fail_msg("%s is not in %s", lines[i], out.data);
	assert_null(strstr(out.data, "hunter2"));
	assert_null(strstr(out.data, "auto_from"));
	assert_null(strstr(out.data, "aliases"));
	str_truncate(&out, 0);
	pretend_print(&out, &a, NULL);
	assert_null(strstr(out.data, "recipient"));
	str_free(&out);
	envelope_free(&envelope);
	account_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_every_member_of_an_account),
		cmocka_unit_test(is_local_only_if_every_host_is_local),
		cmocka_unit_test(resolves_ports_and_tls_from_other_settings),
		cmocka_unit_test(a_socket_replaces_the_host_and_the_proxy),
		cmocka_unit_test(rejects_conflicting_settings),
		cmocka_unit_test(notes_for_the_log_that_tls_certcheck_is_off),
		cmocka_unit_test(
		    fingerprints_replace_the_certificate_check_unless_both_are_set),
		cmocka_unit_test(expands_the_names_of_user_and_host),
		cmocka_unit_test(two_percent_signs_stand_for_one),
		cmocka_unit_test(
		    uses_the_first_from_that_is_not_a_pattern_as_sender),
		cmocka_unit_test(
		    uses_the_full_host_name_in_ehlo_or_leaves_it_unset),
		cmocka_unit_test(selects_the_account_by_name_sender_or_default),
		cmocka_unit_test(lists_the_accounts_in_the_error),
		cmocka_unit_test(pretend_prints_origins_but_no_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
