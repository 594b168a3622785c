/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the command line says: the name under which the program was called, the
 * mode, and the options.
 */
#ifndef VEREDUS_CONFIG_CMDLINE_H
#define VEREDUS_CONFIG_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"
#include "config/mode.h"
#include "config/option_table.h"
#include "config/settings.h"
#include "mail/envelope.h"

/* Which names of the program have an option; the tables combine the bits. */
enum personality {
	PERSONALITY_SENDMAIL = 1 << 0, /* any name that is not listed */
	PERSONALITY_MAILQ = 1 << 1,
	PERSONALITY_NEWALIASES = 1 << 2,
	PERSONALITY_VEREDUS = 1 << 3,
	PERSONALITY_ALL = (1 << 4) - 1
};

/* -oe: where the text of an error is written, beside the exit status. */
enum error_mode {
	ERRORS_PRINT = 'p',
	ERRORS_MAIL = 'm',
	ERRORS_WRITE = 'w',
	ERRORS_QUIET = 'q', /* to the log only */
	ERRORS_BERKNET = 'e'
};

/* -od: when a message is delivered, if its account has a queue. */
enum delivery_mode {
	DELIVERY_DEFAULT,     /* as the account says */
	DELIVERY_BACKGROUND,  /* b: as with queue always */
	DELIVERY_INTERACTIVE, /* i, f: as with queue on */
	DELIVERY_QUEUE        /* q, d: as with queue later */
};

enum declared_body { BODY_UNDECLARED, BODY_7BIT, BODY_8BITMIME };

/* A setting that was given as a long option. */
struct override {
	const struct option_row *row;
	char *value;
	bool of_message; /* given by -O: it belongs to the message */
};

struct cmdline {
	enum personality personality;
	const char *name; /* "sendmail", "mailq", ...: for messages and the
	                   * log; never the text of argv[0] */
	enum mode mode;
	bool mode_given;  /* by an option, and not by the name */
	uint64_t letters; /* bit N: the option of letter 'A' + N was given */

	char *sender; /* -f: an addr-spec, "": the null sender; or NULL */
	/* Of the first -f that is no address: the later options count as well. */
	struct error sender_error;
	bool sender_is_login; /* not -f, but the login name of a client */
	char *full_name;      /* -F, without control characters; or NULL */
	struct strv operands; /* none of them blank; mode_operands() says what
	                       * they are: for recipients address lists */
	bool recipients_from_header; /* -t */
	bool ignore_dots;            /* -i */
	bool relayed;                /* -G: add no header fields */
	enum declared_body body;     /* -B */
	struct dsn dsn;              /* -N, -R, -V */
	bool dsn_notify_off;         /* -N off */
	bool dsn_return_off;         /* -R off */
	enum error_mode errors;      /* -oe */
	enum delivery_mode delivery; /* -od */
	bool queue_all;              /* -qf: also what is not due */
	char *queue_id;              /* -qI: this message; or NULL */
	char *queue_recipient;       /* -qR, -qS: a part of an address of the */
	char *queue_sender;          /* message; or NULL */
	bool verbose;                /* -v */
	bool debug;                  /* -d */
	bool timed;                  /* --time */
	char *syslog_tag;            /* -L, safe characters only; or NULL */

	/* Only under the name veredus: */
	char *config_file; /* -C */
	char *tls_keylog;  /* --tls-keylog */
	char *report;      /* --report */
	char *account;     /* -a */
	char *node;        /* --rmqs */
	char *address;     /* --configure */
	char *provider;    /* --provider, with --configure */
	bool write;        /* --write, with --configure */
	bool online;       /* --online, with --configure */
	bool keyring;      /* --keyring, with --configure --write */
	bool read_envelope_from;
	bool json;          /* --json */
	bool offline;       /* --offline, with --check */
	bool monitor;       /* --monitor, with --check */
	bool probes;        /* --probe, also beside another mode */
	bool oauth_no_test; /* --oauth-no-test */
	bool print_7bit;    /* --print=7bit */
	bool service;       /* --service: the file is that of the service */
	char *as;           /* --as, with --service --explain */
	struct override *overrides;
	size_t override_count;

	struct strv notes; /* for the log: the ignored values, and why */
};

/* Adds a setting and its value (copied), which overrides earlier values. */
void cmdline_add_override(struct cmdline *cmdline, const struct option_row *row,
    const char *value);
/* Remembers an option by its letter. */
void cmdline_add_letter(struct cmdline *cmdline, char letter);
/* Whether the option of sendmail was given, or the same long option. */
bool cmdline_has_letter(const struct cmdline *cmdline, char letter);
/* Whether a setting ("host") was given as a long option. */
bool cmdline_sets(const struct cmdline *cmdline, const char *setting);
/*
 * Whether --host or --socket was given.  Then no configuration file is read,
 * and the account consists of the overrides.
 */
bool cmdline_has_host(const struct cmdline *cmdline);
/*
 * Whether no option changes the settings of an account that the system's file
 * locks.  -O RequireTLS belongs to the message and is allowed.  Errors:
 * ERROR_USAGE.
 */
bool cmdline_respects_lock(const struct cmdline *cmdline,
    const struct settings *locked, struct error *err);
/*
 * Sets the overrides in the settings of the selected account.  home and notes
 * are those of struct option_context.  Errors: ERROR_USAGE, "--NAME: ...".
 */
bool cmdline_apply(const struct cmdline *cmdline, struct settings *settings,
    const char *home, struct strv *notes, struct error *err);
void cmdline_free(struct cmdline *cmdline);

#endif
