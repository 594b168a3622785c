/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of files in a Maildir (mail/maildir.h).  Input: lines, each with the folder
 * as the first octet, and then the name of an old file of five octets.
 *
 *   - A file whose name is not of the form that this program gives stays where it
 *     is.
 *   - Other old files leave tmp/, to new/ if ",S=5" is the end of the name, and
 *     then new/ and cur/.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "mail/maildir.h"

#define PLACES 3
#define FILES_MAX 20
#define NAME_LENGTH_MAX 200

static char folder[] = "/tmp/veredus-fuzz-maildir-XXXXXX";
static const char *const places[PLACES] = { "tmp", "new", "cur" };

/* Every file is two days old. */
time_t
time(time_t *result)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += (time_t)2 * 86400;
	if (result != NULL)
		*result = now.tv_sec;
	return now.tv_sec;
}

static char *
path_of(const char *place, const char *name)
{
	struct str path = { 0 };

	str_printf(&path, "%s/%s/%s", folder, place, name);
	return str_steal(&path);
}

static const char *
skip(const char *p, bool (*fits)(char c), size_t least)
{
	size_t n = 0;

	if (p == NULL)
		return NULL;
	while (fits(p[n]))
		n++;
	return n >= least ? p + n : NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static const char *
skip_letter(const char *p, char letter)
{
	return p != NULL && *p == letter ? p + 1 : NULL;
}

/* As the names of this program are: 1.M000001P1R01234567.host */
static bool
is_own(const char *name)
{
	const char *p = skip_letter(skip(name, is_digit, 1), '.');

	p = skip(skip_letter(p, 'M'), is_digit, 6);
	p = skip(skip_letter(p, 'P'), is_digit, 1);
	p = skip(skip_letter(p, 'R'), is_hex, 8);
	return skip_letter(p, '.') != NULL;
}

static bool
ends_with_size(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && is_digit(name[len - 1]))
		len--;
	return len >= 3 && strncmp(name + len - 3, ",S=", 3) == 0
	    && atoi(name + len) == 5;
}

static bool
exists(const char *place, const char *name)
{
	char *path = path_of(place, name);
	bool found = access(path, F_OK) == 0;

	free(path);
	return found;
}

static bool
put(const char *place, const char *name)
{
	char *path = path_of(place, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, "text\n", 5) == 5;

	if (fd >= 0)
		close(fd);
	free(path);
	return ok;
}

static void
empty(const char *place)
{
	char *path = path_of(place, "");
	DIR *stream = opendir(path);
	const struct dirent *entry;

	fuzz_assert(stream != NULL);
	while ((entry = readdir(stream)) != NULL)
		(void)unlinkat(dirfd(stream), entry->d_name, 0);
	closedir(stream);
	free(path);
}

static void
remove_folder(void)
{
	for (size_t i = 0; i < PLACES; i++) {
		char *path = path_of(places[i], "");

		empty(places[i]);
		rmdir(path);
		free(path);
	}
	rmdir(folder);
}

static void
begin(void)
{
	fuzz_assert(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < PLACES; i++) {
		char *path = path_of(places[i], "");

		fuzz_assert(mkdir(path, 0700) == 0);
		free(path);
	}
	atexit(remove_folder);
}

struct file {
	const char *place;
	char *name;
};

/* After a sweep of tmp/ alone. */
static void
check_rescued(const struct file *file)
{
	bool is_left = strcmp(file->place, "tmp") == 0 && is_own(file->name);

	fuzz_assert_text(exists(file->place, file->name) != is_left,
	    file->name);
	if (is_left)
		fuzz_assert_text(exists("new", file->name)
			== ends_with_size(file->name),
		    file->name);
}

static void
check_removed(const struct file *file)
{
	fuzz_assert_text(exists(file->place, file->name) != is_own(file->name),
	    file->name);
}

/* Takes a line as the name of a file; returns whether it can be one that is not
 * there yet. */
static bool
add(struct file *file, struct input *in)
{
	struct input line;

	file->place = places[input_octet(in) % PLACES];
	line = input_split(in, '\n');
	file->name = input_text(&line);
	if (strlen(file->name) <= NAME_LENGTH_MAX
	    && strchr(file->name, '/') == NULL && !exists("tmp", file->name)
	    && !exists("new", file->name) && !exists("cur", file->name)
	    && put(file->place, file->name))
		return true;
	free(file->name);
	return false;
}

static void
fuzz_one(const char *data, size_t size)
{
	static bool has_begun;
	struct input in = { data, size };
	struct file files[FILES_MAX];
	unsigned count = 0;

	if (!has_begun)
		begin();
	has_begun = true;
	while (in.left > 0 && count < FILES_MAX)
		count += add(&files[count], &in);
	maildir_sweep(folder, 0);
	for (unsigned i = 0; i < count; i++)
		check_rescued(&files[i]);
	maildir_sweep(folder, 1);
	for (unsigned i = 0; i < count; i++) {
		check_removed(&files[i]);
		free(files[i].name);
	}
	for (size_t i = 0; i < PLACES; i++)
		empty(places[i]);
}
