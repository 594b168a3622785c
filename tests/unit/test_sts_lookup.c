/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "dns_table.h"
#include "route/sts_cache.h"
#include "route/sts_lookup.h"

#define FIELDS "mx: mx.example.org\nmx: *.mail.example.org\nmax_age: 1000\n"
#define ENFORCE "version: STSv1\nmode: enforce\n" FIELDS
#define TESTING "version: STSv1\nmode: testing\n" FIELDS
#define NONE "version: STSv1\nmode: none\nmax_age: 1000\n"

#define ENFORCED "mx.example.org verified, other.example rejected"
#define FREE "mx.example.org -, other.example -"

#define UNCACHED \
	"cannot fetch the MTA-STS policy for example.org; continuing without it"
#define CACHED \
	"cannot fetch the MTA-STS policy for example.org; continuing with the " \
	"cached one"
#define UNENFORCED \
	"the MTA-STS policy of example.org is in testing mode and is not " \
	"enforced"

static char base[] = "/tmp/veredus-test-find-XXXXXX";
static char *folder;

/* A policy host. */
struct host {
	const char *policy; /* NULL: the fetch fails */
	enum error_kind kind;
	int asked;
	int64_t deadline;
};

static bool
fetch_from_table(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err)
{
	/* sts_lookup() does not change what ctx points to, but this function does. */
	struct host *host = *(struct host *const *)ctx;

	host->asked++;
	host->deadline = deadline;
	if (strcmp(domain, "example.org") != 0)
		return error_set(err, ERROR_SYSTEM, "asked for %s", domain);
	if (host->policy == NULL)
		return error_set(err, host->kind, "it is dark");
	str_add(policy, host->policy);
	return true;
}

static int
make_folder(void **state)
{
	(void)state;
	strcpy(base + strlen(base) - 6, "XXXXXX");
	assert_non_null(mkdtemp(base));
	folder = alloc_printf("%s/cache", base);
	return 0;
}

static int
remove_folder(void **state)
{
	char *command = alloc_printf("rm -r %s", base);

	(void)state;
	assert_int_equal(system(command), 0);
	free(command);
	free(folder);
	return 0;
}

static void
make_destination(struct destination *r, const char *records)
{
	const struct dns_row row = { "_mta-sts.example.org", DNS_TXT, INSECURE,
		records, NULL };

	*r = (struct destination){ .domain = alloc_string("example.org"),
		.name = alloc_string("example.org") };
	destination_add_hop(r, "mx.example.org", 25);
	destination_add_hop(r, "other.example", 25);
	if (records == NULL)
		r->sts.status = DNS_FAILED;
	else if (*records == '\0')
		r->sts.status = DNS_NO_DATA;
	else
		fill_table_answer(&row, &r->sts);
	destination_start(r);
}

static const char *
state_of(const struct next_hop *host)
{
	if (error_is_set(&host->lookup_error))
		return "rejected";
	if (host->tls_policy.level == TLS_LEVEL_DANE)
		return "dane";
	return host->tls_policy.level == TLS_LEVEL_VERIFY ? "verified" : "-";
}

static char *
show(const struct destination *r)
{
	struct str out = { 0 };

	for (size_t i = 0; i < r->count; i++)
		str_printf(&out, "%s%s %s", i == 0 ? "" : ", ",
		    r->hosts[i].name, state_of(&r->hosts[i]));
	return str_steal(&out);
}

/* The arguments and results of sts_lookup(). */
struct find {
	struct host host;
	const char *cache;
	struct destination route;
	struct strv notes;
	struct error err;
	bool ok;
};

static void
find(struct find *f, const char *records, int64_t deadline)
{
	struct host *host = &f->host;
	struct sts_params params = { .cache = f->cache,
		.fetch = fetch_from_table,
		.ctx = &host,
		.notes = &f->notes };

	make_destination(&f->route, records);
	f->ok = sts_lookup(&params, &f->route, 1, deadline, &f->err);
}

static void
find_free(struct find *f)
{
	destination_free(&f->route);
	strv_free(&f->notes);
	error_free(&f->err);
}

static void
write_entry(const char *policy, int age)
{
	struct sts_entry entry;

	assert_true(sts_entry_make(&entry, "1", policy, strlen(policy), NULL));
	entry.fetched -= age;
	assert_true(sts_cache_write(folder, "example.org", &entry, NULL));
	sts_entry_free(&entry);
}

#define ID1 "v=STSv1; id=1;"
#define ID2 "v=STSv1; id=2;"
#define FRESH 900
#define OLD 1001

static const struct {
	const char *title;
	const char *cached; /* the cached policy, with id 1 */
	int age;
	const char *records; /* NULL: the DNS query fails */
	const char *fetched;
	int asked;
	const char *hosts, *note;
} rows[] = {
	{ "a new policy in force", NULL, 0, ID1, ENFORCE, 1, ENFORCED, NULL },
	{ "one in testing mode", NULL, 0, ID1, TESTING, 1, FREE, UNENFORCED },
	{ "one that is none", NULL, 0, ID1, NONE, 1, FREE, NULL },
	{ "no record", NULL, 0, "", ENFORCE, 0, FREE, NULL },
	{ "two records", NULL, 0, ID1 "|" ID2, ENFORCE, 0, FREE, NULL },
	{ "no response", NULL, 0, NULL, ENFORCE, 0, FREE, NULL },
	{ "no policy at the host", NULL, 0, ID1, NULL, 1, FREE,
	    UNCACHED ": it is dark" },
	{ "no policy but a page", NULL, 0, ID1, "<html>", 1, FREE,
	    UNCACHED ": the policy has a line" },
	{ "a known policy", ENFORCE, FRESH, ID1, NULL, 0, ENFORCED, NULL },
	{ "a known one in testing mode", TESTING, FRESH, ID1, NULL, 0, FREE,
	    UNENFORCED },
	{ "a known one that is none", NONE, FRESH, ID1, NULL, 0, FREE, NULL },
	{ "known, and no record any more", ENFORCE, FRESH, "", NULL, 0,
	    ENFORCED, NULL },
	{ "known, and two records", ENFORCE, FRESH, ID1 "|" ID2, NULL, 0,
	    ENFORCED, NULL },
	{ "known, and no response", ENFORCE, FRESH, NULL, NULL, 0, ENFORCED,
	    NULL },
	{ "a changed policy", ENFORCE, FRESH, ID2, NONE, 1, FREE, NULL },
	{ "a changed one in force", NONE, FRESH, ID2, ENFORCE, 1, ENFORCED,
	    NULL },
	{ "changed, but not to be had", ENFORCE, FRESH, ID2, NULL, 1, ENFORCED,
	    CACHED ": it is dark" },
	{ "changed, but none before", NONE, FRESH, ID2, NULL, 1, FREE, NULL },
	{ "changed to a page", ENFORCE, FRESH, ID2, "<html>", 1, ENFORCED,
	    CACHED },
	{ "an old policy", ENFORCE, OLD, ID1, TESTING, 1, FREE, UNENFORCED },
	{ "old, and not to be had", ENFORCE, OLD, ID1, NULL, 1, FREE,
	    UNCACHED },
	{ "old, and no record", ENFORCE, OLD, "", ENFORCE, 0, FREE, NULL },
	{ "old, and no response", ENFORCE, OLD, NULL, ENFORCE, 0, FREE, NULL },
	{ "one from the future", ENFORCE, -100, NULL, NULL, 0, FREE, NULL },
};

static void
check_row(size_t i)
{
	struct find f = { .cache = folder,
		.host = { .policy = rows[i].fetched, .kind = ERROR_SYSTEM } };
	char *hosts;

	if (rows[i].cached != NULL)
		write_entry(rows[i].cached, rows[i].age);
	find(&f, rows[i].records, clock_after_seconds(600));
	hosts = show(&f.route);
	if (!f.ok || f.host.asked != rows[i].asked
	    || strcmp(hosts, rows[i].hosts) != 0)
		fail_msg("%s: %d, %s", rows[i].title, f.host.asked, hosts);
	if (f.notes.count != (rows[i].note != NULL ? 1 : 0)
	    || (rows[i].note != NULL
		&& strstr(f.notes.items[0], rows[i].note) == NULL))
		fail_msg("%s: %s", rows[i].title,
		    f.notes.count > 0 ? f.notes.items[0] : "no note");
	free(hosts);
	find_free(&f);
}

static void
applies_the_fetched_or_cached_policy(void **state)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		make_folder(state);
		check_row(i);
		remove_folder(state);
	}
}

static void
applies_fetched_policies_without_a_cache(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct find f = { .host = { .policy = ENFORCE } };

		find(&f, ID1, clock_after_seconds(600));
		assert_true(f.ok);
		assert_int_equal(f.host.asked, 1);
		assert_int_equal(f.notes.count, 0);
		assert_int_equal(error_is_set(&f.route.hosts[1].lookup_error),
		    true);
		find_free(&f);
	}
}

static void
writes_fetched_policies_to_the_cache(void **state)
{
	static const struct {
		const char *records;
		int asked;
	} steps[] = { { ID1, 1 }, { ID1, 1 }, { "", 1 }, { ID2, 2 }, { ID2, 2 },
		{ NULL, 2 } };
	int total = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct find f = { .cache = folder,
			.host = { .policy = ENFORCE } };

		find(&f, steps[i].records, clock_after_seconds(600));
		assert_true(f.ok);
		total += f.host.asked;
		assert_int_equal(total, steps[i].asked);
		assert_int_equal(error_is_set(&f.route.hosts[1].lookup_error),
		    true);
		find_free(&f);
	}
}

static void
waits_before_it_repeats_a_failed_fetch(void **state)
{
	static const struct {
		const char *records, *policy, *note;
		int asked;
	} steps[] = { { ID1, NULL, "it is dark", 1 },
		{ ID1, ENFORCE, "less than 5 minutes ago", 1 },
		{ ID2, NULL, "it is dark", 2 },
		{ ID2, ENFORCE, "less than 5 minutes ago", 2 },
		{ ID1, "<html>", "a line that is not a field", 3 },
		{ ID1, ENFORCE, "less than 5 minutes ago", 3 } };
	int total = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct find f = { .cache = folder,
			.host = { steps[i].policy, ERROR_SYSTEM, 0, 0 } };

		find(&f, steps[i].records, clock_after_seconds(600));
		assert_true(f.ok);
		total += f.host.asked;
		assert_int_equal(total, steps[i].asked);
		assert_int_equal(f.notes.count, 1);
		if (strstr(f.notes.items[0], steps[i].note) == NULL)
			fail_msg("%zu: %s", i, f.notes.items[0]);
		find_free(&f);
	}
}

/* A local error is no failure of the policy host. */
static void
fetches_again_at_once_after_a_local_error(void **state)
{
	static const struct {
		enum error_kind kind;
		bool late;
	} faults[] = { { ERROR_CONFIG, false }, { ERROR_SYSTEM, true } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults) * 2; i++) {
		struct find f = { .cache = folder,
			.host = { NULL, faults[i / 2].kind, 0, 0 } };

		find(&f, ID1,
		    clock_after_seconds(faults[i / 2].late ? 0 : 600));
		assert_true(f.ok);
		assert_int_equal(f.host.asked, faults[i / 2].late ? 0 : 1);
		assert_int_equal(f.notes.count, 1);
		find_free(&f);
	}
}

static void
limits_each_fetch_to_a_minute_or_half_of_the_time(void **state)
{
	struct find f = { .host = { .policy = NONE } }, late = f;

	(void)state;
	find(&f, ID1, clock_after_seconds(600));
	assert_true(f.host.deadline > clock_after_seconds(50));
	assert_true(f.host.deadline <= clock_after_seconds(STS_FETCH_SECONDS));
	find(&late, ID1, clock_after_seconds(20));
	assert_true(late.host.deadline >= clock_now());
	assert_true(late.host.deadline <= clock_after_seconds(10));
	find_free(&f);
	find_free(&late);
}

static bool
fetch_too_slowly(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err)
{
	struct host *host = *(struct host *const *)ctx;

	(void)domain;
	(void)policy;
	host->asked++;
	while (!clock_has_passed(deadline))
		usleep(50000);
	return error_set(err, ERROR_SYSTEM, "no policy in time");
}

/* The lookups for many domains must leave time for the delivery. */
static void
limits_all_fetches_together_to_half_of_the_time(void **state)
{
	struct find f = { .host = { 0 } };
	struct host *host = &f.host;
	struct sts_params params = { .cache = folder,
		.fetch = fetch_too_slowly,
		.ctx = &host,
		.notes = &f.notes };
	int64_t deadline = clock_after_seconds(4);
	struct destination routes[3];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(routes); i++)
		make_destination(&routes[i], ID1);
	assert_true(sts_lookup(&params, routes, 3, deadline, &f.err));
	assert_true(deadline - clock_now() > 1000);
	assert_int_equal(f.host.asked, 1);
	assert_int_equal(f.notes.count, 3);
	/* The cache must not record a failure for a host if the time limit
	 * ended its fetch. */
	assert_false(sts_cache_has_failed(folder, "example.org", "1",
	    (int64_t)time(NULL)));
	for (size_t i = 0; i < COUNT_OF(routes); i++)
		destination_free(&routes[i]);
	find_free(&f);
}

static void
stops_after_a_signal(void **state)
{
	struct find f = { .cache = folder,
		.host = { .kind = ERROR_INTERRUPTED } };

	(void)state;
	find(&f, ID1, clock_after_seconds(600));
	assert_false(f.ok);
	assert_int_equal(f.err.kind, ERROR_INTERRUPTED);
	assert_int_equal(f.notes.count, 0);
	find_free(&f);
}

static void
replaces_a_damaged_entry(void **state)
{
	char *path = alloc_printf("%s/example.org", folder);

	(void)state;
	write_entry(ENFORCE, 0);
	assert_int_equal(truncate(path, 30), 0);
	for (int i = 0; i < 2; i++) {
		struct find f = { .cache = folder,
			.host = { .policy = ENFORCE } };

		find(&f, ID1, clock_after_seconds(600));
		assert_true(f.ok);
		assert_int_equal(f.host.asked, i == 0 ? 1 : 0);
		assert_int_equal(f.notes.count, i == 0 ? 1 : 0);
		if (i == 0)
			assert_non_null(strstr(f.notes.items[0], path));
		find_free(&f);
	}
	free(path);
}

static void
continues_if_it_cannot_write(void **state)
{
	struct find f = { .cache = "/dev/null/cache",
		.host = { .policy = ENFORCE } };
	struct find dark = { .cache = "/dev/null/cache",
		.host = { .kind = ERROR_SYSTEM } };

	(void)state;
	find(&f, ID1, clock_after_seconds(600));
	assert_true(f.ok);
	assert_int_equal(error_is_set(&f.route.hosts[1].lookup_error), true);
	assert_int_equal(f.notes.count, 1);
	assert_non_null(strstr(f.notes.items[0], "cannot write /dev/null"));
	find(&dark, ID1, clock_after_seconds(600));
	assert_true(dark.ok);
	assert_int_equal(dark.notes.count, 2);
	find_free(&f);
	find_free(&dark);
}

static void
ignores_a_folder_that_others_may_write_to(void **state)
{
	struct find f = { .cache = folder, .host = { .policy = NONE } };

	(void)state;
	write_entry(ENFORCE, 0);
	assert_int_equal(chmod(folder, 0777), 0);
	find(&f, ID1, clock_after_seconds(600));
	assert_int_equal(chmod(folder, 0700), 0);
	assert_true(f.ok);
	assert_int_equal(f.host.asked, 1);
	assert_int_equal(error_is_set(&f.route.hosts[1].lookup_error), false);
	assert_int_equal(f.notes.count, 1);
	assert_non_null(strstr(f.notes.items[0], "mta_sts_cache: "));
	find_free(&f);
}

static void
skips_destinations_for_which_a_policy_changes_nothing(void **state)
{
	struct host host = { .policy = ENFORCE }, *ctx = &host;
	struct strv notes = { 0 };
	struct sts_params params = { .fetch = fetch_from_table,
		.ctx = &ctx,
		.notes = &notes };
	struct destination routes[4];
	char *mixed;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(routes); i++)
		make_destination(&routes[i], ID1);
	/* DANE for all hosts, for one host; no host; an address literal. */
	routes[0].hosts[0].tls_policy.level = TLS_LEVEL_DANE;
	routes[0].hosts[1].tls_policy.level = TLS_LEVEL_DANE;
	routes[1].hosts[1].tls_policy.level = TLS_LEVEL_DANE;
	error_set(&routes[2].failure, ERROR_RESOLVE, "lookup failed");
	alloc_replace(&routes[3].name, NULL);
	assert_true(sts_lookup(&params, routes, COUNT_OF(routes),
	    clock_after_seconds(600), NULL));
	assert_int_equal(host.asked, 1);
	mixed = show(&routes[1]);
	assert_string_equal(mixed,
	    "mx.example.org verified, other.example dane");
	assert_int_equal(notes.count, 0);
	for (size_t i = 0; i < COUNT_OF(routes); i++)
		destination_free(&routes[i]);
	strv_free(&notes);
	free(mixed);
}

/* A shell script in place of the helper prints its arguments. */
static void
passes_the_settings_to_the_helper(void **state)
{
	char *script = alloc_printf("%s/helper", base);
	struct sts_helper helper = { .program = script };
	struct str out = { 0 };
	struct error err = { 0 };
	FILE *file = fopen(script, "w");

	(void)state;
	assert_non_null(file);
	fputs("#!/bin/sh\necho \"$*\"\n", file);
	fclose(file);
	assert_int_equal(chmod(script, 0700), 0);
	assert_true(sts_helper_fetch(&helper, "example.org",
	    clock_after_seconds(600), &out, &err));
	helper.server = "127.0.0.1:443";
	helper.trust_file = "/ca.pem";
	assert_true(
	    sts_helper_fetch(&helper, "example.org", CLOCK_NEVER, &out, &err));
	assert_string_equal(str_text(&out),
	    "--timeout=60 example.org\n"
	    "--timeout=60 --connect-to=127.0.0.1:443 --ca-file=/ca.pem "
	    "example.org\n");
	unlink(script);
	assert_false(sts_helper_fetch(&helper, "example.org",
	    clock_after_seconds(600), &out, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	str_free(&out);
	free(script);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applies_the_fetched_or_cached_policy),
		cmocka_unit_test(applies_fetched_policies_without_a_cache),
		WITH_FOLDER(writes_fetched_policies_to_the_cache),
		WITH_FOLDER(waits_before_it_repeats_a_failed_fetch),
		WITH_FOLDER(fetches_again_at_once_after_a_local_error),
		cmocka_unit_test(
		    limits_each_fetch_to_a_minute_or_half_of_the_time),
		WITH_FOLDER(limits_all_fetches_together_to_half_of_the_time),
		WITH_FOLDER(stops_after_a_signal),
		WITH_FOLDER(replaces_a_damaged_entry),
		cmocka_unit_test(continues_if_it_cannot_write),
		WITH_FOLDER(ignores_a_folder_that_others_may_write_to),
		cmocka_unit_test(
		    skips_destinations_for_which_a_policy_changes_nothing),
		WITH_FOLDER(passes_the_settings_to_the_helper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
