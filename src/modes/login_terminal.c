/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a line from a terminal that is not in canonical mode. */
#include "modes/login_terminal.h"

#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#define LINE_MAX_OCTETS 16384
#define KEY_BACKSPACE '\b'
#define KEY_DELETE '\177'
#define KEY_END '\004'        /* Ctrl-D */
#define KEY_ERASE_LINE '\025' /* Ctrl-U */

void
paste_begin(struct paste *p)
{
	struct termios raw;

	p->fd = -1;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &p->before) < 0)
		return;
	raw = p->before;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
	raw.c_lflag |= ISIG;
	raw.c_iflag |= ICRNL;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	/* A line that grows leaves no copies. */
	str_reserve(&p->line, LINE_MAX_OCTETS);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0)
		p->fd = STDIN_FILENO;
}

/* Without the star, the key counts as well. */
static void
echo(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		return;
}

static void
erase(struct paste *p, size_t count)
{
	for (; count > 0 && p->line.len > 0; count--) {
		str_truncate(&p->line, p->line.len - 1);
		echo("\b \b");
	}
}

/* Returns whether the key ends the line. */
static bool
use_key(struct paste *p, char key)
{
	if (key == '\n') {
		echo("\n");
		return p->line.len > 0;
	}
	if (key == KEY_END)
		p->is_ended = true;
	else if (key == KEY_BACKSPACE || key == KEY_DELETE)
		erase(p, 1);
	else if (key == KEY_ERASE_LINE)
		erase(p, p->line.len);
	else if ((unsigned char)key > ' ' && p->line.len < LINE_MAX_OCTETS) {
		str_add_char(&p->line, key);
		echo("*");
	}
	return false;
}

bool
paste_read(struct paste *p)
{
	char key = '\0';

	/* The caller waits for each key: what follows the line is the next. */
	if (read(p->fd, &key, 1) == 1)
		return use_key(p, key);
	p->fd = -1; /* the terminal is gone */
	return false;
}

void
paste_end(struct paste *p)
{
	if (p->fd >= 0)
		tcsetattr(p->fd, TCSADRAIN, &p->before);
	p->fd = -1;
	str_wipe(&p->line);
}
