/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Cleans, checks and compares text, byte by byte and without the locale. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"

void
text_add_utf8_char(struct str *out, uint32_t c)
{
	static const struct {
		uint32_t below;
		unsigned lead;
		unsigned more;
	} forms[] = { { 0x80, 0, 0 }, { 0x800, 0xc0, 1 }, { 0x10000, 0xe0, 2 },
		{ 0x110000, 0xf0, 3 } };

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		unsigned more = forms[i].more;

		if (c >= forms[i].below)
			continue;
		str_add_char(out, (char)(forms[i].lead | c >> 6 * more));
		while (more-- > 0)
			str_add_char(out,
			    (char)(0x80 | (c >> 6 * more & 0x3f)));
		return;
	}
}

size_t
text_utf8_char(const char *text, size_t len, uint32_t *point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t count;

	if (p[0] < 0x80) {
		*point = p[0];
		return 1;
	}
	count = p[0] >= 0xc2 && p[0] < 0xe0 ? 2
	    : p[0] >= 0xe0 && p[0] < 0xf0   ? 3
	    : p[0] >= 0xf0 && p[0] < 0xf5   ? 4
					    : 0;
	if (count == 0 || count > len)
		return 0;
	*point = p[0] & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (p[i] & 0x3f);
	}
	if (*point < smallest[count] || *point > 0x10ffff
	    || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return count;
}

/* Control characters, and characters that are invisible or that change how
 * other characters are displayed. */
static bool
is_harmful(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },     /* C0 */
		{ 0x7f, 0x9f },     /* DEL, C1 */
		{ 0x061c, 0x061c }, /* Arabic letter mark */
		{ 0x200b, 0x200f }, /* zero width, directional marks */
		{ 0x2028, 0x202e }, /* separators, embeddings, overrides */
		{ 0x2060, 0x2069 }, /* invisible operators, isolates */
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f }, /* tags */
	};

	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

bool
text_is_vchar(char c)
{
	return c > ' ' && c < 0x7f;
}

bool
text_is_visible(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text_is_vchar(text[i]))
			return false;
	return true;
}

void
text_clean(struct str *out, const char *text, size_t len, size_t max)
{
	size_t start = out->len, count;
	bool gap = false;

	str_append(out, "", 0);
	for (; len > 0; text += count, len -= count) {
		size_t room = max - (out->len - start);
		uint32_t point;

		count = text_utf8_char(text, len, &point);
		if (count == 0) { /* show an invalid byte like a control */
			count = 1;
			point = 0;
		}
		/* Most text is ASCII: copy as much of it at once as fits. */
		if (text_is_vchar(*text))
			while (count < len && gap + count < room
			    && text_is_vchar(text[count]))
				count++;
		if (text_is_space(*text) || *text == '\n' || *text == '\r') {
			gap = out->len > start;
			continue;
		}
		if (gap + count > room) {
			str_add(out, "...");
			return;
		}
		if (gap)
			str_add_char(out, ' ');
		gap = false;
		if (is_harmful(point))
			str_add_char(out, '?');
		else
			str_append(out, text, count);
	}
}

char *
text_printable(const char *text)
{
	struct str out = { 0 };

	text_clean(&out, text, strlen(text), TEXT_MAX);
	return str_steal(&out);
}

/* An octet with this value in each octet of a word. */
#define IN_ALL(octet) (UINT64_MAX / 0xff * (octet))

/* Whether an octet of the word is a control character. */
static bool
word_has_control(uint64_t word)
{
	uint64_t from_del = word ^ IN_ALL(0x7f);

	return (((word - IN_ALL(0x20)) & ~word)
		   | ((from_del - IN_ALL(1)) & ~from_del))
	    & IN_ALL(0x80);
}

/* Tokens are long: a word at a time. */
bool
text_is_wire_safe(const char *text, size_t len)
{
	size_t i = 0;
	uint64_t word;

	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, text + i, sizeof(word));
		if (word_has_control(word))
			return false;
	}
	for (; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return true;
}

bool
text_is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] > 0x7f)
			return false;
	return true;
}

bool
text_has_high(const char *at, const char *end)
{
	return !text_is_ascii(at, (size_t)(end - at));
}

size_t
text_mark_length(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool
text_is_utf16(const char *text, size_t len)
{
	if (len >= 2
	    && (memcmp(text, "\xff\xfe", 2) == 0
		|| memcmp(text, "\xfe\xff", 2) == 0))
		return true;
	return len >= 4 && (text[0] == '\0') != (text[1] == '\0')
	    && (text[0] == '\0') == (text[2] == '\0')
	    && (text[1] == '\0') == (text[3] == '\0');
}

bool
text_is_utf8(const char *text, size_t len)
{
	uint32_t point;
	size_t count;

	for (; len > 0; text += count, len -= count) {
		count = text_utf8_char(text, len, &point);
		if (count == 0)
			return false;
	}
	return true;
}

bool
text_is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

int
text_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool
text_is_space(int c)
{
	return c == ' ' || c == '\t';
}

bool
text_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool
text_starts_nocase(const char *text, const char *prefix)
{
	while (*prefix != '\0')
		if (text_lower((unsigned char)*text++)
		    != text_lower((unsigned char)*prefix++))
			return false;
	return true;
}

bool
text_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
text_equal_nocase(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && text_starts_nocase(a, b);
}

bool
text_is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && text_starts_nocase(text, word);
}

const char *
text_next_line(const char **at, const char *end, size_t *len)
{
	const char *line = *at, *lf;

	if (line >= end)
		return NULL;
	lf = memchr(line, '\n', (size_t)(end - line));
	*len = (size_t)((lf == NULL ? end : lf) - line);
	if (*len > 0 && line[*len - 1] == '\r')
		--*len;
	*at = lf == NULL ? end : lf + 1;
	return line;
}

bool
text_number(const char *text, unsigned long long min, unsigned long long max,
    unsigned long long *value)
{
	unsigned long long number = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (!text_is_digit((unsigned char)*text)
		    || number > (max - digit) / 10 || digit > max)
			return false;
		number = number * 10 + digit;
	}
	if (number < min)
		return false;
	*value = number;
	return true;
}

/* From the smallest to the largest. */
static const struct unit {
	char letter;
	uint64_t factor;
} durations[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	{ 'w', 604800 } },
  sizes[] = { { 'k', 1024 }, { 'm', 1048576 }, { 'g', 1073741824 } };

/* Parses a number and its unit, if it has one. */
static bool
parse_with_unit(const char *text, const struct unit *units, size_t count,
    uint64_t max, uint64_t *value)
{
	size_t len = strlen(text);
	uint64_t factor = 1;
	unsigned long long number;
	char digits[24];

	for (size_t i = 0; len > 0 && i < count; i++)
		if (text_lower((unsigned char)text[len - 1])
		    == units[i].letter) {
			factor = units[i].factor;
			len--;
			break;
		}
	if (len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!text_number(digits, 0, max / factor, &number))
		return false;
	*value = number * factor;
	return true;
}

bool
text_duration(const char *text, unsigned min, unsigned max, unsigned *seconds)
{
	uint64_t value;

	if (!parse_with_unit(text, durations, COUNT_OF(durations), max, &value)
	    || value < min)
		return false;
	*seconds = (unsigned)value;
	return true;
}

void
text_add_duration(struct str *out, unsigned seconds)
{
	size_t i = COUNT_OF(durations) - 1;

	while (i > 0 && seconds % durations[i].factor != 0)
		i--;
	str_printf(out, "%u%c", (unsigned)(seconds / durations[i].factor),
	    durations[i].letter);
}

bool
text_octets(const char *text, uint64_t max, uint64_t *octets)
{
	return parse_with_unit(text, sizes, COUNT_OF(sizes), max, octets);
}

/* text_distance() does not compare longer words. */
#define WORD_MAX 40

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* The Levenshtein distance; keeps one row of the matrix. */
size_t
text_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t row[WORD_MAX + 1];

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = smallest(row[j] + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}
