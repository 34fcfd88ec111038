/* Stands between a program and the system: counts what it changes below one folder, and lets the n-th change fail, or kills the program there.
 *
 *   FAULTS_BELOW    the folder; only what is in it counts
 *   FAULTS_KINDS    which changes count, of: open write fsync rename link unlink mkdir
 *   FAULTS_COUNTER  a file of 8 bytes, shared by a command and the gits that it starts
 *   FAULTS_AT       which one of them, from 1; 0 only counts
 *   FAULTS_DO       the number of the error that it gives; or `kill`: this process; or `both`: also its parent, where this is a git
 *   FAULTS_LASTS    if set: all that come later fail as well
 *   FAULTS_WHO      if set: only a program of this name counts
 *   FAULTS_LOG      if set: each change that counts is a line there, `PROGRAM KIND PATH [NEW PATH]`
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int begun, log_to = -1;
static const char *below, *kinds, *act;
static long *counter, at;
static int lasts;

static void begin(void) {
    if (begun) return;
    begun = 1;
    const char *who = getenv("FAULTS_WHO"), *file = getenv("FAULTS_COUNTER"), *log = getenv("FAULTS_LOG");
    const char *name = program_invocation_short_name;
    below = getenv("FAULTS_BELOW");
    kinds = getenv("FAULTS_KINDS");
    act = getenv("FAULTS_DO");
    at = getenv("FAULTS_AT") ? atol(getenv("FAULTS_AT")) : 0;
    lasts = getenv("FAULTS_LASTS") != NULL;
    if (!below || !kinds || !act || !file || (who && *who && strncmp(name, who, strlen(who)) != 0)) {
        below = NULL;
        return;
    }
    int handle = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    void *page = handle < 0 ? MAP_FAILED : mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    if (handle >= 0) close(handle);
    if (page == MAP_FAILED) { below = NULL; return; }
    counter = page;
    if (log) log_to = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

static int whole_path(int folder, const char *path, char *out) {
    char base[PATH_MAX], link[64];
    if (path[0] == '/') return snprintf(out, PATH_MAX, "%s", path) > 0;
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, base, sizeof base - 1);
        if (size <= 0) return 0;
        base[size] = 0;
    }
    if (strncmp(path, "./", 2) == 0) path += 2;
    int length = snprintf(out, PATH_MAX, *path ? "%s/%s" : "%s", base, path);
    return length > 0 && length < PATH_MAX;
}

/* 0: go on; else the error that the call has to give. */
static int fault(const char *kind, int folder, const char *path, int new_folder, const char *new_path) {
    int saved = errno, result = 0;
    char where[PATH_MAX], other[PATH_MAX] = "", line[2 * PATH_MAX + 128];
    begin();
    if (!below || !strstr(kinds, kind)) goto done;
    if (!whole_path(folder, path, where) || strncmp(where, below, strlen(below)) != 0) goto done;
    if (new_path) whole_path(new_folder, new_path, other);
    long number = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    if (log_to >= 0) {
        int size = snprintf(line, sizeof line, "%s %s %s %s\n", program_invocation_short_name, kind, where, other);
        syscall(SYS_write, log_to, line, size);
    }
    if (at == 0 || (lasts ? number < at : number != at)) goto done;
    if (strcmp(act, "both") == 0 && strncmp(program_invocation_short_name, "git", 3) == 0) kill(getppid(), SIGKILL);
    if (strcmp(act, "both") == 0 || strcmp(act, "kill") == 0) kill(getpid(), SIGKILL);
    result = atoi(act);
done:
    errno = saved;
    return result;
}

#define FAIL_IF(found, value) do { int error_ = (found); if (error_) { errno = error_; return value; } } while (0)

static int changes(int flags) { return (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0; }

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) {
    MODE(flags)
    if (changes(flags)) FAIL_IF(fault("open", AT_FDCWD, path, 0, NULL), -1);
    return REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    if (changes(flags)) FAIL_IF(fault("open", AT_FDCWD, path, 0, NULL), -1);
    return REAL(open64)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (changes(flags)) FAIL_IF(fault("open", folder, path, 0, NULL), -1);
    return REAL(openat)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (changes(flags)) FAIL_IF(fault("open", folder, path, 0, NULL), -1);
    return REAL(openat64)(folder, path, flags, mode);
}
ssize_t write(int handle, const void *data, size_t size) {
    FAIL_IF(fault("write", handle, "", 0, NULL), -1);
    return REAL(write)(handle, data, size);
}
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t offset) {
    FAIL_IF(fault("write", handle, "", 0, NULL), -1);
    return REAL(pwrite64)(handle, data, size, offset);
}
int fsync(int handle) {
    FAIL_IF(fault("fsync", handle, "", 0, NULL), -1);
    return REAL(fsync)(handle);
}
int fdatasync(int handle) {
    FAIL_IF(fault("fsync", handle, "", 0, NULL), -1);
    return REAL(fdatasync)(handle);
}
int rename(const char *from, const char *to) {
    FAIL_IF(fault("rename", AT_FDCWD, from, AT_FDCWD, to), -1);
    return REAL(rename)(from, to);
}
int renameat(int folder, const char *from, int other, const char *to) {
    FAIL_IF(fault("rename", folder, from, other, to), -1);
    return REAL(renameat)(folder, from, other, to);
}
int link(const char *from, const char *to) {
    FAIL_IF(fault("link", AT_FDCWD, from, AT_FDCWD, to), -1);
    return REAL(link)(from, to);
}
int linkat(int folder, const char *from, int other, const char *to, int flags) {
    FAIL_IF(fault("link", folder, from, other, to), -1);
    return REAL(linkat)(folder, from, other, to, flags);
}
int unlink(const char *path) {
    FAIL_IF(fault("unlink", AT_FDCWD, path, 0, NULL), -1);
    return REAL(unlink)(path);
}
int unlinkat(int folder, const char *path, int flags) {
    FAIL_IF(fault("unlink", folder, path, 0, NULL), -1);
    return REAL(unlinkat)(folder, path, flags);
}
int mkdir(const char *path, mode_t mode) {
    FAIL_IF(fault("mkdir", AT_FDCWD, path, 0, NULL), -1);
    return REAL(mkdir)(path, mode);
}
int mkdirat(int folder, const char *path, mode_t mode) {
    FAIL_IF(fault("mkdir", folder, path, 0, NULL), -1);
    return REAL(mkdirat)(folder, path, mode);
}
