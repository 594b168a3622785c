/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the names of this host from the kernel, /etc/mailname and /etc/hosts.
 */
#include "base/host.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"

#define HOST_NAME_SIZE 256
#define HOSTS_MAX ((size_t)64 << 20) /* octets of /etc/hosts */

/* Reads the kernel's name of the host, without a final dot; or "". */
static void
read_host_name(char name[HOST_NAME_SIZE])
{
	size_t len;

	if (gethostname(name, HOST_NAME_SIZE) < 0)
		name[0] = '\0';
	name[HOST_NAME_SIZE - 1] = '\0';
	len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
}

char *
host_short_name(void)
{
	char name[HOST_NAME_SIZE];
	unsigned long long number;

	read_host_name(name);
	name[strcspn(name, ".")] = '\0';
	/* The name of a container is often a number, not a host name. */
	if (!idna_is_host_name(name)
	    && !text_number(name, 0, ULLONG_MAX, &number))
		return alloc_string("localhost");
	return alloc_string(name);
}

char *
host_name(void)
{
	char name[HOST_NAME_SIZE];

	read_host_name(name);
	return idna_is_host_name(name) ? alloc_string(name) : host_short_name();
}

static bool
is_local_label(const char *label, size_t len)
{
	static const char *const names[] = { "localhost", "localhost4",
		"localhost6", "ip6-localhost", "ip6-loopback", "localdomain",
		"localdomain4", "localdomain6" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_is_word(label, len, names[i]))
			return true;
	return false;
}

/* Whether other hosts can resolve a name of this form. */
static bool
is_public_name(const char *name)
{
	const char *last = strrchr(name, '.');

	return last && idna_is_host_name(name)
	    && !is_local_label(name, strcspn(name, "."))
	    && !is_local_label(last + 1, strlen(last + 1));
}

/* Returns the next word at *at, and moves *at behind it; *len is 0 at the end. */
static const char *
next_word(const char **at, const char *end, size_t *len)
{
	const char *word = *at;

	while (word < end && text_is_space(*word))
		word++;
	*at = word;
	while (*at < end && !text_is_space(**at))
		(*at)++;
	*len = (size_t)(*at - word);
	return word;
}

static bool
has_word(const char *at, const char *end, const char *name)
{
	size_t len;

	do {
		const char *word = next_word(&at, end, &len);

		if (text_is_word(word, len, name))
			return true;
	} while (len > 0);
	return false;
}

/* Returns the first public name after the address in a line of hosts(5) that has
 * the name, too; or NULL. */
static char *
public_alias(const char *line, const char *end, const char *name)
{
	size_t len;

	next_word(&line, end, &len);
	if (!has_word(line, end, name))
		return NULL;
	do {
		const char *word = next_word(&line, end, &len);
		char *alias = alloc_string_n(word, len);

		if (is_public_name(alias))
			return alias;
		free(alias);
	} while (len > 0);
	return NULL;
}

/* Returns the public name that /etc/hosts has for a name without dots, or NULL.
 * The DNS is not asked: it may be silent, and the answer takes a round trip. */
static char *
name_in_hosts(const char *name)
{
	static const struct file_rules rules = { .max = HOSTS_MAX,
		.may_be_absent = true };
	struct str text = { 0 };
	char *found = NULL;

	if (file_read("/etc/hosts", &rules, &text, NULL, NULL)) {
		const char *at = str_text(&text), *end = at + text.len, *line;
		size_t len;

		while (found == NULL
		    && (line = text_next_line(&at, end, &len)) != NULL) {
			const char *comment = memchr(line, '#', len);

			found = public_alias(line,
			    comment != NULL ? comment : line + len, name);
		}
	}
	str_free(&text);
	return found;
}

char *
host_mailname(void)
{
	static const struct file_rules rules = { .max = 65536,
		.may_be_absent = true };
	struct str text = { 0 };
	char *name = NULL;

	if (file_read("/etc/mailname", &rules, &text, NULL, NULL)) {
		size_t start = strspn(str_text(&text), " \t");
		size_t len = strcspn(str_text(&text) + start, " \t\r\n");
		char *first = alloc_string_n(str_text(&text) + start, len);

		if (idna_is_host_name(first))
			name = first;
		else
			free(first);
	}
	str_free(&text);
	return name;
}

static char *
find_fqdn(void)
{
	char name[HOST_NAME_SIZE];
	char *found;

	read_host_name(name);
	if (is_public_name(name))
		return alloc_string(name);
	if (!idna_is_host_name(name)
	    || is_local_label(name, strcspn(name, ".")))
		return NULL;
	found = host_mailname();
	if (found != NULL && is_public_name(found))
		return found;
	free(found);
	return name_in_hosts(name);
}

char *
host_fqdn(void)
{
	static char *fqdn;
	static bool searched;

	if (!searched)
		fqdn = find_fqdn();
	searched = true;
	return alloc_string(fqdn);
}

char *
host_fqdn_or_name(void)
{
	char *fqdn = host_fqdn();

	return fqdn != NULL ? fqdn : host_name();
}

void
host_local_names(struct strv *names)
{
	char *found[] = { host_short_name(), host_fqdn(), host_mailname() };

	strv_add(names, "localhost");
	for (size_t i = 0; i < COUNT_OF(found); i++)
		if (found[i] != NULL)
			strv_take(names, found[i]);
}
