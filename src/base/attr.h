/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiler attributes: the only file that depends on the compiler.
 */
#ifndef VEREDUS_BASE_ATTR_H
#define VEREDUS_BASE_ATTR_H

#if defined(__GNUC__)
#define ATTR_PRINTF(index, first) __attribute__((format(printf, index, first)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_NODISCARD __attribute__((warn_unused_result))
#define ATTR_MALLOC __attribute__((malloc, returns_nonnull, warn_unused_result))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_COLD __attribute__((cold))
#define ATTR_EXPORT __attribute__((visibility("default")))
#define ATTR_INLINE __attribute__((always_inline))
#define ATTR_VECTOR(octets) __attribute__((vector_size(octets)))
#else
#define ATTR_PRINTF(index, first)
#define ATTR_NORETURN
#define ATTR_NODISCARD
#define ATTR_MALLOC
#define ATTR_UNUSED
#define ATTR_COLD
#define ATTR_EXPORT
#define ATTR_INLINE
#endif

/* The number of elements of an array (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
