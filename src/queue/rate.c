/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps each limit in a file of its own, of one line with a fixed length:
 *
 *   checksum SP last SP missing SP interval LF
 *
 * The numbers are those of struct token_bucket, and the checksum is the CRC-32C
 * of what follows its blank.
 */
#include "queue/rate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "base/user.h"
#include "mail/date.h"
#include "queue/folder.h"

#define CHECKSUM_LENGTH 8
#define DIGITS 20
#define NUMBERS 3
#define LINE_LENGTH (CHECKSUM_LENGTH + NUMBERS * (1 + DIGITS) + 1)
/* So much of the account's name is in the name of a file. */
#define NAME_MAX_LENGTH 40

static const struct {
	const char *setting, *file, *unit;
	bool per_user;
	bool refuses; /* unless rate_over says otherwise */
} kinds[RATE_KINDS] = {
	[RATE_USER] = { "rate_user", "user", "messages", true, true },
	[RATE_MESSAGES] = { "rate", "messages", "messages", false, false },
	[RATE_RECIPIENTS] = { "rate_recipients", "recipients", "recipients",
	    false, false },
	[RATE_ALERTS] = { "alert_to", "alerts", "notices", false, true },
};

/* The limits of an owner, with the files that are open and locked. */
struct buckets {
	const struct rate_owner *owner;
	struct queue_folder folder;
	int fds_plus_1[RATE_KINDS];
	struct token_bucket items[RATE_KINDS];
	int64_t now;
};

const char *
rate_setting(enum rate_kind kind)
{
	return kinds[kind].setting;
}

unsigned
rate_limits(const struct queue_params *queue)
{
	unsigned limits = 0;

	for (unsigned i = 0; i < RATE_KINDS; i++)
		if (queue->rate.limits[i].count > 0)
			limits |= RATE_BIT(i);
	return limits;
}

unsigned
rate_refusing(const struct queue_params *queue)
{
	unsigned limits = 0;

	if (queue->rate.over == RATE_OVER_REFUSE)
		limits = RATE_ALL;
	for (unsigned i = 0; i < RATE_KINDS; i++)
		if (queue->rate.over == RATE_OVER_DEFAULT && kinds[i].refuses)
			limits |= RATE_BIT(i);
	return limits & rate_limits(queue);
}

static bool
has(unsigned limits, size_t kind)
{
	return (limits & RATE_BIT(kind)) != 0;
}

static int64_t
time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- files ---- */

static bool
is_plain(char c)
{
	return text_is_digit(c) || (c >= 'a' && c <= 'z')
	    || (c >= 'A' && c <= 'Z');
}

/* An inherited limit is shared with the account that has it, so that nobody gets
 * it twice by the choice of the account. */
static const char *
account_of(const struct rate_owner *owner, size_t kind)
{
	const char *inherited = owner->queue->rate.owners[kind];

	return inherited != NULL ? inherited : owner->account;
}

/* The part of the account's name that can be read, and a checksum that tells
 * accounts apart.  The caller frees the result. */
static char *
file_name(const struct rate_owner *owner, size_t kind)
{
	const char *configuration =
	    owner->configuration != NULL ? owner->configuration : "";
	const char *account = account_of(owner, kind);
	uint32_t sum = crc32c(0, account, strlen(account) + 1);
	struct str name = { 0 };

	str_printf(&name, "%s-", kinds[kind].file);
	for (size_t i = 0; i < NAME_MAX_LENGTH && account[i] != '\0'; i++)
		str_add_char(&name, is_plain(account[i]) ? account[i] : '_');
	sum = crc32c(sum, configuration, strlen(configuration));
	str_printf(&name, "-%08" PRIX32, sum);
	if (kinds[kind].per_user)
		str_printf(&name, "-%lu", (unsigned long)owner->uid);
	return str_steal(&name);
}

static bool
parse_number(const char *text, int64_t *value)
{
	char digits[DIGITS + 1];
	unsigned long long number;

	memcpy(digits, text, DIGITS);
	digits[DIGITS] = '\0';
	if (!text_number(digits, 0, INT64_MAX, &number))
		return false;
	*value = (int64_t)number;
	return true;
}

static bool
parse_line(const char line[LINE_LENGTH + 1], struct token_bucket *b)
{
	const char *numbers = line + CHECKSUM_LENGTH + 1;
	int64_t *const values[NUMBERS] = { &b->last, &b->missing,
		&b->interval };
	char *end;
	unsigned long checksum = strtoul(line, &end, 16);

	if (end != line + CHECKSUM_LENGTH || *end != ' '
	    || checksum
		!= crc32c(0, numbers, LINE_LENGTH - CHECKSUM_LENGTH - 1))
		return false;
	for (size_t i = 0; i < NUMBERS; i++)
		if (!parse_number(numbers + i * (DIGITS + 1), values[i]))
			return false;
	return token_bucket_is_valid(b);
}

/* What is damaged is a full bucket. */
static void
read_bucket(int fd, struct token_bucket *b)
{
	char line[LINE_LENGTH + 1] = "";

	if (pread(fd, line, LINE_LENGTH, 0) != LINE_LENGTH
	    || !parse_line(line, b))
		*b = (struct token_bucket){ 0 };
}

static bool
write_bucket(int fd, const struct token_bucket *b)
{
	char numbers[LINE_LENGTH + 1];
	char line[2 * LINE_LENGTH];
	int len = snprintf(numbers, sizeof(numbers),
	    "%0*" PRId64 " %0*" PRId64 " %0*" PRId64 "\n", DIGITS, b->last,
	    DIGITS, b->missing, DIGITS, b->interval);

	snprintf(line, sizeof(line), "%08" PRIX32 " %s",
	    crc32c(0, numbers, (size_t)len), numbers);
	return pwrite(fd, line, LINE_LENGTH, 0) == LINE_LENGTH;
}

static bool
fail(const struct rate_owner *owner, struct error *err)
{
	const int errnum = errno;

	error_set(err, ERROR_FILE,
	    "cannot count the messages of account %s: %s", owner->account,
	    strerror(errnum));
	return error_subject(err, "%s/%s", owner->queue->folder,
	    queue_place_name(QUEUE_RATE));
}

static bool
lock_bucket(struct buckets *b, int place, size_t kind, bool for_change)
{
	char *name = file_name(b->owner, kind);
	int fd = queue_folder_lock_in(place, name, for_change);
	int errnum = errno;

	free(name);
	b->fds_plus_1[kind] = fd + 1;
	if (fd >= 0)
		read_bucket(fd, &b->items[kind]);
	errno = errnum;
	return fd >= 0;
}

/* Every process locks them in the same order, so that none waits for one that
 * waits for it.  What is not there for reading is a full bucket. */
static bool
open_buckets(struct buckets *b, unsigned limits, bool for_change,
    struct error *err)
{
	const char *path = b->owner->queue->folder;
	int place;

	if (path == NULL)
		return error_set(err, ERROR_FILE,
		    "account %s has a rate, and no folder to count its "
		    "messages in: set queue_dir",
		    b->owner->account);
	if (!queue_folder_open(&b->folder, path, for_change, err))
		return false;
	place = queue_folder_place(&b->folder, QUEUE_RATE, err);
	if (place < 0)
		return false;
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (has(limits, i) && !lock_bucket(b, place, i, for_change)
		    && for_change)
			return fail(b->owner, err);
	b->now = time_now();
	return true;
}

/* The clock went back: from now on, time passes for the buckets that are not
 * written otherwise, too. */
static void
restart_time(struct buckets *b)
{
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (b->fds_plus_1[i] != 0 && b->items[i].last > b->now) {
			b->items[i].last = b->now;
			(void)write_bucket(b->fds_plus_1[i] - 1, &b->items[i]);
		}
}

static void
close_buckets(struct buckets *b)
{
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (b->fds_plus_1[i] != 0)
			close(b->fds_plus_1[i] - 1);
	queue_folder_close(&b->folder);
}

static bool
write_buckets(const struct buckets *b)
{
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (b->fds_plus_1[i] != 0
		    && !write_bucket(b->fds_plus_1[i] - 1, &b->items[i]))
			return false;
	return true;
}

/* ---- tokens ---- */

static void
add_owner(struct str *out, const struct rate_owner *owner, enum rate_kind kind)
{
	const struct user user = { .uid = owner->uid };
	char *name;

	if (kinds[kind].per_user) {
		name = user_name(&user);
		str_printf(out, "user %s in ", name);
		free(name);
	}
	str_printf(out, "account %s", owner->account);
}

static bool
exceed(const struct rate_owner *owner, const struct rate_excess *excess,
    struct error *err)
{
	const struct token_rate *rate =
	    &owner->queue->rate.limits[excess->kind];
	struct str whose = { 0 };
	struct str period = { 0 };
	struct str date = { 0 };

	add_owner(&whose, owner, excess->kind);
	text_add_duration(&period, rate->period);
	date_add(&date, (time_t)((excess->when + 999) / 1000));
	error_reject(err, STAGE_END_OF_DATA,
	    "the limit of %s is reached, %u %s in %s (%s): try again at %s",
	    whose.data, rate->count, kinds[excess->kind].unit, period.data,
	    kinds[excess->kind].setting, date.data);
	error_temporary(err, true);
	err->status.code = 450;
	str_free(&whose);
	str_free(&period);
	str_free(&date);
	return error_status(err, "4.7.1");
}

static unsigned
tokens_for(size_t kind, unsigned recipients)
{
	return kind == RATE_RECIPIENTS || recipients == 0 ? recipients : 1;
}

static bool
take_all(struct buckets *b, unsigned recipients, struct rate_tokens *tokens,
    struct rate_excess *excess)
{
	for (unsigned i = 0; i < RATE_KINDS; i++) {
		unsigned wanted = tokens_for(i, recipients);

		if (b->fds_plus_1[i] == 0)
			continue;
		excess->kind = (enum rate_kind)i;
		excess->when = token_bucket_take(&b->items[i],
		    &b->owner->queue->rate.limits[i], wanted, b->now);
		if (excess->when != 0)
			return false;
		tokens->taken[i] = wanted;
	}
	return true;
}

bool
rate_take(const struct rate_owner *owner, unsigned limits, unsigned recipients,
    struct rate_tokens *tokens, struct rate_excess *excess, struct error *err)
{
	struct buckets b = { .owner = owner };
	struct rate_tokens taken = { 0 };
	bool ok;

	*excess = (struct rate_excess){ 0 };
	limits &= rate_limits(owner->queue);
	if (limits == 0)
		return true;
	ok = open_buckets(&b, limits, true, err);
	if (ok)
		restart_time(&b);
	if (ok && !take_all(&b, recipients, &taken, excess))
		ok = exceed(owner, excess, err);
	else if (ok)
		ok = write_buckets(&b) || fail(owner, err);
	close_buckets(&b);
	for (size_t i = 0; ok && i < RATE_KINDS; i++)
		tokens->taken[i] += taken.taken[i];
	return ok;
}

bool
rate_check(const struct rate_owner *owner, unsigned limits, int64_t later,
    struct error *err)
{
	struct buckets b = { .owner = owner };
	struct rate_tokens ignored = { 0 };
	struct rate_excess excess;
	struct error unread = { 0 };
	bool ok;

	limits &= rate_limits(owner->queue);
	if (limits == 0 || owner->queue->folder == NULL)
		return true;
	(void)open_buckets(&b, limits, false, &unread);
	error_free(&unread);
	b.now = time_now() + later;
	ok = take_all(&b, 1, &ignored, &excess) || exceed(owner, &excess, err);
	close_buckets(&b);
	return ok;
}

/* The limits that have tokens to get back. */
static unsigned
limits_to_fill(const struct rate_tokens *tokens, unsigned limits,
    unsigned recipients)
{
	unsigned result = 0;

	for (size_t i = 0; i < RATE_KINDS; i++)
		if (has(limits, i)
		    && tokens->taken[i] > tokens_for(i, recipients))
			result |= RATE_BIT(i);
	return result;
}

void
rate_give_back(const struct rate_owner *owner, unsigned limits,
    unsigned recipients, struct rate_tokens *tokens)
{
	unsigned open = limits_to_fill(tokens, limits, recipients);
	struct buckets b = { .owner = owner };
	struct error ignored = { 0 };
	bool ok = open != 0 && open_buckets(&b, open, true, &ignored);

	for (size_t i = 0; i < RATE_KINDS; i++) {
		if (ok && has(open, i))
			token_bucket_give_back(&b.items[i],
			    &owner->queue->rate.limits[i],
			    tokens->taken[i] - tokens_for(i, recipients),
			    b.now);
		if (has(limits, i))
			tokens->taken[i] = 0;
	}
	if (ok)
		(void)write_buckets(&b);
	if (open != 0)
		close_buckets(&b);
	error_free(&ignored);
}

void
rate_describe(const struct rate_owner *owner, struct str *out)
{
	unsigned limits = rate_limits(owner->queue);
	struct buckets b = { .owner = owner };
	struct error ignored = { 0 };

	if (limits != 0 && owner->queue->folder != NULL)
		(void)open_buckets(&b, limits, false, &ignored);
	b.now = time_now();
	for (size_t i = 0; i < RATE_KINDS; i++) {
		const struct token_rate *rate = &owner->queue->rate.limits[i];

		if (has(limits, i))
			str_printf(out, "%s%s %u of %u",
			    out->len > 0 ? ", " : "", kinds[i].setting,
			    token_bucket_left(&b.items[i], rate, b.now),
			    rate->burst);
	}
	close_buckets(&b);
	error_free(&ignored);
}
