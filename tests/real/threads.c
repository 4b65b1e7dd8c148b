/* A process in the place of QEMU or Open vSwitch: `-thread NAME CPUS PRIORITY` makes a thread (`self` names the first one; a priority other
   than 0 is FIFO), `-memory NODE` takes 64 MiB that are bound to a node. Other words are passed over, as -uuid. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct wanted { const char *name; const char *cpus; int priority; };

static void become(struct wanted *it)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    char *text = strdup(it->cpus);
    for (char *part = strtok(text, ","); part; part = strtok(NULL, ","))
        CPU_SET(atoi(part), &set);
    sched_setaffinity(0, sizeof set, &set);
    if (it->priority) {
        struct sched_param param = { .sched_priority = it->priority };
        sched_setscheduler(0, SCHED_FIFO, &param);
    }
}

static void *run(void *given)
{
    struct wanted *it = given;
    prctl(PR_SET_NAME, it->name);
    become(it);
    for (;;)
        pause();
}

int main(int count, char **words)
{
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "-memory") && i + 1 < count) {
            unsigned long nodes = 1UL << atoi(words[i + 1]);
            size_t size = 64UL << 20;
            char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            syscall(SYS_mbind, at, size, 2 /* MPOL_BIND */, &nodes, 64, 0);
            memset(at, 1, size);
        }
        if (!strcmp(words[i], "-thread") && i + 3 < count) {
            struct wanted *it = malloc(sizeof *it);
            *it = (struct wanted){ words[i + 1], words[i + 2], atoi(words[i + 3]) };
            pthread_t thread;
            if (!strcmp(it->name, "self"))
                become(it);
            else
                pthread_create(&thread, NULL, run, it);
        }
    }
    for (;;)
        pause();
}
