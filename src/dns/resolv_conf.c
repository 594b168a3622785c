/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses resolv.conf(5): the name servers and three of the options. */
#include "dns/resolv_conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/text.h"
#include "dns/params.h"

#define FILE_MAX 65536
#define DNS_PORT 53

/* The defaults and limits of resolv.conf(5). */
#define TIMEOUT 5
#define TIMEOUT_MAX 30
#define ATTEMPTS 2
#define ATTEMPTS_MAX 5

static const char blanks[] = " \t";

static void
add_server(const char *word, struct resolv_conf *conf)
{
	struct endpoint server;

	if (conf->servers.count >= DNS_SERVERS_MAX
	    || !endpoint_parse(&server, word))
		return;
	endpoint_set_port(&server, DNS_PORT);
	endpoint_list_add(&conf->servers, &server);
}

/* Returns a copy of the word at *at, or NULL at the end, and moves *at behind it. */
static char *
next_word(const char **at)
{
	const char *word = *at + strspn(*at, blanks);
	size_t len = strcspn(word, blanks);

	*at = word + len;
	return len > 0 ? alloc_string_n(word, len) : NULL;
}

/* Reads the number of "name:number"; a larger one counts as max. */
static void
read_number(const char *word, const char *prefix, unsigned max, unsigned *to)
{
	size_t len = strlen(prefix);
	unsigned long long number;

	if (strncmp(word, prefix, len) == 0
	    && text_number(word + len, 1, UINT16_MAX, &number))
		*to = number < max ? (unsigned)number : max;
}

static void
add_option(const char *word, struct resolv_conf *conf)
{
	conf->trust_ad |= strcmp(word, "trust-ad") == 0;
	read_number(word, "timeout:", TIMEOUT_MAX, &conf->timeout);
	read_number(word, "attempts:", ATTEMPTS_MAX, &conf->attempts);
}

static const struct {
	const char *keyword;
	void (*read)(const char *word, struct resolv_conf *conf);
} keywords[] = {
	{ "nameserver", add_server },
	{ "options", add_option },
};

static void
read_line(const char *line, struct resolv_conf *conf)
{
	char *keyword = next_word(&line), *word;

	for (size_t i = 0; keyword != NULL && i < COUNT_OF(keywords); i++)
		while (strcmp(keyword, keywords[i].keyword) == 0
		    && (word = next_word(&line)) != NULL) {
			keywords[i].read(word, conf);
			free(word);
		}
	free(keyword);
}

void
resolv_conf_parse(const char *text, size_t len, struct resolv_conf *conf)
{
	const char *at = text, *line;
	size_t line_len;

	*conf =
	    (struct resolv_conf){ .timeout = TIMEOUT, .attempts = ATTEMPTS };
	while ((line = text_next_line(&at, text + len, &line_len)) != NULL) {
		char *copy = alloc_string_n(line, line_len);

		read_line(copy, conf);
		free(copy);
	}
	if (conf->servers.count == 0)
		add_server("127.0.0.1", conf);
}

void
resolv_conf_read(struct resolv_conf *conf)
{
	const struct file_rules rules = { .max = FILE_MAX,
		.may_be_absent = true,
		.use = FILE_PUBLIC };
	struct str text = { 0 };
	struct error err = { 0 };

	(void)file_read("/etc/resolv.conf", &rules, &text, NULL, &err);
	resolv_conf_parse(str_text(&text), text.len, conf);
	error_free(&err);
	str_free(&text);
}

void
resolv_conf_free(struct resolv_conf *conf)
{
	endpoint_list_free(&conf->servers);
	*conf = (struct resolv_conf){ 0 };
}
