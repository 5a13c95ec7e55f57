/*
 * Which machine and software a latency was measured on, and a short name for it
 * (docs/formats/bench.md, "Environment fingerprint"). Latencies of two fingerprints are not compared.
 */
#ifndef TM_BENCH_FINGERPRINT_H
#define TM_BENCH_FINGERPRINT_H

#include "base/buf.h"

enum { TM_FINGERPRINT_HEX = 16 };

/* Empty texts and zeros: not known. */
struct tm_machine {
    struct tm_buf cpu;    /* model */
    uint64_t cores;       /* processors online */
    uint64_t memory_kib;  /* all of it */
    struct tm_buf kernel; /* release as uname has it */
    struct tm_buf arch;
    struct tm_buf os; /* "debian 12" */
};

#define TM_MACHINE_INIT                                                                                      \
    ((struct tm_machine) {                                                                                   \
        .cpu = TM_BUF_INIT, .kernel = TM_BUF_INIT, .arch = TM_BUF_INIT, .os = TM_BUF_INIT })

/* This machine. What cannot be read stays unknown. */
void tm_machine_read(struct tm_machine *machine);
void tm_machine_release(struct tm_machine *machine);

/* The parts that come from files, from their content; what is not in it leaves the machine as it was. */
void tm_machine_read_cpuinfo(struct tm_machine *machine, struct tm_str text);
void tm_machine_read_meminfo(struct tm_machine *machine, struct tm_str text);
void tm_machine_read_os_release(struct tm_machine *machine, struct tm_str text);

/* Adds the lines that are hashed: "cpu=...\ncores=...\n" and so on. */
void tm_machine_describe(const struct tm_machine *machine, struct tm_buf *out);

/* Adds TM_FINGERPRINT_HEX lower-case digits. */
void tm_machine_fingerprint(const struct tm_machine *machine, struct tm_buf *out);

#endif
