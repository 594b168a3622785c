/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* OAuth2 in the configuration: presets, conflicts, parameters. */
#include "secret_is.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/oauth.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/option_print.h"
#include "config/resolve.h"
#include "config/validate_oauth.h"

#define GOOGLE "host smtp.gmail.com\nuser a@gmail.com\noauth_provider google\n"
#define MICROSOFT \
	"host smtp.office365.com\nuser a@x.org\noauth_provider microsoft\n"
#define OTHER "host a.org\nuser a@x.org\noauth_provider other\n"
#define CLIENT "oauth_client_id abc\n"

static const struct user user = { .uid = 0 };

/* Applies "NAME VALUE" lines as a configuration file does. */
static void
read_settings(struct settings *s, const char *text)
{
	struct option_context context = {
		.origin = { .kind = ORIGIN_FILE, .file = "f", .account = "a" },
		.section = 1
	};

	settings_init(s, "a");
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *line = alloc_string_n(text, len);
		size_t word = strcspn(line, " ");
		struct error err = { 0 };

		context.origin.line++;
		line[word] = '\0';
		if (!option_set(s, option_find(line), line + word + 1, &context,
			&err))
			fail_msg("%s", err.text);
		free(line);
		text += len + (text[len] == '\n');
	}
}

static bool
make_account(struct account *a, const char *text, struct error *err)
{
	struct settings settings;
	bool ok;

	read_settings(&settings, text);
	ok = account_resolve(a, &settings, &user, NULL, err);
	settings_free(&settings);
	return ok;
}

static const char *
value_of(const struct account *a, const char *setting, struct str *out)
{
	str_truncate(out, 0);
	option_print(a, option_find(setting), out);
	str_add(out, " (");
	origin_describe(&a->origins[option_number(option_find(setting))], out);
	str_add(out, ")");
	return str_text(out);
}

static void
gives_what_the_preset_of_a_provider_has(void **state)
{
	static const struct {
		const char *text, *setting, *value;
	} cases[] = {
		{ GOOGLE CLIENT, "auth", "on (preset google)" },
		{ GOOGLE CLIENT, "oauth_token_url",
		    "https://oauth2.googleapis.com/token (preset google)" },
		{ GOOGLE CLIENT, "oauth_redirect_host", "127.0.0.1 (default)" },
		{ GOOGLE CLIENT, "oauth_device_url", " (default)" },
		{ GOOGLE CLIENT "oauth_scope x\n", "oauth_scope", "x (f:5)" },
		{ GOOGLE CLIENT "auth xoauth2\n", "auth", "xoauth2 (f:5)" },
		{ MICROSOFT CLIENT, "auth", "xoauth2 (preset microsoft)" },
		{ MICROSOFT CLIENT, "oauth_redirect_host",
		    "localhost (preset microsoft)" },
		{ MICROSOFT CLIENT, "oauth_auth_url",
		    "https://login.microsoftonline.com/common/oauth2/v2.0/"
		    "authorize (preset microsoft)" },
		{ MICROSOFT CLIENT "oauth_tenant x.org\n", "oauth_token_url",
		    "https://login.microsoftonline.com/x.org/oauth2/v2.0/"
		    "token (preset microsoft)" },
		{ MICROSOFT CLIENT, "oauth_scope",
		    "https://outlook.office.com/SMTP.Send offline_access "
		    "(preset microsoft)" },
		{ MICROSOFT CLIENT "oauth_tenant x.org\n"
				   "oauth_grant client_credentials\n"
				   "oauth_client_secret_file /s\n",
		    "oauth_scope",
		    "https://outlook.office365.com/.default "
		    "(preset microsoft)" },
		{ MICROSOFT CLIENT, "oauth_key_alg",
		    "PS256 (preset microsoft)" },
	};
	struct str out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account a = { 0 };
		struct error err = { 0 };

		if (!make_account(&a, cases[i].text, &err))
			fail_msg("%s", err.text);
		assert_true(a.auth.is_token);
		assert_string_equal(value_of(&a, cases[i].setting, &out),
		    cases[i].value);
		account_free(&a);
	}
	str_free(&out);
}

static void
has_valid_presets_for_all_providers(void **state)
{
	const struct option_choice *c = option_find("oauth_provider")->choices;

	(void)state;
	for (; c->name != NULL; c++) {
		struct account a = { 0 };
		struct error err = { 0 };
		char *text = alloc_printf(
		    "host a.org\nuser a@x.org\noauth_provider %s\n" CLIENT "%s",
		    c->name,
		    c->value == OAUTH_PROVIDER_OTHER
			? "oauth_issuer https://issuer.org\n"
			: "");

		if (!make_account(&a, text, &err))
			fail_msg("%s", err.text);
		assert_string_equal(oauth_provider_word(a.oauth.provider),
		    c->name);
		/* Whoever registers a client has its ID. */
		assert_string_equal(a.oauth.client_id, "abc");
		account_free(&a);
		free(text);
	}
}

static void
rejects_conflicting_settings(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ GOOGLE, "oauth_client_id is missing" },
		{ GOOGLE CLIENT "auth plain\n",
		    "oauth_provider (f:3) and auth (f:5)" },
		{ GOOGLE CLIENT "auth off\n", "remove auth" },
		{ GOOGLE CLIENT "password x\n", "a token or a password" },
		{ GOOGLE CLIENT "passwordfile /x\n", "and passwordfile (f:5)" },
		{ GOOGLE CLIENT "passwordeval x\n", "and passwordeval (f:5)" },
		{ GOOGLE CLIENT "tls off\n", "set \"tls on\"" },
		{ GOOGLE CLIENT "tls opportunistic\n", "set \"tls on\"" },
		{ GOOGLE CLIENT "tls_certcheck off\n", "verified server" },
		{ "host localhost\nuser a\noauth_provider google\n" CLIENT,
		    "set \"tls on\"" },
		{ "host mx\nuser a\noauth_provider google\n" CLIENT,
		    "do not know your password" },
		{ "host a.org\noauth_provider google\n" CLIENT,
		    "user is missing" },
		{ GOOGLE CLIENT "oauth_tenant x\n", "only microsoft" },
		{ GOOGLE CLIENT "oauth_flow device\n",
		    "needs oauth_device_url" },
		{ GOOGLE "oauth_grant service_account\n",
		    "oauth_key_file is missing" },
		{ GOOGLE CLIENT "oauth_client_auth key\n",
		    "oauth_key_file is missing" },
		{ GOOGLE CLIENT "oauth_cert_file /c\n",
		    "requires oauth_key_file" },
		{ GOOGLE CLIENT "oauth_client_secret a\n"
				"oauth_client_secret_file /b\n",
		    "one secret" },
		{ GOOGLE CLIENT "oauth_client_auth post\n",
		    "needs oauth_client_secret_file" },
		{ GOOGLE CLIENT "oauth_client_auth basic\n",
		    "needs oauth_client_secret_file" },
		{ GOOGLE CLIENT "oauth_client_auth none\n"
				"oauth_client_secret a\n",
		    "sends no secret" },
		{ GOOGLE CLIENT "oauth_client_secret_file /s\n"
				"oauth_key_file /k\n",
		    "a secret or a key" },
		{ GOOGLE CLIENT "oauth_client_auth none\noauth_key_file /k\n",
		    "signs nothing" },
		{ "host a.org\nuser a\n" CLIENT,
		    "oauth_client_id needs oauth_provider" },
		{ GOOGLE CLIENT "oauth_proxy on\n", "needs proxy_host" },
		{ MICROSOFT CLIENT "oauth_grant client_credentials\n",
		    "client_credentials needs" },
		{ MICROSOFT CLIENT "oauth_grant client_credentials\n"
				   "oauth_client_secret a\n",
		    "set oauth_tenant" },
		{ OTHER CLIENT, "oauth_token_url is missing" },
		{ OTHER CLIENT "oauth_token_url https://a.org/t\n",
		    "oauth_auth_url is missing" },
		{ OTHER CLIENT "oauth_token_url https://a.org/t\n"
			       "oauth_device_url https://a.org/d\n"
			       "oauth_flow paste\n",
		    "oauth_auth_url is missing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account a = { 0 };
		struct error err = { 0 };

		if (make_account(&a, cases[i].text, &err))
			fail_msg("%s was taken", cases[i].text);
		assert_int_equal(err.kind, ERROR_CONFIG);
		if (strstr(err.text, cases[i].said) == NULL)
			fail_msg("%s", err.text);
		error_free(&err);
		account_free(&a);
	}
}

static void
accepts_a_pin_in_place_of_a_chain(void **state)
{
	struct account a = { 0 };
	struct error err = { 0 };

	(void)state;
	if (!make_account(&a,
		GOOGLE CLIENT
		"tls_fingerprint "
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc"
		"def\n",
		&err))
		fail_msg("%s", err.text);
	account_free(&a);
}

static void
fills_the_parameters_of_the_helper(void **state)
{
	struct account a = { 0 };
	struct oauth_params p = { 0 };

	(void)state;
	assert_true(make_account(&a,
	    GOOGLE CLIENT
	    "oauth_client_secret s\nproxy_host ::1\n"
	    "proxy_user u\nproxy_password p\noauth_proxy on\noauth_store /x\n"
	    "oauth_trust_file /ca.pem\n",
	    NULL));
	oauth_params_fill(&a, &user, &p);
	assert_string_equal(p.account, "a");
	assert_string_equal(p.provider, "google");
	assert_string_equal(p.user, "a@gmail.com");
	assert_string_equal(p.proxy, "socks5h://[::1]:1080");
	assert_string_equal(p.proxy_user, "u");
	assert_string_equal(p.store, "/x");
	assert_string_equal(p.trust_file, "/ca.pem");
	assert_string_equal(p.redirect_host, "127.0.0.1");
	assert_string_equal(p.redirect_path, "/");
	assert_int_equal(p.redirect_port, 0);
	assert_int_equal(p.timeout, 20);
	assert_int_equal(p.key_alg, OAUTH_RS256);
	assert_true(secret_is(&p.client_secret, "s"));
	assert_null(p.device_url);
	oauth_params_free(&p);
	account_free(&a);

	/* Tokens of root are in a folder of the system. */
	assert_true(make_account(&a, GOOGLE CLIENT, NULL));
	oauth_params_fill(&a, &user, &p);
	assert_non_null(strstr(p.store, "/lib/veredus/oauth/0"));
	assert_null(p.proxy);
	assert_null(p.trust_file);
	oauth_params_free(&p);
	account_free(&a);
}

static const struct {
	bool (*validate)(char **value, struct error *err);
	const char *value;
	const char *result; /* NULL: rejected */
} values[] = {
	{ validate_oauth_url, "https://a.org/t?x=y", "https://a.org/t?x=y" },
	{ validate_oauth_url, "HTTPS://a.org:8443", "HTTPS://a.org:8443" },
	{ validate_oauth_url, "https://[::1]:8443/t", "https://[::1]:8443/t" },
	{ validate_oauth_url, "http://a.org/t", NULL },
	{ validate_oauth_url, "https://", NULL },
	{ validate_oauth_url, "https:///t", NULL },
	{ validate_oauth_url, "https://a@b.org/t", NULL },
	{ validate_oauth_url, "https://a.org/t#f", NULL },
	{ validate_oauth_url, "https://a.org/t t", NULL },
	{ validate_oauth_url, "https://a.org\\@b.org/", NULL },
	{ validate_oauth_url, "https://a.org:0/t", NULL },
	{ validate_oauth_url, "https://a.org:x/t", NULL },
	{ validate_oauth_scope, " a  b ", "a b" },
	{ validate_oauth_scope, "a\"b", NULL },
	{ validate_oauth_params, "a=b&c=", "a=b&c=" },
	{ validate_oauth_params, "login_hint=&states=x",
	    "login_hint=&states=x" },
	{ validate_oauth_params, "a=b&redirect_uri=x", NULL },
	{ validate_oauth_params, "state=x", NULL },
	{ validate_oauth_params, "code_challenge_method=plain", NULL },
	{ validate_oauth_params, "a=b&c", NULL },
	{ validate_oauth_params, "=b", NULL },
	{ validate_oauth_params, "a=b&", NULL },
	{ validate_oauth_params, "a=b c", NULL },
	{ validate_oauth_tenant, "contoso.example-1.org",
	    "contoso.example-1.org" },
	{ validate_oauth_tenant, "a/b", NULL },
	{ validate_oauth_redirect_host, "localhost", "localhost" },
	{ validate_oauth_redirect_host, "example.org", NULL },
	{ validate_oauth_redirect_path, "/callback", "/callback" },
	{ validate_oauth_redirect_path, "callback", NULL },
	{ validate_oauth_redirect_path, "/a?b", NULL },
	{ validate_oauth_proxy, "http://p.org:3128", "http://p.org:3128" },
	{ validate_oauth_proxy, "socks5h://[::1]:1080",
	    "socks5h://[::1]:1080" },
	{ validate_oauth_proxy, "http://p.org", NULL },
	{ validate_oauth_proxy, "socks5://p.org:1", NULL },
	{ validate_oauth_proxy, "http://u:p@p.org:1", NULL },
	{ validate_oauth_value, "1-a.apps.example", "1-a.apps.example" },
	{ validate_oauth_value, "\303\244", NULL },
};

static void
validates_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		char *value = alloc_string(values[i].value);
		struct error err = { 0 };
		bool ok = values[i].validate(&value, &err);

		if (ok != (values[i].result != NULL))
			fail_msg("%s: %s", values[i].value,
			    ok ? "accepted" : err.text);
		if (ok)
			assert_string_equal(value, values[i].result);
		error_free(&err);
		free(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_what_the_preset_of_a_provider_has),
		cmocka_unit_test(has_valid_presets_for_all_providers),
		cmocka_unit_test(rejects_conflicting_settings),
		cmocka_unit_test(accepts_a_pin_in_place_of_a_chain),
		cmocka_unit_test(fills_the_parameters_of_the_helper),
		cmocka_unit_test(validates_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
