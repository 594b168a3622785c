/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of this folder that an account has. */
#ifndef VEREDUS_ROUTE_PARAMS_H
#define VEREDUS_ROUTE_PARAMS_H

/* DANE_AUTO: for MX hosts; DANE_ON: for configured hosts and servers in SRV
 * records, too. */
enum dane_use { DANE_AUTO, DANE_ON, DANE_OFF };

#endif
