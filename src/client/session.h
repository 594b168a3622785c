/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session with an SMTP or LMTP server: sends commands, reads the replies, and
 * knows whether the session can still be used.  handshake.h opens a session;
 * transaction.h sends a message.
 */
#ifndef VEREDUS_CLIENT_SESSION_H
#define VEREDUS_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/stage.h"
#include "client/observer.h"
#include "client/params.h"
#include "mail/message.h"
#include "net/connect.h"
#include "net/stream.h"
#include "smtp/capability.h"
#include "smtp/reply.h"
#include "tls/params.h"

enum session_state {
	SESSION_CLOSED,     /* not connected yet, or closed */
	SESSION_CONNECTED,  /* the server has not greeted the client yet */
	SESSION_GREETED,    /* greeted; EHLO, TLS and login are still due */
	SESSION_READY,      /* open: transactions are possible */
	SESSION_QUIT_SENT,  /* QUIT was pipelined behind the message */
	SESSION_TLS_FAILED, /* unusable, because TLS failed that is optional */
	SESSION_BDAT_REJECTED, /* unusable, because the server offered CHUNKING
	                        * but does not know BDAT */
	SESSION_UNUSABLE       /* the connection is lost, or it is unclear which
	                     * command the next reply belongs to */
};

/* { .params } is a session that was not opened yet. */
struct session {
	struct stream stream;
	struct capabilities capabilities;
	const struct session_params *params; /* borrowed */
	const struct observer *observers;    /* borrowed; or NULL */
	struct connection connection;
	char *host; /* as configured: for errors, TLS and SASL */
	enum session_state state;
	bool in_clear;  /* do not use TLS unless it is required */
	bool by_data;   /* do not use BDAT */
	bool keep_open; /* other messages may follow: no QUIT after one */
	bool is_serial; /* the server cannot cope with a message before it has
	                 * replied to the one before */
	uint64_t transactions; /* that have begun */
	bool has_greeting;     /* the server has sent one, whatever it says */
	bool encrypted;        /* TLS has started */
	enum tls_source tls_source; /* of its policy */
	bool esmtp;             /* the server accepted EHLO or LHLO, not HELO */
	unsigned early_timeout; /* seconds for each reply up to TLS; 0: as for
	                         * any reply */
	const char *mechanism;  /* of the login, or NULL */
};

/* The word for an error: "closed". */
const char *session_state_name(enum session_state state);
/* Whether the server waits for a command. */
bool session_is_usable(const struct session *s);

/* Seconds that a reply in this stage may take (RFC 5321 section 4.5.3.2). */
unsigned session_timeout(const struct session *s, enum smtp_stage stage);
/* The time by which a reply must have arrived, the total deadline included. */
int64_t session_reply_deadline(const struct session *s, enum smtp_stage stage);

/* Sets the observers of a session that is not open yet. */
void session_set_observer(struct session *s, const struct observer *observers);

/* Whether the client may send messages with BDAT (RFC 3030). */
bool session_is_chunking(const struct session *s);
/* Whether the client sends commands in groups (RFC 2920). */
bool session_is_pipelining(const struct session *s);

enum command_state {
	COMMAND_UNSENT,
	COMMAND_STARTED, /* a part of it may have been sent */
	COMMAND_SENT,
	COMMAND_ANSWERED /* `reply` is set */
};

struct command {
	char *line;             /* without CRLF; owned */
	const char *trace_text; /* what the trace shows; NULL: the line */
	enum smtp_stage stage;
	bool abort_on_reject; /* do not send the commands after it then */
	bool quit_after;      /* QUIT follows; its reply is not read here */
	enum command_state state;
	struct reply reply;
	const struct message *body; /* follows the line (BDAT), or NULL */
	size_t body_size;           /* its octets on the wire */
};

/*
 * Sends the commands and reads one reply for each, in order.
 *
 * If it may pipeline, the client sends as many commands at once as fit into
 * STREAM_GROUP_MAX, else one.  It stops after a 421 or a rejected command with
 * abort_on_reject: the call then succeeds, but some commands have no reply.
 * The server must not have sent anything before its turn.
 *
 * Errors: those of stream_flush() and reply_read(), and ERROR_NETWORK if the
 * session was not usable.  The session is unusable then; replies that had
 * arrived before are in the commands.  If the server accepts a body that was not
 * completely sent, that reply is set, but its command is not ANSWERED.
 */
bool session_exchange(struct session *s, struct command *commands, size_t count,
    struct error *err);
void commands_free(struct command *commands, size_t count);

/*
 * The parts of session_exchange(), for commands of several transactions that are
 * sent together, as pipeline.h does.  After a failure the caller makes the session
 * unusable.
 *
 * session_check_silence() fails if the server has sent something.
 * session_put() buffers all of the commands: they must fit.
 * session_flush() sends what is buffered.  If it fails, session_read_replies()
 * must be called with `flushed` false: it reads only what has arrived.
 */
bool session_check_silence(struct session *s, struct error *err);
bool session_put(struct session *s, struct command *commands, size_t count,
    struct error *err);
bool session_flush(struct session *s, enum smtp_stage stage, struct error *err);
bool session_read_replies(struct session *s, struct command *commands,
    size_t count, bool flushed, struct error *err);

/* Sends one line and reads its reply, whatever it says.  trace_text as in
 * struct command. */
bool session_command(struct session *s, enum smtp_stage stage, const char *line,
    const char *trace_text, struct reply *reply, struct error *err);

/*
 * Makes an error of the reply to a command, as reply_rejected() does, with the
 * host and the command (its trace text, or NULL).  Always returns false.
 */
bool session_rejected(struct session *s, const struct reply *reply,
    enum smtp_stage stage, const char *command, struct error *err);
/* Whether the server offers the extension of the command, which the text names.
 * Errors: ERROR_REJECTED, 5.3.3. */
bool session_offers(struct session *s, enum capability extension,
    enum smtp_stage stage, const char *text, struct error *err);
/* Adds the host to an error that has none.  Always returns false. */
bool session_failed(struct session *s, struct error *err);
/*
 * The same for an error after which the server may or may not have accepted the
 * message: it becomes temporary and uncertain, and its text says so.
 */
bool session_uncertain(struct session *s, struct error *err);

/*
 * Formats a command.  Like printf, but NULL with ERROR_ADDRESS if the result
 * contains a control character such as CR or LF.  The caller frees.
 */
char *session_format(struct error *err, const char *format, ...)
    ATTR_PRINTF(2, 3);

/*
 * Sends QUIT, after which the session can only read replies; final_reply.h reads
 * that to QUIT.  Errors: those of stream_flush().
 */
bool session_send_quit(struct session *s, struct error *err);
/* Closes the connection and frees the members; s is { 0 } then. */
void session_free(struct session *s);
/* The same, but sends QUIT first if the session is usable.  Does not wait. */
void session_close(struct session *s);

#endif
