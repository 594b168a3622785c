/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a limit (queue/rate.h).  Input: the octets of its file, or, after
 * a first octet that is odd, the three numbers of a line whose checksum is added
 * here.
 *
 *   - Whatever the file has, at most the burst is left.
 *   - A message is counted, or the limit is reached until a time that is not in
 *     the past; never is there an error of another kind.
 *   - A line with a wrong checksum is a full bucket.
 *   - After a message was counted, the file is whole, and no more is left.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "fuzz.h"
#include "queue/rate.h"

#define COUNT 10
#define LINE_LENGTH 72

static char folder[] = "/tmp/veredus-fuzz-rate-XXXXXX";
static char *path; /* of the only file */
static struct queue_params queue = { .folder = folder,
	.rate.limits[RATE_MESSAGES] = { COUNT, 3600, COUNT } };
static const struct rate_owner owner = { .queue = &queue, .account = "a" };

static bool
take(struct rate_excess *excess, struct error *err)
{
	struct rate_tokens tokens = { 0 };

	return rate_take(&owner, RATE_ALL, 1, &tokens, excess, err);
}

static void
remove_folder(void)
{
	char rate[sizeof(folder) + 8];

	snprintf(rate, sizeof(rate), "%s/rate", folder);
	unlink(path);
	rmdir(rate);
	rmdir(folder);
}

/* Lets the program make the file, and finds its name. */
static void
begin(void)
{
	char rate[sizeof(folder) + 8];
	const struct dirent *entry;
	struct rate_excess excess;
	struct str name = { 0 };
	DIR *stream;

	fuzz_assert(mkdtemp(folder) != NULL);
	fuzz_assert(take(&excess, NULL));
	snprintf(rate, sizeof(rate), "%s/rate", folder);
	stream = opendir(rate);
	fuzz_assert(stream != NULL);
	while ((entry = readdir(stream)) != NULL)
		if (*entry->d_name != '.')
			str_printf(&name, "%s/%s", rate, entry->d_name);
	closedir(stream);
	path = str_steal(&name);
	atexit(remove_folder);
}

static void
store(const char *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	fuzz_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static int64_t
number(struct input *in)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sizeof(value); i++)
		value = value << 8 | input_octet(in);
	return (int64_t)(value & INT64_MAX);
}

/* Stores a line that is whole, with any numbers. */
static void
store_numbers(struct input *in)
{
	char numbers[LINE_LENGTH];
	char line[LINE_LENGTH + 8];
	const int64_t first = number(in), second = number(in);
	int len = snprintf(numbers, sizeof(numbers),
	    "%020" PRId64 " %020" PRId64 " %020" PRId64 "\n", first, second,
	    number(in));

	len = snprintf(line, sizeof(line), "%08" PRIX32 " %s",
	    crc32c(0, numbers, (size_t)len), numbers);
	store(line, (size_t)len);
}

static unsigned
left(void)
{
	struct str out = { 0 };
	unsigned count = COUNT + 1;

	rate_describe(&owner, &out);
	fuzz_assert_text(sscanf(str_text(&out), "rate %u of ", &count) == 1,
	    str_text(&out));
	str_free(&out);
	return count;
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct rate_excess excess;
	struct error err = { 0 };
	struct stat st;
	unsigned before;

	if (path == NULL)
		begin();
	if ((input_octet(&in) & 1) != 0)
		store_numbers(&in);
	else
		store(in.at, in.left);
	before = left();
	fuzz_assert(before <= COUNT);
	if (take(&excess, &err)) {
		fuzz_assert(left() < COUNT || before == 0);
		fuzz_assert(stat(path, &st) == 0 && st.st_size >= LINE_LENGTH);
	} else {
		fuzz_check_error(&err);
		fuzz_assert(err.kind == ERROR_REJECTED && excess.when > 0);
	}
	error_free(&err);
}
