/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "helpers/autoconfig/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "unit.h"

#define IN_PROVIDER(text) \
	"<clientConfig version=\"1.1\"><emailProvider id=\"x\">" text \
	"</emailProvider></clientConfig>"
#define IN_SERVER(text) \
	IN_PROVIDER("<outgoingServer type=\"smtp\">" text "</outgoingServer>")
#define HOST "<hostname>a.example</hostname>"
#define PORT "<port>465</port>"
#define TLS "<socketType>SSL</socketType>"
#define METHOD(text) "<authentication>" text "</authentication>"

/* One line for each server, and one for the title. */
static void
show(const struct document *d, struct str *out)
{
	str_add(out, d->title != NULL ? d->title : "");
	if (d->note != NULL || d->help != NULL)
		str_printf(out, "(%s %s)", d->note != NULL ? d->note : "-",
		    d->help != NULL ? d->help : "-");
	for (size_t i = 0; i < d->count; i++) {
		const struct document_server *s = &d->servers[i];

		str_printf(out, "|%s %u tls=%d auth=%d %s", s->host, s->port,
		    s->tls, s->auth, s->user != NULL ? s->user : "-");
	}
}

static void
assert_shows(const char *text, size_t len, const char *expected)
{
	struct document d = { 0 };
	struct str out = { 0 };
	const char *why = document_parse(&d, text, len);

	if (why != NULL)
		fail_msg("%s: %s", text, why);
	show(&d, &out);
	if (!str_equal(&out, expected))
		fail_msg("%s\nis\n%s", text, str_text(&out));
	str_free(&out);
	document_free(&d);
}

static const struct {
	const char *text, *expected;
} documents[] = {
	{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	  "<clientConfig version=\"1.1\">\n <emailProvider id=\"b.example\">\n"
	  "  <domain>b.example</domain>\n  <displayName>B &amp; C</displayName>\n"
	  "  <incomingServer type=\"imap\"><hostname>i.example</hostname>"
	  "<port>993</port></incomingServer>\n"
	  "  <outgoingServer type=\"smtp\">\n   <hostname>\n s.example </hostname>"
	  "\n   <port>587</port><socketType>STARTTLS</socketType>"
	  "<username>%EMAILADDRESS%</username>" METHOD("OAuth2") METHOD(
	      "password-cleartext") "  </outgoingServer>\n"
				    "  <outgoingServer type=\"smtp\">" HOST PORT
					TLS "</outgoingServer>\n"
				    " </emailProvider>\n <oAuth2><issuer>x</issuer></oAuth2>\n"
				    "</clientConfig>\n",
	    "B & C|s.example 587 tls=1 auth=6 %EMAILADDRESS%"
	    "|a.example 465 tls=2 auth=0 -" },
	/* The method, and what is none. */
	{ IN_SERVER(HOST PORT TLS METHOD("password-encrypted")),
	    "|a.example 465 tls=2 auth=6 -" },
	{ IN_SERVER(HOST PORT TLS METHOD("oauth2")),
	    "|a.example 465 tls=2 auth=5 -" },
	{ IN_SERVER(HOST PORT TLS METHOD("NTLM") METHOD("GSSAPI")),
	    "|a.example 465 tls=2 auth=4 -" },
	{ IN_SERVER(HOST PORT TLS METHOD("client-IP-address")),
	    "|a.example 465 tls=2 auth=1 -" },
	{ IN_SERVER(HOST PORT TLS METHOD("magic")),
	    "|a.example 465 tls=2 auth=0 -" },
	/* Without TLS, or without saying so. */
	{ IN_SERVER(HOST PORT "<socketType>plain</socketType>"),
	    "|a.example 465 tls=0 auth=0 -" },
	{ IN_SERVER(HOST PORT), "|a.example 465 tls=0 auth=0 -" },
	{ IN_SERVER(HOST PORT "<socketType>ssl3</socketType>"),
	    "|a.example 465 tls=0 auth=0 -" },
	{ IN_SERVER(HOST PORT "<socketType>plain</socketType>" TLS),
	    "|a.example 465 tls=0 auth=0 -" },
	/* A server without host or port is none. */
	{ IN_SERVER(HOST TLS), "" },
	{ IN_SERVER(PORT TLS), "" },
	{ IN_SERVER(HOST "<port>0</port>" TLS), "" },
	{ IN_SERVER(HOST "<port>65536</port>" TLS), "" },
	{ IN_SERVER(HOST "<port>-1</port>" TLS), "" },
	{ IN_SERVER("<hostname> </hostname>" PORT), "" },
	{ IN_SERVER("<hostname>a&#10;b</hostname>" PORT), "" },
	{ IN_SERVER("<hostname>a&#x202e;b</hostname>" PORT), "" },
	{ IN_SERVER("<hostname>a<b/>c</hostname>" PORT), "" },
	/* Elements in other places, and of other kinds. */
	{ IN_PROVIDER("<outgoingServer>" HOST PORT "</outgoingServer>"), "" },
	{ IN_PROVIDER(
	      "<outgoingServer type=\"lmtp\">" HOST PORT "</outgoingServer>"),
	    "" },
	{ IN_PROVIDER("<x><outgoingServer type=\"smtp\">" HOST PORT
		      "</outgoingServer></x>"),
	    "" },
	{ "<clientConfig><x><outgoingServer type=\"smtp\">" HOST PORT
	  "</outgoingServer></x></clientConfig>",
	    "" },
	{ IN_SERVER("<x>" HOST PORT "</x>"), "" },
	{ IN_SERVER(HOST PORT "<hostname>b.example</hostname>"),
	    "|a.example 465 tls=0 auth=0 -" },
	{ "<clientConfig/>", "" },
	/* What people are told. */
	{ IN_PROVIDER("<enable visiturl=\"https://a.example/\">"
		      "<instruction lang=\"de\">Nein</instruction>"
		      "<instruction>Do\n  this</instruction>"
		      "<instruction>Not this</instruction></enable>"
		      "<documentation url=\"https://b.example/\"/>"),
	    "(Do this https://a.example/)" },
	{ IN_PROVIDER("<documentation url=\"http://b.example/\"/>"
		      "<documentation url=\"https://b.example/&#10;x\"/>"
		      "<documentation url=\"https://b.example/?a=b&amp;c\"/>"),
	    "(- https://b.example/?a=b&c)" },
	{ IN_PROVIDER("<instruction>x</instruction>"
		      "<enable><x><instruction>y</instruction></x></enable>"
		      "<x><instruction>z</instruction></x>"),
	    "" },
};

static void
finds_the_outgoing_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(documents); i++)
		assert_shows(documents[i].text, strlen(documents[i].text),
		    documents[i].expected);
}

static void
reads_the_encodings_of_xml(void **state)
{
	static const char latin[] =
	    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" IN_PROVIDER(
		"<displayName>M\xfcller</displayName>");
	static const char text[] = IN_SERVER(HOST PORT TLS);
	char wide[2 * sizeof(text)] = "\xff\xfe";

	(void)state;
	assert_shows(latin, sizeof(latin) - 1, "M\xc3\xbcller");
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		wide[2 * i + 2] = text[i];
	assert_shows(wide, sizeof(wide), "|a.example 465 tls=2 auth=0 -");
}

static const struct {
	const char *text, *why;
} failures[] = {
	{ "", "no element" },
	{ "Not found", "syntax error" },
	{ "<html><body>404</body></html>", "not an autoconfig document" },
	{ "<autodiscover/>", "not an autoconfig document" },
	{ IN_SERVER(HOST PORT) "<x/>", "junk" },
	{ "<clientConfig><emailProvider>", "no element found" },
	{ "<clientConfig>&lol;</clientConfig>", "undefined entity" },
	{ "<clientConfig>\x01</clientConfig>", "invalid token" },
	{ "<clientConfig>\xff</clientConfig>", "invalid token" },
	{ "<?xml version=\"1.0\" encoding=\"EBCDIC\"?><clientConfig/>",
	    "unknown encoding" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?><clientConfig/>",
	    "encoding" },
	{ "<!DOCTYPE clientConfig SYSTEM \"file:///etc/passwd\">"
	  "<clientConfig/>",
	    "document type declaration" },
	{ "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">"
	  "<!ENTITY c SYSTEM \"file:///etc/passwd\">]>"
	  "<clientConfig>&b;&c;</clientConfig>",
	    "document type declaration" },
};

static void
rejects_what_is_no_such_document(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		struct document d = { 0 };
		const char *why = document_parse(&d, failures[i].text,
		    strlen(failures[i].text));

		if (why == NULL || strstr(why, failures[i].why) == NULL)
			fail_msg("%s: %s", failures[i].text, why);
		document_free(&d);
	}
}

static void
add_times(struct str *out, unsigned times, const char *text)
{
	while (times-- > 0)
		str_add(out, text);
}

static void
limits_depth_number_and_length(void **state)
{
	struct document d = { 0 };
	struct str text = { 0 };

	(void)state;
	str_add(&text, "<clientConfig>");
	add_times(&text, 10000, "<x>");
	assert_string_equal(document_parse(&d, text.data, text.len),
	    "its elements are nested too deeply");
	document_free(&d);

	str_truncate(&text, 0);
	str_add(&text, "<clientConfig><emailProvider>");
	add_times(&text, 1000,
	    "<outgoingServer type=\"smtp\">" HOST PORT TLS "</outgoingServer>");
	str_add(&text, "</emailProvider></clientConfig>");
	assert_null(document_parse(&d, text.data, text.len));
	assert_int_equal(d.count, DOCUMENT_SERVERS_MAX);
	document_free(&d);

	str_truncate(&text, 0);
	str_add(&text,
	    "<clientConfig><emailProvider><outgoingServer type=\"smtp\">" HOST
		PORT "<username>");
	add_times(&text, 10000, "user");
	str_add(&text,
	    "</username></outgoingServer></emailProvider></clientConfig>");
	assert_null(document_parse(&d, text.data, text.len));
	assert_int_equal(d.count, 1);
	assert_null(d.servers[0].user);
	document_free(&d);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_outgoing_servers),
		cmocka_unit_test(reads_the_encodings_of_xml),
		cmocka_unit_test(rejects_what_is_no_such_document),
		cmocka_unit_test(limits_depth_number_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
