/* Makes calls on the rig's own log fail: preloaded, told by the file RIG_ORDERS, read once a process.
 *
 * The file says: sync|write ERRNO N LASTING; the N-th such call on a file whose path holds "faulty-" fails, and with
 * LASTING 1 every one after it. An empty file: nothing fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pid_t told_to = 0;
static char call[16];
static int number = 0, after = 0, lasting = 0, count = 0;

static void read_orders(void) {
    if (told_to == getpid()) return;
    told_to = getpid();
    call[0] = 0, count = 0;
    const char *path = getenv("RIG_ORDERS");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file == NULL) return;
    if (fscanf(file, "%15s %d %d %d", call, &number, &after, &lasting) != 4) call[0] = 0;
    fclose(file);
}

static int fails(int fd, const char *what) {
    char link[64], path[512];
    read_orders();
    if (strcmp(call, what) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    if (strstr(path, "faulty-") == NULL) return 0;
    count += 1;
    if (count == after || (lasting && count > after)) {
        errno = number;
        return 1;
    }
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int fd) { return fails(fd, "sync") ? -1 : REAL(fdatasync)(fd); }
int fsync(int fd) { return fails(fd, "sync") ? -1 : REAL(fsync)(fd); }
ssize_t write(int fd, const void *data, size_t size) { return fails(fd, "write") ? -1 : REAL(write)(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, data, size, at);
}
