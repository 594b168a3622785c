/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One session with one server, from the connection to QUIT: each step of the
 * straight line in delivery/attempt.c is a function here or in transaction.h.
 */
#ifndef VEREDUS_CLIENT_SESSION_H
#define VEREDUS_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/params.h"
#include "base/attr.h"
#include "base/error.h"
#include "base/stage.h"
#include "client/observer.h"
#include "mail/message.h"
#include "net/connect.h"
#include "net/stream.h"
#include "smtp/capability.h"
#include "smtp/reply.h"
#include "tls/tls.h"

enum protocol { PROTOCOL_SMTP, PROTOCOL_LMTP };

struct session_params {
	enum protocol protocol;
	char *domain;      /* the EHLO name; NULL: the literal of our address */
	unsigned timeout;  /* seconds for one reply; 0: RFC 5321 4.5.3.2 */
	unsigned deadline; /* seconds for the whole run */
	bool partial;      /* deliver to the accepted recipients */
	bool chunking;     /* use BDAT where it is offered */
};

struct session {
	struct stream stream;
	struct capabilities capabilities;
	const struct session_params *params; /* borrowed */
	const struct observer *observers;    /* borrowed; or NULL */
	const struct tls_policy *demand;     /* on TLS, borrowed; or NULL */
	unsigned patience; /* seconds for each step up to the last EHLO; 0: as
	                    * for any reply */
	char *host;        /* as configured: for errors, TLS and SASL */
	struct connection connection;
	bool without_tls; /* it was tried here and failed; nobody needs it */
	bool tls_failed;  /* so the next try here may be one without */
	bool encrypted;   /* TLS has been started */
	bool greeted;     /* the server has said 220: QUIT is due */
	bool broken;      /* not one byte more: the dialogue is out of step */
	bool extended;    /* EHLO or LHLO was accepted, not only HELO */
	bool body_begun;  /* it may have octets of the message */
	bool flushed;     /* all of the last flight has left */
	bool quit_said;
	const char *mechanism; /* that logged in, or NULL */
};

/* Seconds that a reply in this stage may take (RFC 5321 section 4.5.3.2). */
unsigned session_timeout(const struct session *s, enum smtp_stage stage);
/* The point in time by which a reply must be there, the total included. */
int64_t session_reply_deadline(const struct session *s, enum smtp_stage stage);

/* Sets the observers of a session that is not open yet. */
void session_set_observer(struct session *s, const struct observer *observers);
/* Tells the observers that a stage begins. */
void session_begin_stage(const struct session *s, enum smtp_stage stage);

/* Whether messages go by BDAT (RFC 3030): offered, wanted, and not LMTP. */
bool session_is_chunking(const struct session *s);

/* One command of an exchange. */
struct command {
	char *line;        /* without CRLF; the command owns it */
	const char *shown; /* what the trace shows; NULL: the line */
	enum smtp_stage stage;
	bool essential; /* without its success the others make no sense */
	bool answered;
	struct reply reply;         /* filled when answered */
	const struct message *body; /* follows the line (BDAT), or NULL */
	size_t body_size;           /* its octets on the wire */
	bool then_quit; /* QUIT goes along; its reply is not read here */
};

/*
 * Sends the commands and reads one reply for each, in order; knows no verb.
 * With PIPELINING a flight holds what fits into STREAM_GROUP_MAX; without it
 * a flight is one command.  A refused essential command, or a 421 to any, ends
 * the exchange after its flight: what was not sent stays unanswered, and the
 * call succeeds.  Before each flight the input must be empty.
 * Sends nothing in a session that is out of step: ERROR_NETWORK.
 * Errors: those of stream_flush() and reply_read(); the dialogue is broken
 * then, and the replies that came before stand in the commands.
 */
bool session_exchange(struct session *s, struct command *commands, size_t count,
    struct error *err);
void commands_free(struct command *commands, size_t count);

/*
 * Makes an error of the reply to a command, as reply_rejected() does, with the
 * host and the command (its shown form).  Always returns false.
 */
bool session_rejected(struct session *s, const struct reply *reply,
    enum smtp_stage stage, const char *command, struct error *err);
/* Adds the host to an error that has none.  Always returns false. */
bool session_failed(struct session *s, struct error *err);

/*
 * Sends one line and reads its reply.  shown as in stream_put_line().
 * The reply is not judged here.
 */
bool session_command(struct session *s, enum smtp_stage stage, const char *line,
    const char *shown, struct reply *reply, struct error *err);

/*
 * The one formatter of commands: like printf, but NULL with ERROR_ADDRESS if
 * the result holds a CR, LF or other control character.  The caller frees.
 */
char *session_format(struct error *err, const char *format, ...)
    ATTR_PRINTF(2, 3);

/*
 * The steps.  Errors carry the host and the command, but for those of
 * session_connect(), whose texts name it.  Each TLS step does its
 * work only when params, or the demand on this session, ask for TLS in that
 * place; `tls` may be NULL when the mode is TLS_OFF, and a demand then fails.
 * TLS, and what `auth` names (or NULL: there will be no login), is loaded while
 * the connection is being made: session_connect() sets hook and deadline of the
 * request itself.
 *
 * TLS that is neither required nor possible is left out in another try at the
 * same address, as it would be at a server that does not offer it: see
 * session_retry_next_address().
 */
bool session_connect(struct session *s, const struct connect_request *to,
    struct tls_context *tls, const struct auth_params *auth, struct error *err);
bool session_start_implicit_tls(struct session *s, struct tls_context *tls,
    const struct tls_params *params, struct error *err);
bool session_greeting(struct session *s, struct error *err);
/* needs_esmtp: TLS or AUTH is due, so a refused EHLO is not tried as HELO. */
bool session_ehlo(struct session *s, bool needs_esmtp, struct error *err);
bool session_starttls(struct session *s, struct tls_context *tls,
    const struct tls_params *params, struct error *err);
bool session_login(struct session *s, const struct auth_params *params,
    struct error *err);
/* QUIT if the dialogue is in step; waits for nothing. */
void session_close(struct session *s);
void session_free(struct session *s);

#endif
