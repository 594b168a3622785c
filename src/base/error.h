/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What went wrong: told once at the bottom, shown once at the top.
 *
 * A function that can fail takes `struct error *err` last, fills it once and
 * returns false; nothing below main() prints.  The kind, and for a rejection
 * the stage of the session and the enhanced status (RFC 3463), decide the exit
 * code.
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

/* Each kind is a row of the table in error.c: exit code, status, class. */
enum error_kind {
	ERROR_NONE,
	/* Local conditions. */
	ERROR_USAGE,       /* wrong arguments, no recipients */
	ERROR_ADDRESS,     /* an address that cannot be parsed */
	ERROR_MESSAGE,     /* the message cannot be sent as it is */
	ERROR_TOO_BIG,     /* the message is larger than somebody allows */
	ERROR_LOOP,        /* the message has been going round */
	ERROR_NO_INPUT,    /* there is no standard input */
	ERROR_INPUT,       /* reading the input failed */
	ERROR_SYSTEM,      /* the operating system refused something */
	ERROR_SPACE,       /* no room for the message: may pass later */
	ERROR_CREATE,      /* cannot create our own output file */
	ERROR_INTERNAL,    /* a bug */
	ERROR_CONFIG,      /* only a change of the configuration helps */
	ERROR_PERMISSION,  /* we may not do this */
	ERROR_SECRET,      /* a helper did not give the secret this time */
	ERROR_INTERRUPTED, /* a signal ended us before the final dot */
	/* The network. */
	ERROR_RESOLVE,      /* no answer from the resolver */
	ERROR_CONNECT,      /* nobody listens there */
	ERROR_NETWORK,      /* the connection was lost */
	ERROR_TIMEOUT,      /* the peer said nothing for too long */
	ERROR_TLS_MISSING,  /* TLS is required but not to be had */
	ERROR_TLS,          /* the handshake failed */
	ERROR_CERTIFICATE,  /* the certificate is not the one we want */
	ERROR_NO_MECHANISM, /* no SASL mechanism fits */
	ERROR_PROTOCOL,     /* the server does not speak SMTP */
	ERROR_UNSUPPORTED,  /* the message needs what the server cannot do */
	/*
	 * The server rejected the session, a command or the message, or this
	 * program knows that it would.  The stage says what was rejected.
	 */
	ERROR_REJECTED,
	ERROR_KINDS
};

struct error {
	enum error_kind kind;
	enum smtp_stage stage;  /* of ERROR_REJECTED, else STAGE_NONE */
	bool sender_is_default; /* this program made up the rejected sender */
	bool temporary;         /* the same message may pass later */
	bool uncertain; /* the server may have taken the message already */
	struct smtp_status status; /* of the reply, or of the kind */
	char *subject; /* what the text is about (a host, a setting, a file),
			* or NULL; printed before the text */
	char *text;    /* one printable line in the words of this program; NULL
			* if it would only repeat that the server rejected */
	char *said;    /* what the server said, made printable, or NULL */
	char *host;    /* whom we talked to, or NULL */
	char *address; /* of that host, if more than one was tried, or NULL */
	char *command; /* what we had asked, secrets masked, or NULL */
	/*
	 * The failures of several attempts in their order, or NULL.  The other
	 * members then are those of the attempt that decides, except subject
	 * and text, which say what all attempts were made for.
	 */
	struct error *causes;
	size_t cause_count;
};

/*
 * Fills err with the kind, its class and status from the table, and the
 * text, which passes text_clean(): outside text may be among the arguments.
 * What err held before is released.  Always returns false, for
 * `return error_set(...)`.  err may be NULL.
 */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    ATTR_PRINTF(3, 4) ATTR_COLD;
bool error_vset(struct error *err, enum error_kind kind, const char *format,
    va_list args) ATTR_PRINTF(3, 0) ATTR_COLD;

/*
 * The same with ERROR_REJECTED and the default status of that stage.  A format
 * of NULL leaves the text unset, for a caller that sets what the server said.
 */
bool error_reject(struct error *err, enum smtp_stage stage, const char *format,
    ...) ATTR_PRINTF(3, 4) ATTR_COLD;

/* Further facts about an error that was set.  All return false. */
bool error_status(struct error *err, const char *status);
bool error_temporary(struct error *err, bool temporary);
/* Sets the subject; an earlier subject becomes part of the text. */
bool error_subject(struct error *err, const char *format, ...)
    ATTR_PRINTF(2, 3);
/*
 * Puts "prefix: " before subject and text, which become one text: what was
 * being done when the error happened.
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
 * The sysexits code: EX_OK when nothing is set, EX_TEMPFAIL when temporary,
 * else by the kind for local conditions and by the enhanced status and the
 * stage for a rejection (base/status.h).
 */
int error_exit_status(const struct error *err);

/*
 * Keeps of two outcomes the one that decides the exit code: the first one that
 * is permanent, else the first one at all.
 */
void error_merge(struct error *worst, const struct error *next);

/*
 * Adds the failure of one more attempt at the same thing, at another address or
 * another host, to the failures of the attempts before.  All of them stay as
 * causes; kind, status and exit status are those of the cause that decides:
 * what a server said, or what TLS found out about it, decides over a server
 * that was not reached or did not respond.  Of equal causes a temporary one
 * decides, because a later attempt there may succeed, else the first one; but
 * a permanent rejection behind the greeting decides over all of them, because
 * no other server would be asked after it.
 */
void error_merge_attempt(struct error *all, const struct error *next);
void error_copy(struct error *dst, const struct error *src);
/* Moves src into dst, which is released first; src is empty afterwards. */
void error_move(struct error *dst, struct error *src);
void error_free(struct error *err);

#endif
