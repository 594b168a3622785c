/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads an autoconfig document, which comes from outside, with expat: the servers
 * for outgoing mail in
 *
 *   <clientConfig>
 *     <emailProvider>
 *       <displayName>TEXT</displayName>
 *       <outgoingServer type="smtp">
 *         <hostname>HOST</hostname> <port>NUMBER</port>
 *         <socketType>SSL, STARTTLS or plain</socketType>
 *         <username>TEXT with placeholders</username>
 *         <authentication>METHOD</authentication> (may be repeated)
 *       <enable visiturl="URL">
 *         <instruction>TEXT for people</instruction>
 *       <documentation url="URL"/>
 *
 * (draft-ietf-mailmaint-autoconfig).  All other elements are skipped.
 */
#ifndef VEREDUS_HELPERS_AUTOCONFIG_DOCUMENT_H
#define VEREDUS_HELPERS_AUTOCONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

/* The limits of what is read from a document; what is longer is skipped. */
#define DOCUMENT_SERVERS_MAX 10
#define DOCUMENT_TEXT_MAX 255

enum document_tls { DOCUMENT_PLAIN, DOCUMENT_STARTTLS, DOCUMENT_TLS };

/* Ordered: of several methods of a server, the last one here counts. */
enum document_auth {
	DOCUMENT_AUTH_UNKNOWN,
	DOCUMENT_AUTH_NONE,
	DOCUMENT_AUTH_EXTERNAL,
	DOCUMENT_AUTH_NTLM,
	DOCUMENT_AUTH_GSSAPI,
	DOCUMENT_AUTH_OAUTH2,
	DOCUMENT_AUTH_PASSWORD,
};

struct document_server {
	char *host; /* may have placeholders, as the user may */
	char *user; /* or NULL */
	unsigned port;
	enum document_tls tls; /* DOCUMENT_PLAIN also without a socketType */
	enum document_auth auth;
};

struct document {
	char *title; /* or NULL, as the other texts */
	char *note;  /* what the person must do before a login works */
	char *help;  /* the address of a page about it, with https */
	struct document_server servers[DOCUMENT_SERVERS_MAX];
	size_t count; /* of those that have a host and a port */
};

/*
 * Fills the empty struct.  All text in it is printable UTF-8 without line ends.
 * Of several notes, the first in English counts.
 * Returns NULL, or why the text is no such document.  A document type declaration
 * is rejected, so that there are no entities but the five of XML.
 */
const char *document_parse(struct document *d, const char *text, size_t len);
void document_free(struct document *d);

#endif
