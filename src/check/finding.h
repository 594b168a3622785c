/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --check has found: a list of findings, and its forms for a person, for a
 * program and for a monitoring system.
 */
#ifndef VEREDUS_CHECK_FINDING_H
#define VEREDUS_CHECK_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "config/cmdline.h"

enum finding_level {
	FINDING_OK,
	FINDING_NOTE, /* that is how it is, and may be intended */
	FINDING_WARN, /* mail goes out, but something is missing or will fail */
	FINDING_FAIL  /* mail does not go out, or not in every case */
};

/* What a finding is about.  The names do not change. */
enum check_item {
	ITEM_CONFIG,
	ITEM_USERS,
	ITEM_SANDBOX,
	ITEM_QUEUE,
	ITEM_TIMER,
	ITEM_ACCOUNT,
	ITEM_UNUSED,
	ITEM_FROM,
	ITEM_EHLO,
	ITEM_SENDER,
	ITEM_ALIASES,
	ITEM_ARCHIVE,
	ITEM_FILTER,
	ITEM_LOG,
	ITEM_LETTER,
	ITEM_SOCKET,
	ITEM_TLS,
	ITEM_PASSWORD,
	ITEM_TOKEN,
	ITEM_DNS,
	ITEM_SERVER,
	ITEM_CERTIFICATE,
	ITEM_PIN,
	ITEM_LOGIN,
	ITEM_MAIL,
	ITEM_RCPT,
	CHECK_ITEMS
};

/* The texts may come from outside; they are cleaned when they are printed. */
struct finding {
	enum finding_level level;
	enum check_item item;
	char *account; /* NULL: it is about none */
	char *text;
	char *remedy; /* the setting or command that helps; NULL if ok */
	int exit;     /* of FINDING_FAIL: the exit status, never 0; else 0 */
};

/* What was checked, so that the commands in remedies act on the same; all
 * borrowed. */
struct check_target {
	const char *config_file;       /* of -C; or NULL */
	const struct cmdline *cmdline; /* has settings as well; or NULL */
	bool of_service;
	const char *service_user; /* NULL: the command runs as that user */
};

/* { 0 } is an empty list. */
struct findings {
	struct finding *items;
	size_t count;
	size_t size;         /* room in items */
	const char *account; /* that of the findings to be added; or NULL */
	struct check_target target;
};

/*
 * Appends a finding.  FINDING_FAIL has the exit status 78 (EX_CONFIG).  The
 * caller calls findings_mend() after it, unless it is ok.
 */
void findings_add(struct findings *f, enum finding_level level,
    enum check_item item, const char *format, ...) ATTR_PRINTF(4, 5);
/* Appends a failure with the text and the exit status of the error. */
void findings_add_error(struct findings *f, enum check_item item,
    const struct error *err);
/* Sets the exit status of the last finding, which is a failure. */
void findings_set_exit(struct findings *f, int status);
/* Sets the remedy of the last finding. */
void findings_mend(struct findings *f, const char *format, ...)
    ATTR_PRINTF(2, 3);

/* Makes a warning of a failure, and appends ": WHY" to its text. */
void findings_weaken(struct findings *f, size_t number, const char *why);

/* Replaces findings that say the same of several accounts by the first of them,
 * which is then about no account. */
void findings_merge(struct findings *f);

/* The stable name of an item. */
const char *check_item_name(enum check_item item);

/* Returns the exit status of the first failure; 0 without failures. */
int findings_exit_status(const struct findings *f);

/* Appends a line for each: "LEVEL ITEM (ACCOUNT): TEXT; remedy: REMEDY". */
void findings_print(const struct findings *f, struct str *out);
/* Appends one JSON object, with the exit status of the program. */
void findings_print_json(const struct findings *f, int exit_status,
    struct str *out);
/*
 * Appends the line of a monitoring plugin, "VEREDUS OK - ...", and returns its
 * exit status.
 */
int findings_print_monitor(const struct findings *f, struct str *out);

/*
 * Passes findings from one process to another.  findings_read() appends those
 * that the octets contain to the list, and returns false if they are not as
 * findings_write() makes them.
 */
void findings_write(const struct findings *f, struct str *out);
bool findings_read(struct findings *f, const struct str *octets);

void findings_free(struct findings *f);

#endif
