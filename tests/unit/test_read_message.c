/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "mail/message.h"
#include "mail/read_message.h"

/* Returns the expected message.  This reference reader is simple and slow. */
struct expected {
	struct str header, body;
	uint64_t nuls, ignored, body_lines;
	bool has_8bit_header, has_8bit_body, has_long_lines;
};

static void
expected_free(struct expected *x)
{
	str_free(&x->header);
	str_free(&x->body);
}

/* Deletes NULs and CRs before LFs, and adds a last line end. */
static void
normalize_lines(struct str *out, const char *data, size_t len, uint64_t *nuls)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\0') {
			++*nuls;
			continue;
		}
		if (data[i] == '\n')
			while (out->len > 0 && out->data[out->len - 1] == '\r')
				str_truncate(out, out->len - 1);
		str_add_char(out, data[i]);
	}
	if (out->len > 0 && out->data[out->len - 1] != '\n') {
		while (out->len > 0 && out->data[out->len - 1] == '\r')
			str_truncate(out, out->len - 1);
		str_add_char(out, '\n');
	}
}

static bool
is_field(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && line[i] > ' ' && line[i] < 127 && line[i] != ':')
		i++;
	if (i == 0 || i > 998)
		return false;
	while (i < len && strchr(" \t\r", line[i]) != NULL)
		i++;
	return i < len && line[i] == ':';
}

static bool
is_mbox(const char *line, size_t len)
{
	while (len > 0 && *line == '>') {
		line++;
		len--;
	}
	return len >= 5 && memcmp(line, "From ", 5) == 0
	    && !is_field(line, len);
}

enum part { BEGINNING, HEADER, BODY };

static enum part
expect_header_line(struct expected *x, enum part part, const char *line,
    size_t len)
{
	if (part == BEGINNING && is_mbox(line, len))
		return BEGINNING;
	if (!is_field(line, len)
	    && !(part == HEADER && strchr(" \t\r", *line) != NULL))
		return BODY;
	for (size_t i = 0; i < len; i++)
		str_add_char(&x->header, line[i] == '\r' ? ' ' : line[i]);
	return HEADER;
}

static void
expect_flags(struct expected *x)
{
	size_t line = 0;

	for (size_t i = 0; i < x->header.len; i++)
		if ((unsigned char)x->header.data[i] > 127)
			x->has_8bit_header = true;
	for (size_t i = 0; i < x->body.len; i++) {
		if ((unsigned char)x->body.data[i] > 127)
			x->has_8bit_body = true;
		line = x->body.data[i] == '\n' ? 0 : line + 1;
		if (line > MESSAGE_LINE_MAX)
			x->has_long_lines = true;
		x->body_lines += line == 0;
	}
}

static void
expect(struct expected *x, const char *data, size_t len, bool dot_ends)
{
	struct str text = { 0 };
	enum part part = BEGINNING;
	const char *at, *end;
	bool ended = false;

	normalize_lines(&text, data, len, &x->nuls);
	at = str_text(&text);
	end = at + text.len;
	while (at < end) {
		size_t n = (size_t)((char *)memchr(at, '\n', (size_t)(end - at))
		    + 1 - at);
		const char *line = at;

		at += n;
		if (!ended && dot_ends && n == 2 && *line == '.') {
			ended = true;
			continue;
		}
		for (size_t i = 0; ended && i < n; i++)
			x->ignored += strchr(" \t\r\n", line[i]) == NULL;
		if (ended)
			continue;
		if (dot_ends && n > 2 && line[0] == '.' && line[1] == '.') {
			line++;
			n--;
		}
		if (part != BODY) {
			part = expect_header_line(x, part, line, n);
			if (part != BODY || *line == '\n')
				continue;
		}
		for (size_t i = 0; i < n; i++)
			str_add_char(&x->body,
			    line[i] == '\r' ? '\n' : line[i]);
	}
	expect_flags(x);
	str_free(&text);
}

static void
read_body(const struct message *m, struct str *out)
{
	char block[4096];
	struct error err = { 0 };
	size_t got;

	do {
		assert_true(buffer_file_read(&m->body, out->len, block,
		    sizeof(block), &got, &err));
		str_append(out, block, got);
	} while (got > 0);
}

static void
assert_message(const struct message *m, const struct expected *x)
{
	struct str body = { 0 };

	read_body(m, &body);
	assert_int_equal(m->header.len, x->header.len);
	assert_memory_equal(str_text(&m->header), str_text(&x->header),
	    x->header.len);
	assert_int_equal(body.len, x->body.len);
	assert_memory_equal(str_text(&body), str_text(&x->body), x->body.len);
	assert_int_equal(m->nuls, x->nuls);
	assert_int_equal(m->ignored, x->ignored);
	assert_int_equal(m->body_lines, x->body_lines);
	assert_int_equal(m->has_8bit_header, x->has_8bit_header);
	assert_int_equal(m->has_8bit_body, x->has_8bit_body);
	assert_int_equal(m->has_long_lines, x->has_long_lines);
	str_free(&body);
}

/* Feeds the input in pieces of the given sizes, and repeats the last size. */
static void
assert_in_pieces(const char *data, size_t len, bool dot_ends,
    const size_t *sizes, size_t count, const struct expected *x)
{
	struct message m = { 0 };
	struct message_reader in;
	struct error err = { 0 };
	size_t at = 0;

	message_reader_begin(&in, &m, dot_ends);
	for (size_t i = 0; at < len; i++) {
		size_t n = sizes[i < count ? i : count - 1];
		char *piece;

		n = n < len - at ? n : len - at;
		/* The buffer has the exact size, so that sanitizers detect
		 * every overrun. */
		piece = malloc(n == 0 ? 1 : n);
		assert_non_null(piece);
		memcpy(piece, data + at, n);
		assert_true(message_reader_feed(&in, piece, n, &err));
		free(piece);
		at += n;
	}
	assert_true(message_reader_end(&in, &err));
	assert_message(&m, x);
	message_reader_free(&in);
	message_free(&m);
}

static void
assert_at_every_boundary(const char *data, size_t len, bool dot_ends)
{
	struct expected x = { 0 };

	expect(&x, data, len, dot_ends);
	for (size_t split = 0; split <= len; split++) {
		size_t sizes[] = { split, len + 1 };

		assert_in_pieces(data, len, dot_ends, sizes, 2, &x);
	}
	for (size_t size = 1; size < 8; size++)
		assert_in_pieces(data, len, dot_ends, &size, 1, &x);
	expected_free(&x);
}

static const struct row {
	const char *title, *in, *header, *body;
	size_t len; /* length of `in` if it contains NULs */
	bool dot_ends;
	unsigned nuls, ignored;
} rows[] = {
	{ "no input", "", "", "", .dot_ends = true },
	{ "a header section and a body", "A: b\n\nc\n", "A: b\n",
	    .body = "c\n" },
	{ "a header section alone", "A: b\n", "A: b\n", .body = "" },
	{ "a header section without its line end", "A: b", "A: b\n",
	    .body = "" },
	{ "a header section and an empty line", "A: b\n\n", "A: b\n",
	    .body = "" },
	{ "an empty line first", "\nA: b\n", "", .body = "A: b\n" },
	{ "text without any header", "hi there\nA: b\n", "",
	    .body = "hi there\nA: b\n" },
	{ "one word", "hi", "", .body = "hi\n" },
	{ "no empty line before the body", "Subject: x\ntext\nB: c\n",
	    "Subject: x\n", .body = "text\nB: c\n" },
	{ "folded fields", "A: b\n c\n\td\nB: e\n\nf", "A: b\n c\n\td\nB: e\n",
	    .body = "f\n" },
	{ "a first line that is folded", " A: b\n\nc\n", "",
	    .body = " A: b\n\nc\n" },
	{ "a line of blanks in the header section", "A: b\n \nB: c\n\nd\n",
	    "A: b\n \nB: c\n", .body = "d\n" },
	{ "no name before the colon", "A: b\n: x\nB: c\n", "A: b\n",
	    .body = ": x\nB: c\n" },
	{ "a name with octets over 127", "A: b\n\303\251: x\n", "A: b\n",
	    .body = "\303\251: x\n" },
	{ "a name with a blank inside", "A: b\nB c: x\n", "A: b\n",
	    .body = "B c: x\n" },
	{ "blanks before the colon", "Bcc \t: x\nFrom : y\n\nz\n",
	    "Bcc \t: x\nFrom : y\n", .body = "z\n" },
	{ "a line of mbox", "From a@b Mon Jan  1 00:00:00 2026\nA: b\n\nc\n",
	    "A: b\n", .body = "c\n" },
	{ "several lines of mbox", ">From x\n>>From y\nFrom z\nA: b\n\nc\n",
	    "A: b\n", .body = "c\n" },
	{ "a line of mbox later", "A: b\nFrom x\nB: c\n", "A: b\n",
	    .body = "From x\nB: c\n" },
	{ "lines of mbox in the body", "A: b\n\nFrom x\n>From y\n", "A: b\n",
	    .body = "From x\n>From y\n" },
	{ "a line of mbox and text", "From x\n\ntext\n", "", .body = "text\n" },
	{ "CRLF", "A: b\r\n c\r\n\r\nd\r\ne\r\n", "A: b\n c\n",
	    .body = "d\ne\n" },
	{ "mixed line ends", "A: b\r\nB: c\n\r\nd\ne\r\n", "A: b\nB: c\n",
	    .body = "d\ne\n" },
	{ "several CRs before an LF", "A: b\r\r\n\r\r\nc\r\r\r\n", "A: b\n",
	    .body = "c\n" },
	{ "a bare CR in a field", "A: b\rBcc: c\n\nd\n", "A: b Bcc: c\n",
	    .body = "d\n" },
	{ "a bare CR before the colon", "Bcc\r: b\n\nc\n", "Bcc : b\n",
	    .body = "c\n" },
	{ "a bare CR in the body", "\na\rb\r\rc\n", "", .body = "a\nb\n\nc\n" },
	{ "a CR at the end", "\na\r", "", .body = "a\n" },
	{ "CRs at the end", "\na\r\r\r", "", .body = "a\n" },
	{ "a CR at the end of a field", "A: b\r", "A: b\n", .body = "" },
	{ "a CR in text without header", "a b\rc\n", "", .body = "a b\nc\n" },
	{ "NULs", "A\0: \0b\n\0\nc\0d\n", "A: b\n", "cd\n", 13, .nuls = 4 },
	{ "a NUL between CR and LF", "\na\r\0\nb\n", "", "a\nb\n", 7,
	    .nuls = 1 },
	{ "nothing but NULs", "\0\0", "", "", 2, .nuls = 2 },
	{ "a lone dot with -i", "\na\n.\nb\n", "", .body = "a\n.\nb\n" },
	{ "a lone dot", "\na\n.\nMAIL FROM:<x>\n", "", "a\n", .dot_ends = true,
	    .ignored = 12 },
	{ "a lone dot with CR", "\na\n.\r\nb\n", "", "a\n", .dot_ends = true,
	    .ignored = 1 },
	{ "a lone dot and blanks", "\na\n.\n \t\r\n\n", "", "a\n",
	    .dot_ends = true },
	{ "a lone dot at the very end", "\na\n.", "", "a\n", .dot_ends = true },
	{ "a lone dot and CR at the end", "\na\n.\r", "", "a\n",
	    .dot_ends = true },
	{ "a lone dot in the header section", "A: b\n.\nB: c\n", "A: b\n", "",
	    .dot_ends = true, .ignored = 3 },
	{ "a lone dot in the first line", ".\nA: b\n", "", "", .dot_ends = true,
	    .ignored = 3 },
	{ "two lone dots", "\na\n.\n.\n", "", "a\n", .dot_ends = true,
	    .ignored = 1 },
	{ "a NUL beside a lone dot", "\na\n.\0\nb\n", "", "a\n", 8,
	    .dot_ends = true, .nuls = 1, .ignored = 1 },
	{ "a dot with a blank", "\na\n. \nb\n", "", "a\n. \nb\n",
	    .dot_ends = true },
	{ "a dot between CRs", "\na\r.\r\nb\n", "", "a\n.\nb\n",
	    .dot_ends = true },
	{ "a dot and a bare CR", "\na\n.\rb\n", "", "a\n.\nb\n",
	    .dot_ends = true },
	{ "a stuffed dot", "\n..\n..a\n...\n.b\n", "", ".\n.a\n..\n.b\n",
	    .dot_ends = true },
	{ "a stuffed dot with -i", "\n..\n..a\n", "", .body = "..\n..a\n" },
	{ "dots within lines", "\na.\nb..\n.c.\n", "", "a.\nb..\n.c.\n",
	    .dot_ends = true },
	{ "no line end and two dots", "\n..", "", ".\n", .dot_ends = true },
};

static size_t
row_length(const struct row *row)
{
	return row->len > 0 ? row->len : strlen(row->in);
}

static void
normalizes_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct expected x = { 0 };
		size_t all = row_length(row) + 1;

		print_message("# %s\n", row->title);
		expect(&x, row->in, row_length(row), row->dot_ends);
		assert_string_equal(str_text(&x.header), row->header);
		assert_string_equal(str_text(&x.body), row->body);
		assert_int_equal(x.nuls, row->nuls);
		assert_int_equal(x.ignored, row->ignored);
		assert_in_pieces(row->in, row_length(row), row->dot_ends, &all,
		    1, &x);
		expected_free(&x);
	}
}

static void
reads_the_same_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = row_length(&rows[i]);

		assert_at_every_boundary(rows[i].in, len, false);
		assert_at_every_boundary(rows[i].in, len, true);
	}
}

/* Random sequences of these words contain all special cases. */
static const char *const words[] = { "\n", "\n", "\r", "\r\n", ".", "..", "\n.",
	"\n.\n", ":", " ", "\t", "a", "From ", ">From ",
	"Subject: ", "Bcc :", "text", "\303\251", "\n\n", "\r\r" };

static void
add_random_word(struct str *text)
{
	long pick = random() % ((long)COUNT_OF(words) + 2);

	if (pick < (long)COUNT_OF(words))
		str_add(text, words[pick]);
	else if (pick == (long)COUNT_OF(words))
		str_add_char(text, '\0');
	else if (random() % 8 == 0)
		for (long i = 990 + random() % 12; i > 0; i--)
			str_add_char(text, 'x');
}

static void
agrees_with_the_reference_on_random_input(void **state)
{
	(void)state;
	srandom(2026);
	for (int round = 0; round < 4000; round++) {
		struct str text = { 0 };
		struct expected x = { 0 };
		bool dot_ends = random() % 2;
		size_t sizes[8];

		for (long n = random() % 30; n > 0; n--)
			add_random_word(&text);
		/* UTF-16 is an error. */
		if (text_is_utf16(str_text(&text), text.len))
			text.data[0] = text.data[1] = 'x';
		for (size_t i = 0; i < COUNT_OF(sizes); i++)
			sizes[i] = 1 + (size_t)(random() % 40);
		sizes[7] = 1 + (size_t)(random() % 2000);
		expect(&x, str_text(&text), text.len, dot_ends);
		assert_in_pieces(str_text(&text), text.len, dot_ends, sizes,
		    COUNT_OF(sizes), &x);
		if (text.len < 60)
			assert_at_every_boundary(str_text(&text), text.len,
			    dot_ends);
		expected_free(&x);
		str_free(&text);
	}
}

/* The text is long enough for vectors and several pieces.  Lines that begin
 * with a dot are rare, so that they occur at every position in a piece. */
static void
finds_dots_anywhere_in_large_blocks(void **state)
{
	(void)state;
	srandom(1024);
	for (int round = 0; round < 300; round++) {
		struct str text = { 0 };
		struct expected x = { 0 };
		size_t sizes[] = { 1 + (size_t)(random() % 3000), 65536 };

		str_add(&text, "A: b\n\n");
		while (text.len < 20000) {
			long kinds = random() % 2 ? 9 : 8;

			for (long n = random() % 6000; n > 0; n--)
				str_add_char(&text,
				    "xxxxxxx\n."[random() % kinds]);
			str_add(&text, random() % 3 ? "\n..x" : "\n.x");
		}
		if (round % 4 == 0)
			str_add(&text, "\n.\nignored");
		expect(&x, text.data, text.len, true);
		assert_in_pieces(text.data, text.len, true, sizes, 2, &x);
		expected_free(&x);
		str_free(&text);
	}
}

/* The dots are near the end of a scanned piece and near the end of an input
 * block. */
static void
finds_dots_at_the_ends_of_pieces_and_blocks(void **state)
{
	static const char *const ends[] = { "\r\n..y\r\n.\r\nignored",
		"\n.y\n..\n", "\n\n.\n", "\r.\r\n.\r\n" };

	(void)state;
	for (size_t at = 4020; at < 4040; at++) {
		for (size_t i = 0; i < 2 * COUNT_OF(ends); i++) {
			struct str text = { 0 };
			struct expected x = { 0 };
			size_t cut;

			str_add(&text, i % 2 ? "\na.b." : "\nabcd");
			while (text.len < at)
				str_add_char(&text, 'x');
			str_add(&text, ends[i / 2]);
			expect(&x, text.data, text.len, true);
			for (cut = at - 2; cut <= text.len; cut++) {
				size_t sizes[] = { cut, 1, 65536 };

				assert_in_pieces(text.data, text.len, true,
				    sizes, 3, &x);
			}
			expected_free(&x);
			str_free(&text);
		}
	}
}

/* Lines end at the ends of blocks and vectors, and where the counters of a
 * vector are full. */
static void
counts_lines_of_any_length(void **state)
{
	(void)state;
	for (size_t width = 0; width < 1100; width += width < 40 ? 1 : 29) {
		struct str text = { 0 };
		struct expected x = { 0 };
		size_t size = 65536;

		str_add(&text, "A: b\n\n");
		while (text.len < 150000) {
			for (size_t i = 0; i < width; i++)
				str_add_char(&text, 'x');
			str_add_char(&text, '\n');
		}
		expect(&x, text.data, text.len, false);
		assert_in_pieces(text.data, text.len, false, &size, 1, &x);
		assert_in_pieces(text.data, text.len, true, &size, 1, &x);
		expected_free(&x);
		str_free(&text);
	}
}

static int
file_with(const void *data, size_t len)
{
	char path[] = "/tmp/test_read_message.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static bool
read_from(int fd, struct message *m, struct error *err)
{
	const struct message_rules rules = { .fd = fd };

	return message_read(m, &rules, err);
}

static void
stores_a_large_message_in_a_file(void **state)
{
	struct message m = { 0 };
	struct error err = { 0 };
	struct str text = { 0 }, body = { 0 };
	int fd;

	(void)state;
	str_add(&text, "A: b\n\n");
	while (text.len < 3 * BUFFER_FILE_MEMORY_MAX)
		str_printf(&text, "%zu is what this line is about.\n",
		    text.len);
	fd = file_with(text.data, text.len);
	assert_true(read_from(fd, &m, &err));
	assert_true(m.body.fd_plus_1 > 0);
	assert_true(m.body.memory.size <= BUFFER_FILE_MEMORY_MAX);
	read_body(&m, &body);
	assert_int_equal(body.len, text.len - 6);
	assert_memory_equal(body.data, text.data + 6, body.len);
	str_free(&body);
	str_free(&text);
	message_free(&m);
	close(fd);
}

static void
reads_from_a_non_blocking_descriptor(void **state)
{
	struct message m = { 0 };
	struct error err = { 0 };
	int fds[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		for (int i = 0; i < 3; i++) {
			usleep(20000);
			if (write(fds[1], "A: b\n", 5) != 5)
				_exit(1);
		}
		_exit(0);
	}
	close(fds[1]);
	assert_true(read_from(fds[0], &m, &err));
	assert_string_equal(str_text(&m.header), "A: b\nA: b\nA: b\n");
	message_free(&m);
	close(fds[0]);
}

static void
assert_fails(int fd, enum error_kind kind)
{
	struct message m = { 0 };
	struct error err = { 0 };

	assert_false(read_from(fd, &m, &err));
	assert_int_equal(err.kind, kind);
	error_free(&err);
	message_free(&m);
}

static void
reports_read_errors(void **state)
{
	int folder = open("/", O_RDONLY | O_DIRECTORY);
	int closed = dup(folder);

	(void)state;
	assert_fails(folder, ERROR_INPUT);
	close(folder);
	close(closed);
	assert_fails(closed, ERROR_NO_INPUT);
}

static struct str
filled(const char *start, size_t len, const char *end)
{
	struct str text = { 0 };

	str_add(&text, start);
	while (text.len < len)
		str_append(&text, "xxxxxxxxxxxxxxx ",
		    text.len + 16 < len ? 16 : 1);
	str_add(&text, end);
	return text;
}

static void
limits_the_header_section(void **state)
{
	static const struct {
		const char *start, *end;
		size_t len;
		bool fails;
	} cases[] = {
		{ "A: ", "\n\nb\n", MESSAGE_HEADER_MAX - 1, false },
		{ "A: ", "\n\nb\n", MESSAGE_HEADER_MAX, true },
		{ "A: b\n ", "\n", 3 * MESSAGE_HEADER_MAX, true },
		{ "A: b\nC", "\n", 3 * MESSAGE_HEADER_MAX, false },
		{ "x", "", 3 * MESSAGE_HEADER_MAX, false },
		{ "From x", "\n", 3 * MESSAGE_HEADER_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str text =
		    filled(cases[i].start, cases[i].len, cases[i].end);
		int fd = file_with(text.data, text.len);

		if (cases[i].fails) {
			assert_fails(fd, ERROR_MESSAGE);
		} else {
			struct message m = { 0 };
			struct error err = { 0 };

			assert_true(read_from(fd, &m, &err));
			assert_true(m.header.len + m.body.size >= text.len - 2);
			message_free(&m);
		}
		close(fd);
		str_free(&text);
	}
}

static void
limits_the_input(void **state)
{
	struct message m = { 0 };
	struct error err = { 0 };
	struct message_reader in;
	char nul[1] = { 0 };

	(void)state;
	message_reader_begin(&in, &m, false);
	in.input = MESSAGE_INPUT_MAX - 1;
	assert_true(message_reader_feed(&in, nul, 1, &err));
	assert_false(message_reader_feed(&in, nul, 1, &err));
	assert_int_equal(err.kind, ERROR_TOO_BIG);
	error_free(&err);
	message_reader_free(&in);
	message_free(&m);
}

static void
returns_the_size_on_the_wire(void **state)
{
	struct message m = { 0 };
	struct error err = { 0 };
	int fd = file_with("A: b\n c\n\n\351\ne", 13);

	(void)state;
	assert_true(read_from(fd, &m, &err));
	/* "A: b\r\n c\r\n" "\r\n" "?\r\ne\r\n" */
	assert_int_equal(message_size(&m), 10 + 2 + 6);
	assert_true(message_is_8bit(&m));
	message_free(&m);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalizes_messages),
		cmocka_unit_test(reads_the_same_in_pieces_of_any_size),
		cmocka_unit_test(agrees_with_the_reference_on_random_input),
		cmocka_unit_test(finds_dots_anywhere_in_large_blocks),
		cmocka_unit_test(finds_dots_at_the_ends_of_pieces_and_blocks),
		cmocka_unit_test(counts_lines_of_any_length),
		cmocka_unit_test(stores_a_large_message_in_a_file),
		cmocka_unit_test(reads_from_a_non_blocking_descriptor),
		cmocka_unit_test(reports_read_errors),
		cmocka_unit_test(limits_the_header_section),
		cmocka_unit_test(limits_the_input),
		cmocka_unit_test(returns_the_size_on_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
