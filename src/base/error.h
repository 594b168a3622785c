/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The error value.  A function that can fail takes `struct error *err` last,
 * sets it once and returns false; only main.c and report/ print it.  The kind
 * and, for a rejection, the stage of the session and the enhanced status code
 * (RFC 3463) determine the exit status.
 */
#ifndef VEREDUS_BASE_ERROR_H
#define VEREDUS_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/stage.h"
#include "base/status.h"
#include "base/str.h"

/*
 * The table in error.c has the exit status, status code and class of each kind.
 */
enum error_kind {
	ERROR_NONE,
	/* Local conditions. */
	ERROR_USAGE,      /* wrong arguments, no recipients */
	ERROR_ADDRESS,    /* an invalid address */
	ERROR_MESSAGE,    /* the message must be changed */
	ERROR_TOO_BIG,    /* the message is larger than a limit */
	ERROR_LOOP,       /* a mail loop */
	ERROR_NO_INPUT,   /* standard input is closed */
	ERROR_INPUT,      /* reading the input failed */
	ERROR_SYSTEM,     /* a system call failed */
	ERROR_FILE,       /* a file cannot be read now; temporary */
	ERROR_SPACE,      /* no disk space for the message; temporary */
	ERROR_CREATE,     /* an output file cannot be created or written */
	ERROR_INTERNAL,   /* a bug */
	ERROR_CONFIG,     /* the configuration must be changed */
	ERROR_PERMISSION, /* the user or program may not do this */
	ERROR_GRANT,  /* OAuth2: a person must log in or give a permission */
	ERROR_SECRET, /* the command for the password failed; temporary */
	ERROR_FILTER, /* the filter failed; temporary */
	ERROR_INTERRUPTED, /* a signal arrived before the end of data was sent */
	/* The network. */
	ERROR_RESOLVE,      /* the resolver did not respond */
	ERROR_CONNECT,      /* the connection was refused */
	ERROR_NETWORK,      /* the connection was lost */
	ERROR_TIMEOUT,      /* the server did not respond in time */
	ERROR_TLS_MISSING,  /* TLS is required, but not available */
	ERROR_TLS,          /* the TLS handshake failed */
	ERROR_CERTIFICATE,  /* the certificate was not accepted */
	ERROR_NO_MECHANISM, /* no usable SASL mechanism */
	ERROR_PROTOCOL,     /* the server does not follow SMTP */
	ERROR_UNSUPPORTED,  /* the server lacks what the message needs */
	/*
	 * The server rejected the session, a command or the message, or this
	 * program knows that it would.  The stage tells what was rejected.
	 */
	ERROR_REJECTED,
	ERROR_KINDS
};

struct error {
	enum error_kind kind;
	enum smtp_stage stage;  /* of ERROR_REJECTED, and of an address that
				 * MAIL or RCPT cannot have; else STAGE_NONE */
	bool sender_is_default; /* the rejected sender is the default sender */
	bool temporary;         /* a later attempt may succeed */
	bool uncertain;         /* the server may have accepted the message */
	bool needs_config;      /* only another setting can help */
	bool is_consequence;    /* of the failure of another recipient */
	struct smtp_status status; /* of the reply, or of the kind */
	char *subject; /* what the text is about (a host, the name of a setting,
			* "<ADDRESS>", a file), or NULL; printed before the
			* text */
	char *text;    /* one printable line in the words of this program; NULL
			* if it would only repeat that the server rejected */
	char *said;    /* what the server said, made printable, or NULL */
	char *host;    /* the server of the session, or NULL */
	char *address; /* of that host, if several were tried, or NULL */
	char *command; /* the rejected command, secrets redacted, or NULL */
	/*
	 * The failures of several attempts, in order, or NULL.  The other
	 * members are those of the failure that decides; but subject and text
	 * say what all attempts were made for.
	 */
	struct error *causes;
	size_t cause_count;
};

/*
 * Sets the kind, its class and status code from the table, and the text, which
 * is cleaned, so that the arguments may hold text from outside.  Releases what
 * err held before; err may be NULL.  Always returns false, for `return
 * error_set(...)`.
 */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    ATTR_PRINTF(3, 4) ATTR_COLD;
bool error_vset(struct error *err, enum error_kind kind, const char *format,
    va_list args) ATTR_PRINTF(3, 0) ATTR_COLD;
/* The same with the subject, as error_subject() sets it. */
bool error_set_about(struct error *err, enum error_kind kind,
    const char *subject, const char *format, ...) ATTR_PRINTF(4, 5) ATTR_COLD;

/*
 * error_set() with ERROR_REJECTED and the default status of that stage.  A format
 * of NULL sets no text: the caller sets the reply of the server.
 */
bool error_reject(struct error *err, enum smtp_stage stage, const char *format,
    ...) ATTR_PRINTF(3, 4) ATTR_COLD;

/* Change an error that was set; err may be NULL.  They return false. */
bool error_status(struct error *err, const char *status);
bool error_temporary(struct error *err, bool temporary);
/* Sets the subject; an earlier subject becomes part of the text. */
bool error_subject(struct error *err, const char *format, ...)
    ATTR_PRINTF(2, 3);
/*
 * Makes "PREFIX: SUBJECT: TEXT" the text, without a subject.  The prefix says
 * what the program was doing.
 */
bool error_prefix(struct error *err, const char *format, ...) ATTR_PRINTF(2, 3);

bool error_is_set(const struct error *err);
/*
 * One line for a reader: "SUBJECT: TEXT", or the server's reply if there is no
 * text; with causes, error_print() of each of them follows, separated by
 * "; ".  Never NULL; the caller frees.
 */
char *error_describe(const struct error *err);
/*
 * Appends error_describe() with the host and the server's reply:
 * "HOST said: REPLY (in reply to COMMAND) (TEXT)" or "HOST: TEXT".  A cause of
 * several is described as "HOST (ADDRESS) said: ..." and so on.
 */
void error_print(const struct error *err, bool with_command, struct str *out);
/* Whether err is an ERROR_REJECTED in that stage. */
bool error_is_rejection(const struct error *err, enum smtp_stage stage);

/*
 * Returns the exit status (sysexits.h): EX_OK if err is not set, EX_TEMPFAIL if
 * it is temporary; EX_CONFIG if it needs another setting; else a rejection is
 * classified by its enhanced status code and stage (base/status.h), and other
 * errors by their kind.
 */
int error_exit_status(const struct error *err);

/*
 * Adds the failure of one more attempt at the same thing, at another address or
 * host, to the failures of earlier attempts.  All of them are kept as causes.
 * Kind, status and exit status are those of the cause that decides: a reply of
 * a server, or a failure of TLS, decides over a server that was not reached or
 * did not respond; among equals a temporary failure decides, because a later
 * attempt may succeed, else the first one.  A permanent rejection after the
 * greeting, except of STARTTLS, decides over all others, because no other server
 * would be tried after it.
 */
void error_merge_attempt(struct error *all, const struct error *next);
void error_copy(struct error *dst, const struct error *src);
/* Moves src into dst, which is released first; src is empty afterwards. */
void error_move(struct error *dst, struct error *src);
void error_free(struct error *err);

#endif
