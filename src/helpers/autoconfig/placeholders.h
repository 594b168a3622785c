/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% in an autoconfig document
 * stand for.
 */
#ifndef VEREDUS_HELPERS_AUTOCONFIG_PLACEHOLDERS_H
#define VEREDUS_HELPERS_AUTOCONFIG_PLACEHOLDERS_H

/*
 * Returns the text with the parts of the address in it, which the caller frees; NULL
 * if it has another placeholder, or if the result is longer than
 * DOCUMENT_TEXT_MAX.
 */
char *placeholders_fill(const char *text, const char *address);

#endif
