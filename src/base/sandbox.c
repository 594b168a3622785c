/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enters the sandbox, and knows the files of the system that libraries read
 * after that.
 */
#include "base/sandbox.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/attr.h"

#define PORT_DNS 53

struct system_path {
	const char *path;
	unsigned access; /* of enum landlock_access */
};

/* On most systems, /lib leads to /usr/lib.  The stores are those of NixOS and
 * Guix. */
static const struct system_path libraries[] = {
	{ "/usr", LANDLOCK_READ },
	{ "/lib", LANDLOCK_READ },
	{ "/lib64", LANDLOCK_READ },
	{ "/nix/store", LANDLOCK_READ },
	{ "/gnu/store", LANDLOCK_READ },
	{ "/etc/ld.so.cache", LANDLOCK_READ },
	{ "/etc/gnutls", LANDLOCK_READ },
	{ "/etc/crypto-policies", LANDLOCK_READ },
	{ "/etc/localtime", LANDLOCK_READ },
	{ "/etc/hosts", LANDLOCK_READ },
	{ "/etc/mailname", LANDLOCK_READ },
};

/* resolv.conf may be a link to a file in one of the folders below /run, which is
 * replaced from time to time. */
static const struct system_path resolver[] = {
	{ "/etc/resolv.conf", LANDLOCK_READ },
	{ "/etc/nsswitch.conf", LANDLOCK_READ },
	{ "/etc/host.conf", LANDLOCK_READ },
	{ "/etc/gai.conf", LANDLOCK_READ },
	{ "/run/systemd/resolve", LANDLOCK_READ },
	{ "/run/NetworkManager", LANDLOCK_READ },
	{ "/run/resolvconf", LANDLOCK_READ },
	{ "/run/nscd", LANDLOCK_READ },
	{ "/var/lib/sss/mc", LANDLOCK_READ },
	{ "/var/lib/libvirt/dnsmasq", LANDLOCK_READ | LANDLOCK_LIST },
};

static const struct system_path users[] = {
	{ "/etc/passwd", LANDLOCK_READ },
	{ "/etc/nsswitch.conf", LANDLOCK_READ },
	{ "/run/nscd", LANDLOCK_READ },
	{ "/var/lib/sss/mc", LANDLOCK_READ },
	{ "/proc/sys/kernel/overflowuid", LANDLOCK_READ },
};

/* Fedora, Arch and openSUSE. */
static const struct system_path trust[] = {
	{ "/etc/pki/ca-trust", LANDLOCK_READ },
	{ "/etc/ca-certificates", LANDLOCK_READ },
	{ "/var/lib/ca-certificates", LANDLOCK_READ },
};

static void
allow_all(struct sandbox *s, const struct system_path *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		landlock_allow(&s->rules, paths[i].path, paths[i].access);
}

void
sandbox_allow_libraries(struct sandbox *s)
{
	allow_all(s, libraries, COUNT_OF(libraries));
}

void
sandbox_allow_resolver(struct sandbox *s)
{
	allow_all(s, resolver, COUNT_OF(resolver));
	landlock_allow_port(&s->rules, PORT_DNS);
}

void
sandbox_allow_user_names(struct sandbox *s)
{
	allow_all(s, users, COUNT_OF(users));
}

void
sandbox_allow_trust(struct sandbox *s, const struct strv *places)
{
	for (size_t i = 0; i < places->count; i++)
		landlock_allow(&s->rules, places->items[i],
		    LANDLOCK_READ | LANDLOCK_LIST);
	allow_all(s, trust, COUNT_OF(trust));
}

/* Called for the program, which dl_iterate_phdr() tells of first: sets *linker
 * to the path of the dynamic linker, and ends the iteration. */
static int
find_linker(struct dl_phdr_info *object, size_t size, void *linker)
{
	const ElfW(Phdr) *table = object->dlpi_phdr;
	const ElfW(Phdr) *found = NULL;
	const char *base = NULL;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		if (table[i].p_type == PT_PHDR)
			base = (const char *)table - table[i].p_vaddr;
		else if (table[i].p_type == PT_INTERP)
			found = &table[i];
	}
	if (base != NULL && found != NULL)
		*(const char **)linker = base + found->p_vaddr;
	return 1;
}

/* The dynamic linker, which also runs the program that is to be allowed; NULL in
 * a static program. */
static const char *
dynamic_linker(void)
{
	const char *linker = NULL;

	dl_iterate_phdr(find_linker, &linker);
	return linker;
}

void
sandbox_allow_program(struct sandbox *s, const char *path)
{
	const char *linker = dynamic_linker();

	landlock_allow(&s->rules, path, LANDLOCK_READ | LANDLOCK_EXECUTE);
	if (linker != NULL)
		landlock_allow(&s->rules, linker, LANDLOCK_EXECUTE);
	landlock_allow(&s->rules, "/dev/null", LANDLOCK_READ | LANDLOCK_WRITE);
	s->calls |= SYSCALL_EXEC;
}

void
sandbox_allow_instruments(struct sandbox *s)
{
#ifdef INSTRUMENTED_FOLDER
	landlock_allow(&s->rules, "/proc", LANDLOCK_READ | LANDLOCK_LIST);
	landlock_allow(&s->rules, INSTRUMENTED_FOLDER,
	    LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_CHANGE);
	s->calls |= SYSCALL_TRACE;
#else
	(void)s;
#endif
}

static void
add_missing(struct str *missing, const char *what, int errnum)
{
	str_printf(missing, "%sno %s (%s)", missing->len > 0 ? ", " : "", what,
	    strerror(errnum));
}

static enum sandbox_state
enter_landlock(const struct sandbox *s, struct str *missing)
{
	int abi;

	if (s->any_file)
		return SANDBOX_COMPLETE;
	abi = landlock_abi();
	if (abi > 0 && abi < LANDLOCK_ABI_MIN)
		errno = ENOSYS;
	if (abi < LANDLOCK_ABI_MIN || !landlock_restrict(&s->rules, abi)) {
		add_missing(missing, "Landlock", errno);
		return SANDBOX_INCOMPLETE;
	}
	if (abi >= LANDLOCK_ABI_PORTS || s->rules.any_port)
		return SANDBOX_COMPLETE;
	str_printf(missing, "no limit on TCP ports (Landlock ABI %d)", abi);
	return SANDBOX_WITHOUT_PORTS;
}

enum sandbox_state
sandbox_enter(const struct sandbox *s, struct str *missing)
{
	enum sandbox_state state;

	/* A program that this one runs cannot get more rights than it has. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		add_missing(missing, "sandbox", errno);
		return SANDBOX_INCOMPLETE;
	}
	state = enter_landlock(s, missing);
	/* The last step, because it forbids nothing that was needed before. */
	if (!syscall_filter_install(s->calls)) {
		add_missing(missing, "filter of system calls", errno);
		return SANDBOX_INCOMPLETE;
	}
	return state;
}

void
sandbox_free(struct sandbox *s)
{
	landlock_free(&s->rules);
	*s = (struct sandbox){ 0 };
}

bool
sandbox_is_available(void)
{
	return landlock_abi() >= LANDLOCK_ABI_MIN && syscall_filter_exists();
}

void
sandbox_describe(struct str *out)
{
	int abi = landlock_abi();

	if (abi == 0)
		str_printf(out, "no Landlock (%s)", strerror(errno));
	else
		str_printf(out, "Landlock ABI %d%s", abi,
		    abi < LANDLOCK_ABI_MIN ? " (too old)" : "");
	str_add(out,
	    syscall_filter_exists() ? ", filter of system calls"
				    : ", no filter of system calls");
}
